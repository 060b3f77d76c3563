"""A server on the small shop and a browser to look at it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
SECONDS = 300
COMMAND = "from assistant.interfaces.cli.app import main; main()"


@dataclass
class Watched:
    """A page with everything that must not happen on it."""

    page: Any
    errors: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def ask(self, text: str) -> None:
        """Type a question and wait for what comes of it."""
        told = self.page.locator("#am-chat .am-told, #am-chat .am-failed")
        count = told.count()
        self.page.fill("#am-box textarea", text)
        self.page.keyboard.press("Enter")
        told.nth(count).wait_for()

    def assert_clean(self) -> None:
        """Nothing failed and nothing left the machine."""
        assert (self.errors, self.refused, self.outside) == ([], [], [])


Browse = Callable[..., Any]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (see tests/browser/chromium.py)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Any) -> Iterator[Browse]:
    contexts = []

    def open_page(address: str, locale: str = "en-US", width: int = 1280) -> Watched:
        context = chromium.new_context(locale=locale, viewport={"width": width, "height": 860})
        context.set_default_timeout(SECONDS * 1000)
        contexts.append(context)
        watched = Watched(context.new_page())
        page = watched.page
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        page.on("response", lambda r: watched.refused.append(r.url) if r.status >= 400 else None)
        page.on("request", lambda r: _note(watched, address, r.url))
        page.goto(address)
        page.locator("#am-panel .am-card").wait_for()
        return watched

    yield open_page
    for context in contexts:
        context.close()


def _note(watched: Watched, address: str, url: str) -> None:
    if not url.startswith((address, "data:", "blob:")):
        watched.outside.append(url)


@pytest.fixture(scope="session")
def served_shop(shop_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small shop for the server alone."""
    ignored = shutil.ignore_patterns(".askmetric", "ready")
    target = tmp_path_factory.mktemp("served") / "shop"
    return Path(shutil.copytree(shop_folder, target, ignore=ignored))


@contextmanager
def serving(project: Path, state: Path) -> Iterator[str]:
    """Give the address of a server once it says that it serves; interrupt it at the end."""
    words = [sys.executable, "-c", COMMAND, "serve", "--port", "0", "--lang", "en"]
    started = subprocess.Popen(
        [*words, "--project", str(project)],
        env={**os.environ, "ASKMETRIC_STATE": str(state), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(SECONDS, started.kill)
    watchdog.start()
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        assert "http://127.0.0.1:" in line, line
        yield line[line.index("http://") :].strip()
    finally:
        watchdog.cancel()
        started.send_signal(signal.SIGINT)
        assert started.wait(SECONDS) == 0
