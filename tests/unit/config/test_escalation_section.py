"""Ladders in the configuration: how they are read, and what `rapport check` says of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.config import Problem
from monitor.config.escalation import Ladder, Step
from monitor.config.sla import SlaPolicy

Check = Callable[..., list[Problem]]

GOOD = """\
brands:
  - {key: harbour, name: Harbour Coffee}
inbox: {path: inbox, brand: harbour}
slack: {bot_token: "env:BOT", app_token: "env:APP", channel: C0123456789}
people:
  - {name: Mara, slack: U0123456789, manager: true}
calendars:
  - {key: office, timezone: Europe/Berlin, hours: {mon: ["09:00-17:00"]}}
escalation:
  - key: urgent
    when: {urgency: [urgent], alarm: [safety]}
    hours: office
    except: {alarm: [safety]}
    steps:
      - {at: warning, notify: assignee}
      - {at: due, notify: Mara, repeat: 30m, times: 2}
      - {at: +1h, notify: S0123456789, hours: always}
      - {at: +2h, notify: managers}
  - key: usual
    steps:
      - {at: due, notify: channel}
"""
CASES = [
    ("hours: office", "hours: offices", "13: escalation[0].hours: there is no calendar 'offices'; "
     "did you mean `office`?"),
    ("notify: Mara", "notify: Marra", "17: escalation[0].steps[1].notify: there is no person "
     "'Marra'; did you mean `Mara`?"),
    ("notify: assignee", "notify: asignee", "16: escalation[0].steps[0].notify: there is no person "
     "'asignee'; did you mean `assignee`?"),
    ("at: +1h", "at: 1h", "18: escalation[0].steps[2].at: '1h' is no moment of a clock; expected "
     "`warning`, `due`, or a time after the due time such as +30m"),
    ("at: +1h", "at: +1x", "18: escalation[0].steps[2].at: '+1x' is not a duration; expected "
     "`warning`, `due`, or a time after the due time such as +30m"),
    ("alarm: [safety]}\n    steps", "source: [bord]}\n    steps",
     "14: escalation[0].except.source[0]: there is no source 'bord'; expected one of `inbox`, "
     "`slack`"),
    ("key: usual", "key: urgent", "20: escalation[1].key: 'urgent' is taken by escalation[0] on "
     "line 10; expected a key of its own"),
]  # fmt: skip
WARNINGS = [
    (", manager: true", "", "19: escalation[0].steps[3].notify: nobody is a manager; the step is "
     "passed on to the next; expected a person with `manager: true` in `people`"),
    ("at: +2h", "at: +5m", "19: escalation[0].steps[3].at: comes before step 2, which stands above "
     "it; expected the steps in the order in which they are reached"),
    ("    when: {urgency: [urgent], alarm: [safety]}\n", "", "19: escalation[1]: is never used: "
     "escalation[0] (urgent) comes first and takes all its cases; expected the narrower ladder "
     "first"),
    ("notify: assignee}", "notify: assignee, repeat: 1h}", "15: escalation[0].steps[0].repeat: "
     "does nothing: at `warning` somebody is told at each warning of the policy; expected several "
     "times in the policy's `warn_at`"),
]  # fmt: skip


def said(problems: list[Problem]) -> list[str]:
    return [str(problem).removeprefix("config.yaml:") for problem in problems]


def test_a_good_section_has_no_problem(check: Check) -> None:
    assert check(GOOD, environ={"BOT": "xoxb-1", "APP": "xapp-1"}) == []


@pytest.mark.parametrize(("old", "new", "expected"), CASES)
def test_a_mistake_is_told_with_its_line(check: Check, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = check(GOOD.replace(old, new, 1), environ={"BOT": "xoxb-1", "APP": "xapp-1"})
    assert expected.partition(": ")[2] in "\n".join(said(found))


@pytest.mark.parametrize(("old", "new", "expected"), WARNINGS)
def test_what_is_probably_not_meant_is_a_warning(
    check: Check, old: str, new: str, expected: str
) -> None:
    assert old in GOOD
    found = check(GOOD.replace(old, new, 1), environ={"BOT": "xoxb-1", "APP": "xapp-1"})
    assert [problem.severity for problem in found] == ["warning"]
    assert expected.partition(": ")[2] in "\n".join(said(found))


def test_a_user_group_without_slack_is_a_warning(check: Check) -> None:
    without = "\n".join(line for line in GOOD.splitlines() if not line.startswith("slack"))
    assert "cannot be told without Slack" in "\n".join(said(check(without)))


def test_moments_and_warnings_are_read_as_they_are_written() -> None:
    steps = [Step.model_validate({"at": at, "notify": "channel"}) for at in ("due", "+90m")]
    assert [step.at for step in steps] == [timedelta(0), timedelta(minutes=90)]
    assert Step.model_validate({"at": "+90m", "notify": "Mara"}).model_dump()["at"] == "+90m"
    assert Ladder.model_validate(
        {"key": "a", "except": {}, "steps": [{"at": "due", "notify": "x"}]}
    )
    policy = SlaPolicy.model_validate(
        {"key": "a", "first_response": "8h", "warn_at": [0.5, "30m", 1]}
    )
    assert policy.warn_at == (0.5, timedelta(minutes=30), 1.0)
    assert policy.model_dump()["warn_at"] == [0.5, "30m", 1.0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("[0.5, 1.5]", "is too large; expected 1 or less"),
        ("[soon]", "'soon' is not a duration; expected a share such as 0.75, or a duration such as "
         "30m"),
        ("0", "is too small; expected a share above 0"),
        ("[[0.5]]", "is neither a share nor a duration"),
        ("[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1]", "has too many entries"),
        ("1ms", "is no whole number of seconds"),
    ],
)  # fmt: skip
def test_a_wrong_warning_is_told(check: Check, given: str, expected: str) -> None:
    config = "brands:\n  - {key: harbour, name: Harbour}\ninbox: {path: in, brand: harbour}\nsla:\n"
    found = check(f"{config}  - {{key: all, first_response: 8h, warn_at: {given}}}\n")
    assert [f"5: sla[0].warn_at: {expected}" in each for each in said(found)] == [True]
