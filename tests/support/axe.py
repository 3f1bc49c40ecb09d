"""The rules of axe-core, on pages as they are with everything unfolded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def found_by_axe(page: Page, addresses: Sequence[str]) -> dict[str, Any]:
    """Return what axe-core objects to on each page, by address; nothing where all is well."""
    axe = Axe()
    found = {}
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        wrong = axe.run(page).response["violations"]
        if wrong:
            found[address] = [
                (each["id"], [node["html"][:200] for node in each["nodes"]]) for each in wrong
            ]
    return found
