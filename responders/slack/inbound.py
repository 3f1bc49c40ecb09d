"""Takes what Slack sends: stores it, answers within three seconds, and opens modals at once.

A click's row is committed before it is acknowledged, under a key that recognises redelivery; the
work itself is due work (`responders.slack.actions`). Only modals are opened here, because
the trigger that Slack hands out for them lives three seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, update

from monitor.clock import Clock
from monitor.db import Database
from monitor.log import logger
from monitor.models import Case, Inbound
from monitor.models.upsert import insert_once
from responders.slack import buttons, home, modals
from responders.slack.acts import faults_of_snooze
from responders.slack.answers import Answers
from responders.slack.client import SlackClient
from responders.slack.commands import Commands
from responders.slack.faults import forbidden
from responders.slack.incidents import case_meant
from responders.slack.message_action import SHORTCUT, Shortcut
from responders.slack.notices import about_case
from responders.slack.orders import ACTING, PERSONAL, SEARCHING, Order, read_order
from responders.slack.owed import ensure_card
from responders.slack.payloads import MESSAGE, Click, Happening, Submission, app_of, read_event
from responders.slack.payloads import read_interactive as read
from responders.slack.port import QueuePort
from responders.slack.results import Answer, describe
from responders.slack.rights import Rights
from responders.slack.routing import Routes
from responders.slack.text import mrkdwn, safe_url
from responders.slack.withdrawing import chosen, faults_of_withdrawal, withdraw_modal
from responders.views import CaseView

log = logger(__name__)

MODAL_ACTIONS = frozenset(
    {
        buttons.EDIT,
        buttons.REJECT,
        buttons.OTHER,
        buttons.POSTED,
        buttons.MISSING,
        buttons.ASSIGN,
        buttons.SNOOZE,
        buttons.WITHDRAW,
        buttons.SHOW,
        buttons.SHOW_ALL,
    }
)
WORK_ACTIONS = frozenset(
    {
        buttons.APPROVE,
        buttons.TAKE_BACK,
        buttons.BY_HAND,
        buttons.KEEP,
        buttons.SEEN,
        buttons.TAKE,
        buttons.WAKE,
        buttons.MORE,
        buttons.CLOSED,
        buttons.CORRECT,
        *buttons.OF_CALLS,
        *buttons.VERDICTS,
        *home.ACTIONS,
    }
)
POSTING = frozenset({buttons.POSTED, buttons.MISSING, buttons.POSTED_VIEW, buttons.MISSING_VIEW})
ASSIGNING = frozenset({buttons.ASSIGN, buttons.ASSIGN_VIEW})
WITHDRAWING = frozenset({buttons.WITHDRAW, buttons.WITHDRAW_VIEW})
SNOOZING = frozenset({buttons.SNOOZE, buttons.SNOOZE_VIEW})
SUBMISSIONS = frozenset(
    {
        buttons.EDIT_VIEW,
        buttons.REJECT_VIEW,
        buttons.OTHER_VIEW,
        buttons.ASSIGN_VIEW,
        buttons.SNOOZE_VIEW,
        buttons.POSTED_VIEW,
        buttons.MISSING_VIEW,
        buttons.WITHDRAW_VIEW,
    }
)
KEPT = timedelta(days=7)
"""How long a row that is done is kept, to recognise redelivery; Slack gives up after hours."""

MODAL = "modal"
"""The kind of row that a press of a button with a modal leaves."""

OPENS_WITHIN = timedelta(seconds=15)
"""So long a modal may take to open; its trigger lives three seconds, a call to Slack ten."""

UNKNOWN = "Rapport does not know this form any more. Please press the button again."
NOT_OPENED = "That took too long to open. Please press the button again."
CHANGED = "The case has changed since this was shown. The card shows how it is now."


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to one payload, and what to do on the same thread once it has been sent."""

    body: dict[str, Any] | None = None
    after: Callable[[], None] | None = None


