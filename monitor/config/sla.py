"""SLA policies: which case gets which clocks. The first policy that matches a case is its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from monitor.config.calendars import ALWAYS
from monitor.config.durations import PATTERN, format_duration, parse_duration
from monitor.config.problems import Misfit, shown
from monitor.config.values import Key, Language, Number, Section, Whole, Words
from monitor.config.warnings import WarnAt

Urgency = Literal["low", "normal", "high", "urgent"]
TargetName = Literal["first_response", "next_response", "resolution"]
TARGETS: tuple[TargetName, ...] = ("first_response", "next_response", "resolution")
LOWEST, HIGHEST = 1, 5
"""The scale of ratings."""


@dataclass(frozen=True, slots=True)
class Promise:
    """How long a target is, and whether it counts day and night instead of open time."""

    within: timedelta
    wall: bool = False


def _read_promise(given: Any) -> Promise:
    if isinstance(given, Promise):
        return given
    expected = "a duration such as 2h, or 2h wall to count day and night"
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise Misfit("is not a duration", expected=expected)
    if not isinstance(given, str):
        raise Misfit("has no unit", expected=expected)
    length, wall = re.subn(r"\s+wall\s*$", "", given)
    try:
        within = parse_duration(length)
    except ValueError as error:
        raise Misfit(f"{shown(given)!r} {error}", expected=expected) from None
    if within % timedelta(seconds=1):
        raise Misfit("is no whole number of seconds", expected=expected)
    return Promise(within, bool(wall))


def _write_promise(promise: Promise) -> str:
    return format_duration(promise.within) + " wall" * promise.wall


Target = Annotated[
    Promise,
    PlainValidator(_read_promise),
    PlainSerializer(_write_promise),
    WithJsonSchema({"type": "string", "pattern": PATTERN.removesuffix("$") + "( +wall)?$"}),
    Words("duration, with `wall` behind it to count day and night", "4h"),
]


class When(Section):
    """Conditions, all of which a case must meet. A list is met by any one of its entries."""

    rating_at_most: Number | None = Field(
        default=None,
        description="The rating, on a scale of 1 to 5, is this or lower. Unrated: not met.",
        examples=[2],
    )
    rating_at_least: Number | None = Field(
        default=None,
        description="The rating, on a scale of 1 to 5, is this or higher. Unrated: not met.",
        examples=[4],
    )
    urgency: tuple[Urgency, ...] = Field(
        default=(), description="Urgency as assessed.", examples=[["high", "urgent"]]
    )
    source: tuple[Key, ...] = Field(
        default=(), description="Keys of sources.", examples=[["demo-board"]]
    )
    brand: tuple[Key, ...] = Field(
        default=(), description="Keys of brands.", examples=[["harbour"]]
    )
    location: tuple[Key, ...] = Field(
        default=(), description="Keys of locations.", examples=[["quay"]]
    )
    language: tuple[Language, ...] = Field(
        default=(),
        description="Languages of the mention; `en` takes `en-GB` too.",
        examples=[["en", "de"]],
    )
    topic: tuple[Key, ...] = Field(
        default=(),
        description="Topics, as `rapport topics` knows them; any one of the case's is enough.",
        examples=[["safety", "billing"]],
    )
    tier: tuple[Key, ...] = Field(
        default=(),
        description="The customer's tier, as `rapport tier` says it.",
        examples=[["gold"]],
    )
    reach_at_least: Whole | None = Field(
        default=None,
        ge=1,
        description=(
            "So many people or more follow the author. Where the platform does not tell: not met."
        ),
        examples=[10000],
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        least, most = self.rating_at_least, self.rating_at_most
        if (most is not None and most < LOWEST) or (least is not None and least > HIGHEST):
            raise Misfit("no rating can be met", expected=f"a number from {LOWEST} to {HIGHEST}")
        if least is not None and most is not None and least > most:
            raise Misfit(
                "no rating can be met", expected="rating_at_least not above rating_at_most"
            )
        return self

    def _language_of(self, code: str) -> str:
        """Return the language of ours that takes `code`: itself, or what it is a form of."""
        ours = {each.casefold(): each for each in self.language}
        whole = ours.get(code.casefold())
        return whole or ours.get(code.partition("-")[0].casefold(), code)

    def covers(self, other: When) -> bool:
        """Tell whether every case that meets `other` surely meets this one too."""
        most, least = self.rating_at_most, self.rating_at_least
        if most is not None and (other.rating_at_most is None or other.rating_at_most > most):
            return False
        if least is not None and (other.rating_at_least is None or other.rating_at_least < least):
            return False
        if self.reach_at_least is not None and (
            other.reach_at_least is None or other.reach_at_least < self.reach_at_least
        ):
            return False
        pairs = [
            (self.topic, other.topic),
            (self.tier, other.tier),
            (self.urgency, other.urgency),
            (self.source, other.source),
            (self.brand, other.brand),
            (self.location, other.location),
            (self.language, tuple(self._language_of(code) for code in other.language)),
        ]
        return all(not mine or (theirs and {*theirs} <= {*mine}) for mine, theirs in pairs) or (
            self == other
        )


class SlaPolicy(Section):
    """Targets for the cases it matches, on one calendar or in plain time."""

    key: Key = Field(description="Short name, unique.", examples=["urgent"])
    when: When = Field(
        default_factory=When, description="Which cases it is for. Without it: every case."
    )
    calendar: Key = Field(
        default=ALWAYS,
        description="Key of the calendar its clocks run on; `always` is day and night.",
        examples=["office"],
    )
    first_response: Target | None = Field(
        default=None, description="Time until the first published answer.", examples=["2h"]
    )
    next_response: Target | None = Field(
        default=None,
        description="Time until the answer to each further word of the customer.",
        examples=["4h"],
    )
    resolution: Target | None = Field(
        default=None, description="Time until the case is closed.", examples=["3d"]
    )
    start: Literal["seen", "written"] = Field(
        default="seen",
        description=(
            "When its clocks start: `seen`, when Rapport sees what was said; `written`, when the "
            "platform says it was written, unless it does not tell, or a week or longer ago."
        ),
        examples=["written"],
    )
    warn_at: WarnAt = Field(
        default=0.75,
        description=(
            "When staff are warned: a share of the target, or so much time before it is due, "
            "counted on the calendar; or a list of these."
        ),
        examples=[[0.5, "30m"]],
    )

    @model_validator(mode="after")
    def _has_a_target(self) -> Self:
        if self.first_response is self.next_response is self.resolution is None:
            raise Misfit(
                "has no target",
                expected="at least one of first_response, next_response and resolution",
            )
        return self

    def _promises(self) -> dict[TargetName, Promise]:
        given: dict[TargetName, Promise | None] = {
            "first_response": self.first_response,
            "next_response": self.next_response,
            "resolution": self.resolution,
        }
        return {name: told for name, told in given.items() if told is not None}

    def targets(self) -> dict[TargetName, int]:
        """The promised targets, in seconds."""
        return {name: int(told.within.total_seconds()) for name, told in self._promises().items()}

    def wall(self) -> tuple[TargetName, ...]:
        """The targets that count day and night, whatever the calendar says."""
        return tuple(name for name, told in self._promises().items() if told.wall)
