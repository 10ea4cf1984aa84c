"""One server and one browser for all browser tests; each test opens sessions of its own."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.page.browser import ROOT, Server, chromium


@pytest.fixture(scope="session")
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser():
    with chromium() as launched:
        yield launched


@pytest.fixture
def page_test() -> AppTest:
    """The page without a browser, after its first run."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=180).run()
