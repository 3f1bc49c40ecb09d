"""An incident in Slack: one card with its cases, and further cards in its thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select, update

from connectors.base import FoundMention
from monitor import due
from monitor.app import App
from monitor.models import Case, Event, Incident, Notification, Source
from responders.slack.incidents import LISTED, incident_key
from responders.views import Actor
from tests.integration.slack.test_slack_real_queue import app, work
from tests.integration.slack.world import CHANNEL, MARA
from tests.support.cases import Desk
from tests.support.hand_clock import HandClock
from tests.support.outage import ORDINARY, outage_text
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

__all__ = ["app"]

STAFF = Actor("web", "mara", "Mara")


class Town:
    """A desk whose customers tell of an outage, and what Slack shows of it."""

    def __init__(self, rapport: App, clock: HandClock, slack: SlackServer) -> None:
        self.app, self.clock, self.slack = rapport, clock, slack
        self.desk = Desk(rapport, clock)
        self.told = count()
        for text in ORDINARY:
            self.desk.complain(text, author="Olga", source="inbox", ready=False)
        clock.move(days=3)
        with rapport.database.write() as session:
            # They tell what is usual; what becomes of their cases is tried elsewhere.
            session.execute(update(Case).values(next_at=None))
            for source in session.scalars(select(Source)):
                source.watched_since = clock() - timedelta(days=10)
                source.next_at = None

    def work(self, patience: float = 10) -> None:
        work(self.app, self.clock, patience)

    def tell(self, urgency: str = "") -> int:
        """Have one more tell of the outage; return the case."""
        number = next(self.told)
        self.clock.move(minutes=4)
        case = self.desk.complain(
            outage_text(number), author=f"Guest {number}", source="inbox", ready=False
        ).id
        if urgency:
            with self.app.database.write() as session:
                session.get_one(Case, case).urgency = urgency
        return case

    def outage(self, people: int = 8) -> list[int]:
        """Have many tell of it, with a card each, and find the incident; return their cases."""
        cases = [self.tell() for _ in range(people)]
        self.work(60)
        self.app.incidents.run()
        self.app.announce_incidents()
        return cases

    def card(self) -> Message:
        """Return the only card of an incident."""
        (found,) = [
            each
            for each in self.slack.workspace.messages(CHANNEL, threads=True)
            if each.body["metadata"]["event_type"] == "rapport_incident"
        ]
        return found

    def shown(self) -> str:
        return str(self.card().blocks).replace("\u200b", "")

    def row(self) -> Notification:
        with self.app.database.read() as session:
            (row,) = session.scalars(select(Notification).where(Notification.kind == "incident"))
            session.expunge(row)
            return row

    def message_of(self, case_id: int) -> Message:
        """Return the card of a case; there is exactly one."""
        (found,) = [
            each
            for each in self.slack.workspace.messages(CHANNEL, threads=True)
            if each.body["metadata"]["event_type"] == "rapport_card"
            and each.body["metadata"]["event_payload"]["case"] == case_id
        ]
        return found

    def end(self) -> None:
        self.clock.move(hours=13)
        self.app.incidents.run()
        self.app.announce_incidents()
        self.work()


on_sqlite = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
"""For what is drawn alike whichever database holds it; the rest is tried on both."""


def losses(*kinds: str) -> pytest.MarkDecorator:
    """Try each way in which Slack's answer is lost, and the first of them on both databases."""
    cases = [("sqlite", kind) for kind in kinds] + [("postgresql", kinds[0])]
    return pytest.mark.parametrize(("app", "loss"), cases, indirect=["app"])


@pytest.fixture
def town(app: tuple[App, HandClock], slack: SlackServer) -> Town:
    return Town(*app, slack)


def test_an_incident_is_one_card_with_its_cases(town: Town) -> None:
    cases = town.outage()
    town.work()
    town.app.announce_incidents()
    town.work()
    shown = town.shown()
    assert "8 mentions · 8 cases · 1 source" in shown
    assert "Of 8 cases: 8 wait, 0 answered" in shown
    assert "Recognised by" in shown
    assert "1.0 stars on average of 8" in shown
    for case_id in cases:
        assert f"*C-{case_id}*" in shown
        assert not town.message_of(case_id).thread_ts
    assert town.card().edits == 0


