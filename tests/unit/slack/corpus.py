"""Everything that Rapport shows in Slack, once in each state, for whoever checks payloads.

Texts are invented. Used by `test_slack_payloads` and, where Node is at hand, by
`benchmarks.slack_types`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, cast

from monitor.db import Database
from monitor.incidents.views import IncidentLine
from monitor.models import Base
from responders.slack.call_message import CallFacts, call_message
from responders.slack.cards import as_update, case_card
from responders.slack.commands import Commands
from responders.slack.digest_message import digest_message
from responders.slack.home import PAGE, TABS, Place, closed_home, home_view
from responders.slack.incident_card import incident_card
from responders.slack.incidents import IncidentFacts
from responders.slack.modals import conflict_view, plain_view
from responders.slack.notices import direct, notice, private, thread_line
from responders.slack.orders import ACTING, READING, Order
from responders.slack.port import QueuePort
from responders.views import CaseLine, CaseView
from tests.support.hand_clock import HandClock
from tests.unit.responders.test_digest_words import digest
from tests.unit.slack.test_slack_cards import NOW, STATES, all_modals, case, draft, word
from tests.unit.slack.test_slack_look_message import drawn, look

Kind = Literal["message", "modal", "home"]
LONG = "Cold tea & <!channel> *again* `x` @here :tea: " * 400
CHANNEL = "C0CARDS"


@dataclass(frozen=True, slots=True)
class Payload:
    """One thing that is shown, and as what. `method` is the call that shows it, if it is one."""

    name: str
    kind: Kind
    body: dict[str, Any]
    method: str = ""


def payloads(folder: Path) -> Iterator[Payload]:
    """Yield everything; `folder` takes the store that commands read."""
    views = {**STATES, "long": _long()}
    for name, view in views.items():
        yield from _of_case(name, view)
    yield from _homes()
    yield from _incidents()
    yield from _calls()
    yield from _messages()
    yield from _answers(folder)


def line(number: int = 12, **changes: Any) -> CaseLine:
    """A line of a list."""
    made = CaseLine(
        id=number,
        ref=f"C-{number}",
        state="drafted",
        urgency="high",
        brand="Harbour Coffee",
        location="Quay Street",
        source="Harbour board",
        author="Dana P.",
        stars=1.0,
        excerpt="Waited 50 minutes for cold tea.",
        opened_at=NOW,
        due_at=NOW + timedelta(hours=2),
        overdue=False,
        assignee="",
        draft_version=1,
    )
    return replace(made, **changes)


LINES = {
    "due": line(1),
    "overdue": line(2, due_at=NOW - timedelta(hours=1), overdue=True, assignee="Mara"),
    "put off": line(3, snooze="until", snoozed_until=NOW + timedelta(days=1)),
    "put off for the customer": line(4, snooze="customer", urgency="normal"),
    "answered": line(5, state="answered", due_at=None),
    "hostile": line(6, author=LONG, source=LONG, location=LONG, excerpt=LONG, assignee=LONG),
    "bare": line(7, author="", source="", location="", excerpt="", stars=None, due_at=None),
}


def incident(**changes: Any) -> IncidentFacts:
    """An incident with a case in each state."""
    about = IncidentLine(
        id=3,
        kind="same_cause",
        title="Waiting at Quay Street: terminal, payment",
        topic="waiting",
        brand="Harbour Coffee",
        size=42,
        began_at=NOW - timedelta(hours=3),
        last_at=NOW,
        ended_at=None,
    )
    about = replace(about, **changes.pop("line", {}))
    states = {"drafted": 20, "opened": 2, "approved": 1, "answered": 4, "closed": 1, "dismissed": 3}
    made = IncidentFacts(
        about, ("42 people within 3 hours", "usually 2"), 3, 1.4, 30, states, tuple(LINES.values())
    )
    return replace(made, **changes)


INCIDENTS = {
    "open": incident(),
    "over": incident(line={"ended_at": NOW}),
    "copies": incident(line={"kind": "copies", "topic": ""}, stars=None, rated=0, signs=()),
    "hostile": incident(
        line={"title": LONG, "brand": LONG, "topic": LONG, "kind": LONG},
        signs=(LONG,) * 9,
        lines=tuple(replace(LINES["hostile"], id=number) for number in range(15)),
    ),
    "of nothing": incident(line={"size": 0, "title": ""}, states={}, lines=(), stars=None),
}


class Lines:
    """The part of a queue that commands read."""

    def view(self, case_id: int) -> CaseView | None:
        return case() if case_id == 42 else None

    def lines(
        self,
        *,
        state: str = "drafted",
        search: str = "",
        limit: int = 200,
        assignee: str | None = None,
        among: Collection[int] | None = None,
    ) -> list[CaseLine]:
        return [] if search == "nothing" else [*LINES.values(), *map(line, range(20, 40))]

    def counts(self) -> dict[str, int]:
        return {"drafted": 3}


def _long() -> CaseView:
    said = word(LONG, author=LONG, title=LONG)
    return case(
        mention=said,
        draft=draft(LONG),
        earlier_texts=(said,) * 3,
        later_words=(said,) * 3,
        brand=LONG,
        location=LONG,
        source=LONG,
        publish_label=LONG,
        reasons=(LONG,) * 8,
        history=(LONG,),
    )


def _of_case(name: str, view: CaseView) -> Iterator[Payload]:
    for compact in (False, True):
        size = "small card" if compact else "card"
        post = case_card(view, channel=CHANNEL, post_key="k", now=NOW, compact=compact)
        yield Payload(f"{size}, {name}", "message", post, "chat.postMessage")
        in_thread = {**post, "thread_ts": "1.2"}
        yield Payload(f"{size} in a thread, {name}", "message", in_thread, "chat.postMessage")
        yield Payload(f"{size} again, {name}", "message", as_update(post, "1.2"), "chat.update")
    for modal in all_modals(view):
        yield Payload(f"{modal['callback_id']}, {name}", "modal", modal)


def _homes() -> Iterator[Payload]:
    many = [*LINES.values(), *map(line, range(100, 100 + 2 * PAGE))]
    for tab in TABS:
        for page in (0, 1, 7):
            view = home_view(Place(tab, page), many, dict.fromkeys(TABS, len(many)), NOW)
            yield Payload(f"home, {tab} {page}", "home", view)
        yield Payload(f"home, no {tab}", "home", home_view(Place(tab), [], {}, NOW))
    yield Payload("home, closed", "home", closed_home(LONG))


def _incidents() -> Iterator[Payload]:
    for name, facts in INCIDENTS.items():
        post = incident_card(facts, channel=CHANNEL, post_key="incident:3", now=NOW)
        yield Payload(f"incident, {name}", "message", post, "chat.postMessage")
        yield Payload(f"incident again, {name}", "message", as_update(post, "1.2"), "chat.update")


def called(**changes: Any) -> CallFacts:
    """A call for a case that is late."""
    made = CallFacts(
        view=case(),
        target="first_response",
        due_at=NOW - timedelta(minutes=20),
        who="Mara",
        to=("U0MARA",),
    )
    return replace(made, **changes)


CALLS = {
    "late": called(),
    "soon": called(due_at=NOW + timedelta(minutes=30)),
    "to the team": called(to=(), who="the team"),
    "to a group": called(to=(), group="S0ONCALL", who="the user group S0ONCALL"),
    "to many": called(to=tuple(f"U0{number}" for number in range(40))),
    "passed on, late, again": called(instead_of="the assignee", missed=3, again=True),
    "linked": called(
        card_url="https://sample.slack.com/archives/C0/p1", page_url="https://rapport.example"
    ),
    "acknowledged": called(held_by="Otto (slack)", held_until=NOW + timedelta(hours=1)),
    "over": called(is_over=True),
    "hostile": called(
        view=_long(), who=LONG, instead_of=LONG, held_by=LONG, held_until=NOW, card_url=LONG
    ),
    "hostile target": called(view=_long(), target=LONG),
}


def _calls() -> Iterator[Payload]:
    for name, facts in CALLS.items():
        post = call_message(facts, channel=CHANNEL, post_key="call:1", now=NOW)
        yield Payload(f"call, {name}", "message", post, "chat.postMessage")
        in_thread = {**post, "thread_ts": "1.2"}
        yield Payload(f"call in a thread, {name}", "message", in_thread, "chat.postMessage")
        yield Payload(f"call again, {name}", "message", as_update(post, "1.2"), "chat.update")


def _messages() -> Iterator[Payload]:
    for text in ("Due soon.", LONG):
        size = "long" if text == LONG else "short"
        post = notice(channel=CHANNEL, post_key="k", title=text, text=text, resolved=size == "long")
        yield Payload(f"notice, {size}", "message", post, "chat.postMessage")
        for to in ("", "U0MARA"):
            told = thread_line(
                channel=CHANNEL, thread_ts="1.2", post_key="k", text=text, case_id=1, to=to
            )
            yield Payload(f"line {to}, {size}", "message", told, "chat.postMessage")
        alone = private(channel=CHANNEL, user="U0MARA", text=text, thread_ts="1.2")
        yield Payload(f"private, {size}", "message", alone, "chat.postEphemeral")
        straight = direct(user="U0MARA", text=text)
        yield Payload(f"direct, {size}", "message", straight, "chat.postMessage")
        yield Payload(f"plain view, {size}", "modal", plain_view("Rapport", text))
        yield Payload(f"conflict, {size}", "modal", conflict_view(None, text, text))
    hostile = look(5, word=word(LONG, LONG, LONG), source=LONG, brand=LONG, reasons=(LONG,) * 5)
    for name, post in {
        "looks": drawn(look(), look(4, verdict="complaint", by="Mara", case_ref="C-1"), hostile),
        "no looks": drawn(waiting=0),
        "digest": _digest(),
        "digest of a week": _digest(kind="weekly"),
        "linked digest": _digest(queue_url="https://rapport.example"),
        "quiet digest": _digest(new=0, answered=0, open_count=0),
        "digest of nothing waiting": _digest(waiting=(), open_count=0, topics=(), sources=()),
        "hostile digest": _digest(sources=((LONG, 3),) * 20),
    }.items():
        yield Payload(name, "message", post, "chat.postMessage")


def _digest(queue_url: str = "", **changes: object) -> dict[str, Any]:
    return digest_message(
        digest(**changes), channel=CHANNEL, post_key="digest:1", queue_url=queue_url
    )


def _answers(folder: Path) -> Iterator[Payload]:
    database = Database(f"sqlite:///{folder / 'corpus.db'}")
    Base.metadata.create_all(database.engine)
    # The rest of the queue decides, which no command that only reads does.
    queue = cast(QueuePort, Lines())
    commands = Commands(database, queue, HandClock(), "Europe/Berlin", lambda: [LONG])
    for verb in (*READING, *ACTING, "shwo", LONG):
        for rest in ("", "C-42", "C-7", "nothing", "7d", LONG):
            order = Order("k", verb, rest, "U0MARA", "T0TEAM", CHANNEL, "")
            yield Payload(f"/rapport {verb} {rest}"[:40], "message", commands.answer(order, "Mara"))
    database.close()
