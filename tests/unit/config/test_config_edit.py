"""Adding a source changes nothing but the lines it adds."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.secrets import Secret
from monitor.config.edit import EditRefused, add_source, insert_source
from monitor.config.yamltree import read

SOURCE: dict[str, Any] = {"key": "new", "connector": "demo", "settings": {"base_url": "https://x"}}
LINES = ["- key: new", "  connector: demo", "  settings:", "    base_url: https://x"]


def changes(before: str, after: str) -> list[str]:
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in diff if line[0] in "+-"]


def added(indent: int) -> list[str]:
    return ["+ " + " " * indent + line for line in LINES]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize(
    ("before", "indent"),
    [
        ("sources:\n  - key: a\n", 2),
        ("sources:\n- key: a\n  every: 5s  # a comment\nweb: {}\n", 0),
        ("sources:\n  - key: a\n    # of a\n  # of nobody\n\n# of web\nweb: {}\n", 2),
        ("sources:\n    - {key: a}   # flow\nweb: {}\n", 4),
        ("sources:\n  - key: a\n    title: |\n      one\n\n      two\n\n\n# web\nweb: {}\n", 2),
        ("sources:\n  - key: a\n    title:\n\nweb: {}\n", 2),
        ("base: &base {key: a}\nsources:\n  - *base\nweb: {}\n", 2),
        ("sources:\n  -\n    key: a\n  -\n    key: b\nweb: {}\n", 2),
        ("sources:\n  - key: é\n    title: 'ü\n\n      ñ'\nweb: {}\n", 2),
        ("sources:\nweb: {}\n", 2),
        ("sources:  # none yet\nweb: {}\n", 2),
    ],
)
def test_the_difference_is_the_new_lines_only(before: str, indent: int) -> None:
    after = insert_source(before, SOURCE)
    assert changes(before, after) == added(indent)
    assert insert_source(before.replace("\n", "\r\n"), SOURCE) == after.replace("\n", "\r\n")
    assert insert_source("\ufeff" + before, SOURCE) == "\ufeff" + after


def test_the_new_item_stands_right_behind_the_last_one() -> None:
    before = "sources:\n  - key: a\n    # of a\n  # of nobody\n\n# of web\nweb: {}\n"
    assert insert_source(before, SOURCE).splitlines()[:5] == [
        *("sources:", "  - key: a", "    # of a", "  - key: new", "    connector: demo")
    ]


def test_the_width_of_the_dash_is_kept() -> None:
    after = insert_source("sources:\n-   key: a\n", SOURCE)
    assert after.splitlines()[2:4] == ["-   key: new", "    connector: demo"]


@pytest.mark.parametrize("empty", ["[]", "~", "null", "[\n  # none\n  ]", "\n  []"])
def test_an_empty_list_gives_way(empty: str) -> None:
    after = insert_source(f"a: 1\nsources: {empty}  # none yet\nweb: {{}}\n", SOURCE)
    assert read(after, "c").value == {"a": 1, "sources": [SOURCE], "web": {}}
    assert "# none yet" in after


def test_a_file_without_sources_gets_them_at_its_end() -> None:
    assert changes("web: {}\n", insert_source("web: {}\n", SOURCE)) == [
        "+ ",
        "+ sources:",
        *added(2),
    ]
    assert insert_source("web: {}", SOURCE).startswith("web: {}\n\nsources:\n")


def test_a_file_without_a_last_line_end_gets_one() -> None:
    for before in ("sources:\n  - key: a", "sources: []", "sources:\n  - key:"):
        after = insert_source(before, SOURCE)
        assert after.endswith("    base_url: https://x\n")


def test_a_list_in_brackets_stays_one() -> None:
    before = "sources: [{key: a}, {key: b},  # two\n  ]\n"
    after = insert_source(before, SOURCE)
    assert after == (
        "sources: [{key: a}, {key: b}, {key: new, connector: demo, "
        "settings: {base_url: 'https://x'}},  # two\n  ]\n"
    )


def test_values_are_written_as_the_file_spells_them() -> None:
    source = {
        "key": "new",
        "every": timedelta(minutes=90),
        "backfill_since": date(2026, 1, 1),
        "settings": {
            "token": Secret("env:TOKEN"),
            "path": Path("a b"),
            "texts": ("no", "1e3", "0o17", "007", "~", "a: b", "#x", "two\nlines", "é"),
            "number": 5,
        },
    }
    [written] = read(insert_source("sources: []\n", source), "c").value["sources"]
    assert written == {
        "key": "new",
        "every": "90m",
        "backfill_since": "2026-01-01",
        "settings": {
            "token": "env:TOKEN",
            "path": "a b",
            "texts": ["no", "1e3", "0o17", "007", "~", "a: b", "#x", "two\nlines", "é"],
            "number": 5,
        },
    }


@pytest.mark.parametrize(
    "before",
    [
        "{sources: []}\n",
        "- a\n",
        "sources: text\n",
        "sources: {a: b}\n",
        "a: b: c\n",
        "a: 1\n...\n",
        "<<: {sources: [{key: a}]}\n",
        "  web: {}\n",
    ],
)
def test_what_cannot_be_edited_safely_is_refused(before: str) -> None:
    with pytest.raises(EditRefused, match="left unchanged"):
        insert_source(before, SOURCE)


_TEXTS = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]))
_VALUES = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6), _TEXTS)


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.from_regex(r"\A[a-z_]{1,8}\Z"), st.one_of(_VALUES, st.lists(_VALUES))),
    st.sampled_from(["sources: []\n", "sources: [{key: a}]\n", "sources:\n  - key: a\nweb: {}\n"]),
)
def test_whatever_is_added_is_read_back(extra: Mapping[str, Any], before: str) -> None:
    source = {"key": "new", **extra}
    assert read(insert_source(before, source), "c").value["sources"][-1] == source


BASE = "brands: [{key: b, name: B}]\nsources: []\n"


def test_the_file_is_swapped_whole_and_keeps_its_mode(tmp_path: Path, connectors: None) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(BASE)
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    before = path.stat().st_ino
    assert add_source(link, {**SOURCE, "brand": "b"}, environ={}) == []
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before
    assert "- key: new" in path.read_text()
    assert names(tmp_path) == ["config.yaml", "link.yaml"]


def test_an_edit_that_would_not_load_leaves_the_file_alone(
    tmp_path: Path, connectors: None
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(BASE)
    with pytest.raises(EditRefused) as caught:
        add_source(path, {**SOURCE, "brand": "c", "evry": "5s"}, environ={})
    assert str(caught.value).replace(str(path), "config.yaml") == (
        "left unchanged; the edit would not load:\n"
        "config.yaml:7: sources[0].brand: there is no brand 'c'; expected one of `b`\n"
        "config.yaml:8: sources[0].evry: unknown key; did you mean `every`?"
    )
    assert path.read_text() == BASE
    assert names(tmp_path) == ["config.yaml"]


def test_a_secret_that_is_not_set_yet_is_told_and_no_obstacle(
    tmp_path: Path, connectors: None
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(BASE)
    toots = {
        "key": "toots",
        "connector": "mastodon",
        "brand": "b",
        "settings": {"instance": "https://a.example", "token": Secret("env:TOKEN")},
    }
    [left] = add_source(path, toots, environ={})
    assert left.message == "the environment variable TOKEN is not set"
    assert "token: env:TOKEN" in path.read_text()


def test_a_missing_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EditRefused, match="rapport init"):
        add_source(tmp_path / "config.yaml", SOURCE)