@on_sqlite
def test_its_button_opens_the_case_with_all_its_acts(town: Town) -> None:
    first, *_ = town.outage()
    town.work()
    assert town.app.slack is not None
    town.app.slack.start()
    town.slack.until(lambda: town.slack.hub.links)
    ts = town.card().ts
    town.slack.click(CHANNEL, ts, "rapport_show", MARA, block_id=f"case:{first}")
    modal = town.slack.view_of(MARA)
    assert f"C-{first}" in str(modal.body)
    acts = next(each for each in modal.body["blocks"] if each["type"] == "actions")
    town.slack.click_in_modal(modal.id, acts["block_id"], "rapport_take", MARA)
    town.work()
    town.app.announce_incidents()
    town.work()
    assert "with Mara" in town.shown()


@on_sqlite
def test_further_cards_stand_in_its_thread_and_urgent_ones_do_not(town: Town) -> None:
    town.outage()
    town.work()
    further, urgent = town.tell(), town.tell("urgent")
    town.work(3)
    assert not town.message_of(urgent).thread_ts
    assert town.message_of(further).thread_ts == town.card().ts  # looked at then and there
    town.app.announce_incidents()
    town.work(30)
    assert "10 mentions" in town.shown()
    other = town.desk.complain("The soup was cold and the waiter shouted.", source="inbox").id
    town.app.announce_incidents()
    town.work(30)
    assert not town.message_of(other).thread_ts


@on_sqlite
def test_the_card_in_the_thread_works_as_everywhere(town: Town) -> None:
    town.outage()
    town.work()
    case_id = town.tell()
    town.app.announce_incidents()
    town.work(30)
    assert town.app.slack is not None
    town.app.slack.start()
    town.slack.until(lambda: town.slack.hub.links)
    card = town.message_of(case_id)
    town.slack.click(CHANNEL, card.ts, "rapport_approve", MARA)
    town.work(60)
    assert "Approved" in str(card.blocks)
    (line,) = [
        each
        for each in town.slack.workspace.thread(CHANNEL, town.card().ts)
        if each.body["metadata"]["event_type"] == "rapport_line"
    ]
    assert line.text.replace("\u200b", "").startswith(f"C-{case_id}: ")
    assert "approved" in line.text


def test_it_follows_its_cases_and_says_when_it_is_over(town: Town) -> None:
    first, *_ = town.outage()
    town.work()
    view = town.app.queue.view(first)
    assert view is not None
    assert view.draft is not None
    town.app.queue.reject(
        first, draft_version=view.draft.version, reason="not_a_complaint", note="", actor=STAFF
    )
    town.app.announce_incidents()
    town.app.announce_incidents()
    town.work()
    assert "Of 8 cases: 7 wait, 0 answered, 1 dismissed" in town.shown()
    edits = town.card().edits
    town.end()
    assert "; over since " in town.shown()
    assert "Over · One cause" in town.shown()
    assert town.card().edits == edits + 1


@on_sqlite
def test_redrawings_are_two_seconds_apart(town: Town) -> None:
    cases = town.outage()
    town.work()
    for case_id in cases[:3]:
        town.app.queue.assign(case_id, to="Otto", actor=STAFF)
        town.app.announce_incidents()
        row = town.row()
        assert row.started_at is not None
        assert row.next_at is not None
        assert row.next_at >= row.started_at + timedelta(seconds=2)
    town.work()
    assert town.card().edits == 1
    assert town.shown().count("with Otto") == 3


@losses("drop_after", "drop_before", "truncate")
def test_a_lost_answer_leaves_one_card_of_the_incident(town: Town, loss: str) -> None:
    town.outage()
    town.slack.fault("chat.postMessage", loss)
    town.work(60)
    assert town.row().message_ts == town.card().ts


@losses("drop_after", "drop_before", "broken")
def test_a_lost_card_in_the_thread_is_found_there(town: Town, loss: str) -> None:
    town.outage()
    town.work()
    case_id = town.tell()
    town.app.announce_incidents()
    town.slack.fault("chat.postMessage", loss)
    town.work(60)
    assert town.message_of(case_id).thread_ts == town.card().ts
    with town.app.database.read() as session:
        row = session.scalars(
            select(Notification).where(Notification.case_id == case_id, Notification.kind == "card")
        ).one()
        assert row.message_ts == town.message_of(case_id).ts


