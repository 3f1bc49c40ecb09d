"""What a person decides of the draft on the table: approve it, edit it, refuse it, or leave the
answer of somebody else.

Each names what the person saw, so that the first to decide wins; each returns the code of an
outcome and its words.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases import clocks
from monitor.cases.elsewhere import Obstacle, keep_answer, next_version, obstacle_to
from monitor.cases.trail import DAEMON, move, record, touch
from monitor.cases.words import word_to_answer
from monitor.intake.sighting import cleaned
from monitor.models import Case, Draft, Event, Reply
from responders.approval import Approval
from responders.desk import Desk
from responders.editing import in_the_way_of, release
from responders.labelling import label_word
from responders.on_its_way import refused_because
from responders.preparing import text_hash
from responders.reading import draft_on_table
from responders.rules import Finding
from responders.views import Actor
from responders.waiting import NOTE_MAX, Told
from responders.wishes import Wish
from responders.withdrawing import KEEP, give_up_correction, in_the_way_of_approval

REJECT_REASONS = {
    "another_draft": "another draft, please",
    "no_answer": "no answer needed",
    "not_a_complaint": "not a complaint",
    "spam": "spam",
}
DISMISSING = frozenset({"not_a_complaint", "spam"})

EDIT_MAX = 20_000
"""Characters of an edited text; far more than any platform takes."""

DECIDING = (
    "approved", "taken_back", "rejected", "answer_kept", "posted_by_hand", "not_posted",
    "deleted", "closed", "kept_standing", "withdrawal_asked", "removed", "correcting",
)  # fmt: skip


class Shown(NamedTuple):
    """The draft that a person saw when they decided."""

    version: int
    text_hash: str


def approve_draft(
    session: Session,
    case: Case,
    shown: Shown,
    actor: Actor,
    now: datetime,
    *,
    desk: Desk,
    approval: Approval,
    despite: str,
    by_hand: bool,
) -> Told:
    """Have the draft that was shown published, or handed over where a person posts it."""
    draft = draft_on_table(session, case)
    refusal = _refusal(session, case, draft, shown)
    if refusal is not None:
        return refusal
    assert draft is not None
    word = word_to_answer(session, case)
    in_the_way = in_the_way_of(case, actor, now) or _in_the_way(obstacle_to(session, word), despite)
    if in_the_way is not None:
        return in_the_way
    ours = in_the_way_of_approval(session, case, word, draft.text, desk)
    if ours is not None:
        return ours
    blocks = _blocks(desk.check(session, case, draft.text, draft.version))
    if blocks:
        return "blocked", f"a reply rule forbids this text: {blocks}"
    held = approval.why_not(session, case, draft, actor)
    if held is not None and held[0] == "first":
        approval.note_first(session, case, draft, actor, now)
        session.flush()
        touch(session, case.id, now)
        return "done", f"{case.ref}: {held[1]}"
    if held is not None:
        return held
    reason = desk.why_by_hand(case.source.key, word)
    if by_hand and not reason:
        refused = refused_because(session, case)
        reason = f"the platform refused the last reply: {refused}" if refused else "as asked"
    draft.state = "approved"
    if word.id == case.mention_id:  # a further word is answered without complaining too
        label_word(session, word, actor, now, complaint=True, origin="draft")
    session.add(
        Reply(
            case_id=case.id,
            draft_id=draft.id,
            mention_id=word.id,
            text=draft.text,
            key=str(uuid.uuid4()),
            state="handed_over" if reason else "owed",
            approved_by=str(actor),
            approved_at=now,
            next_at=None if reason else now + approval.undo_within,
        )
    )
    seen = {"despite": despite} if despite else {}
    record(session, case.id, "approved", str(actor), now, version=draft.version, **seen)
    if reason:
        record(session, case.id, "handed_over", DAEMON, now, reason=reason)
    session.flush()
    if not case.assignee:
        case.assignee = actor.name
        session.flush()
    move(session, case.id, now, expected=("drafted",), to="approved")
    if reason:
        return "done", f"{case.ref} approved: post the text by hand, then mark it posted"
    if approval.undo_within:
        seconds = f"{approval.undo_within.total_seconds():g} seconds"
        return "done", f"{case.ref} approved; it leaves in {seconds}, or is taken back"
    return "done", f"{case.ref} approved; it is being published"


def keep_theirs(
    session: Session,
    case: Case,
    draft_version: int,
    despite: str,
    actor: Actor,
    now: datetime,
    desk: Desk,
) -> Told:
    """Leave the answer that somebody else gave on the platform."""
    draft = draft_on_table(session, case)
    if case.state != "drafted" or draft is None:
        return decided(session, case)
    if draft.version != draft_version:
        return _stale(draft)
    found = obstacle_to(session, word_to_answer(session, case))
    if not found.answer:
        return "stale", "no answer of somebody else stands there"
    if not found.is_within(despite):
        return "stale", "the answer on the platform is another one by now"
    replaces = desk.capabilities(case.source.key).reply_mode == "replace"
    keep_answer(session, case, str(actor), now, replaces=replaces)
    return "done", f"{case.ref} is answered by what stands on the platform"


def edit_draft(
    session: Session, case: Case, shown: Shown, text: str, actor: Actor, now: datetime
) -> Told:
    """Put a new version on the table, with a text as `as_kept` returns it."""
    draft = draft_on_table(session, case)
    refusal = _refusal(session, case, draft, shown)
    if refusal is not None:
        return refusal
    assert draft is not None
    if not text:
        return "blocked", "the text is empty; reject the draft instead"
    if len(text) > EDIT_MAX:
        return "blocked", f"the text has {len(text)} characters; at most {EDIT_MAX}"
    if text == draft.text:
        return "done", "nothing was changed"
    draft.state = "superseded"
    release(case)
    version = next_version(session, case.id)
    session.add(
        Draft(
            case_id=case.id,
            version=version,
            mention_revision=draft.mention_revision,
            text=text,
            text_hash=text_hash(text),
            language=draft.language,
            made_by=actor.name,
            reasons=[f"edited by {actor} from version {draft.version}"],
            created_at=now,
        )
    )
    change = len(text) - len(draft.text)
    record(
        session,
        case.id,
        "draft_edited",
        str(actor),
        now,
        version=version,
        from_version=draft.version,
        change=change,
    )
    session.flush()
    touch(session, case.id, now)
    return "done", f"version {version} of the draft awaits approval"


def reject_draft(
    session: Session,
    case: Case,
    draft_version: int,
    reason: str,
    note: str,
    asked: Wish,
    actor: Actor,
    now: datetime,
) -> Told:
    """Refuse the draft for one of `REJECT_REASONS`, or give a correction up."""
    if reason not in (*REJECT_REASONS, KEEP):
        return "refused", f"unknown reason {reason!r}; known: {', '.join(REJECT_REASONS)}"
    draft = draft_on_table(session, case)
    if case.state == "drafted" and draft is not None and draft.version != draft_version:
        return _stale(draft)
    if case.state != "drafted" or draft is None:
        return decided(session, case)
    given_up = give_up_correction(session, case, draft, reason, actor, now)
    if given_up is not None:
        return given_up
    draft.state = "rejected"
    record(
        session,
        case.id,
        "rejected",
        str(actor),
        now,
        version=draft.version,
        reason=reason,
        words=REJECT_REASONS[reason] + asked.told(),
        note=cleaned(note)[:NOTE_MAX],
        **asked.detail(),
    )
    session.flush()
    if reason == "another_draft":
        move(session, case.id, now, expected=("drafted",), to="opened", next_at=now)
        return "done", f"another draft for {case.ref} is being made"
    if reason in DISMISSING:
        word = word_to_answer(session, case)
        label_word(session, word, actor, now, complaint=False, origin="case")
    clocks.void(session, case, clocks.TARGETS, now)
    ended = "dismissed" if reason in DISMISSING else "closed"
    move(session, case.id, now, expected=("drafted",), to=ended, closed_at=now)
    return "done", f"{case.ref} {ended}: {REJECT_REASONS[reason]}"


def decided(session: Session, case: Case) -> Told:
    """Tell the second person who was first and what came of it."""
    event = session.scalars(
        select(Event)
        .where(
            Event.case_id == case.id,
            Event.kind.in_(DECIDING),
        )
        .order_by(Event.id.desc())
        .limit(1)
    ).first()
    if case.state == "opened":
        return "stale", f"{case.ref} waits for a new draft; look again in a moment"
    if event is None:
        return "taken", f"{case.ref} is {case.state}"
    at = event.at.strftime("%Y-%m-%d %H:%M UTC")
    return "taken", f"{case.ref} is {case.state}: {event.kind} by {event.actor} at {at}"


def as_kept(text: str) -> str:
    """Return an edited text as it would be stored."""
    return cleaned(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _refusal(session: Session, case: Case, draft: Draft | None, shown: Shown) -> Told | None:
    """Say why this draft may not be acted on, or None when it is what the person saw."""
    if case.state != "drafted" or draft is None:
        return decided(session, case)
    if (draft.version, draft.text_hash) != shown:
        return _stale(draft)
    if draft.mention_revision != word_to_answer(session, case).revision:
        return "stale", "the customer edited the text since this draft was made"
    return None


def _stale(draft: Draft) -> Told:
    return "stale", f"the draft changed: version {draft.version} by {draft.made_by} is on the table"


def _in_the_way(found: Obstacle, despite: str) -> Told | None:
    """Say what the person must have seen before approving; None when they have, or nothing is."""
    if found.is_within(despite):
        return None
    if despite:
        return "stale", "what stands on the platform is something else by now; look again"
    if found.answer:
        told = "somebody has answered on the platform: replace that answer, or leave it"
        return "blocked", told
    return "blocked", f"the platform takes no answer there ({found.locked}): try all the same?"


def _blocks(findings: tuple[Finding, ...]) -> str:
    return "; ".join(finding.message for finding in findings if finding.severity == "block")
