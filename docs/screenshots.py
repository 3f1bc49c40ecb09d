"""Makes the pictures of the documentation from the demo: ``python -m docs.screenshots``.

Starts Rapport with the shipped configuration on a store and ports of its own, waits for drafts,
decides some cases as a person would, and takes docs/images/*.png in a real browser. Needs
Chromium (Debian: ``apt-get install chromium``) and the development tools (``make setup``).
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
ARGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"]
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
WANTED_CASES = 12
PATIENCE = 120.0
LARGEST = 300_000
"""Bytes of one picture; a README should open quickly."""


def main() -> None:
    """Take every picture; end with an error when one cannot be taken."""
    chromium = which("chromium") or which("chromium-browser") or which("google-chrome")
    if chromium is None:
        sys.exit("screenshots: no Chromium found (Debian: apt-get install chromium)")
    IMAGES.mkdir(exist_ok=True)
    with rapport() as (link, board), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        take_all(browser, link, board)
        browser.close()


@contextmanager
def rapport() -> Iterator[tuple[str, str]]:
    """Run the daemon on a fresh store; yield its sign-in link and the demo board's address."""
    web, demo = free_ports(2)
    shipped = (ROOT / "config.yaml").read_text(encoding="utf-8")
    shipped = re.sub(r"\b8320\b", str(web), shipped)
    shipped = re.sub(r"\b8321\b", str(demo), shipped)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(shipped, encoding="utf-8")
        command = [str(Path(sys.executable).with_name("rapport")), "--config", str(config), "run"]
        daemon = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=os.environ | {"LOGNAME": "Mara"},
        )
        try:
            yield printed_link(daemon), f"http://127.0.0.1:{demo}"
        finally:
            daemon.terminate()
            daemon.wait(timeout=30)
            assert daemon.stdout is not None, "opened as a pipe"
            daemon.stdout.close()


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on now."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports: list[int] = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def printed_link(daemon: subprocess.Popen[str]) -> str:
    """Return the link that the daemon prints at its start."""
    assert daemon.stdout is not None, "opened as a pipe"
    for line in daemon.stdout:
        if found := re.search(r"http\S+/sign-in/\S+", line):
            return found[0]
    sys.exit("screenshots: the daemon ended before it printed its link")


def take_all(browser: Browser, link: str, board: str) -> None:
    """Sign in, wait for drafts, and take the pictures."""
    light = browser.new_context(viewport=WIDE, color_scheme="light")
    page = light.new_page()
    page.goto(link)
    page.get_by_role("button", name=re.compile("Sign in")).click()
    page.wait_for_url("**/queue")
    home = page.url.removesuffix("/queue")
    wait_for_cases(page, home)
    for _ in range(4):
        approve_first(page, home)
    case = with_long_text(page, home)
    page.goto(case)
    take(page, "queue")
    page.goto(f"{home}/reports?days=7")
    take(page, "reports")
    page.goto(f"{home}/reports/voice?days=7")
    take(page, "reports-voice")
    page.goto(f"{home}/sources")
    take(page, "sources")
    page.goto(f"{home}/queue?state=answered")
    page.locator("a.row", has=page.locator(".stars")).first.click()
    there = page.get_by_role("link", name=re.compile("See it there")).get_attribute("href")
    session = light.storage_state()
    for name, options in (
        ("queue-dark", {"viewport": WIDE, "color_scheme": "dark"}),
        ("case-phone", {"viewport": PHONE, "color_scheme": "light"}),
    ):
        context = browser.new_context(storage_state=session, **options)  # type: ignore[arg-type]
        other = context.new_page()
        other.goto(case)
        take(other, name)
        context.close()
    page.goto(there or f"{board}/")
    take(page, "demo-reply")
    light.close()


def wait_for_cases(page: Page, home: str) -> None:
    """Wait until enough drafts await a decision."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        page.goto(f"{home}/queue")
        if page.locator("a.row").count() >= WANTED_CASES:
            return
        time.sleep(1)
    sys.exit(f"screenshots: no {WANTED_CASES} drafts within {PATIENCE:.0f} s")


def approve_first(page: Page, home: str) -> None:
    """Approve what is due first, as a person does, and wait until it is published."""
    page.goto(f"{home}/queue")
    page.locator("a.row").first.click()
    page.locator("#approve").click()
    expect(page.locator(".answer")).to_contain_text("Published", timeout=30_000)


def with_long_text(page: Page, home: str) -> str:
    """Return the address of a review in English that says enough to make a good picture."""
    page.goto(f"{home}/queue")
    rated = page.locator("a.row", has=page.locator(".stars")).all()
    for row in rated:
        words = row.locator(".words").inner_text().lower()
        if (" the " in words or " for " in words) and len(words) > 90:
            return f"{home}{row.get_attribute('href')}"
    return f"{home}{rated[0].get_attribute('href')}"


def take(page: Page, name: str) -> None:
    """Take one picture."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    if size > LARGEST:
        sys.exit(f"screenshots: {path.name} has {size:,} bytes, at most {LARGEST:,} are good")
    print(f"{path.relative_to(ROOT)}  {size // 1024} kB")


if __name__ == "__main__":
    main()
