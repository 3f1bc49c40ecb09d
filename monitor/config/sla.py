"""SLA policies: which case gets which clocks. The first policy that matches a case is its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from monitor.config.calendars import ALWAYS
from monitor.config.problems import Misfit
from monitor.config.values import Duration, Key, Language, Number, Section
from monitor.config.warnings import WarnAt

Urgency = Literal["low", "normal", "high", "urgent"]


def _check_target(length: timedelta) -> timedelta:
    if length % timedelta(seconds=1):
        raise Misfit("is no whole number of seconds", expected="a duration such as 2h")
    return length


Target = Annotated[Duration, AfterValidator(_check_target)]


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

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        least, most = self.rating_at_least, self.rating_at_most
        if least is not None and most is not None and least > most:
            raise Misfit(
                "no rating can be met", expected="rating_at_least not above rating_at_most"
            )
        return self

    def covers(self, other: When) -> bool:
        """Tell whether every case that meets `other` surely meets this one too."""
        most, least = self.rating_at_most, self.rating_at_least
        if most is not None and (other.rating_at_most is None or other.rating_at_most > most):
            return False
        if least is not None and (other.rating_at_least is None or other.rating_at_least < least):
            return False
        pairs = [
            (self.urgency, other.urgency),
            (self.source, other.source),
            (self.brand, other.brand),
            (self.location, other.location),
            (self.language, tuple(code.partition("-")[0] for code in other.language)),
        ]
        return all(not mine or (theirs and {*theirs} <= {*mine}) for mine, theirs in pairs) or (
            self == other
        )


class SlaPolicy(Section):
    """Targets for the cases it matches, on one calendar."""

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

    def targets(self) -> dict[str, int]:
        """The promised targets, in seconds on the calendar."""
        given = {
            "first_response": self.first_response,
            "next_response": self.next_response,
            "resolution": self.resolution,
        }
        return {name: int(length.total_seconds()) for name, length in given.items() if length}
