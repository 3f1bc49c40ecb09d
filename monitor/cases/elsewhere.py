"""What happens at the platform beside us: an answer typed there, a thread that was locked.

An answer counts as ours when its words are those of any reply of the case's mention, whatever
became of that reply here. Everything else was written by somebody else, and is never overwritten
or spoken over without a person's word.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.text import same_text
from monitor.alerts import resolve_alert
from monitor.cases import clocks
from monitor.cases.answers import leave_overtaken_correction, take_answer
from monitor.cases.corrections import settle_earlier
from monitor.cases.life import end_deleted, owe_draft
from monitor.cases.replies import ELSEWHERE, SAID, supersede_drafts
from monitor.cases.trail import DAEMON, lock_case, move, record, touch
from monitor.cases.words import case_of, word_to_answer
from monitor.models import Case, Draft, Mention, Reply, ReplyAttempt

UNDECIDED = ("opened", "drafted")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands against answering a mention: it is `locked`, or has an `answer` not ours.

    Empty when nothing does.
    """

    locked: str = ""
    answer: str = ""
    answered_at: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.locked or self.answer)

    @property
    def key(self) -> str:
        """Name exactly this obstacle: a person who goes on despite it has seen this one."""
        return f"{_digest(self.locked)}.{_digest(self.answer)}" if self else ""

    def is_within(self, key: str) -> bool:
        """Tell whether a person who saw the obstacle called `key` has seen all of this one."""
        locked, _, answer = key.partition(".")
        return _digest(self.locked) in ("", locked) and _digest(self.answer) in ("", answer)


def obstacle_to(session: Session, mention: Mention) -> Obstacle:
    """Return what stands against answering a mention, as far as it was read."""
    theirs = mention.our_reply
    if is_one_of(theirs, texts_of_ours(session, mention.id)):
        theirs = ""
    return Obstacle(mention.locked, theirs, mention.our_reply_at if theirs else None)


def texts_of_ours(session: Session, mention_id: int, *, but: int = 0) -> tuple[str, ...]:
    """Return the text of every reply to a mention, whatever became of it, but for reply `but`."""
    texts = select(Reply.text).where(Reply.mention_id == mention_id, Reply.id != but)
    return tuple(session.scalars(texts))


def is_one_of(text: str, texts: Collection[str]) -> bool:
    """Tell whether `text` is a rendering of one of `texts`. No text is none of them."""
    return bool(text) and any(text == each or same_text(text, each) for each in texts)


def hear_answer(session: Session, mention: Mention, before: str, now: datetime) -> None:
    """Take in that `mention` carries another answer than `before`: it was read just now.

    A reply of ours that was not visible yet is now; what a person posted by hand may have
    become other words on the way. On a case that nobody has decided, it is told.
    """
    theirs = mention.our_reply
    if not theirs or theirs == before:
        return
    waiting = session.scalars(
        select(Reply)
        .where(Reply.mention_id == mention.id, Reply.state.in_(SAID), Reply.visible_at.is_(None))
        .order_by(Reply.id.desc())
        .limit(1)
    ).first()
    if waiting is not None:
        case = lock_case(session, waiting.case_id)
        session.refresh(waiting)
        by_hand = was_posted_by_hand(session, waiting)
        ours = by_hand or is_one_of(theirs, [waiting.text])
        if ours and waiting.visible_at is None and waiting.state in SAID:
            # What was taken for moderation was given at one time and shown at another.
            at = mention.our_reply_at if by_hand else None
            see_reply(session, case, waiting, at or now, now)
        return
    if is_one_of(theirs, texts_of_ours(session, mention.id)):
        return
    undecided = case_of(session, mention.source_id, mention.external_id)
    if undecided is not None and undecided.state in UNDECIDED:
        case = undecided
        record(session, case.id, "answered_elsewhere", DAEMON, now)
        session.flush()
        touch(session, case.id, now)


