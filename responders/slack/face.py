"""The Slack face, put together: what the composition root makes and starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.clock import Clock
from monitor.db import Database
from monitor.due import Claim
from monitor.models import Case, Notification
from responders.escalation.climbing import Told
from responders.slack.actions import Actions
from responders.slack.calling import Calling
from responders.slack.calls import owe_call
from responders.slack.client import SlackClient
from responders.slack.command_acts import CommandActs
from responders.slack.commands import Commands
from responders.slack.conditions import PICTURES, SIGNATURE, SOCKET, Conditions, scope_key
from responders.slack.digests import owe_digests
from responders.slack.duty import Duty
from responders.slack.homes import HOME, Homes
from responders.slack.inbound import Receiver
from responders.slack.incidents import cards_pile_up, is_worth_a_look, owe_incidents
from responders.slack.making_cases import MakingCases, TakingInPort
from responders.slack.outbox import Outbox
from responders.slack.owed import CARD, SURFACE, ensure_card, owe_line, owe_looks, owe_notice
from responders.slack.port import Alarm, LooksPort, QueuePort
from responders.slack.rights import Rights
from responders.slack.routing import Routes
from responders.slack.settings import SlackSettings
from responders.slack.setup import PICTURE_SCOPE, SCOPES
from responders.slack.signed import SignedRequests
from responders.slack.socket import SlackSocket


class SlackFace:
    """Cards out, clicks in. `handlers` do due work; `start` and `stop` hold the socket.

    With a signing secret there is no socket: the web server hands what Slack sends to `signed`.

    `alert(key, message)` is called when something breaks, and with None when it works again.
    `wake(kind)` hints that work of a kind is due; losing the hint only costs time. Making a face
    opens no connection, and the handlers work without `start`.
    """

    def __init__(
        self,
        db: Database,
        queue: QueuePort,
        looks: LooksPort,
        settings: SlackSettings,
        clock: Clock,
        alert: Alarm,
        *,
        taking_in: TakingInPort | None = None,
        wake: Callable[[str], None] = lambda _kind: None,
    ) -> None:
        self.settings = settings
        self.client = SlackClient(settings)
        self.routes = Routes(settings.channel, settings.routes)
        self._calling = Calling(settings.people, settings.mention_hours)
        self.duty = Duty(self.client, settings.people)
        self._db = db
        self._clock = clock
        self._conditions = conditions = Conditions(alert)
        rights = Rights(settings, self.client)
        self.homes = Homes(db, queue, self.client, rights, clock)
        self.outbox = Outbox(db, queue, looks, self.client, clock, conditions, settings)
        commands = Commands(db, queue, clock, settings.zone, self._duty_lines)
        self.actions = Actions(
            db,
            queue,
            looks,
            self.client,
            rights,
            clock,
            conditions,
            self.routes,
            commands,
            CommandActs(db, queue, rights, clock, settings.zone),
            MakingCases(self.client, taking_in),
        )
        self.receiver = Receiver(
            db,
            queue,
            self.client,
            rights,
            self.routes,
            commands,
            clock,
            wake=lambda: wake("inbound"),
        )
        self.socket = SlackSocket(
            self.client, self.receiver.receive, clock, conditions, on_hello=self._learn_app
        )
        self.signed = (
            SignedRequests(settings.signing_secret, self.receiver.receive, clock, conditions)
            if settings.signing_secret is not None
            else None
        )
        self.handlers: Mapping[str, Callable[[Claim], None]] = {
            "notify": self._notify,
            "inbound": self.actions.handle,
        }

    def announce(self, session: Session, case_id: int, now: datetime, chosen: str = "") -> None:
        """Owe the case's card in its channel, in the caller's transaction.

        `chosen` is the name of who was given the case: they are called in its thread.
        """
        channel = self.routes.channel_of(session, case_id)
        ensure_card(session, case_id, channel, now)
        person = self.settings.people.slack_id(chosen) if chosen else ""
        if person:
            case = session.get_one(Case, case_id)
            at = self._calling.when(case.urgency, now)
            told = "This case is with you."
            owe_line(session, case_id, channel, "given", told, now, to=person, not_before=at)

    def catch_up(self, session: Session, now: datetime) -> int:
        """Owe cards for drafts that wait and have none here, as when Slack is set up later.

        Returns how many.
        """
        has_card = select(Notification.case_id).where(
            Notification.kind == CARD,
            Notification.target.in_(self.routes.channels),
            Notification.case_id.is_not(None),
        )
        waiting = select(Case.id).where(Case.state == "drafted", Case.id.not_in(has_card))
        cases = session.scalars(waiting.order_by(Case.id)).all()
        for case_id in cases:
            self.announce(session, case_id, now)
        return len(cases)

    def remark(self, session: Session, case_id: int, key: str, text: str, now: datetime) -> None:
        """Owe a line in the thread of the case's card; `key` names the step, said once."""
        owe_line(session, case_id, self.routes.channel_of(session, case_id), key, text, now)

    def call(self, session: Session, told: Told, now: datetime) -> None:
        """Owe the message of a call where the case's card is, in the caller's transaction."""
        channel = self.routes.channel_of(session, told.case_id)
        owe_call(session, told, channel, self.settings.people, now)

    def tell_of_looks(self, session: Session, now: datetime) -> bool:
        """Owe the channel its word of the day on what waits for a second look, if it is time."""
        return owe_looks(session, self.settings.channel, now)

    def cards_pile_up(self, session: Session) -> bool:
        """Tell whether many cards wait to be posted, so that they may be of one cause."""
        return cards_pile_up(session)

    def has_incidents(self, session: Session, now: datetime) -> bool:
        """Tell whether `tell_of_incidents` may have anything to do."""
        return is_worth_a_look(session, now)

    def tell_of_incidents(self, session: Session, now: datetime) -> int:
        """Owe the cards of open incidents, and the redrawings of those that changed."""
        return owe_incidents(session, self.routes, now)

    def tell_digests(self, session: Session, now: datetime) -> int:
        """Owe the digests whose moment has come; return how many."""
        plan = self.settings.digest
        return owe_digests(session, plan, now) if plan is not None else 0

    def notify(
        self,
        session: Session,
        key: str,
        title: str,
        text: str,
        now: datetime,
        *,
        alert_id: int | None = None,
    ) -> None:
        """Owe a plain message in the channel; again with the same `alert_id` once it resolved."""
        owe_notice(session, self.settings.channel, key, title, text, now, alert_id=alert_id)

    def start(self) -> None:
        """Owe what Slack has not seen, and begin to listen, whether Slack answers yet or not."""
        with self._db.write() as session:
            self.catch_up(session, self._clock())
        for scope in (*SCOPES, PICTURE_SCOPE):
            self._conditions.clear(scope_key(scope))
        # What a predecessor of this process missed, and this one does not have, is over.
        if self.settings.digest is None or not self.settings.digest.pictures:
            self._conditions.clear(PICTURES)
        if self.signed is not None:
            self._conditions.clear(SOCKET)
        else:
            self._conditions.clear(SIGNATURE)
            self.socket.start()

    def stop(self, grace: float = 5.0) -> None:
        """Stop listening."""
        self.socket.stop(grace)

    def health(self) -> dict[str, Any]:
        """Return the health of the way in and how many messages are in which state.

        The way in is called ``socket`` or ``http``: what is not in use is not told of.
        """
        with self._db.read() as session:
            counted = session.execute(
                select(Notification.state, func.count())
                .where(Notification.surface == SURFACE)
                .group_by(Notification.state)
            ).all()
        messages = {str(state): int(count) for state, count in counted}
        if self.signed is not None:
            return {"http": self.signed.health(), "messages": messages}
        return {"socket": self.socket.health(), "messages": messages}

    def _duty_lines(self) -> list[str]:
        """Return who gets new cases, one line for each entry of ``assignment``."""
        return [turn.told(self.duty.known(turn.duty)) for turn in self.settings.turns]

    def _notify(self, claim: Claim) -> None:
        with self._db.read() as session:
            row = session.get(Notification, claim.id)
            if row is None:
                return
            session.expunge(row)
        if row.kind == HOME:
            self.homes.handle(claim, row)
        else:
            self.outbox.handle(claim)

    def way_in(self) -> dict[str, Any]:
        """Return how clicks come in and whether they do, for whoever watches this process.

        ``connected`` is the socket's state. Over HTTP nobody can tell whether Slack would reach
        us: ``last_heard_seconds`` says when it last did since the start, None for not yet.
        """
        if self.signed is None:
            return {"transport": "socket", "connected": self.socket.health()["connected"]}
        heard = self.signed.health()["last_heard_at"]
        waited = None if heard is None else (self._clock() - heard).total_seconds()
        return {"transport": "http", "last_heard_seconds": waited}

    def _learn_app(self, app_id: str) -> None:
        self.receiver.app_id = app_id
