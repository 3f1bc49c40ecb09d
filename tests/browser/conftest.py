"""A real browser on the real pages. Skipped, with the reason, where there is no Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from monitor.web.access import make_link
from tests.support.cases import Desk, open_desk
from tests.support.web import served

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1280, "height": 800}


Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = which("chromium") or which("chromium-browser") or which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path)
    with closing(desk.app):
        yield desk


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with served(desk.app) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser, desk: Desk, address: str) -> Iterator[Open]:
    """Open a browser of one's own, signed in by a link; a script that fails fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_(path: str = "/queue", *, signed_in: bool = True, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": WIDE, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: (
                errors.append(said.text) if "Content Security Policy" in said.text else None
            ),
        )
        if signed_in:
            page.goto(
                make_link(desk.app.database, address, "Mara", desk.clock(), timedelta(hours=1))
            )
            page.get_by_role("button", name="Sign in as Mara").click()
            page.wait_for_url("**/queue")
        if path != "/queue" or not signed_in:
            page.goto(address + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors
