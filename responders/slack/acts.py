"""Takes what a person pressed or sent to the queue: one call for each act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from responders.slack import buttons, modals
from responders.slack.call_message import shown_holder
from responders.slack.port import QueuePort
from responders.views import Actor, Outcome
from responders.wishes import make_wish


def decide(
    queue: QueuePort, act: dict[str, Any], ticket: buttons.Ticket, actor: Actor, now: datetime
) -> Outcome:
    """Do `act`, as it was stored, to the case of `ticket`; return what came of it."""
    case_id = ticket.case_id
    match act["action"]:
        case buttons.APPROVE | buttons.BY_HAND:
            return queue.approve(
                case_id,
                draft_version=ticket.version,
                text_hash=ticket.text_hash,
                actor=actor,
                despite=ticket.despite,
                by_hand=act["action"] == buttons.BY_HAND,
            )
        case buttons.TAKE_BACK:
            return queue.take_back(case_id, actor=actor)
        case buttons.KEEP:
            return queue.keep_answer(
                case_id, draft_version=ticket.version, despite=ticket.despite, actor=actor
            )
        case buttons.EDIT_VIEW:
            return queue.edit(
                case_id,
                base_version=ticket.version,
                base_hash=ticket.text_hash,
                text=act["text"],
                actor=actor,
            )
        case buttons.OPENED:
            return queue.begin_edit(case_id, actor=actor)
        case buttons.CLOSED:
            return queue.end_edit(case_id, actor=actor)
        case buttons.REJECT_VIEW:
            return queue.reject(
                case_id,
                draft_version=ticket.version,
                reason=act["reason"],
                note=act["note"],
                actor=actor,
            )
        case buttons.OTHER_VIEW:
            return queue.reject(
                case_id,
                draft_version=ticket.version,
                reason="another_draft",
                note="",
                actor=actor,
                wish=make_wish(tone=act["tone"], shorter=act["shorter"], language=act["language"]),
            )
        case buttons.MORE:
            try:
                reason = buttons.dismissal_of(act["value"])
            except ValueError as error:
                return Outcome(False, "missing", str(error), None)
            return queue.reject(
                case_id, draft_version=ticket.version, reason=reason, note="", actor=actor
            )
        case buttons.POSTED_VIEW:
            link = act.get("link", "").strip()
            return queue.mark_posted(
                case_id, actor=actor, url=link, draft_version=ticket.version or None
            )
        case buttons.MISSING_VIEW:
            return queue.could_not_post(
                case_id, actor=actor, reason=act["note"], draft_version=ticket.version or None
            )
        case buttons.SEEN:
            return queue.mark_seen(case_id, actor=actor)
        case buttons.TAKE:
            return queue.assign(case_id, to=actor.name, actor=actor, seen_revision=ticket.revision)
        case buttons.TAKE_CALL:
            return _take_over(queue, ticket, actor)
        case buttons.ACKNOWLEDGE:
            return queue.acknowledge(case_id, actor=actor)
        case buttons.CORRECT:
            return queue.correct(case_id, actor=actor)
        case buttons.WITHDRAW_VIEW:
            view = queue.view(case_id)
            return queue.withdraw(
                case_id,
                reason=act["note"],
                actor=actor,
                answer=act["reason"] != "close",
                by_hand=view is not None and not view.can_withdraw,
            )
        case buttons.SNOOZE_VIEW:
            return queue.snooze(case_id, until=until_of(act, now), actor=actor)
        case buttons.WAKE:
            return queue.wake(case_id, actor=actor)
    return Outcome(False, "missing", "Rapport does not know this button.", None)


def _take_over(queue: QueuePort, ticket: buttons.Ticket, actor: Actor) -> Outcome:
    """Take a case from under a call, if it is with whom the call showed.

    A call is not redrawn with each change of its case, so its revision proves nothing.
    """
    view = queue.view(ticket.case_id)
    shown = view is not None and shown_holder(view.assignee) == ticket.despite
    seen = view.revision if view is not None and shown else 0
    return queue.assign(ticket.case_id, to=actor.name, actor=actor, seen_revision=seen)


def until_of(act: dict[str, Any], now: datetime) -> datetime | None:
    """Return until when a case is put off; None: until the customer writes.

    A moment that was picked counts before a length that was chosen. What is stored was checked
    before; anything else reads as "until the customer writes".
    """
    if act.get("until"):
        return datetime.fromtimestamp(act["until"], UTC)
    span = act.get("span", "")
    return now + timedelta(seconds=int(span)) if span.isascii() and span.isdigit() else None


def faults_of_snooze(span: str, until: int, now: datetime) -> dict[str, str]:
    """Return what is wrong with what was entered, by the block that it stands in."""
    if until and until <= now.timestamp():
        return {modals.UNTIL_BLOCK: "That time has passed. Choose a later one."}
    if not until and span not in modals.SPANS:
        return {modals.SPAN_BLOCK: "Choose how long, or pick a time below."}
    return {}
