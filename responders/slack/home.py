"""The App Home: one person's queue, the team's, and what is late. Pure: lines in, a view out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from responders.slack.blocks import Block, button, glue, moment, paragraph, rich, words
from responders.slack.lists import case_rows, titled
from responders.views import CaseLine

PAGE = 20
"""Cases of one page: with their tabs they stay far below the 100 blocks of a view."""

TABS = {
    "mine": ("My cases", "No open case is with you. Take one, and it stands here."),
    "team": ("To approve", "Nothing waits. New complaints appear here by themselves."),
    "late": ("Overdue", "Nothing is overdue."),
    "off": ("Put off", "No case is put off."),
}
"""What can be looked at: how it is called, and what an empty one says."""

ACTIONS = {f"rapport_home_{name}": name for name in (*TABS, "back", "next")}
"""The buttons that turn to another tab or page."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is in their App Home: the tab, and the page from 0."""

    tab: str = "mine"
    page: int = 0

    def pack(self) -> str:
        """Return it for a button's value."""
        return json.dumps({"tab": self.tab, "page": self.page}, separators=(",", ":"))

    @classmethod
    def unpack(cls, value: str) -> Place:
        """Read it; raise `ValueError` when it is not one of ours."""
        try:
            packed = json.loads(value)
            tab, page = packed["tab"], packed["page"]
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError("this button is not one of ours") from error
        if tab not in TABS or not isinstance(page, int) or not 0 <= page < 1000:
            raise ValueError("this button is not one of ours")
        return cls(tab, page)


def home_view(
    place: Place, lines: Sequence[CaseLine], counts: Mapping[str, int], now: datetime
) -> dict[str, Any]:
    """Return the App Home; `lines` are all of the tab, `counts` how many each tab has."""
    first = place.page * PAGE
    shown = lines[first : first + PAGE]
    title, empty = TABS[place.tab]
    as_of = paragraph(glue("As of "), *moment(now), glue(". It is drawn anew as things change."))
    blocks: list[Block] = [
        _tabs(place, counts),
        rich("head", paragraph(words(f"{title}: {len(lines)}", 200, bold=True)), as_of),
        *case_rows(shown, now),
    ]
    if not shown:
        blocks.append(titled("empty", empty if not lines else "There is nothing on this page."))
    turns = _turns(place, len(lines))
    if turns:
        blocks.append({"type": "actions", "block_id": "turn", "elements": turns})
    return {"type": "home", "blocks": blocks}


def closed_home(told: str) -> dict[str, Any]:
    """Return the App Home of somebody who may not decide, which says so."""
    return {"type": "home", "blocks": [titled("closed", "Rapport", told)]}


def _tabs(place: Place, counts: Mapping[str, int]) -> Block:
    elements = [
        button(
            f"rapport_home_{tab}",
            f"{title} ({counts[tab]})" if tab in counts else title,
            Place(tab).pack(),
            style="primary" if tab == place.tab else "",
        )
        for tab, (title, _) in TABS.items()
    ]
    return {"type": "actions", "block_id": "tabs", "elements": elements}


def _turns(place: Place, total: int) -> list[Block]:
    made = []
    if place.page:
        made.append(button("rapport_home_back", "Back", Place(place.tab, place.page - 1).pack()))
    if total > (place.page + 1) * PAGE:
        made.append(button("rapport_home_next", "More", Place(place.tab, place.page + 1).pack()))
    return made
