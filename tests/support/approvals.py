"""The approval held against the world, when nothing is due any more.

Three sides are compared that share nothing but the wire: what the agents pressed and were told,
what the platform received, and what the store says. `Audit.findings` names every promise with how
often it was looked at and each time it was broken.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.app import App
from monitor.due import KINDS
from monitor.models import Case, Draft, Event, Inbound, Notification, Reply
from responders.preparing import text_hash
from responders.slack import buttons
from responders.slack.cards import as_update, case_card
from responders.slack.letters import letter_key
from tests.support.agents import CHANNEL, PEOPLE, Press, Record
from tests.support.outside import WRITTEN, World
from tests.support.slack_server import people
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

APPROVING = (buttons.APPROVE, buttons.BY_HAND)
ACTS = {
    buttons.APPROVE: ("approved",),
    buttons.BY_HAND: ("approved",),
    buttons.KEEP: ("answer_kept",),
    buttons.EDIT_VIEW: ("draft_edited",),
    buttons.REJECT_VIEW: ("rejected",),
    buttons.POSTED_VIEW: ("posted_by_hand",),
    buttons.MISSING_VIEW: ("not_posted",),
    buttons.SEEN: ("seen_by",),
    buttons.OTHER_VIEW: ("rejected",),
    buttons.MORE: ("rejected",),
    buttons.TAKE_BACK: ("taken_back",),
}
"""The line in the trail by which an act is known to have been done."""

MODALS = (
    buttons.EDIT,
    buttons.REJECT,
    buttons.ASSIGN,
    buttons.POSTED,
    buttons.MISSING,
    buttons.SHOW_ALL,
    buttons.OTHER,
    buttons.SNOOZE,
)
LATE = timedelta(minutes=1)


@dataclass
class Finding:
    """One promise: how often it was looked at, and each time it was broken."""

    promise: str
    looked_at: int = 0
    broken: list[str] = field(default_factory=list)


class Audit:
    """Holds a run against itself. The daemon has stopped; `app` only reads."""

    def __init__(self, app: App, slack: SlackServer, record: Record, world: World) -> None:
        self._app = app
        self._slack = slack
        self._record = record
        self._world = world

    def findings(self) -> list[Finding]:
        """Return every promise with its count."""
        with self._app.database.read() as session:
            self._session = session
            return [self._one(*each) for each in self._promises()]

    def _promises(self) -> Iterator[tuple[str, Callable[[], Iterator[str | None]]]]:
        yield "a reply is published at most once", self._once
        yield "what stands there is what the pressed button was drawn for", self._the_text
        yield "only who may approve has approved", self._by_whom
        yield "an approval has its reply, and a reply its approval", self._in_the_trail
        yield "a case has one card, in the channel or in its incident's thread", self._one_card
        yield "an incident has one card in the channel", self._one_incident
        yield "a card shows what the case is now", self._true_cards
        yield "nothing is stuck", self._nothing_stuck
        yield "who pressed for nothing was told so", self._losers_told
        yield "a modal appeared, or the person was told to press again", self._opened
        yield "a line of the trail is told once in the thread", self._lines
        yield "Slack took offence at nothing", self._slack_rules

    @staticmethod
    def _one(promise: str, look: Callable[[], Iterator[str | None]]) -> Finding:
        finding = Finding(promise)
        for fault in look():
            finding.looked_at += 1
            if fault:
                finding.broken.append(fault)
        return finding

    # -- what stands on the platform -------------------------------------------------------------

    def _once(self) -> Iterator[str | None]:
        writes = Counter(row["key"] for row in self._written)
        for reply in self._replies:
            times = writes[reply.key]
            yield f"reply {reply.id} was published {times} times" if times > 1 else None
        shown = Counter((each["parent_id"], each["text"]) for each in self._world.comments)
        for (parent, _), times in shown.items():
            yield f"{parent} carries one answer {times} times" if times > 1 else None

    def _the_text(self) -> Iterator[str | None]:
        replies = {reply.key: reply for reply in self._replies}
        pressed = {
            (press.case_id, press.version, press.text_hash, press.person.name)
            for press in self._record.presses
            if press.action in APPROVING
        }
        versions = {draft.id: draft.version for draft in self._session.scalars(select(Draft))}
        for row in self._written:
            reply = replies.get(row["key"])
            if reply is None:
                yield f"{row['item_id']} was answered with a reply that nobody owes"
                continue
            name = reply.approved_by.partition(" (")[0]
            what = reply.case_id, versions[reply.draft_id], text_hash(row["text"]), name
            yield None if what in pressed else f"{name} never pressed a button for {what}"

    def _by_whom(self) -> Iterator[str | None]:
        may = {f"{person.name} (slack)" for person in PEOPLE if person.may} | {"Rapport"}
        for event in self._events:
            yield None if event.actor in may else f"{event.kind} by {event.actor}"
        for reply in self._replies:
            yield None if reply.approved_by in may else f"reply {reply.id}: {reply.approved_by}"

    # -- the trail -------------------------------------------------------------------------------

    def _in_the_trail(self) -> Iterator[str | None]:
        versions = {draft.id: draft.version for draft in self._session.scalars(select(Draft))}
        owed = Counter(
            (reply.case_id, versions[reply.draft_id], reply.approved_by) for reply in self._replies
        )
        said = Counter(
            (event.case_id, event.detail["version"], event.actor)
            for event in self._events
            if event.kind in ("approved", "answer_kept")
        )
        for what in owed | said:
            fault = f"{what}: {said[what]} approvals, {owed[what]} replies"
            yield None if owed[what] == said[what] == 1 else fault

    def _losers_told(self) -> Iterator[str | None]:
        """Of a person's acknowledged presses on a case, those that did nothing were answered."""
        done = Counter((event.case_id, event.actor, event.kind) for event in self._events)
        told = self._told
        pressed: dict[tuple[int, str, str], list[Press]] = defaultdict(list)
        for press in self._record.presses:
            if press.action in ACTS and press.fate == "acknowledged":
                pressed[press.case_id, press.person.id, press.person.name].append(press)
        for (case_id, user, name), presses in pressed.items():
            kinds = {kind for press in presses for kind in ACTS[press.action]}
            did = sum(done[case_id, f"{name} (slack)", kind] for kind in kinds)
            owed = len(presses) - did
            got = told[user, case_id]
            tale = f"{name} on C-{case_id}: {len(presses)} presses, {did} done, {got} answers"
            # Two presses of one person that were both at work when the process died cannot be
            # told apart afterwards; the person did what they wanted.
            doubled = sum(press.action in APPROVING for press in presses) - 1 if did else 0
            yield tale if got < owed - max(0, doubled) else None

    def _opened(self) -> Iterator[str | None]:
        wanting = Counter((press.person.id, press.case_id) for press in self._record.unopened)
        for (user, case_id), times in wanting.items():
            got = self._told[user, case_id]
            yield f"{user} on C-{case_id}: {times} modals, {got} answers" if got < 1 else None

    @cached_property
    def _told(self) -> Counter[tuple[str, int]]:
        told: Counter[tuple[str, int]] = Counter()
        for one in self._slack.workspace.ephemerals:
            words = str(one["text"]).replace("\u200b", "").split()
            refs = {int(ref[2:].rstrip(":")) for ref in words if ref.rstrip(":")[2:].isdigit()}
            told.update((one["user"], ref) for ref in refs)
        return told

    # -- the channel -----------------------------------------------------------------------------

    def _one_card(self) -> Iterator[str | None]:
        cards = Counter(_case_of(message) for message in self._messages)
        owed = set(self._session.scalars(_cards_owed()))
        for case_id in owed | set(cards):
            times = cards[case_id]
            yield f"C-{case_id} has {times} cards" if times != 1 else None

    def _one_incident(self) -> Iterator[str | None]:
        shown = Counter(
            message.ts
            for message in self._slack.workspace.messages(CHANNEL)
            if message.body["metadata"]["event_type"] == "rapport_incident"
        )
        rows = select(Notification).where(Notification.kind == "incident")
        for row in self._session.scalars(rows):
            there = shown.pop(row.message_ts, 0)
            yield f"{row.post_key} has {there} cards" if there != 1 else None
        for ts in shown:
            yield f"the card {ts} belongs to no incident"
        threads = {row.message_ts for row in self._session.scalars(rows)}
        for message in self._messages:
            lost = message.thread_ts and message.thread_ts not in threads
            yield f"C-{_case_of(message)} stands in a thread of nothing" if lost else None

    def _true_cards(self) -> Iterator[str | None]:
        shown = {(message.channel, message.ts): message for message in self._messages}
        now = self._app.clock()
        for row in self._session.scalars(select(Notification).where(Notification.kind == "card")):
            message = shown.get((row.target, row.message_ts))
            view = self._app.queue.view(row.case_id or 0)
            if message is None or view is None:
                yield f"C-{row.case_id}: its card is nowhere"
                continue
            compact = bool(row.detail.get("compact"))
            post = case_card(
                view, channel=row.target, post_key=letter_key(row), now=now, compact=compact
            )
            wanted = as_update(post, row.message_ts)
            parts = ("text", "metadata")
            differs = [name for name in parts if message.body[name] != wanted[name]]
            if _without_advice(message.blocks) != _without_advice(wanted["blocks"]):
                differs.append("blocks")
            if not differs:
                yield None
            elif people.buttons(message.blocks) != people.buttons(wanted["blocks"]):
                yield f"C-{row.case_id} ({view.state}) has buttons that do not apply"
            else:
                where = _difference(message.blocks, wanted["blocks"])
                yield f"C-{row.case_id} ({view.state}) shows other {', '.join(differs)}: {where}"

    def _lines(self) -> Iterator[str | None]:
        """Each step that the card did not tell when it appeared stands in its thread once."""
        said = Counter()
        for message in self._slack.workspace.messages(CHANNEL, threads=True):
            if message.thread_ts and not _case_of(message):
                said[_key_of(message)] += 1
        for row in self._session.scalars(select(Notification).where(Notification.kind == "line")):
            times = said.pop(row.post_key, 0)
            yield f"line {row.post_key} was said {times} times" if times != 1 else None
        for key in said:
            yield f"line {key} was said and nobody owed it"

    def _slack_rules(self) -> Iterator[str | None]:
        yield None
        yield from self._slack.workspace.violations
        yield from self._record.troubles

    # -- what is left over -----------------------------------------------------------------------

    def _nothing_stuck(self) -> Iterator[str | None]:
        now = self._app.clock()
        for kind in KINDS.values():
            table = kind.table
            for row in self._session.execute(
                select(table.c.id, table.c.next_at, table.c.claim_token, table.c.last_error)
            ):
                if row.claim_token is not None:
                    yield f"{kind.name} {row.id} is still claimed"
                elif row.next_at is not None and row.next_at < now - LATE:
                    yield f"{kind.name} {row.id} is late: {row.last_error}"
                elif kind.table is Inbound.__table__ and row.next_at is not None:
                    yield f"inbound {row.id} is not done: {row.last_error}"
                elif kind.table is Notification.__table__ and _is_owed(row.next_at, now):
                    yield f"notify {row.id} is still owed: {row.last_error}"
                else:
                    yield None
        for reply in self._replies:
            moving = reply.state in ("owed", "started", "unknown", "accepted")
            yield f"reply {reply.id} is {reply.state}: {reply.last_error}" if moving else None
        for state in self._session.scalars(select(Notification.state)):
            yield f"a notification is {state}" if state in ("started", "unknown") else None

    # -- what is read once -----------------------------------------------------------------------

    _session: Session

    @cached_property
    def _replies(self) -> list[Reply]:
        return list(self._session.scalars(select(Reply).order_by(Reply.id)))

    @cached_property
    def _events(self) -> list[Event]:
        return list(self._session.scalars(select(Event).order_by(Event.id)))

    @cached_property
    def _written(self) -> list[Mapping[str, Any]]:
        return [row for row in self._world.ledger["replies"] if row["outcome"] in WRITTEN]

    @cached_property
    def _messages(self) -> list[Message]:
        found = self._slack.workspace.messages(CHANNEL, threads=True)
        return [message for message in found if _case_of(message)]


