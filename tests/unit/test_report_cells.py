"""A number of a report as a page tells it."""

from __future__ import annotations

import pytest
from markupsafe import Markup, escape

from monitor.reports.report import Cell, Kind, Value
from monitor.web.report_cells import tell


@pytest.mark.parametrize(
    ("value", "kind", "told"),
    [
        (None, "share", "–"),
        (0, "number", "0"),
        (1204, "number", "1,204"),
        (0.12345, "share", "12.3 %"),
        (1, "share", "100 %"),
        (0, "share", "0 %"),
        (0.99995, "share", "&gt; 99.9 %"),
        (0.9994, "share", "99.9 %"),
        (0.00005, "share", "0.005 %"),
        (7_800, "seconds", "2 h 10 min"),
        (4, "stars", "4.00"),
        (2.5, "number", "2.50"),
        ("Harbour & Sons", "text", "Harbour &amp; Sons"),
        ("<script>alert(1)</script>", "text", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_a_value_is_told_in_its_kind(value: Value, kind: Kind, told: str) -> None:
    assert tell(Cell(value), kind, Markup()) == told


def test_it_leads_to_what_stands_behind_it() -> None:
    link = '/reports/cases?only=source:"board"&fared=met'
    told = '<a href="/reports/cases?only=source:&#34;board&#34;&amp;fared=met">3</a>'
    assert tell(Cell(3), "number", escape(link)) == told


def test_a_share_of_few_is_marked_and_one_of_many_is_not() -> None:
    assert "only 19 stand behind it" in tell(Cell(0.5, n=19), "share", Markup())
    assert tell(Cell(0.5, n=20), "share", Markup()) == "50 %"
