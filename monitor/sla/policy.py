"""Policies: what is promised, and for which cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from monitor.sla import warning
from monitor.sla.warning import Warn

Target = Literal["first_response", "next_response", "resolution"]
TARGETS: tuple[Target, ...] = get_args(Target)

StartsAt = Literal["seen", "written"]
"""When clocks start: at our first sight of what was said, or at the platform's time of it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a policy may ask about a case.

    `rating` is in stars, 1 to 5; None means unrated. `reach` is how many people follow the
    author; None where the platform does not tell. `tier` is the customer's; empty for none.
    """

    source: str = ""
    brand: str = ""
    location: str = ""
    rating: float | None = None
    urgency: str = ""
    language: str = ""
    topics: tuple[str, ...] = ()
    tier: str = ""
    reach: int | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a case must be for a policy to hold. Every condition must be met; an empty one is.

    The lists name accepted values, compared without regard to case; a language also stands for
    its regional forms (``en`` takes ``en-GB``). A case about several topics meets `topic` by any
    one of them. An unrated case meets no condition on rating, one of unknown reach none on reach.
    """

    rating_at_most: float | None = None
    rating_at_least: float | None = None
    urgency: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    reach_at_least: int | None = None

    def __post_init__(self) -> None:
        # One form for 1 and 1.0, or equal conditions would have different digests.
        for name in ("rating_at_most", "rating_at_least"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, float(getattr(self, name)))

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Conditions:
        """Make conditions from the `when` of a configuration. None counts as not given.

        A single value is as good as a list of one. Raises ValueError for an unknown condition
        and for a rating or a reach that is no number.
        """
        known = [each.name for each in fields(cls)]
        given: dict[str, Any] = {}
        for name, value in mapping.items():
            if name not in known:
                raise ValueError(f"unknown condition {name!r}; expected {', '.join(known)}")
            if value is None:
                continue
            if name.startswith("rating"):
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    raise ValueError(f"{name}: {value!r} is not a number of stars, 1 to 5")
                given[name] = value
            elif name == "reach_at_least":
                if isinstance(value, bool) or not isinstance(value, int):
                    raise ValueError(f"{name}: {value!r} is no whole number of followers")
                given[name] = value
            else:
                values = (value,) if isinstance(value, str) else value
                given[name] = tuple(str(each) for each in values)
        return cls(**given)

    def hold_for(self, facts: Facts) -> bool:
        """Tell whether `facts` meet every condition."""
        if self.rating_at_most is not None or self.rating_at_least is not None:
            if facts.rating is None:
                return False
            if self.rating_at_most is not None and facts.rating > self.rating_at_most:
                return False
            if self.rating_at_least is not None and facts.rating < self.rating_at_least:
                return False
        if self.reach_at_least is not None and (facts.reach or 0) < self.reach_at_least:
            return False
        return (
            _among(self.urgency, facts.urgency)
            and _among(self.source, facts.source)
            and _among(self.brand, facts.brand)
            and _among(self.location, facts.location)
            and _among(self.tier, facts.tier)
            and (not self.topic or any(_among(self.topic, each) for each in facts.topics))
            and (
                _among(self.language, facts.language)
                or _among(self.language, _main_language(facts.language))
            )
        )

    def to_json(self) -> dict[str, Any]:
        """Return the conditions that were given, as `of` takes them."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in said.items()
            if value not in (None, ())
        }


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised: a number of seconds for each target, of open time by one calendar.

    A target that is None is not promised, and no clock runs for it. The targets named in `wall`
    count day and night, whatever the calendar says. `start` is when its clocks start. `warn_at`
    says when staff are warned: after a share of a target (above 0, up to 1), with a `Lead` before
    it is due, or several of these in a tuple; `warnings` has them in a tuple always. Raises
    ValueError for a policy that promises nothing, a target that is not positive, a share out of
    range, a name in `wall` that is no promised target, and another start.
    """

    key: str
    calendar: str = "always"
    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None
    warn_at: float | tuple[Warn, ...] = 0.75
    when: Conditions = Conditions()
    wall: tuple[Target, ...] = ()
    start: StartsAt = "seen"

    def __post_init__(self) -> None:
        given = [self.first_response, self.next_response, self.resolution]
        problems = [
            f"{name}: {seconds} seconds is no target; expected a whole number above 0"
            for name, seconds in zip(TARGETS, given, strict=True)
            if seconds is not None
            and (isinstance(seconds, bool) or not isinstance(seconds, int) or seconds <= 0)
        ]
        if given == [None, None, None]:
            problems.append(f"it promises nothing; expected one of {', '.join(TARGETS)}")
        problems += [
            f"wall: {name!r} is no target that it promises"
            for name in self.wall
            if name not in TARGETS or given[TARGETS.index(name)] is None
        ]
        if self.start not in get_args(StartsAt):
            problems.append(f"start: {self.start!r} is no start; expected seen or written")
        try:
            object.__setattr__(self, "warn_at", warning.normal(self.warn_at))
        except ValueError as error:
            problems.append(f"warn_at: {error}")
        if problems:
            raise ValueError(f"policy {self.key!r}: " + "; ".join(problems))
        # One order, or equal policies would have different digests.
        object.__setattr__(self, "wall", tuple(name for name in TARGETS if name in self.wall))

    @property
    def warnings(self) -> tuple[Warn, ...]:
        """When staff are warned, as it was configured."""
        return self.warn_at if isinstance(self.warn_at, tuple) else (self.warn_at,)

    @property
    def targets(self) -> dict[Target, int]:
        """The promised targets, in seconds of the time that each is counted in."""
        given = (self.first_response, self.next_response, self.resolution)
        return {
            name: seconds
            for name, seconds in zip(TARGETS, given, strict=True)
            if seconds is not None
        }

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able data from which `from_json` makes an equal policy.

        What a policy does not use is not written, so that policies keep their version when a
        release learns something new.
        """
        data: dict[str, Any] = {
            "key": self.key,
            "calendar": self.calendar,
            "targets": dict(self.targets),
            "warn_at": warning.to_json(self.warn_at),
            "when": self.when.to_json(),
        }
        if self.wall:
            data["wall"] = list(self.wall)
        if self.start != "seen":
            data["start"] = self.start
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Policy:
        """Make the policy that `to_json` wrote. Raises ValueError when `data` is not one."""
        try:
            return cls(
                key=data["key"],
                calendar=data["calendar"],
                warn_at=warning.from_json(data["warn_at"]),
                when=Conditions.of(data["when"]),
                wall=tuple(data.get("wall", ())),
                start=data.get("start", "seen"),
                **data["targets"],
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a stored policy: {error!r}") from error


DEFAULT_POLICY = Policy("default", calendar="always", first_response=24 * 3600)
"""What holds when no configured policy does: a first response within 24 hours, day and night."""


def match(policies: Iterable[Policy], facts: Facts) -> Policy:
    """Return the first policy whose conditions `facts` meet, else `DEFAULT_POLICY`.

    There is always an answer, so that no case is ever without a clock.
    """
    for policy in policies:
        if policy.when.hold_for(facts):
            return policy
    return DEFAULT_POLICY


def _among(accepted: tuple[str, ...], value: str) -> bool:
    return not accepted or value.casefold() in {each.casefold() for each in accepted}


def _main_language(tag: str) -> str:
    return tag.replace("_", "-").split("-", 1)[0]
