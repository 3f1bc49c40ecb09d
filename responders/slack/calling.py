"""Decides whom a line in a thread calls by name, and when it may: only who must act now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from monitor.hours import ALWAYS, Calendar, NeverOpen, next_open
from responders.people import People
from responders.views import CaseView

CALLING = frozenset(
    {
        "woken",
        "customer_wrote",
        "reopened",
        "warned",
        "breached",
        "publish_refused",
        "set_aside",
        "handed_over",
        "not_seen",
    }
)
"""Events after which whoever has the case has something to do."""

BY_LADDER = frozenset({"warned", "breached"})


class Calling:
    """Calls people by their member id, outside quiet hours; urgent cases know no quiet hours."""

    def __init__(self, people: People, hours: Calendar = ALWAYS) -> None:
        self._people = people
        self._hours = hours

    def whom(self, view: CaseView, kinds: Iterable[str]) -> str:
        """Return the member id of who must act after such events; empty for nobody."""
        # Where there is a ladder, that is who says when somebody is called for a deadline.
        calling = CALLING - BY_LADDER if view.escalations else CALLING
        if not view.assignee or calling.isdisjoint(kinds):
            return ""
        return self._people.slack_id(view.assignee)

    def when(self, urgency: str, now: datetime) -> datetime:
        """Return when somebody may be called: now, or as soon as the hours open."""
        if urgency == "urgent":
            return now
        try:
            return next_open(self._hours, now)
        except NeverOpen:
            return now
