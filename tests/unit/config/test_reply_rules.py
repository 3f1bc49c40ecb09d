"""What a brand says of the reply rules is checked; what keeps the law is not lost in silence."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from monitor.config import Problem, load
from monitor.config.replyrules import LAWFUL

Check = Callable[..., list[Problem]]

GOOD = """\
brands:
  - key: harbour
    name: Harbour Coffee
    rules: {promise: block, blame: off, link: warn}
inbox: {path: inbox, brand: harbour}
"""


def said(problems: list[Problem]) -> list[str]:
    return [str(problem).removeprefix("config.yaml:") for problem in problems]


def test_rules_can_be_changed(check: Check) -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize("name", sorted(LAWFUL))
def test_a_rule_that_keeps_the_law_is_not_switched_off_in_silence(check: Check, name: str) -> None:
    (problem,) = check(GOOD.replace("blame", name))
    assert problem.severity == "warning"
    assert f"the rule {name} keeps the law ({LAWFUL[name]})" in problem.message
    assert check(GOOD.replace("blame: off", f"{name}: warn")) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "blame",
            "blam",
            "there is no reply rule 'blam' that can be changed; did you mean `blame",
        ),
        ("blame", "length", "there is no reply rule 'length' that can be changed"),
        (
            "promise: block",
            "promise: loud",
            "is not one of the choices; expected one of `block`, `warn`,",
        ),
        ("rules: {", "never_say: ['.. x']\n    rules: {", "begins or ends with a gap"),
        ("rules: {", "sensitive: food\n    rules: {", "is not one of the choices"),
        ("rules: {", "tone: loud\n    rules: {", "expected one of `warm`, `plain`, `formal`"),
    ],
)
def test_a_mistake_is_told_in_its_place(check: Check, old: str, new: str, told: str) -> None:
    (problem,) = check(GOOD.replace(old, new))
    assert problem.severity == "error"
    assert told in str(problem)
    assert problem.line in (4, 5)


def offering(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = EntryPoint("house", value, "rapport.reply_rules")

    def entry_points(*, group: str, name: str = "house") -> EntryPoints:
        return EntryPoints([entry]).select(group=group, name=name)

    monkeypatch.setattr("monitor.config.kinds.entry_points", entry_points)
    monkeypatch.setattr("monitor.config.replyrules.entry_points", entry_points)


def test_a_rule_of_another_package_can_be_changed_where_it_is_allowed(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, "responders.rules.brandwords:BRAND_RULES")
    text = GOOD.replace("blame: off", "house: warn")
    assert "there is no reply rule 'house'" in said(check(text))[0]
    assert check("plugins: [house]\n" + text) == []


def test_a_rule_of_another_package_that_is_broken_warns(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(monkeypatch, "house_nowhere:RULE")
    (problem,) = check("plugins: [house]\n" + GOOD)
    assert problem.severity == "warning"
    assert "the reply rule house cannot be loaded (ModuleNotFoundError" in problem.message
    assert "every answer will say so" in problem.message


def test_it_reaches_the_brand(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(GOOD, encoding="utf-8")
    brand = load(path).brand("harbour")
    assert brand.rules == {"promise": "block", "blame": "off", "link": "warn"}
    assert (brand.sensitive, brand.never_say, brand.may_offer) == (None, (), ())
