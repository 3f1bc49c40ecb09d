"""Calls for cases that are nearly late: who is told where in Slack, once, and what stops it.

The application as it is composed for the daemon, against a Slack server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor import due
from monitor.app import App, compose
from monitor.config import load
from monitor.models import Clock, Escalation, EscalationCall, Event, Notification
from monitor.work import Worker, make_tick
from responders.views import Actor, CaseView
from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate, migrated_database
from tests.support.slack_server.people import buttons
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

GROUP = "S0ONCALL"
CONFIG = """\
version: 1
database: {database}
brands:
  - {{key: harbour, name: Harbour Coffee, signature: "Mara, Harbour Coffee", languages: [en]}}
inbox: {{path: inbox, brand: harbour, every: 5s}}
web: {{base_url: "https://rapport.example"}}
slack:
  bot_token: file:{folder}/bot
  app_token: file:{folder}/app
  channel: {channel}
  api_url: {api_url}
people:
  - {{name: Mara, slack: {mara}, manager: true}}
  - {{name: Otto, slack: {otto}}}
calendars:
  - key: office
    timezone: UTC
    hours: {{mon: ["09:00-18:00"], tue: ["09:00-18:00"], wed: ["09:00-18:00"]}}
sla:
  - {{key: standard, first_response: 8h, warn_at: [0.5, 30m]}}
escalation:
  - key: usual
    hours: {hours}
    except: {excepted}
    acknowledge_within: 15m
    steps:
      - {{at: warning, notify: assignee}}
      - {{at: due, notify: channel, repeat: 10m, times: 2}}
      - {{at: +30m, notify: {group}}}
      - {{at: +1h, notify: managers}}
