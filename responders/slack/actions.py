"""Does what people pressed: takes a stored click to the queue, and answers whoever lost.

A click is never silently ignored. Whoever may not decide, or came too late, is told so where
only they see it, and the card is redrawn to what is true.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from monitor import due
from monitor.clock import Clock
from monitor.db import Database
from monitor.due import Claim
from monitor.log import logger
from monitor.models import Case, Inbound, Notification
from responders.slack import buttons, home
from responders.slack.acts import decide
from responders.slack.answers import Answers
from responders.slack.client import SlackClient
from responders.slack.command_acts import CommandActs
from responders.slack.commands import Commands
from responders.slack.conditions import AUTH, Conditions, auth_key
from responders.slack.happened import state_line
from responders.slack.homes import open_home
from responders.slack.incidents import case_meant
from responders.slack.making_cases import MakingCases
from responders.slack.message_action import SHORTCUT
from responders.slack.notices import about_case
from responders.slack.orders import READING, case_of, read_stored, unescape
from responders.slack.owed import (
    CARD,
    SECOND_LOOKS,
    ensure_card,
    owe_line,
    redraw_now,
)
from responders.slack.payloads import HOME_OPENED, MESSAGE
from responders.slack.port import LooksPort, QueuePort
from responders.slack.repeated import IN_THREAD, TRIED, mark_tried, order_was_done, was_done
from responders.slack.results import Answer, AuthDead, Limited, Refused, Result, describe
from responders.slack.rights import Denied, NotSure, Rights
from responders.slack.routing import Routes
from responders.views import Actor, Outcome

log = logger(__name__)

ANSWER_FOR = timedelta(hours=1)
"""So long Slack is asked to tell a person what came of a click; later it helps nobody."""

WAIT_FOR_WORD = timedelta(seconds=10)  # a person has pressed and is looking at the card
DEAD_TOKEN_EVENTS = frozenset({"app_uninstalled", "tokens_revoked"})
LOST_CHANNEL_EVENTS = frozenset(
    {"channel_archive", "group_archive", "channel_left", "group_left", "channel_deleted"}
)


class Actions:
    """Handles due work of the kind ``inbound``."""

    def __init__(
        self,
        db: Database,
        queue: QueuePort,
        looks: LooksPort,
        client: SlackClient,
        rights: Rights,
        clock: Clock,
        conditions: Conditions,
        routes: Routes,
        commands: Commands,
        command_acts: CommandActs,
        making_cases: MakingCases,
    ) -> None:
        self._db = db
        self._queue = queue
        self._looks = looks
        self._answers = Answers(client)
        self._commands = commands
        self._command_acts = command_acts
        self._making_cases = making_cases
        self._rights = rights
        self._clock = clock
        self._conditions = conditions
        self._routes = routes
        self._channel = routes.channels[0]

    def handle(self, claim: Claim) -> None:
        """Do one stored act; call it after `due.begin`.

        Raises `monitor.due.ClaimLost` when another worker took over meanwhile.
        """
        with self._db.read() as session:
            row = session.get(Inbound, claim.id)
            if row is None:
                return
            session.expunge(row)  # it is read after this transaction has ended
        if row.kind == "event":
            self._event(claim, row, row.payload)
        elif "answer" not in row.payload and row.kind == "command":
            self._order(claim, row, row.payload)
        elif "answer" not in row.payload and row.kind == SHORTCUT:
            self._make_case(claim, row, row.payload)
        elif "answer" in row.payload:
            self._answer(claim, row, row.payload, row.payload["answer"])
        elif row.payload["action"] in home.ACTIONS:
            self._turn(claim, row.payload)
        elif row.payload["action"] in buttons.VERDICTS:
            self._judge(claim, row, row.payload)
        else:
            self._act(claim, row)

    def _act(self, claim: Claim, row: Inbound) -> None:
        act = row.payload
        try:
            ticket = buttons.Ticket.unpack(act["value"])
        except ValueError as error:
            self._answer(claim, row, act, str(error))
            return
        channel = self._channel_of(ticket.case_id)
        admitted = self._admitted(claim, row, act)
        if admitted is None:
            return
        is_card = act["action"] not in buttons.OF_CALLS
        on_card = is_card and channel == (ticket.channel or act.get("channel", ""))
        ts = (act.get("ts") or ticket.message_ts) if on_card else ""
        self._adopt(claim, ticket.case_id, channel, ts)
        if TRIED in act and was_done(
            act, ticket, admitted, row.received_at, self._queue.view(ticket.case_id)
        ):
            self._redraw(ticket.case_id, channel)
            self._done(claim)
            return
        if act["action"] == buttons.ASSIGN_VIEW:
            chosen = self._chosen(claim, row, act)
            if chosen is None:
                return
            outcome = self._queue.assign(
                ticket.case_id, to=chosen, actor=admitted, seen_revision=ticket.revision
            )
            if outcome.done and act["person"] not in ("", act["user"]):
                self._tell_chosen(ticket.case_id, channel, act["person"], admitted, claim)
        else:
            outcome = decide(self._queue, act, ticket, admitted, self._clock())
        if outcome.code == "missing":
            self._answer(claim, row, act, outcome.message)
            return
        self._redraw(ticket.case_id, channel)
        if outcome.case is not None:
            self._answers.refresh(act, outcome.case, self._clock())
        if outcome.done:
            self._done(claim)
        else:
            self._answer(claim, row, act, _told(outcome, act))

    def _order(self, claim: Claim, row: Inbound, order: dict[str, Any]) -> None:
        admitted = self._admitted(claim, row, order)
        if admitted is None:
            return
        if order["verb"] in READING:
            body = self._commands.answer(read_stored(order), admitted.name)
            self._respond(claim, row, order, body)
            return
        if self._typed_before(claim, row, order, admitted):
            self._answer(claim, row, order, "That is done.")
            return
        outcome = self._command_acts.act(order, admitted)
        if isinstance(outcome, NotSure):
            self._retry(claim, outcome)
            return
        if outcome.case is not None:
            self._redraw(outcome.case.id, self._channel_of(outcome.case.id))
        self._answer(claim, row, order, outcome.message)

    def _typed_before(
        self, claim: Claim, row: Inbound, order: dict[str, Any], actor: Actor
    ) -> bool:
        """Tell whether a command was done by somebody who died before saying so."""
        if TRIED not in order:
            self._mark_tried(claim)
            return False
        try:
            case_id, said = case_of(order["rest"])
        except ValueError:
            return False
        view = self._queue.view(case_id)
        return order_was_done(order["verb"], said, actor, row.received_at, view)

    def _make_case(self, claim: Claim, row: Inbound, act: dict[str, Any]) -> None:
        admitted = self._admitted(claim, row, act)
        if admitted is None:
            return
        outcome = self._making_cases.act(act, admitted)
        if isinstance(outcome, NotSure):
            self._retry(claim, outcome)
        else:
            self._answer(claim, row, act, outcome.message)

    def _judge(self, claim: Claim, row: Inbound, act: dict[str, Any]) -> None:
        try:
            look_id = buttons.look_of(act["value"])
        except ValueError as error:
            self._answer(claim, row, act, str(error))
            return
        admitted = self._admitted(claim, row, act)
        if admitted is None:
            return
        outcome = self._looks.judge(look_id, buttons.VERDICTS[act["action"]], admitted)
        self._redraw_looks(act.get("channel", "") or self._channel, act.get("ts", ""))
        if outcome.done:
            self._done(claim)
        else:
            self._answer(claim, row, act, _told(outcome, act))

    def _admitted(self, claim: Claim, row: Inbound, act: dict[str, Any]) -> Actor | None:
        """Return who acts; None when they may not, or nobody can say yet, which is seen to."""
        admitted = self._rights.admit(act["user"], act["team"])
        if isinstance(admitted, NotSure):
            self._retry(claim, admitted)
            return None
        if isinstance(admitted, Denied):
            self._answer(claim, row, act, admitted.told)
            return None
        return admitted

    def _chosen(self, claim: Claim, row: Inbound, act: dict[str, Any]) -> str | None:
        """Return the name of who was chosen, empty for nobody; None when that cannot be."""
        person = act.get("person", "")
        if not person:
            return ""
        chosen = self._rights.admit(person, act["team"])
        if isinstance(chosen, NotSure):
            self._retry(claim, chosen)
            return None
        if isinstance(chosen, Denied):
            told = "The case was not assigned: the person you chose may not decide here."
            self._answer(claim, row, act, told)
            return None
        return chosen.name

    def _tell_chosen(
        self, case_id: int, channel: str, person: str, actor: Actor, claim: Claim
    ) -> None:
        """Have whoever was given a case hear of it in its thread."""
        told = f"This case is with you now, says {actor.name}."
        with self._db.write() as session:
            key = f"assigned:{claim.id}"
            owe_line(session, case_id, channel, key, told, self._clock(), to=person)

    def _adopt(self, claim: Claim, case_id: int, channel: str, ts: str) -> None:
        """Learn from a click where the card is, when the answer to its post was lost."""
        with self._db.write() as session:
            mark_tried(session, claim)
            if not ts:
                return
            session.execute(
                update(Notification)
                .where(
                    Notification.case_id == case_id,
                    Notification.target == channel,
                    Notification.kind == CARD,
                    Notification.state.in_(("started", "unknown")),
                    Notification.message_ts == "",
                    Notification.claim_token.is_(None),
                )
                .values(message_ts=ts, state="sent")
            )

    def _channel_of(self, case_id: int) -> str:
        with self._db.read() as session:
            known = session.get(Case, case_id) is not None
            return self._routes.channel_of(session, case_id) if known else self._channel

    def _redraw(self, case_id: int, channel: str) -> None:
        with self._db.write() as session:
            ensure_card(session, case_id, channel, self._clock(), at_once=True)

    def _redraw_looks(self, channel: str, ts: str) -> None:
        with self._db.write() as session:
            rows = session.scalars(
                select(Notification).where(
                    Notification.case_id.is_(None),
                    Notification.kind == SECOND_LOOKS,
                    Notification.target == channel,
                    Notification.message_ts == ts,
                )
            )
            for message in rows.all():
                redraw_now(message, self._clock())

    def _answer(self, claim: Claim, row: Inbound, act: dict[str, Any], told: str) -> None:
        """Tell the person, and only them; try again when Slack did not take it."""
        self._settle(
            claim,
            row,
            act,
            told,
            self._answers.tell(
                {**act, "channel": _place_of(act)},
                about_case(told, buttons.case_of(act.get("value", ""))),
            ),
        )

    def _respond(
        self, claim: Claim, row: Inbound, act: dict[str, Any], body: dict[str, Any]
    ) -> None:
        """Answer a command with a whole body; try again when Slack did not take it."""
        self._settle(claim, row, act, "", self._answers.give(act, body))

    def _settle(
        self, claim: Claim, row: Inbound, act: dict[str, Any], told: str, result: Result
    ) -> None:
        if isinstance(result, Answer | Refused) or self._clock() >= row.received_at + ANSWER_FOR:
            if not isinstance(result, Answer):
                log.warning("slack: a person could not be answered: %s", describe(result))
            self._done(claim)
            return
        with self._db.write() as session:
            # The decision has been made: from now on only the answer is owed.
            kept = session.get_one(Inbound, claim.id)
            kept.payload = {**act, "answer": told} if told else act
            session.flush()
            soon = min(timedelta(seconds=5) * (row.failures + 1), timedelta(minutes=1))
            wait = result.retry_after if isinstance(result, Limited) else soon
            due.fail(session, claim, self._clock(), describe(result), not_before=wait)

    def _retry(self, claim: Claim, doubt: NotSure) -> None:
        failure = doubt.failure
        if isinstance(failure, AuthDead):
            self._conditions.hold(auth_key(failure), describe(failure))
        wait = failure.retry_after if isinstance(failure, Limited) else WAIT_FOR_WORD
        with self._db.write() as session:
            due.fail(session, claim, self._clock(), describe(failure), not_before=wait)

    def _turn(self, claim: Claim, act: dict[str, Any]) -> None:
        """Turn a person's App Home to another tab or page."""
        try:
            place = home.Place.unpack(act["value"])
        except ValueError:
            place = None
        with self._db.write() as session:
            open_home(session, act["user"], act["team"], self._clock(), place)
            session.flush()
            due.finish(session, claim, None)

    def _note(self, claim: Claim, row: Inbound, event: dict[str, Any]) -> None:
        """Keep what a person wrote in the thread of a card as a note on its case."""
        with self._db.read() as session:
            thread = event.get("thread_ts", "")
            case_id = case_meant(session, event["channel"], thread, event["text"])
        author = self._rights.known(event.get("user", ""), event["team"])
        if isinstance(author, NotSure):
            self._retry(claim, author)
            return
        if case_id is not None and isinstance(author, Actor):
            said = unescape(event["text"])
            view = self._queue.view(case_id) if TRIED in event else None
            if not order_was_done(IN_THREAD, said, author, row.received_at, view):
                self._mark_tried(claim)
                self._queue.note(case_id, text=said, actor=author, in_thread=True)
        self._done(claim)

    def _event(self, claim: Claim, row: Inbound, event: dict[str, Any]) -> None:
        kind, channel = event.get("action"), event.get("channel")
        if kind == MESSAGE:
            self._note(claim, row, event)
            return
        if kind == HOME_OPENED and event.get("user"):
            with self._db.write() as session:
                open_home(session, event["user"], event["team"], self._clock())
        self._done(claim)
        if kind in DEAD_TOKEN_EVENTS:
            self._conditions.hold(AUTH, f"Slack says {kind}: install the app again.")
        elif kind in LOST_CHANNEL_EVENTS and channel in self._routes.channels:
            self._conditions.hold(
                f"slack:channel:{channel}", f"Slack says {kind} for a channel of the cards."
            )

    def _mark_tried(self, claim: Claim) -> None:
        with self._db.write() as session:
            mark_tried(session, claim)

    def _done(self, claim: Claim) -> None:
        with self._db.write() as session:
            due.finish(session, claim, None)


def _place_of(act: dict[str, Any]) -> str:
    """Return the channel in which a person acted; empty for the App Home."""
    if act.get("channel"):
        return str(act["channel"])
    try:
        return buttons.Ticket.unpack(act.get("value", "")).channel
    except ValueError:
        return ""


def _told(outcome: Outcome, act: dict[str, Any]) -> str:
    told = outcome.message
    if outcome.case is not None:
        told += f"\nNow: {state_line(outcome.case)}."
    typed = act.get("text") or act.get("note") or act.get("link")
    if typed:
        told += f"\nYour text was not saved:\n{typed}"
    return told
