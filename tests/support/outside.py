"""The store held against the world: what the demo platform served, received and shows.

`find_violations` is run when nothing is due any more. It knows the platform's own ledger, which
no crash of ours can touch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from connectors.dates import parse_date
from connectors.text import normalised
from monitor.clock import utc_now
from monitor.due import KINDS
from monitor.intake.sighting import cleaned
from monitor.models import (
    Assessment,
    Case,
    CaseMention,
    Clock,
    Draft,
    Event,
    Mention,
    Reply,
    Source,
)
from tests.support.invariants import check_invariants
from tests.support.running import DemoProcess

BOARDS = ("reviews", "feed")
WRITTEN = ("created", "replaced")
SHOWN = (*WRITTEN, "unchanged")
DYING = timedelta(seconds=15)
"""What was served this long before a kill, or less, may never have reached the store."""


@dataclass
class World:
    """What happened outside, in all."""

    ledger: Mapping[str, Any]
    boards: Mapping[str, Mapping[str, Mapping[str, Any]]]
    comments: Sequence[Mapping[str, Any]]
    """The business's own words on the feed, as they stand there."""
    kills: Sequence[datetime] = ()
    approvals: Iterable[tuple[int, int]] = field(default=())
    """Case and draft version of every approval that was confirmed to a person."""


def look_around(demo: DemoProcess) -> World:
    """Ask the platform for everything that it has and had."""
    ledger = demo.ask("GET", "/control/ledger").json()
    boards = {board: {item["id"]: item for item in _all_items(demo, board)} for board in BOARDS}
    comments: dict[str, Any] = {}
    answered = {reply["item_id"] for reply in ledger["replies"] if reply["board"] == "feed"}
    for item_id in answered:
        item = boards["feed"][item_id]
        if not item["deleted"]:
            thread = demo.ask("GET", f"/api/v1/feed/{item_id}/thread").json()["items"]
            comments |= {each["id"]: each for each in thread if each.get("by_owner")}
    return World(ledger, boards, list(comments.values()))


def find_violations(session: Session, world: World) -> list[str]:
    """Return every broken promise, a sentence each; none is the only good number."""
    found: list[str] = []
    try:
        check_invariants(session)
    except AssertionError as broken:
        found += str(broken).splitlines()
    found += _lost(session, world)
    found += _unanswered(session)
    found += _said(session, world)
    found += _left_over(session)
    return found


def _lost(session: Session, world: World) -> Iterator[str]:
    """Nothing heard is lost, and the store reads as the boards do."""
    stored: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention, key in session.execute(select(Mention, Source.key).join(Mention.source)):
        if key.startswith("demo-"):
            stored[key.removeprefix("demo-"), mention.external_id].append(mention)
    for told in world.ledger["mentions"]:
        board, item_id = told["board"], told["id"]
        rows = stored.pop((board, item_id), [])
        item = world.boards[board][item_id]
        name = f"{board} {item_id}"
        if len(rows) > 1:
            yield f"{name} is stored {len(rows)} times"
        elif not rows and item["deleted"]:
            if told["first_served_at"] and not _died_after(world, told["first_served_at"]):
                yield f"{name} was served, taken down later, and is not stored"
        elif not rows:
            yield f"{name} stands there and is not stored"
        elif item["deleted"]:
            if rows[0].state != "deleted":
                yield f"{name} was taken down and still stands in the store"
        elif rows[0].text != cleaned(item["text"]) or rows[0].title != cleaned(item["title"]):
            yield f"{name} was edited and the store has another text"
        elif rows[0].rating != item["stars"]:
            yield f"{name} has {item['stars']} stars and {rows[0].rating} in the store"
        elif rows[0].state != "present":
            yield f"{name} stands there and is {rows[0].state} in the store"
    for board, item_id in stored:
        yield f"{board} {item_id} is stored and never stood there"


def _died_after(world: World, served_at: str) -> bool:
    served = parse_date(served_at)
    assert served is not None, "the platform's own times can be read"
    return any(served <= kill <= served + DYING for kill in world.kills)


def _unanswered(session: Session) -> Iterator[str]:
    """Every complaint has its case, every case its clock."""
    cased = set(session.scalars(select(Case.mention_id)))
    cased |= set(session.scalars(select(CaseMention.mention_id)))
    complaints = (
        select(Mention)
        .join(
            Assessment,
            (Assessment.mention_id == Mention.id) & (Assessment.revision == Mention.revision),
        )
        .where(Mention.state == "present", Assessment.complaint, Assessment.spam.is_(False))
    )
    for mention in session.scalars(complaints):
        if mention.id not in cased:
            yield f"mention {mention.id} is a complaint without a case"
    promised = set(session.scalars(select(Clock.case_id).where(Clock.target == "first_response")))
    opened = Counter(session.scalars(select(Event.case_id).where(Event.kind == "opened")))
    for case in session.scalars(select(Case)):
        if case.id not in promised:
            yield f"{case.ref} never had a clock"
        if opened[case.id] != 1:
            yield f"{case.ref} was opened {opened[case.id]} times in the trail"
        if case.state in ("opened", "approved"):
            yield f"{case.ref} is stuck: {case.state}, and nothing is due"