def test_a_killed_daemon_finds_the_card_of_the_incident(town: Town) -> None:
    town.outage()
    assert town.app.slack is not None
    client = town.app.slack.client
    call = client.call
    client.call = _killed(call)  # type: ignore[method-assign,assignment]
    with suppress(SystemExit):
        town.work(60)
    client.call = call  # type: ignore[method-assign]
    with town.app.database.write() as session:
        due.release_owner(session, "worker")
    town.app.announce_incidents()
    town.work(60)
    assert town.row().message_ts == town.card().ts


def _killed(call: Callable[..., object]) -> Callable[..., object]:
    def killed(method: str, arguments: dict[str, object]) -> object:
        call(method, arguments)
        raise SystemExit("kill -9 came before the answer was written down")

    return killed


@on_sqlite
def test_a_card_that_was_deleted_is_posted_anew_while_the_incident_is_open(town: Town) -> None:
    town.outage()
    town.work()
    old = town.card()
    town.slack.workspace.channels[CHANNEL].messages.remove(old)
    town.tell()
    town.app.announce_incidents()
    town.work(60)
    assert town.card().ts != old.ts


@on_sqlite
def test_where_no_reply_is_taken_the_card_stands_in_the_channel(town: Town) -> None:
    town.outage()
    town.work()
    case_id = town.tell()
    town.app.incidents.run()
    town.slack.fault("chat.postMessage", "error:cannot_reply_to_message")
    town.work(60)
    assert not town.message_of(case_id).thread_ts


def test_a_card_finds_its_incident_without_waiting_for_the_next_look(town: Town) -> None:
    town.outage()
    town.work()
    case_id = town.tell()
    town.work(1)
    assert town.message_of(case_id).thread_ts == town.card().ts


@on_sqlite
def test_a_sudden_burst_leaves_the_channel_readable(town: Town) -> None:
    """Forty at once: the incident is found while most of their cards wait for their turn."""
    now = town.clock()
    before = len(town.slack.workspace.messages(CHANNEL))
    town.desk.hear(
        *(
            FoundMention(
                f"burst{number}",
                outage_text(number),
                author_name=f"Guest {number}",
                author_id=f"guest{number}",
                rating=1.0,
                language="en",
                created_at=now - timedelta(seconds=30 + number),
            )
            for number in range(35)
        ),
        source="inbox",
    )
    for _ in range(20):
        town.app.announce_incidents()
        town.work(5)
    alone = town.slack.workspace.messages(CHANNEL)[before:]
    in_thread = town.slack.workspace.thread(CHANNEL, town.card().ts)
    assert len(alone) - 1 + len(in_thread) == 35
    assert len(alone) <= 12


@on_sqlite
def test_a_note_in_its_thread_names_its_case(town: Town) -> None:
    first, *_ = town.outage()
    town.work()
    assert town.app.slack is not None
    town.app.slack.start()
    town.slack.until(lambda: town.slack.hub.links)
    thread = town.card().ts
    for said in (f"C-{first}: she called back", "who looks at this?", "C-99 is not of it"):
        town.slack.event(
            "message", channel=CHANNEL, user=MARA, text=said, ts="9.9", thread_ts=thread
        ).wait()
    town.work()
    with town.app.database.read() as session:
        notes = session.execute(
            select(Event.case_id, Event.detail).where(Event.kind == "noted_in_thread")
        ).all()
    assert [(note.case_id, note.detail["text"]) for note in notes] == [
        (first, f"C-{first}: she called back")
    ]


@on_sqlite
def test_more_cases_than_fit_are_counted(town: Town) -> None:
    town.outage(LISTED + 3)
    town.work(60)
    buttons = [each for each in town.card().blocks if "accessory" in each]
    assert len(buttons) == LISTED
    assert "3 more cases: rapport incidents show I-1" in town.shown()


@on_sqlite
def test_an_incident_without_a_case_has_no_card_yet(town: Town) -> None:
    with town.app.database.write() as session:
        brand = session.scalars(select(Source.brand_id)).first()
        session.add(
            Incident(
                brand_id=brand,
                kind="copies",
                began_at=town.clock(),
                last_at=town.clock(),
                detail={},
            )
        )
    town.app.announce_incidents()
    with town.app.database.read() as session:
        key = incident_key(1)
        assert not session.scalars(select(Notification).where(Notification.post_key == key)).all()
