"""One server and one browser for all browser tests. The server makes its first answer while the tests without a browser run."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.page.browser import ROOT, Server, chromium, opened, renewed


@pytest.fixture(scope="session", autouse=True)
def server():
    running = Server()
    running.wake()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser():
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def _opened_once(browser, server):
    return opened(browser, server.url)


@pytest.fixture
def consult(_opened_once):
    """One consult for all tests that need no session of their own; nothing is entered in it."""
    return renewed(_opened_once)


@pytest.fixture
def page_test() -> AppTest:
    """The page without a browser, after its first run."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=180).run()
