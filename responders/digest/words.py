"""Says a digest in words, for every face the same. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from responders.digest.facts import Digest, Topic, Waiting

A_DAY = timedelta(days=1)


def title(digest: Digest) -> str:
    """Return the heading: ``Daily digest, Mon 2 Mar 2026``."""
    until = digest.until.astimezone(ZoneInfo(digest.zone))
    return f"{digest.kind.capitalize()} digest, {until:%a} {until.day} {until:%b %Y}"


def period(digest: Digest) -> str:
    """Return what is covered, with the zone: ``Sun 1 Mar, 08:30 to Mon 2 Mar, 08:30 CET``."""
    since = digest.since.astimezone(ZoneInfo(digest.zone))
    until = digest.until.astimezone(ZoneInfo(digest.zone))
    # Where the clocks changed in between, each end has its own zone.
    own = f" {since.tzname()}" if since.tzname() != until.tzname() else ""
    return f"{_moment(since)}{own} to {_moment(until)} {until.tzname()}"


def figures(digest: Digest) -> list[tuple[str, str]]:
    """Return the figures as (name, value)."""
    attained = digest.first.attainment
    decided = attained.met + attained.missed + attained.open_overdue
    share = attained.share_with_overdue
    return [
        ("New complaints", f"{digest.new} ({digest.new_before} {_before(digest)})"),
        ("First answers given", str(digest.answered)),
        ("In time", "-" if share is None else f"{share:.0%} ({attained.met} of {decided})"),
        ("Median first answer", _median(digest)),
        ("Open now", str(digest.open_count)),
        ("Overdue now", str(digest.overdue_count)),
    ]


def quiet_words(digest: Digest) -> str:
    """Return the only sentence of a digest that has nothing to tell."""
    heard = "1 mention was" if digest.mentions == 1 else f"{digest.mentions:,} mentions were"
    return f"Nothing new: no complaint came, and none waits. {heard} heard."


def waiting_words(one: Waiting, digest: Digest) -> str:
    """Return a case that waits, without its reference: ``Board, Quay Street · overdue by 2 h``."""
    parts = [one.place]
    if one.urgency in ("high", "urgent"):
        parts.append(one.urgency)
    parts.append(_deadline(one, digest.at))
    parts.append(f"with {one.assignee}" if one.assignee else "with nobody")
    return " · ".join(parts)


def more_words(digest: Digest) -> str:
    """Return how many open cases are not listed; empty when all are."""
    more = digest.open_count - len(digest.waiting)
    return f"and {more:,} more, in the queue" if more > 0 else ""


def topic_words(topic: Topic) -> str:
    """Return ``delivery 6, up from 2``."""
    name = topic.name.replace("_", " ").replace("-", " ")
    if topic.grew:
        return f"{name} {topic.count}, up from {topic.before}"
    return f"{name} {topic.count}"


def source_words(digest: Digest) -> str:
    """Return ``Board 8, Feed 6``, the loudest first."""
    listed = digest.sources[:8]
    more = sum(count for _, count in digest.sources[8:])
    told = [f"{name} {count}" for name, count in listed] + ([f"others {more}"] if more else [])
    return ", ".join(told)


def summary(digest: Digest) -> str:
    """Return the digest in one line, for a notification."""
    if digest.is_quiet:
        return f"{title(digest)}: nothing new"
    return (
        f"{title(digest)}: {digest.new} new, {digest.answered} answered, "
        f"{digest.open_count} open, {digest.overdue_count} overdue"
    )


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units: ``2 d 4 h``, ``3 h 05 min``, ``40 s``."""
    whole = round(seconds)
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min" if minutes else f"{left} s"


def _before(digest: Digest) -> str:
    days = (digest.until - digest.since) / A_DAY
    if days < 1.1:
        return "the day before"
    return "the week before" if 6.9 < days < 7.1 else "in as long before"


def _median(digest: Digest) -> str:
    median = digest.first.median_business
    return "-" if median is None else f"{duration(median)} of opening hours"


def _deadline(one: Waiting, at: datetime) -> str:
    if one.due_at is None:
        return f"open for {duration((at - one.opened_at).total_seconds())}"
    left = (one.due_at - at).total_seconds()
    return f"due in {duration(left)}" if left >= 0 else f"overdue by {duration(-left)}"


def _moment(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b}, {at:%H:%M}"
