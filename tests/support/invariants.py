"""What holds of every store at every moment between two transactions.

`check_invariants` reads a whole store and raises `AssertionError` naming everything that is
wrong. End-to-end tests and the chaos run call it, whatever happened before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.cases.correcting import corrected_reply
from monitor.models import (
    Alert,
    Assessment,
    Case,
    Clock,
    Draft,
    EscalationCall,
    Event,
    Incident,
    IncidentMention,
    Mention,
    Notification,
    Pause,
    Reply,
    ReplyAttempt,
)
from monitor.sla import Snapshot
from responders.why import stories_of

LIVE = ("owed", "started", "unknown", "handed_over")
SAID = ("accepted", "published", "withdrawing")
OPEN = ("opened", "drafted", "approved")


def check_invariants(session: Session) -> None:
    """Raise `AssertionError` with every broken promise, a line each."""
    broken = [
        *_cases(session),
        *_deadlines(session),
        *_clocks(session),
        *_calls(session),
        *_replies(session),
        *_mentions(session),
        *_alerts(session),
        *_incidents(session),
    ]
    assert not broken, "\n".join(broken)


def _cases(session: Session) -> Iterator[str]:
    clocks: dict[int, list[Clock]] = {}
    for clock in session.scalars(select(Clock)):
        clocks.setdefault(clock.case_id, []).append(clock)
    drafts: dict[int, list[Draft]] = {}
    for draft in session.scalars(select(Draft).order_by(Draft.version)):
        drafts.setdefault(draft.case_id, []).append(draft)
    replies: dict[int, list[Reply]] = {}
    for reply in session.scalars(select(Reply)):
        replies.setdefault(reply.case_id, []).append(reply)
    for case in session.scalars(select(Case)):
        targets = Snapshot.from_json(case.policy.body).targets
        its_clocks = clocks.get(case.id, [])
        running = {clock.target for clock in its_clocks if clock.state == "running"}
        states = Counter(reply.state for reply in replies.get(case.id, []))
        proposed = [one for one in drafts.get(case.id, []) if one.state == "proposed"]
        live = sum(states[state] for state in LIVE)
        said = sum(states[state] for state in SAID)
        name = f"{case.ref} ({case.state})"
        if case.state in OPEN:
            promised = {"first_response", "resolution"} & set(targets)
            if said:
                promised = {"next_response", "resolution"} & set(targets)
            # Who puts a published reply right owes the customer nothing meanwhile.
            if promised and not running and corrected_reply(session, case) is None:
                yield f"{name} is open and no clock runs for it"
            if case.closed_at is not None:
                yield f"{name} is open and closed at {case.closed_at}"
        elif running:
            yield f"{name} is not open and has running clocks: {sorted(running)}"
        if case.state in ("closed", "dismissed") and case.closed_at is None:
            yield f"{name} has ended and nobody knows when"
        if case.state in ("opened", "answered") and case.next_at is None:
            yield f"{name} is owed something and is never due"
        if case.state == "drafted" and len(proposed) != 1:
            yield f"{name} has {len(proposed)} drafts on the table, not one"
        if case.state != "drafted" and proposed:
            yield f"{name} has a draft on the table that nobody may act on"
        if case.state == "approved" and live != 1:
            yield f"{name} has {live} replies on their way, not one"
        if case.state != "approved" and live:
            yield f"{name} has a reply on its way: {dict(states)}"
        if case.state == "answered" and not said:
            yield f"{name} was never answered"
        for target, count in Counter(
            clock.target for clock in its_clocks if clock.state in ("running", "paused")
        ).items():
            if count > 1:
                yield f"{name} has {count} clocks for {target}"
        if {"first_response", "next_response"} <= running:
            yield f"{name} has two response clocks for one interval"


def _calls(session: Session) -> Iterator[str]:
    owed = set(
        session.scalars(select(Notification.post_key).where(Notification.kind == "escalation"))
    )
    keys = set()
    for call in session.scalars(select(EscalationCall)):
        name = f"call {call.id} of ladder {call.escalation_id}"
        key = f"call:{call.escalation_id}:{call.rung}:{call.turn}:{call.again}"
        if call.told_at < call.due_at:
            yield f"{name} was given before its time"
        if call.state == "told":
            keys.add(key)
    for key in owed - keys:
        yield f"Slack was owed the message {key}, and no such call was given"


def _clocks(session: Session) -> Iterator[str]:
    standing = {
        pause.clock_id for pause in session.scalars(select(Pause).where(Pause.ended_at.is_(None)))
    }
    for clock in session.scalars(select(Clock)):
        name = f"clock {clock.id} ({clock.target}, {clock.state})"
        if clock.state == "paused" and clock.id not in standing:
            yield f"{name} has no open pause"
        if clock.state == "running" and clock.id in standing:
            yield f"{name} has an open pause"
        if clock.state in ("stopped", "voided") and clock.stopped_at is None:
            yield f"{name} ended and nobody knows when"
        if clock.state in ("running", "paused") and clock.stopped_at is not None:
            yield f"{name} has not ended and says when it did"
        if clock.state == "running" and clock.breached_at is None and clock.next_at is None:
            yield f"{name} is watched by nobody"
        if clock.state != "running" and clock.next_at is not None:
            yield f"{name} is due although it does not run"
        if clock.breached_at is not None and clock.noticed_at is None:
            yield f"{name} was breached and never noticed"
        if clock.breached_at is not None and clock.breached_at > clock.due_at:
            yield f"{name} was breached at {clock.breached_at}, after it was due"
        late = clock.stopped_at is not None and clock.stopped_at > clock.due_at
        if clock.state == "stopped" and late and clock.breached_at is None:
            yield f"{name} stopped too late and is not breached"
        if clock.state == "stopped" and not late and clock.breached_at is not None:
            yield f"{name} stopped in time and is breached"


def _deadlines(session: Session) -> Iterator[str]:
    """Hold each stored deadline against the one that is told: they are one number."""
    for case in session.scalars(select(Case)):
        clocks = session.scalars(select(Clock).where(Clock.case_id == case.id)).all()
        for story in stories_of(session, case, clocks, case.opened_at):
            told = story.spans[-1][1] if story.spans else None
            if story.state != "paused" and told != story.due_at:
                yield f"{case.ref} {story.target} is due {story.due_at} and told as {told}"


def _replies(session: Session) -> Iterator[str]:
    live = Counter(
        session.scalars(select(Reply.mention_id).where(Reply.state.in_(LIVE))),
    )
    for mention_id, count in live.items():
        if count > 1:
            yield f"mention {mention_id} has {count} replies on their way"
    approved = {
        (event.case_id, event.detail.get("version"))
        for event in session.scalars(
            select(Event).where(Event.kind.in_(("approved", "answer_kept")))
        )
    }
    open_attempts = Counter(
        session.scalars(select(ReplyAttempt.reply_id).where(ReplyAttempt.ended_at.is_(None)))
    )
    for reply in session.scalars(select(Reply)):
        name = f"reply {reply.id} ({reply.state})"
        if not reply.approved_by.strip():
            yield f"{name} was approved by nobody"
        if reply.text != reply.draft.text:
            yield f"{name} says something else than its draft"
        if reply.draft.case_id != reply.case_id:
            yield f"{name} belongs to another case than its draft"
        if (reply.case_id, reply.draft.version) not in approved:
            yield f"{name} says a draft that nobody approved in the trail"
        if reply.state in SAID and reply.submitted_at is None:
            yield f"{name} was said and nobody knows when"
        if reply.state == "accepted" and reply.visible_at is not None:
            yield f"{name} is seen and still asked after"
        if reply.state in ("owed", "started", "unknown") and reply.next_at is None:
            yield f"{name} is on its way and never due"
        if open_attempts[reply.id] > 1:
            yield f"{name} has {open_attempts[reply.id]} open attempts"
        if open_attempts[reply.id] and reply.state not in ("started", "unknown", "withdrawing"):
            yield f"{name} has an open attempt"


def _mentions(session: Session) -> Iterator[str]:
    judged = set(session.execute(select(Assessment.mention_id, Assessment.revision)))
    for mention in session.scalars(select(Mention)):
        if mention.state == "present" and (mention.id, mention.revision) not in judged:
            yield f"mention {mention.id} was never judged as it reads now"
        if mention.state == "deleted" and (mention.text or mention.title or mention.raw):
            yield f"mention {mention.id} is deleted and still has its text"


def _incidents(session: Session) -> Iterator[str]:
    members = Counter(session.scalars(select(IncidentMention.incident_id)))
    for incident in session.scalars(select(Incident)):
        if incident.size != members[incident.id]:
            yield f"incident {incident.id} has {members[incident.id]} mentions, not {incident.size}"
    gone = (
        select(Mention.id, Mention.state)
        .join(IncidentMention, IncidentMention.mention_id == Mention.id)
        .where(Mention.state != "present")
    )
    for mention_id, state in session.execute(gone):
        yield f"mention {mention_id} is {state} and still in an incident"


def _alerts(session: Session) -> Iterator[str]:
    raised = Counter(session.scalars(select(Alert.key).where(Alert.resolved_at.is_(None))))
    for key, count in raised.items():
        if count > 1:
            yield f"the alert {key} is raised {count} times"
