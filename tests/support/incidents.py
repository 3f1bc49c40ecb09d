"""Incidents on a desk: an outage that many told of, and a text that stands twice."""

from __future__ import annotations

from datetime import timedelta

from monitor.models import Source
from responders.views import CaseView
from tests.support.cases import Desk
from tests.support.outage import ORDINARY, outage_text

LETTER = (
    "The coat from your shop came apart on the second day, and nobody wants to take it back "
    "although I have the receipt."
)


def outage(desk: Desk, people: int = 8, *, location: str = "") -> list[CaseView]:
    """Have many tell of one outage after three ordinary days, and find it. Return their cases."""
    for text in ORDINARY:
        desk.complain(text, author="Olga", ready=False)
    desk.clock.move(days=3)
    with desk.app.database.write() as session:
        for source in session.query(Source):
            source.watched_since = desk.clock() - timedelta(days=10)
    views = []
    for at in range(people):
        desk.clock.move(minutes=4)
        views.append(desk.complain(outage_text(at), author=f"Guest {at}", location=location))
    desk.app.incidents.run()
    return views


def copies(desk: Desk, author: str = "Ines Roth") -> list[CaseView]:
    """Have one text at two sources, and find it. Return the cases."""
    views = [
        desk.complain(LETTER, author=author),
        desk.complain(f"{LETTER} Shame!", author="Ines R.", source="files"),
    ]
    desk.app.incidents.run()
    return views
