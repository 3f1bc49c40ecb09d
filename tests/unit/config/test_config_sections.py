"""Keys of a section are set in the text, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.edit import EditRefused
from monitor.config.sections import set_section, set_values
from monitor.config.yamltree import read

BASE = "brands: [{key: b, name: B}]  # ours\ninbox: {brand: b}\n"


def value(text: str) -> Any:
    return read(text, "x").value


@pytest.mark.parametrize(
    "slack",
    [
        "",
        "slack:\n",
        "slack: {}\n",
        "slack: null\n",
        "slack:  # soon\n",
        "# top\nslack:\n  # the token\n  bot_token: env:A  # first\n\n  team: T0A # ours\n# end\n",
        "slack: {bot_token: env:A, team: T0AAA}  # short\n",
        "slack:\n    bot_token: env:A\n    approvers:\n      - U0AAA  # Ada\n      - U0BBB\n",
        "slack:\r\n  bot_token: env:A\r\n",
    ],
)
def test_what_stands_around_stays(slack: str) -> None:
    text = BASE.replace("\n", "\r\n") + slack if "\r" in slack else BASE + slack
    edited = set_values(text, "slack", {"bot_token": "env:B", "channel": "C0123"})
    assert value(edited) == {
        **value(text),
        "slack": {**(value(text).get("slack") or {}), "bot_token": "env:B", "channel": "C0123"},
    }
    for comment in ("# ours", "# soon", "# the token", "# first", "# end", "# short", "# top"):
        assert (comment in edited) == (comment in text)
    assert ("\r\n" in edited) == ("\r\n" in text)
    assert set_values(edited, "slack", {"bot_token": "env:B"}) == edited


def test_a_list_in_lines_gives_way_to_one_in_brackets() -> None:
    text = BASE + "slack:\n  approvers:\n    - U0AAA\n    - U0BBB\n  team: T0AAA\n"
    edited = set_values(text, "slack", {"approvers": ["U0CCC"]})
    assert value(edited)["slack"] == {"approvers": ["U0CCC"], "team": "T0AAA"}


def test_a_section_that_is_no_mapping_is_left_alone() -> None:
    with pytest.raises(EditRefused, match="set by hand"):
        set_values(BASE + "slack: [1]\n", "slack", {"team": "T0AAA"})
    with pytest.raises(EditRefused, match="set by hand"):
        set_values(BASE + "other: &a {team: x, note: y}\nslack: *a\n", "slack", {"team": "T0AAA"})


@given(
    st.dictionaries(
        st.sampled_from(["channel", "team", "approvers", "note"]),
        st.text(max_size=20) | st.lists(st.text(max_size=5), max_size=3) | st.booleans(),
        min_size=1,
    )
)
def test_whatever_is_set_is_read_back(values: dict[str, Any]) -> None:
    text = BASE + "slack:\n  bot_token: env:A\n"
    try:
        edited = set_values(text, "slack", values)
    except EditRefused:
        return
    assert value(edited)["slack"] == {"bot_token": "env:A", **values}


def test_a_file_that_would_not_load_is_left_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(BASE)
    with pytest.raises(EditRefused, match="would not load"):
        set_section(path, "slack", {"channel": "general"})
    assert path.read_text() == BASE
    told = {"bot_token": "env:B", "app_token": "env:A", "channel": "C0123", "approvers": ["U01"]}
    left = set_section(path, "slack", told, environ={"A": "x"})
    assert [each.message for each in left] == ["the environment variable B is not set"]
    assert value(path.read_text())["slack"] == told