def _is_owed(next_at: datetime | None, now: datetime) -> bool:
    """Tell whether a message is owed now: that a form is open ends later, by itself."""
    return next_at is not None and next_at <= now + LATE


def _cards_owed() -> Any:
    return select(Draft.case_id).join(Case, Case.id == Draft.case_id).distinct()


def _payload(message: Message) -> Mapping[str, Any]:
    metadata = message.body.get("metadata") or {}
    return metadata.get("event_payload") or {}


def _case_of(message: Message) -> int:
    metadata = message.body.get("metadata") or {}
    is_card = metadata.get("event_type") == "rapport_card"
    return int(_payload(message).get("case", 0)) if is_card else 0


def _key_of(message: Message) -> str:
    return str(_payload(message).get("post_key", ""))


def _without_advice(blocks: Iterable[Any]) -> list[Any]:
    """Leave out how alike a draft, or an earlier case, is: it changes with other cases."""
    advice = ("checks:", "closest:")
    return [block for block in blocks if not block["block_id"].startswith(advice)]


def _difference(shown: Iterable[Any], wanted: Iterable[Any]) -> str:
    for one, other in zip(shown, wanted, strict=False):
        if one != other:
            before, after = json.dumps(one), json.dumps(other)
            at = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
            start = max(0, at - 60)
            return f"…{before[start : at + 80]}… is now …{after[start : at + 80]}…"
    return "another number of blocks"
