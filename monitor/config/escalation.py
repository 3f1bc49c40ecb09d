"""Escalation: who is told, in which order, that a promise to a customer is in danger."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from monitor.config.approval import CaseWhen
from monitor.config.durations import format_duration, parse_duration
from monitor.config.problems import Misfit, shown
from monitor.config.values import Duration, Key, Line, Section, Whole, Words

WARNING, DUE = "warning", "due"
ASSIGNEE, CHANNEL, MANAGERS = "assignee", "channel", "managers"
GROUP_PATTERN = r"S[A-Z0-9]{2,}"
LONGEST = timedelta(days=366)

_EXPECTED = "`warning`, `due`, or a time after the due time such as +30m"


def _read_at(given: Any) -> Any:
    """Return ``warning``, or how long after the due time."""
    if isinstance(given, timedelta):
        return given
    if not isinstance(given, str):
        raise Misfit("is no moment of a clock", expected=_EXPECTED)
    text = given.strip()
    if text == WARNING:
        return WARNING
    if text == DUE:
        return timedelta(0)
    if not text.startswith("+"):
        raise Misfit(f"{shown(given)!r} is no moment of a clock", expected=_EXPECTED)
    try:
        after = parse_duration(text[1:])
    except ValueError as error:
        raise Misfit(f"{shown(given)!r} {error}", expected=_EXPECTED) from None
    if after % timedelta(seconds=1) or after > LONGEST:
        raise Misfit("is no such time", expected="whole seconds, at most a year")
    return after


def _write_at(kept: Any) -> str:
    if isinstance(kept, timedelta):
        return f"+{format_duration(kept)}" if kept else DUE
    return str(kept)


At = Annotated[
    str | timedelta,
    BeforeValidator(_read_at),
    PlainSerializer(_write_at),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(warning|due|\+[0-9]+(\.[0-9]+)?(s|m|h|d|w))$"}
    ),
    Words("moment of a clock", '"+30m"', "moments of a clock"),
]


class Step(Section):
    """One step: when somebody is told, who, and how often."""

    at: At = Field(
        description=(
            "When: `warning` (at each warning of the policy), `due`, or so long after the due "
            "time, as in `+30m`. Counted on the clock's own calendar, less pauses, as the due time "
            "is."
        ),
        examples=["+30m"],
    )
    notify: Line = Field(
        description=(
            "Who: `assignee`, `channel` (the team, where the card is), `managers`, a name as it "
            "stands under `people`, or the id of a Slack user group."
        ),
        examples=["assignee"],
    )
    repeat: Duration | None = Field(
        default=None,
        description=(
            "Tell them again after so long, counted as `at` is, until the next step is reached."
        ),
        examples=["1h"],
    )
    times: Whole = Field(
        default=3, ge=1, le=50, description="How often to repeat it at most.", examples=[3]
    )
    hours: Key | None = Field(
        default=None,
        description="Key of a calendar for this step, in the place of the ladder's `hours`.",
        examples=["office"],
    )


class Ladder(Section):
    """Who is told of the cases it matches. The first ladder that matches is a clock's own."""

    key: Key = Field(description="Short name, unique.", examples=["usual"])
    when: CaseWhen = Field(
        default_factory=CaseWhen, description="Which cases it is for. Without it: every case."
    )
    hours: Key | None = Field(
        default=None,
        description=(
            "Key of the calendar in whose hours people are told; what falls outside waits until "
            "they open. Without it: `slack.mention_hours`, or day and night."
        ),
        examples=["office"],
    )
    except_: CaseWhen | None = Field(
        default=None,
        alias="except",
        description=(
            "Which cases do not wait for the hours: all of its conditions must be met. Without it: "
            "those whose urgency is `urgent`. `{}`: none."
        ),
        examples=[{"alarm": ["safety"]}],
    )
    acknowledge_within: Duration = Field(
        default=timedelta(hours=1),
        description=(
            "For how long an acknowledgement holds the ladder. When it runs out and the clock "
            "still runs, the ladder goes on."
        ),
        examples=["15m"],
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, description="The steps, in the order in which they are reached."
    )


def is_group(notify: str) -> bool:
    """Tell whether somebody to be told is a Slack user group."""
    return re.fullmatch(GROUP_PATTERN, notify) is not None