"""
ROWS = """\
id,author,rating,text,date
1,Dana P.,1,"The tea was cold, nobody cared and <!channel> I want my money back.",2026-03-01
"""
SPEAKING = Actor("slack", OTTO, "Otto")


@dataclass
class Place:
    """One application with one complaint in it, a clock moved by hand, and a Slack."""

    app: App
    clock: HandClock
    slack: SlackServer
    folder: Path

    def work(self, app: App | None = None, *, polls: bool = False) -> None:
        """Do what is due now, until nothing is; poll only where a test asks for it."""
        app = app or self.app
        kinds = [kind for kind in app.handlers if polls or kind != "poll"]
        for _ in range(60):
            with app.database.glance() as connection:
                waiting = due.due_kinds(connection, self.clock(), kinds)
            claims = []
            with app.database.write() as session:
                for kind in waiting:
                    claims += due.claim_due(session, kind, self.clock(), 10)
            for claim in claims:
                with app.database.write() as session:
                    begun = due.begin(session, claim, self.clock())
                if begun is not None:
                    app.handlers[claim.kind](begun)
            if not claims:
                return
        raise AssertionError("the work never ends")

    def until(self, **after: float) -> None:
        """Let the daemon work until so long after the case was opened, as it falls due."""
        end = self.view.opened_at + timedelta(**after)
        while True:
            self.work()
            following = self._next_due()
            if following is None or following > end:
                break
            self.clock.move(seconds=(following - self.clock()).total_seconds())
        self.clock.move(seconds=(end - self.clock()).total_seconds())
        self.work()

    def _next_due(self) -> datetime | None:
        times: list[datetime] = []
        with self.app.database.read() as session:
            for kind, work in due.KINDS.items():
                if kind != "poll":
                    at, until = work.table.c.next_at, work.table.c.claim_until
                    rows = session.execute(select(at, until).where(at.is_not(None)))
                    times += [max(begins, held or begins) for begins, held in rows]
        return min(times, default=None)

    def asleep_until(self, **after: float) -> None:
        """Have no daemon until so long after the case was opened."""
        end = self.view.opened_at + timedelta(**after)
        self.clock.move(seconds=(end - self.clock()).total_seconds())

    @property
    def view(self) -> CaseView:
        view = self.app.queue.view(1)
        assert view is not None
        return view

    def calls(self) -> list[Message]:
        """Return the messages of calls, in threads and outside."""
        channel = self.slack.workspace.channels[CHANNEL]
        return [m for m in channel.messages if m.body["metadata"]["event_type"] == "rapport_call"]

    def told(self) -> list[tuple[str, int, int]]:
        """Return what was given or missed, by state, rung and turn, in order."""
        with self.app.database.read() as session:
            rows = session.scalars(select(EscalationCall).order_by(EscalationCall.id)).all()
            return [(row.state, row.rung, row.turn) for row in rows]

    def events(self, kind: str) -> list[dict[str, Any]]:
        with self.app.database.read() as session:
            return list(
                session.scalars(select(Event.detail).where(Event.kind == kind).order_by(Event.id))
            )

    def listen(self) -> None:
        assert self.app.slack is not None
        self.app.slack.start()
        self.slack.until(lambda: self.slack.hub.links)

    def press(self, message: Message, action: str, user: str) -> None:
        self.slack.click(CHANNEL, message.ts, action, user)
        self.work()
        # A click of this moment may redraw what was drawn at this moment: look once more.
        self.clock.move(seconds=3)
        self.work()


Open = Callable[..., Place]


both = pytest.mark.parametrize("opened", ["sqlite", "postgresql"], indirect=True)
"""For what two databases may do differently; the rest is tried on the quicker one."""


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path, slack: SlackServer) -> Iterator[Open]:
    """Yield what opens the application on a configuration, with one complaint drafted."""
    (tmp_path / "bot").write_text(slack.workspace.bot_token)
    (tmp_path / "app").write_text(slack.workspace.app_token)
    (tmp_path / "inbox").mkdir()
    slack.workspace.groups[GROUP] = [OTTO]
    slack.workspace.scopes += ",usergroups:read"
    with ExitStack() as stack:
        database = f"sqlite:///{tmp_path}/rapport.db"
        if getattr(request, "param", "sqlite") == "postgresql":
            database = stack.enter_context(migrated_database())

        def make(
            *, hours: str = "always", excepted: str = "{}", group: str = GROUP, **replaced: str
        ) -> Place:
            written = CONFIG.format(
                database=database,
                folder=tmp_path,
                channel=CHANNEL,
                api_url=slack.api_url,
                mara=MARA,
                otto=OTTO,
                hours=hours,
                excepted=excepted,
                group=group,
            )
            for old, new in replaced.items():
                written = written.replace(f"{old}: ", f"{new}: ")
            (tmp_path / "config.yaml").write_text(written)
            clock: HandClock = slack.hand_clock
            app = compose(load(tmp_path / "config.yaml"), clock)
            stack.callback(app.close)
            migrate(app.database)
            app.sync()
            assert app.slack is not None
            stack.callback(app.slack.stop)
            place = Place(app, clock, slack, tmp_path)
            (tmp_path / "inbox" / "reviews.csv").write_text(ROWS)
            place.work(polls=True)
            clock.move(seconds=10)
            place.work()
            return place

        yield make


@pytest.fixture
def place(opened: Open) -> Place:
    return opened()


def text_of(message: Message) -> str:
    return str(message.blocks).replace("\u200b", "")


@both
def test_each_rung_tells_its_own_people_once_and_in_order(place: Place) -> None:
    place.app.queue.assign(1, to="Otto", actor=SPEAKING)

    place.until(hours=12)

    warned, nearly, due_, again, third, group, managers = place.calls()
    (card,) = [m for m in place.slack.workspace.messages(CHANNEL) if m not in place.calls()]
    assert [warned.thread_ts, nearly.thread_ts] == [card.ts, card.ts]
    assert f"<@{OTTO}> C-1: first response is due in 4 h" in warned.text.replace("\u200b", "")
    assert "due in 30 min" in text_of(nearly)
    for shown in (due_, again, third):
        assert shown.thread_ts == ""
        assert "<@" not in shown.text
        assert "first response is overdue" in text_of(shown)
    assert group.text.startswith(f"<!subteam^{GROUP}> C-1")
    assert {"type": "usergroup", "usergroup_id": GROUP} in group.blocks[0]["elements"][0][
        "elements"
    ]
    assert place.events("escalated")[-2]["who"] == f"the user group {GROUP} (Otto)"
    assert managers.text.startswith(f"<@{MARA}> C-1")
    assert "<!channel>" not in managers.text
    assert place.told() == [
        ("told", 0, 0), ("told", 0, 1), ("told", 1, 0), ("told", 1, 1), ("told", 1, 2),
        ("told", 2, 0), ("told", 3, 0),
    ]  # fmt: skip
    assert [event["which"] for event in place.events("warned")] == [
        "50 % of the time is used",
        "30 min of it is left",
    ]


def test_a_call_leads_to_the_card_and_to_the_page_and_has_the_buttons_that_end_it(
    place: Place,
) -> None:
    place.until(hours=8, minutes=1)

    call = place.calls()[-1]

    card = place.slack.workspace.messages(CHANNEL)[0]
    links = [
        leaf["url"]
        for part in call.blocks[0]["elements"]
        for leaf in part["elements"]
        if leaf["type"] == "link"
    ]
    assert card.ts.replace(".", "") in links[0]
    assert links[1] == "https://rapport.example/cases/C-1"
    assert buttons(call.blocks) == ["rapport_acknowledge", "rapport_take_call", "rapport_show"]


def test_the_thread_of_the_card_calls_nobody_whom_the_ladder_calls(place: Place) -> None:
    place.app.queue.assign(1, to="Otto", actor=SPEAKING)
    place.until(hours=8, minutes=2)

    card = place.slack.workspace.messages(CHANNEL)[0]
    lines = [m for m in place.slack.workspace.thread(CHANNEL, card.ts) if m not in place.calls()]

    assert any("warned" in line.text for line in lines)
    assert not any(f"<@{OTTO}>" in line.text for line in lines)


def test_where_nobody_has_the_case_the_call_goes_to_the_next_at_once(place: Place) -> None:
    place.until(hours=4, minutes=1)

    (call,) = place.calls()
    assert call.thread_ts == ""
    assert "Meant for the assignee: there is nobody, so it comes to the team" in text_of(call)
    (event,) = place.events("escalated")
    assert (event["who"], event["instead_of"]) == ("the team", "the assignee")
    place.until(hours=8, minutes=1)
    assert place.told()[-1] == ("told", 1, 0)


@both
def test_a_daemon_that_was_down_over_the_deadline_gives_one_call_for_all_it_missed(
    place: Place,
) -> None:
    place.asleep_until(hours=8, minutes=40)
    place.work()

    (call,) = place.calls()
    assert call.text.startswith(f"<!subteam^{GROUP}> C-1")
    assert "5 earlier calls were due while nobody looked" in text_of(call)
    assert place.told() == [
        ("missed", 0, 0), ("missed", 0, 1), ("missed", 1, 0), ("missed", 1, 1), ("missed", 1, 2),
        ("told", 2, 0),
    ]  # fmt: skip
    with place.app.database.read() as session:
        clock = session.scalars(select(Clock)).one()
        assert clock.breached_at == clock.due_at


def test_late_warnings_are_merged_into_the_last(place: Place) -> None:
    place.asleep_until(hours=7, minutes=45)
    place.work()

    (event,) = place.events("warned")
    assert (event["warning"], event["of"], event["missed"]) == (2, 2, 1)
    assert "an earlier one was missed while nobody looked" in place.view.events[-2].summary
    with place.app.database.read() as session:
        assert session.scalars(select(Clock.warnings)).one() == 2


@both
def test_an_acknowledgement_holds_the_ladder_shows_who_and_runs_out(place: Place) -> None:
    place.until(hours=8, minutes=1)
    place.listen()
    call = place.calls()[-1]

    place.press(call, "rapport_acknowledge", OTTO)
    assert "Acknowledged by Otto (slack)" in text_of(call)
    assert buttons(call.blocks) == ["rapport_take_call", "rapport_show"]
    before = len(place.calls())
    place.until(hours=8, minutes=15)
    assert len(place.calls()) == before

    place.until(hours=8, minutes=18)
    fresh = place.calls()[before:]
    assert len(fresh) == 1
    assert [event["by"] for event in place.events("acknowledgement_ended")] == ["Otto (slack)"]
    assert "rapport_acknowledge" in buttons(call.blocks)
    assert place.told()[-1] == ("told", 1, 1)


def test_after_the_last_rung_an_acknowledgement_that_runs_out_calls_once_more(
    place: Place,
) -> None:
    place.until(hours=9, minutes=5)
    place.listen()
    last = place.calls()[-1]
    place.press(last, "rapport_acknowledge", OTTO)

    before = len(place.calls())
    place.until(hours=13)

    (again,) = place.calls()[before:]
    assert again.text.startswith(f"<@{MARA}>")
    assert "It was acknowledged, the time for that is over" in text_of(again)


@both
def test_the_second_to_acknowledge_is_told_who_was_first(place: Place) -> None:
    place.until(hours=8, minutes=1)
    place.listen()
    call = place.calls()[-1]

    place.slack.click(CHANNEL, call.ts, "rapport_acknowledge", OTTO)
    place.slack.click(CHANNEL, call.ts, "rapport_acknowledge", MARA)
    place.work()

    (told,) = place.slack.workspace.ephemerals
    assert told["user"] == MARA
    assert "Otto (slack) acknowledged it" in str(told)


def test_who_may_not_decide_cannot_acknowledge(place: Place) -> None:
    place.until(hours=8, minutes=1)
    place.listen()

    place.press(place.calls()[-1], "rapport_acknowledge", EVE)

    assert place.events("acknowledged") == []
    assert [told["user"] for told in place.slack.workspace.ephemerals] == [EVE]


def test_who_takes_the_case_from_a_call_acknowledges_it(place: Place) -> None:
    place.until(hours=8, minutes=1)
    place.listen()
    call = place.calls()[-1]

    place.press(call, "rapport_take_call", OTTO)

    assert place.view.assignee == "Otto"
    assert "with Otto" in text_of(call)
    assert len(place.events("acknowledged")) == 1


def test_two_who_take_over_from_the_same_call_do_not_take_it_from_each_other(place: Place) -> None:
    place.app.queue.assign(1, to="Eve", actor=SPEAKING)
    place.until(hours=8, minutes=1)
    place.listen()
    call = place.calls()[-1]

    place.slack.click(CHANNEL, call.ts, "rapport_take_call", OTTO)
    place.slack.click(CHANNEL, call.ts, "rapport_take_call", MARA)
    place.work()

    assert place.view.assignee == "Otto"
    (told,) = place.slack.workspace.ephemerals
    assert (told["user"], "is with Otto by now" in str(told)) == (MARA, True)


def test_ack_can_be_typed_too(place: Place) -> None:
    place.until(hours=8, minutes=1)
    place.listen()

    place.slack.command("ack C-1", OTTO, CHANNEL)
    place.work()

    assert [event["until"] for event in place.events("acknowledged")]


@both
def test_an_answer_calls_the_rest_off_and_the_messages_say_so(place: Place) -> None:
    place.until(hours=8, minutes=1)
    draft = place.view.draft
    assert draft is not None
    outcome = place.app.queue.reject(
        1, draft_version=draft.version, reason="no_answer", note="", actor=SPEAKING
    )
    assert outcome.done

    before = len(place.calls())
    place.until(hours=24)

    assert len(place.calls()) == before
    for call in place.calls():
        assert "no longer waits for its first response" in text_of(call)
        assert buttons(call.blocks) == []
    with place.app.database.read() as session:
        assert session.scalars(select(Escalation.next_at)).all() == [None]


def test_what_has_not_left_when_the_clock_stops_is_never_said(place: Place) -> None:
    place.asleep_until(hours=8, minutes=1)
    for kind in ("clock", "escalate"):
        with place.app.database.write() as session:
            claims = due.claim_due(session, kind, place.clock(), 10)
        for claim in claims:
            with place.app.database.write() as session:
                begun = due.begin(session, claim, place.clock())
            assert begun is not None
            place.app.handlers[kind](begun)
    draft = place.view.draft
    assert draft is not None
    place.app.queue.reject(
        1, draft_version=draft.version, reason="no_answer", note="", actor=SPEAKING
    )

    place.until(hours=9)

    assert place.calls() == []
    with place.app.database.read() as session:
        states = session.scalars(
            select(Notification.state).where(Notification.kind == "escalation")
        ).all()
    assert states == ["called_off"]


def test_quiet_hours_let_a_call_wait_until_they_open(opened: Open) -> None:
    # The case comes on a Monday at 09:00, so that the managers would be told just after 18:00.
    place = opened(hours="office")

    place.until(hours=23, minutes=55)
    assert [call.rung for call in _rows(place)] == [0, 0, 1, 1, 1, 2]
    place.until(hours=24, minutes=5)

    assert [call.rung for call in _rows(place)] == [0, 0, 1, 1, 1, 2, 3]
    assert all(9 <= call.told_at.hour < 18 for call in _rows(place))


def _rows(place: Place) -> list[EscalationCall]:
    with place.app.database.read() as session:
        rows = list(session.scalars(select(EscalationCall).order_by(EscalationCall.id)))
        session.expunge_all()
        return rows


def test_what_falls_due_at_night_is_told_in_the_morning_and_only_the_highest(
    opened: Open, slack: SlackServer
) -> None:
    slack.hand_clock.move(hours=7)  # 16:00: the answer is due at midnight
    place = opened(hours="office")

    place.until(hours=16, minutes=55)  # 08:55
    assert place.calls() == []
    place.until(hours=17, minutes=5)

    (call,) = place.calls()
    assert call.text.startswith(f"<@{MARA}>")
    assert place.told()[-1] == ("told", 3, 0)


def test_what_is_excepted_knows_no_quiet_hours(opened: Open, slack: SlackServer) -> None:
    slack.hand_clock.move(hours=7)
    place = opened(hours="office", excepted="{source: [inbox]}")

    place.until(hours=8, minutes=2)

    assert place.told()[-1] == ("told", 1, 0)
    assert _rows(place)[-1].told_at.hour == 0


@both
def test_a_killed_worker_costs_no_call_and_doubles_none(place: Place) -> None:
    place.until(hours=4)
    with place.app.database.write() as session:
        (lost,) = due.claim_due(session, "escalate", place.clock() + timedelta(hours=4), 10)
    with place.app.database.write() as session:
        assert due.begin(session, lost, place.clock() + timedelta(hours=4)) is not None
    place.until(hours=8, minutes=5)

    assert [state for state in place.told() if state[1] == 1] == [("told", 1, 0)]
    assert sum("overdue" in call.text for call in place.calls()) == 1


def test_a_call_whose_answer_was_lost_is_found_and_not_said_again(
    place: Place,
) -> None:
    place.until(hours=7, minutes=59)
    place.slack.fault("chat.postMessage", "drop_after")
    place.until(hours=8, minutes=9)

    assert place.slack.faults.waiting("chat.postMessage") == 0
    assert sum("overdue" in call.text for call in place.calls()) == 1


@both
def test_many_daemons_give_one_call(place: Place) -> None:
    others = [place.app]
    for _ in range(3):
        app = compose(load(place.folder / "config.yaml"), place.clock)
        others.append(app)
    try:
        place.asleep_until(hours=8, minutes=31)
        for _ in range(8):
            _all_at_once(place, others)
            place.clock.move(seconds=5)
    finally:
        for app in others[1:]:
            app.close()

    assert len(place.calls()) == 1
    assert [row for row in place.told() if row[0] == "told"] == [("told", 2, 0)]
    assert len(place.events("breached")) == 1


def _all_at_once(place: Place, apps: list[App]) -> None:
    """Let several daemons look and work at the same time."""
    from threading import Barrier, Thread

    gate = Barrier(len(apps))

    def run(number: int, app: App) -> None:
        worker = Worker(app.database, place.clock, app.handlers, f"daemon-{number}")
        tick = make_tick(
            app.database, place.clock, _Now(worker), f"daemon-{number}", list(app.handlers)
        )
        gate.wait()
        for _ in range(4):
            tick()

    threads = [Thread(target=run, args=(i, app)) for i, app in enumerate(apps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class _Now:
    """An engine that does each piece of work where it was found."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def room(self, kind: str) -> int:
        return 5

    def submit(self, claims: Any) -> None:
        for claim in claims:
            self._worker.perform(claim)


def test_a_configuration_that_changes_leaves_ladders_alone_that_have_begun(
    place: Place,
) -> None:
    place.until(hours=4, minutes=1)
    written = (place.folder / "config.yaml").read_text()
    (place.folder / "config.yaml").write_text(written.replace("at: +30m", "at: +5m"))
    changed = compose(load(place.folder / "config.yaml"), place.clock)
    try:
        place.asleep_until(hours=8, minutes=6)
        place.work(changed)
    finally:
        changed.close()

    assert place.told()[-1] == ("told", 1, 0)
