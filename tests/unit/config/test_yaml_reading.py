from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.yamlnodes import MAX_DEPTH
from monitor.config.yamltree import Unreadable, read


def refusal(text: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read(text, "c.yaml")
    return str(caught.value)


def noted(text: str) -> list[str]:
    return [str(problem) for problem in read(text, "c.yaml").problems]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2\nb: 3\n", "c.yaml:2: not valid YAML"),
        ("a: b: c\n", "c.yaml:1: not valid YAML: mapping values are not allowed in this context; "),
        ("a:\n\tb: 1\n", "c.yaml:2: not valid YAML: a tab stands in the indent; use spaces"),
        ("a: 'open\n", "c.yaml:"),
        ("a: *nowhere\n", "c.yaml:1: not valid YAML: the alias `*…` names no anchor"),
        ("a: &x [*x]\n", "c.yaml:1: not valid YAML: an alias refers to the value it stands in"),
        ("a: 1\n---\nb: 2\n", "c.yaml:2: not valid YAML: a second document"),
        ("a: !!python/object/apply:os.system [x]\n", "c.yaml:1: not valid YAML: a tag"),
        ("a: !secret x\n", "c.yaml:1: not valid YAML: a tag"),
        ("a: 1\nb: \x00\n", "c.yaml:2: holds the unreadable character U+0000; remove it"),
        ("a: \ud800\n", "c.yaml:1: holds the unreadable character U+D800; remove it"),
        ("[" * 100_000, "c.yaml:1: not valid YAML: is nested more than"),
        ("- " * 5000 + "x", "c.yaml:1: not valid YAML: is nested more than"),
    ],
)
def test_what_is_no_yaml_is_refused_on_one_line_with_its_place(text: str, said: str) -> None:
    line = refusal(text)
    assert line.startswith(said)
    assert "\n" not in line


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
    )
    assert "unfolds to too many values" in refusal(bomb)


def test_a_tower_of_aliases_is_refused_before_it_is_climbed() -> None:
    tower = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, MAX_DEPTH * 50)
    )
    assert "unfolds" in refusal(tower)


def test_a_key_given_twice_is_reported_with_the_first_line() -> None:
    assert noted("a:\n  b: 1\n  c: 2\n  b: 3\n") == [
        "c.yaml:4: a.b: given twice; the first is on line 2"
    ]


def test_keys_are_always_text_and_other_keys_are_reported() -> None:
    document = read("1: a\ntrue: b\n? [x]\n: c\n", "c.yaml")
    assert document.value == {"1": "a", "true": "b"}
    assert [problem.line for problem in document.problems] == [3]


def test_scalars_follow_yaml_1_2() -> None:
    text = "[no, yes, on, true, 12:30, 2026-01-01, 0o17, 0x1f, 007, 1_000, 1e3, .5, ~, '1', 1.0.0]"
    assert read(text, "c").value == [
        *("no", "yes", "on", True, "12:30", "2026-01-01", 15, 31, 7, "1_000", 1000.0, 0.5, None),
        *("1", "1.0.0"),
    ]
    assert read("9" * 5000, "c").value == "9" * 5000


def test_anchors_aliases_and_merged_keys_work() -> None:
    document = read(
        "base: &base {every: 5s, brand: a}\n"
        "sources:\n"
        "  - <<: *base\n"
        "    key: x\n"
        "    brand: b\n"
        "  - *base\n",
        "c.yaml",
    )
    assert document.problems == []
    assert document.value["sources"] == [
        {"key": "x", "brand": "b", "every": "5s"},
        {"every": "5s", "brand": "a"},
    ]
    assert document.locate(("sources", 0, "brand")) == (5, 12)
    assert document.locate(("sources", 0, "every")) == (1, 21)
    assert document.locate(("sources", 1)) == (6, 5)


def test_merging_what_is_no_mapping_is_reported() -> None:
    assert noted("a:\n  <<: text\n  b: 1\n") == [
        "c.yaml:2: a: `<<` takes the keys of a mapping; expected an alias such as *name"
    ]


def test_places_count_characters_and_a_byte_order_mark_is_no_character() -> None:
    document = read("\ufeffé: [ü, {ñ: x}]\r\nb: y\r\n", "c.yaml")
    assert document.locate(("é", 1, "ñ")) == (1, 12)
    assert document.locate(("é", 1, "ñ"), key=True) == (1, 9)
    assert document.locate(("b",)) == (2, 4)
    assert document.locate(("b", "deeper", 3)) == (2, 1)


def test_an_empty_value_is_placed_at_its_key() -> None:
    document = read("a:\n  b:\n  c: 1\n", "c.yaml")
    assert document.locate(("a", "b")) == (2, 3)
    assert document.holds(("a", "b"))
    assert not document.holds(("a", "d"))


_TREES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(min_value=-(10**15), max_value=10**15),
        st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"])),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("aé-_ .:"), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(_TREES)
def test_json_is_read_as_its_values(tree: object) -> None:
    document = read(json.dumps(tree, ensure_ascii=False), "c.yaml")
    assert document.value == tree
    assert document.problems == []


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:- \n\t[]{}&*!|>'\"#,?%@`<", max_size=60))
def test_no_text_does_worse_than_a_refusal(text: str) -> None:
    try:
        said = read(text, "c.yaml").problems
    except Unreadable as error:
        said = [error.problem]
    assert all(each.message and "\n" not in str(each) for each in said)
