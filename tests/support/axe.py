"""The rules of axe-core, where a copy of it is named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page


def found_by_axe(page: Page, addresses: Sequence[str]) -> dict[str, Any]:
    """Return what axe-core objects to on each page, with everything unfolded.

    Skips where RAPPORT_AXE does not name its axe.min.js (``npm install axe-core``).
    """
    axe = os.environ.get("RAPPORT_AXE", "")
    if not axe:
        pytest.skip("RAPPORT_AXE does not name a copy of axe.min.js")
    found = {}
    for address in addresses:
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        page.add_script_tag(path=axe)
        wrong = page.evaluate(
            "async () => (await axe.run()).violations"
            ".map((v) => [v.id, v.nodes.map((node) => node.html.slice(0, 200))])"
        )
        if wrong:
            found[address] = wrong
    return found