class Receiver:
    """Turns payloads into `inbound` rows and answers. Transports call `receive`."""

    def __init__(
        self,
        db: Database,
        queue: QueuePort,
        client: SlackClient,
        rights: Rights,
        routes: Routes,
        commands: Commands,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._queue = queue
        self._client = client
        self._answers = Answers(client)
        self._rights = rights
        self._routes = routes
        self._commands = commands
        self._clock = clock
        self._wake = wake
        self.app_id = ""

    def receive(self, kind: str, payload: Mapping[str, Any]) -> Ack:
        """Take one payload; `kind` is the envelope's.

        That is ``interactive``, ``slash_commands`` or ``events_api``.

        Everything known is stored before this returns. Raises only when the store fails: then
        the payload must not be acknowledged, so that Slack delivers it again.
        """
        app = app_of(payload)
        if app and self.app_id and app != self.app_id:
            log.warning("slack: a payload for another app was dropped")
            return Ack()
        if kind == "events_api":
            event = read_event(payload)
            if event is not None and (event.kind != MESSAGE or self._is_note(event)):
                self._store("event", event, self._clock())
                self._wake()
            return Ack()
        if kind == "slash_commands":
            return self._order(read_order(payload))
        if kind != "interactive":
            return Ack()
        found = read(payload)
        if isinstance(found, Click):
            return self._click(chosen(found))
        if isinstance(found, Shortcut):
            return self._shortcut(found)
        return self._submission(found) if isinstance(found, Submission) else Ack()

    def _is_note(self, event: Happening) -> bool:
        """Tell whether a message stands in the thread of a card, so that it is kept as a note."""
        if not event.text.strip() or not event.thread_ts:
            return False
        with self._db.read() as session:
            meant = case_meant(session, event.channel, event.thread_ts, event.text)
            return meant is not None

    def _order(self, order: Order) -> Ack:
        denied = self._rights.listed(order.user, order.team)
        if denied is not None and order.verb != "help":
            return Ack({"response_type": "ephemeral", "text": mrkdwn(denied.told, 300)})
        name = self._rights.name_of(order.user)
        is_later = order.verb in SEARCHING or (order.verb in PERSONAL and not name)
        if order.verb not in ACTING and not is_later:
            return Ack(self._commands.answer(order, name))
        self._store("command", order, self._clock())
        self._wake()
        return Ack()

    def _click(self, click: Click) -> Ack:
        if click.action_id in MODAL_ACTIONS:
            # Due only if it does not open, also when this process dies before it tries.
            late = self._clock() + OPENS_WITHIN
            new = self._store(MODAL, click, late, answer=NOT_OPENED)
            return Ack(after=lambda: self._open(click)) if new else Ack()
        if click.action_id == buttons.OPEN:
            return Ack()  # Slack has opened the page itself
        # A button of another version of Rapport is answered too: its card may be months old.
        if click.action_id in WORK_ACTIONS or click.action_id.startswith(buttons.OURS):
            self._store("click", click, self._clock())
            self._wake()
        return Ack()

    def _shortcut(self, found: Shortcut) -> Ack:
        denied = self._rights.listed(found.user, found.team)
        if denied is not None:
            found, told = found.without_words(), {"answer": denied.told}
        else:
            told = {}
        self._store(SHORTCUT, found, self._clock(), **told)
        self._wake()
        return Ack()

    def _open(self, click: Click) -> None:
        view = self._modal_for(click)
        # Where a modal is open already, the new one is put on top of it.
        method = "views.push" if click.view_id else "views.open"
        result = self._client.call(method, {"trigger_id": click.trigger_id, "view": view})
        if not isinstance(result, Answer):
            log.warning("slack: a modal could not be opened: %s", describe(result))
            told = about_case(NOT_OPENED, buttons.case_of(click.value))
            result = self._answers.tell(click.stored(), told)
        if isinstance(result, Answer):
            if view["callback_id"] == buttons.EDIT_VIEW:
                opened = replace(click, key=f"{click.key}|opened", action_id=buttons.OPENED)
                self._store("click", opened, self._clock())
                self._wake()
            with self._db.write() as session:
                session.execute(
                    update(Inbound)
                    .where(Inbound.key == click.key)
                    .values(next_at=None)
                    .execution_options(synchronize_session=False)
                )

    def _modal_for(self, click: Click) -> dict[str, Any]:
        try:
            ticket = buttons.Ticket.unpack(click.value)
        except ValueError as error:
            return modals.plain_view("Rapport", str(error))
        view = self._queue.view(ticket.case_id)
        if view is None:
            return modals.plain_view("Rapport", "This case is no longer there.")
        if click.action_id == buttons.SHOW_ALL:
            return modals.show_all_view(view)
        denied = self._rights.listed(click.user, click.team)
        if denied is not None:
            return modals.not_allowed_view(denied.told)
        if click.action_id == buttons.SHOW:
            return modals.case_modal(view, self._clock())
        if not _is_current(click.action_id, ticket, view):
            self._redraw(ticket.case_id)
            return modals.conflict_view(view, CHANGED)
        # A private message is no card, and must not be taken for one that was lost.
        message_ts = "" if click.response_url else click.message_ts
        ticket = modals.ticket_from_card(ticket, click.channel, message_ts)
        if click.action_id == buttons.ASSIGN:
            return modals.assign_modal(view, ticket)
        if click.action_id == buttons.SNOOZE:
            return modals.snooze_modal(view, ticket)
        if click.action_id == buttons.POSTED:
            return modals.posted_modal(view, ticket)
        if click.action_id == buttons.MISSING:
            return modals.missing_modal(view, ticket)
        if click.action_id == buttons.WITHDRAW:
            return withdraw_modal(view, ticket)
        if click.action_id == buttons.OTHER:
            return modals.other_modal(view, ticket)
        if click.action_id == buttons.REJECT:
            return modals.reject_modal(view, ticket)
        assert view.draft is not None
        if not modals.fits_editing(view.draft):
            told = "This draft is longer than Slack lets one edit. Please edit it in the web queue."
            return modals.plain_view("Too long", told)
        return modals.edit_modal(view, ticket)

    def _submission(self, sent: Submission) -> Ack:
        if sent.callback_id not in SUBMISSIONS:
            typed = sent.text or sent.note or sent.link
            return Ack(_update(modals.conflict_view(None, UNKNOWN, typed))) if typed else Ack()
        try:
            ticket = buttons.Ticket.unpack(sent.private_metadata)
        except ValueError as error:
            return Ack(_update(modals.plain_view("Rapport", str(error))))
        denied = self._rights.listed(sent.user, sent.team)
        if denied is not None:
            return Ack(_update(modals.not_allowed_view(denied.told)))
        if self._is_known(sent.key):
            return Ack()  # redelivered: it was taken, whatever became of the case since
        view = self._queue.view(ticket.case_id)
        if view is None or not _is_current(sent.callback_id, ticket, view):
            self._redraw(ticket.case_id)
            typed = sent.text or sent.note or sent.link
            return Ack(_update(modals.conflict_view(view, CHANGED, typed)))
        errors = self._faults(sent, view)
        if errors:
            return Ack({"response_action": "errors", "errors": errors})
        self._store("submission", sent, self._clock())
        self._wake()
        return Ack()

    def _faults(self, sent: Submission, view: CaseView) -> dict[str, str]:
        if sent.callback_id == buttons.REJECT_VIEW:
            known = sent.reason in (*modals.REASONS, *modals.OF_CORRECTION)
            return {} if known else {modals.REASON_BLOCK: "Please choose a reason."}
        if sent.callback_id == buttons.OTHER_VIEW:
            return {}  # nothing need be chosen, and what is unknown asks for nothing
        if sent.callback_id == buttons.ASSIGN_VIEW:
            denied = self._rights.listed(sent.person, sent.team) if sent.person else None
            told = "This person is not on the list of those who may decide (slack.approvers)."
            return {} if denied is None else {modals.PERSON_BLOCK: told}
        if sent.callback_id == buttons.SNOOZE_VIEW:
            return faults_of_snooze(sent.span, sent.until, self._clock())
        if sent.callback_id == buttons.POSTED_VIEW:
            link = sent.link.strip()
            usable = not link or safe_url(link)
            told = "That is no link. Paste the whole address, https:// included."
            return {} if usable else {modals.LINK_BLOCK: told}
        if sent.callback_id == buttons.WITHDRAW_VIEW:
            return faults_of_withdrawal(sent.reason, sent.note)
        if sent.callback_id == buttons.MISSING_VIEW:
            said = sent.note.strip()
            return {} if said else {modals.NOTE_BLOCK: "Please say why in a few words."}
        if not sent.text.strip():
            return {modals.TEXT_BLOCK: "The reply is empty."}
        assert view.draft is not None
        length, limit = self._queue.measure(view.id, sent.text), view.draft.max_length
        if limit is not None and length > limit:
            told = f"Too long: {length:,} of {limit:,} {view.draft.length_unit}."
            return {modals.TEXT_BLOCK: told}
        blocking = forbidden(self._queue.check(view.id, sent.text))
        return {modals.TEXT_BLOCK: blocking} if blocking else {}

    def _store(
        self,
        kind: str,
        found: Click | Submission | Happening | Order | Shortcut,
        due: datetime,
        **more: str,
    ) -> bool:
        now = self._clock()
        with self._db.write() as session:
            session.execute(
                delete(Inbound)
                .where(
                    Inbound.received_at < now - KEPT,
                    or_(Inbound.next_at.is_(None), Inbound.kind == MODAL),
                )
                .execution_options(synchronize_session=False)
            )
            return insert_once(
                session,
                Inbound,
                key=found.key,
                kind=kind,
                payload={**found.stored(), **more},
                received_at=now,
                next_at=due,
            )

    def _is_known(self, key: str) -> bool:
        with self._db.read() as session:
            return session.query(Inbound.id).filter(Inbound.key == key).first() is not None

    def _redraw(self, case_id: int) -> None:
        with self._db.write() as session:
            if session.get(Case, case_id) is None:
                return
            channel = self._routes.channel_of(session, case_id)
            ensure_card(session, case_id, channel, self._clock(), at_once=True)
        self._wake()


def _is_current(act: str, ticket: buttons.Ticket, view: CaseView) -> bool:
    """Tell whether what the person acts on is still as it was shown."""
    if act in ASSIGNING:
        return buttons.may_be_assigned(view)
    if act in SNOOZING:
        return view.is_awaiting
    if act in WITHDRAWING:
        return view.has_standing_reply and ticket.is_of_reply(view)
    if act in POSTING:
        return buttons.waits_for_a_word(view) and ticket.is_of_reply(view)
    return ticket.is_current(view)


def _update(view: dict[str, Any]) -> dict[str, Any]:
    return {"response_action": "update", "view": view}
