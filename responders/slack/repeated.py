"""Recognises an act that was done before the process died that did it.

A decision is one transaction and the end of its inbound row another, so that a crash between
them leaves done work that is due again. Done twice it would publish nothing twice, but the
person would be told that they came too late for what they did themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from responders.slack import buttons
from responders.views import Actor, CaseView

TRIED = "tried"
"""Marks a payload whose work has begun before."""

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
    kinds = _LEAVES.get(act["action"], ())
    return any(
        event.kind in kinds and event.actor == str(actor) and event.at >= received_at
        for event in view.events
    )