def _said(session: Session, world: World) -> Iterator[str]:
    """Nothing is said twice, nothing unapproved, and nothing approved is kept back."""
    replies = {reply.key: reply for reply in session.scalars(select(Reply).order_by(Reply.id))}
    writes: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in world.ledger["replies"]:
        if row["outcome"] in SHOWN:
            writes[row["key"]].append(row)
    for key, rows in writes.items():
        reply = replies.get(key)
        if reply is None:
            yield f"{rows[0]['board']} {rows[0]['item_id']} was answered with a reply nobody owes"
            continue
        name = f"reply {reply.id}"
        written = [row for row in rows if row["outcome"] in WRITTEN]
        if len(written) > 1:
            yield f"{name} was published {len(written)} times on {rows[0]['board']}"
        if any(normalised(row["text"]) != normalised(reply.text) for row in rows):
            yield f"{name} was published with another text than was approved"
        if reply.state not in ("published", "accepted") and not _gone(world, rows[0]):
            yield f"{name} stands there and is {reply.state} in the store"
    for (parent, text), count in Counter(
        (each["parent_id"], each["text"]) for each in world.comments
    ).items():
        if count > 1:
            yield f"feed {parent} carries the same answer {count} times: {len(text)} characters"
    yield from _kept_back(session, replies, writes, world)


def _kept_back(
    session: Session,
    replies: Mapping[str, Reply],
    writes: Mapping[str, Sequence[Mapping[str, Any]]],
    world: World,
) -> Iterator[str]:
    trail = defaultdict(list)
    for event in session.scalars(select(Event).order_by(Event.id)):
        trail[event.case_id].append(event.kind)
    for key, reply in replies.items():
        name = f"reply {reply.id}"
        if reply.state == "published":
            if key not in writes:
                yield f"{name} is published in the store and was never received"
            kinds = trail[reply.case_id]
            missing = {"approved", "publishing", "published"} - set(kinds)
            if missing:
                yield f"{name} is published and its trail lacks {sorted(missing)}"
        elif reply.state == "withdrawn":
            if not {"reply_withdrawn", "set_aside"} & set(trail[reply.case_id]):
                yield f"{name} was withdrawn and nobody says why"
        else:
            yield f"{name} was approved and is {reply.state} in the end: {reply.last_error}"
    versions = {
        (reply.case_id, version)
        for reply, version in session.execute(
            select(Reply, Draft.version).join(Draft, Draft.id == Reply.draft_id)
        )
    }
    for case_id, version in world.approvals:
        if (case_id, version) not in versions:
            yield f"the approval of C-{case_id} version {version} was confirmed and then lost"
    newest = {reply.mention_id: reply for reply in replies.values() if reply.state == "published"}
    for reply in newest.values():
        item = world.boards["reviews"].get(reply.mention.external_id)
        if item is None or item["deleted"] or reply.mention.source.key != "demo-reviews":
            continue
        shown = (item["answer"] or {}).get("text", "")
        if normalised(shown) != normalised(reply.text):
            yield f"reviews {item['id']} does not show its last published reply {reply.id}"


def _gone(world: World, row: Mapping[str, Any]) -> bool:
    return bool(world.boards[row["board"]][row["item_id"]]["deleted"])


def _left_over(session: Session) -> Iterator[str]:
    """A daemon that stopped in good order holds nothing.

    One that was killed may: what it held is taken over when it is due, and where it no longer is,
    nobody misses it.
    """
    for kind in KINDS.values():
        table = kind.table
        still = or_(table.c.next_at.is_not(None), table.c.claim_until >= utc_now())
        held = session.execute(
            select(table.c.id, table.c.claim_token).where(table.c.claim_token.is_not(None), still)
        )
        for row in held:
            yield f"{kind.name} {row.id} is still claimed by {row.claim_token.partition(':')[0]}"


def _all_items(demo: DemoProcess, board: str) -> Iterator[Mapping[str, Any]]:
    after, more = "", True
    while more:
        told = demo.ask("GET", f"/api/v1/{board}?limit=200&after={after}").json()
        yield from told["items"]
        after, more = told["next"], told["more"]
