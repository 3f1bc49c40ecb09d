"""Checks of SLA policies: which are never used, which overlap, and what no calendar can hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pydantic import ValidationError

from monitor.config.calendars import ALWAYS, Calendar
from monitor.config.durations import format_duration
from monitor.config.overlaps import Places, overlaps, with_brands
from monitor.config.problems import Problem
from monitor.config.rawvalues import INBOX, Raw, check_when, entries, keys, unknown
from monitor.config.sla import TARGETS, SlaPolicy
from monitor.config.yamltree import Document


def check_policies(document: Document, raw: Raw) -> Iterator[Problem]:
    """Yield what is wrong with the policies of a file, and warn of what surprises."""
    calendars = [ALWAYS, *keys(raw, "calendars")]
    earlier: list[tuple[int, SlaPolicy]] = []
    places = _places(raw)
    for at, entry in entries(raw, "sla"):
        calendar = entry.get("calendar")
        if isinstance(calendar, str) and calendar not in calendars:
            yield unknown(document, ("sla", at, "calendar"), "calendar", calendar, calendars)
        yield from check_when(document, raw, ("sla", at), entry)
        try:
            policy = SlaPolicy.model_validate(entry)
        except ValidationError:
            continue  # said by its own section
        yield from _check_targets(document, raw, at, policy)
        when = with_brands(policy.when, places)
        shadow = next((e for e in earlier if e[1].when.covers(when)), None)
        if shadow is not None:
            yield document.problem(
                ("sla", at),
                f"is never used: sla[{shadow[0]}] ({shadow[1].key}) comes first and takes all "
                "its cases",
                expected="the narrower policy first",
                severity="warning",
            )
        earlier.append((at, policy))
    for found in overlaps(earlier, places):
        names = dict(earlier)
        line, _ = document.locate(("sla", found.first))
        first, second = names[found.first].key, names[found.second].key
        yield document.problem(
            ("sla", found.second),
            f"a case with {found.example} meets {second} and {first} on line {line}; "
            f"{first} holds, for it comes first",
            expected=f"the order that you want, or conditions in {second} that leave it out",
            severity="warning",
        )


def _check_targets(document: Document, raw: Raw, at: int, policy: SlaPolicy) -> Iterator[Problem]:
    """Refuse targets that a calendar would take longer for than a year: no clock could start."""
    weekly: dict[str, int] = {}
    for _, entry in entries(raw, "calendars"):
        try:
            calendar = Calendar.model_validate(entry)
        except ValidationError:
            continue  # said by its own section
        weekly[calendar.key] = 60 * sum(
            span.end - span.start for day in calendar.hours.by_weekday() for span in day
        )
    used = [policy.calendar]
    for _, brand in entries(raw, "brands"):
        used += [str(place.get("calendar")) for _, place in entries(brand, "locations")]
    for name in TARGETS:
        promise = getattr(policy, name)
        if promise is None or promise.wall:
            continue
        for key in used:
            if key in weekly and promise.within.total_seconds() > 52 * weekly[key]:
                open_for = format_duration(timedelta(seconds=weekly[key]))
                yield document.problem(
                    ("sla", at, name),
                    f"is more than calendar `{key}` is open in a year: {open_for} a week",
                    expected="a shorter target, or `wall` behind it to count day and night",
                )
                break


def _places(raw: Raw) -> Places:
    """Return which brand each location and each source is of, as far as the file tells."""
    of_location: dict[str, frozenset[str]] = {}
    for _, brand in entries(raw, "brands"):
        for key in keys(brand, "locations"):
            of_location[key] = of_location.get(key, frozenset()) | {str(brand.get("key"))}
    users = [(str(each.get("key")), each) for _, each in entries(raw, "sources")]
    if isinstance(raw.get(INBOX), dict):
        users.append((INBOX, raw[INBOX]))
    return Places(
        frozenset(keys(raw, "brands")),
        of_location,
        {
            key: frozenset({each["brand"]})
            for key, each in users
            if isinstance(each.get("brand"), str)
        },
    )
