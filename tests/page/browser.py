"""A real browser and a real server for the tests of the page. Without Chromium these tests fail and say so."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 320, "height": 640}
PATIENCE = 120_000
ANSWER = ".st-key-answer"
CURRENT = ".st-key-current"
VERDICT = f"{CURRENT} [data-testid='stAlert']"
EDITING = ".st-key-editing .editing"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """The page as it is started for users, on a port of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._waker: subprocess.Popen | None = None
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.read() == b"ok":
                        return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("the page's server did not start within a minute")

    def wake(self) -> None:
        """Have the first answer made, which takes a while, by a browser of its own; does nothing where there is none."""
        path = chromium_path()
        if path is not None:
            self._waker = subprocess.Popen([path, *FLAGS, "--remote-debugging-port=0", self.url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._waker is not None:
            self._waker.terminate()
            self._waker.wait(10)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def chromium_path() -> str | None:
    return CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")


@contextmanager
def chromium():
    """A Chromium; raises with a sentence that says what is missing."""
    path = chromium_path()
    if path is None:
        raise RuntimeError("Chromium is not installed, so the page could not be tested in a browser: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, url: str, viewport: dict = DESKTOP, **context: object) -> Page:
    """A page of its own session, ready, with its first answer."""
    page = browser.new_context(viewport=viewport, **context).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.wait_for_selector("[role=tablist]", state="attached")
    settle(page)
    return page


def renewed(page: Page) -> Page:
    """The same page for the next test: every entry empty, the first tab open, no entry focused."""
    page.locator(".st-key-new_patient button").click()
    settle(page)
    open_tab(page, "Why")
    return page


def settle(page: Page) -> None:
    """Wait until the run that was asked for is done."""
    page.wait_for_timeout(150)
    page.wait_for_selector(READY)
    page.wait_for_function("!document.querySelector('[data-testid=\"stSkeleton\"]')")


def field(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-item_{name} input").first


def enter_number(page: Page, name: str, text: str) -> None:
    field(page, name).fill(text)
    field(page, name).press("Enter")
    settle(page)


def press(page: Page, name: str, word: str) -> None:
    """Choose Yes, No or Not known."""
    page.locator(f".st-key-item_{name}").get_by_role("radio", name=word, exact=True).click()
    settle(page)


def choose(page: Page, name: str, label: str) -> None:
    """Choose an entry of a select box by typing it; a list that was only opened may close again under a run of the script."""
    field(page, name).click()
    field(page, name).press_sequentially(label)
    page.wait_for_timeout(300)
    field(page, name).press("Enter")
    settle(page)


def load_example(page: Page, name: str) -> None:
    page.locator('[data-testid="stPopoverButton"]:visible').first.click()
    box = page.get_by_role("combobox", name="Which example?")
    box.click()
    page.get_by_role("option", name=name).first.click()
    settle(page)
    page.keyboard.press("Escape")
    settle(page)


TAB_IS_FILLED = """name => {
  const tab = [...document.querySelectorAll('[role=tab]')].find((each) => each.innerText.trim() === name);
  const panel = document.getElementById(tab.getAttribute('aria-controls'));
  return tab.getAttribute('aria-selected') === 'true' && panel !== null && panel.innerText.trim() !== '';
}"""


def open_tab(page: Page, name: str) -> None:
    """Open a tab and wait until what it shows has come."""
    page.get_by_role("tab", name=name).click()
    page.wait_for_function(TAB_IS_FILLED, arg=name)
    settle(page)


def verdict(page: Page) -> str:
    return page.locator(VERDICT).first.inner_text()