def see_reply(session: Session, case: Case, reply: Reply, at: datetime, now: datetime) -> None:
    """Note that a reply is visible since `at`: what the customer waited for has ended."""
    reply.state, reply.next_at = "published", None
    reply.visible_at = min(max(at, reply.submitted_at or at), now)
    clocks.see_answer(session, reply)
    kind = "seen" if was_posted_by_hand(session, reply) else "published"
    record(session, case.id, kind, DAEMON, now, url=reply.url)
    session.flush()
    resolve_alert(session, unseen_key(case.id), now)
    touch(session, case.id, now)


def keep_answer(
    session: Session, case: Case, person: str, now: datetime, *, replaces: bool
) -> None:
    """End a case's waiting by the answer that somebody gave at the platform.

    A named person says so. The response clocks stop when that answer was given, where the
    platform tells; else now. `replaces`: there is room for one answer, so it stands in the place
    of any earlier one of ours.
    """
    word = word_to_answer(session, case)
    asked = min(case.opened_at, word.created_at or case.opened_at)
    answered = min(max(word.our_reply_at or now, asked), now)
    supersede_drafts(session, case.id)
    session.flush()
    version = next_version(session, case.id)
    draft = Draft(
        case_id=case.id,
        version=version,
        mention_revision=word.revision,
        text=word.our_reply,
        text_hash=_digest(word.our_reply),
        language=word.language,
        made_by=ELSEWHERE,
        reasons=[],
        state="approved",
        created_at=now,
    )
    session.add(draft)
    session.flush()
    reply = Reply(
        case_id=case.id,
        draft_id=draft.id,
        mention_id=word.id,
        text=draft.text,
        key=str(uuid.uuid4()),
        state="published",
        approved_by=person,
        approved_at=now,
        submitted_at=answered,
        visible_at=answered,
    )
    session.add(reply)
    record(session, case.id, "answer_kept", person, now, version=version)
    session.flush()
    settle_earlier(session, reply, now, replaces=replaces)
    move(session, case.id, now, expected=("drafted",), to="approved")
    take_answer(session, case, reply, now)


def put_back(session: Session, case: Case, reply: Reply, now: datetime) -> None:
    """Put an approved text on the table again, as a new version: it was not said after all.

    Where the customer has changed what it answers, another draft is owed instead.
    """
    reply.state, reply.next_at, reply.claim_token = "withdrawn", None, None
    draft: Draft = reply.draft
    draft.state = "superseded"
    session.flush()
    word = word_to_answer(session, case)
    if word.state == "deleted":
        end_deleted(session, case, now)
        return
    if leave_overtaken_correction(session, case, now):
        return
    if (word.id, word.revision) != (reply.mention_id, draft.mention_revision):
        owe_draft(session, case, now)
        return
    session.add(
        Draft(
            case_id=case.id,
            version=next_version(session, case.id),
            mention_revision=draft.mention_revision,
            text=draft.text,
            text_hash=draft.text_hash,
            language=draft.language,
            made_by=draft.made_by,
            reasons=list(draft.reasons),
            created_at=now,
        )
    )
    session.flush()
    move(session, case.id, now, expected=("approved",), to="drafted")


def next_version(session: Session, case_id: int) -> int:
    """Return the number of the next draft of a case."""
    newest = session.scalars(select(func.max(Draft.version)).where(Draft.case_id == case_id)).one()
    return (newest or 0) + 1


def unseen_key(case_id: int) -> str:
    """Name the alert that a reply which was taken is never shown."""
    return f"unseen:C-{case_id}"


def was_posted_by_hand(session: Session, reply: Reply) -> bool:
    """Tell whether no call of ours brought this reply there."""
    taken = select(ReplyAttempt.id).where(
        ReplyAttempt.reply_id == reply.id, ReplyAttempt.outcome.in_(("accepted", "visible"))
    )
    return session.scalars(taken.limit(1)).first() is None


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest() if text else ""
