"""From a click to the changed answer in a real browser: `python benchmarks/page_latency.py`. Prints p50 and p95 over 50 clicks."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.page.browser import Server, chromium, load_example, opened  # noqa: E402

CLICKS = 50
EXAMPLE = "Osteoporotic fracture of T12"
# In the page itself, so that the way to the test program does not count: from the click until the answer's text has changed.
CLICK_AND_WAIT = """async ([item, word]) => {
  const answer = document.querySelector('.st-key-answer [data-testid="stAlert"]').parentElement.parentElement;
  const before = answer.innerText;
  const options = [...document.querySelectorAll(`.st-key-item_${item} [role="radio"]`)];
  const started = performance.now();
  const changed = new Promise((done) => {
    const observer = new MutationObserver(() => {
      if (answer.innerText !== before) { observer.disconnect(); done(performance.now() - started); }
    });
    observer.observe(answer, {childList: true, subtree: true, characterData: true});
  });
  options.find((option) => option.innerText.trim() === word).click();
  return await changed;
}"""


def click_times() -> np.ndarray:
    """Milliseconds from each of the clicks to the changed answer."""
    server = Server()
    try:
        with chromium() as browser:
            page = opened(browser, server.url)
            load_example(page, EXAMPLE)
            times = []
            for click in range(CLICKS + 2):
                times.append(page.evaluate(CLICK_AND_WAIT, ["cement_allergy", "No" if click % 2 else "Yes"]))
                page.wait_for_timeout(400)
    finally:
        server.stop()
    return np.array(times[2:])


if __name__ == "__main__":
    middle, high = np.percentile(click_times(), [50, 95])
    print(f"{CLICKS} clicks to the changed answer: p50 {middle:.0f} ms, p95 {high:.0f} ms")
