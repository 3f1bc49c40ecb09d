"""Recognises an act that was done before the process died that did it.

A decision is one transaction and the end of its inbound row another, so that a crash between
them leaves done work that is due again. Done twice it would publish nothing twice, but the
person would be told that they came too late for what they did themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from monitor.due import Claim
from monitor.models import Inbound
from responders.slack import buttons
from responders.views import Actor, CaseView
from responders.waiting import as_note

TRIED = "tried"
"""Marks a payload whose work has begun before."""

IN_THREAD = "in thread"
"""Stands for the verb of what somebody wrote in the thread of a card."""

_LEAVES = {
    buttons.REJECT_VIEW: ("rejected",),
    buttons.MORE: ("rejected",),
    buttons.OTHER_VIEW: ("rejected",),
    buttons.TAKE_BACK: ("taken_back",),
    buttons.SNOOZE_VIEW: ("snoozed",),
    buttons.WAKE: ("woken",),
    buttons.ASSIGN_VIEW: ("assigned", "released", "taken"),
    buttons.KEEP: ("answer_kept",),
    buttons.POSTED_VIEW: ("posted_by_hand",),
    buttons.MISSING_VIEW: ("not_posted",),
    buttons.SEEN: ("seen_by",),
    buttons.TAKE: ("taken",),
    buttons.TAKE_CALL: ("taken", "acknowledged"),
    buttons.ACKNOWLEDGE: ("acknowledged",),
    buttons.CORRECT: ("correcting",),
    buttons.WITHDRAW_VIEW: ("withdrawal_asked",),
}
_ORDER_LEAVES = {
    "take": ("taken", "assigned"),
    "ack": ("acknowledged",),
    "assign": ("assigned", "taken"),
    "release": ("released",),
    "snooze": ("snoozed",),
    "wake": ("woken",),
    "note": ("noted",),
    "approve": ("approved", "approved_first"),
    "undo": ("taken_back",),
    IN_THREAD: ("noted_in_thread",),
}


def mark_tried(session: Session, claim: Claim) -> None:
    """Keep that an act has begun: whoever does it again after a crash looks first."""
    tried = session.get_one(Inbound, claim.id)
    tried.payload = {**tried.payload, TRIED: True}


def was_done(
    act: Mapping[str, Any],
    ticket: buttons.Ticket,
    actor: Actor,
    received_at: datetime,
    view: CaseView | None,
) -> bool:
    """Tell whether this very act stands in the case already: only asked of what was tried.

    Acts that name a text are known by that text, the others by their line in the trail.
    """
    if view is None:
        return False
    if act["action"] in (buttons.APPROVE, buttons.BY_HAND):
        reply, draft, approval = view.reply, view.draft, view.approval
        if view.is_awaiting and approval is not None and approval.given_by == str(actor):
            return draft is not None and draft.text_hash == ticket.text_hash
        return (
            reply is not None
            and draft is not None
            and not view.is_awaiting
            and reply.approved_by == str(actor)
            and (draft.version, draft.text_hash) == (ticket.version, ticket.text_hash)
        )
    if act["action"] == buttons.EDIT_VIEW:
        draft = view.draft
        text = str(act["text"]).replace("\r\n", "\n").replace("\r", "\n").strip()
        return draft is not None and draft.version > ticket.version and draft.text == text
    return _stands(view, _LEAVES.get(act["action"], ()), actor, received_at)


def order_was_done(
    verb: str, said: str, actor: Actor, received_at: datetime, view: CaseView | None
) -> bool:
    """Tell whether what was typed stands in the case already: only asked of what was tried.

    A note, typed or written in a thread, is known by its words, for its writer may write more.
    """
    if view is None:
        return False
    words = f"noted: {as_note(said)}" if verb in ("note", IN_THREAD) else ""
    return _stands(view, _ORDER_LEAVES.get(verb, ()), actor, received_at, words)


def _stands(
    view: CaseView, kinds: tuple[str, ...], actor: Actor, since: datetime, words: str = ""
) -> bool:
    return any(
        event.kind in kinds
        and event.actor == str(actor)
        and event.at >= since
        and words in ("", event.summary)
        for event in view.events
    )
