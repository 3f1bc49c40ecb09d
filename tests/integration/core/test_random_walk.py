"""Customers, staff, faults and crashes in random order: the promises hold after every step.

A failing walk names its seed; `WALKS=200` in the environment walks longer.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable

import pytest

from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from monitor import due
from monitor.db import Database
from monitor.models import Case, Event, Mention, Reply
from monitor.reports.keeping import Keeper
from tests.support.core_world import MARA, OTTO, World, comment, review
from tests.support.invariants import check_invariants
from tests.support.scripted_platform import Board, Killed

STEPS = 40
WALKS = int(os.environ.get("WALKS", "6"))
ENDINGS = ("published", "accepted", "refused", "withdrawn", "replaced", "removed")
TEXTS = ("bad tea", "bad and rude", "when?", "thanks", "fine now", "spam offer", "bad wait")
ERRORS: tuple[Callable[[], ConnectorError], ...] = (
    lambda: Unavailable("down"),
    lambda: RateLimited("slow down"),
    lambda: AuthFailed("expired"),
    lambda: Rejected("no"),
    lambda: LayoutChanged("odd"),
    lambda: Gone("gone"),
    lambda: UnknownOutcome("cut off"),
    lambda: NotSupported("not here"),
)


class Walk:
    """One random walk through everything that may happen."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.keeper = Keeper(world.db, world.clock, "Europe/Berlin")
        self.random = random.Random(seed)
        self.board: Board = world.board
        self.board.mode = self.random.choice(["append", "append", "keyed", "replace", "manual"])
        self.board.can_find = self.random.random() < 0.8
        self.board.can_read = self.random.random() < 0.8
        self.board.moderated = self.random.random() < 0.2
        self.board.shows_replies = self.random.random() < 0.5
        self.board.needs_summons = self.random.random() < 0.1
        self.accepted_to_replace: set[str] = set()
        self.number = 0
        self.did: list[str] = []

    def step(self) -> None:
        act = self.random.choice(
            [self.write, self.write, self.answer_back, self.edit, self.delete]
            + [self.decide] * 4
            + [self.work] * 8
            + [self.fault, self.crash, self.lose, self.moderate, self.wait, self.stale]
            + [self.lock, self.colleague, self.look, self.put_right, self.take_down, self.report]
        )
        self.did.append(act.__name__)
        act()
        with self.world.db.read() as session:
            check_invariants(session)

    def write(self) -> None:
        self.number += 1
        self.board.list_page(
            review(
                f"m{self.number}",
                self.random.choice(TEXTS),
                rating=float(self.random.randint(1, 5)),
                author_id=f"a{self.random.randint(1, 3)}",
            )
        )

    def answer_back(self) -> None:
        standing = [row.external_id for row in self.board.written] + list(self.board.items)
        if not standing:
            return
        self.number += 1
        parent = self.random.choice(standing)
        author = f"a{self.random.randint(1, 3)}"
        word = comment(f"c{self.number}", parent, self.random.choice(TEXTS), author_id=author)
        self.board.list_page(word)

    def edit(self) -> None:
        if self.board.items:
            self.board.edit(
                self.random.choice(list(self.board.items)),
                listed=self.random.random() < 0.7,
                text=self.random.choice(TEXTS),
                rating=float(self.random.randint(1, 5)),
            )

    def delete(self) -> None:
        if self.board.items and self.random.random() < 0.5:
            self.board.delete(
                self.random.choice(list(self.board.items)),
                listed=self.random.random() < 0.7,
                truly=self.random.random() < 0.8,
            )

    def decide(self) -> None:
        lines = self.world.queue.lines(state="all")
        if not lines:
            return
        case_id = self.random.choice(lines).id
        view = self.world.view(case_id)
        actor = self.random.choice([MARA, OTTO])
        if view.state == "approved":
            if self.random.random() < 0.7:
                self.world.queue.mark_posted(case_id, actor=actor)
            elif view.reply is not None and view.reply.state == "handed_over":
                self.not_there(case_id)
        if view.draft is None:
            return
        if view.obstacle is not None and view.state == "drafted" and self.random.random() < 0.6:
            self.go_on_or_leave(case_id)
            return
        version, shown = view.draft.version, view.draft.text_hash
        chance = self.random.random()
        if chance < 0.7:
            self.world.queue.approve(case_id, draft_version=version, text_hash=shown, actor=actor)
        elif chance < 0.85:
            self.world.queue.edit(
                case_id,
                base_version=version,
                base_hash=shown,
                text=f"We are sorry, number {self.number}. Write to hello@harbour.example.",
                actor=actor,
            )
        else:
            reason = self.random.choice(["another_draft", "no_answer", "not_a_complaint"])
            self.world.queue.reject(
                case_id, draft_version=version, reason=reason, note="", actor=actor
            )

    def go_on_or_leave(self, case_id: int) -> None:
        obstacle = self.world.view(case_id).obstacle
        assert obstacle is not None
        if obstacle.answer and self.random.random() < 0.5:
            assert self.world.leave(case_id).done
        elif self.world.go_on(case_id).done:
            self.accepted_to_replace.add(obstacle.answer)

    def not_there(self, case_id: int) -> None:
        """Look as a person does: what stands there is not called missing."""
        view = self.world.view(case_id)
        assert view.reply is not None
        if view.reply.text not in [row.text for row in self.board.written]:
            outcome = self.world.queue.could_not_post(case_id, actor=OTTO, reason="not there")
            assert outcome.done, outcome.message

    def look(self) -> None:
        """Look for a reply that nobody has seen."""
        lines = self.world.queue.lines(state="all")
        if lines:
            case_id = self.random.choice(lines).id
            reply = self.world.view(case_id).reply
            if reply is not None and reply.is_unseen:
                if reply.text in [row.text for row in self.board.written if row.visible]:
                    assert self.world.queue.mark_seen(case_id, actor=MARA).done
                else:
                    self.not_there(case_id)

    def put_right(self) -> None:
        """Correct a published reply, with other words or with those that stand there."""
        lines = self.world.queue.lines(state="all")
        if not lines:
            return
        case_id = self.random.choice(lines).id
        draft = self.world.view(case_id).draft
        if self.world.queue.correct(case_id, actor=OTTO).done and self.random.random() < 0.8:
            self.number += 1
            draft = self.world.view(case_id).draft
            assert draft is not None
            edited = self.world.queue.edit(
                case_id,
                base_version=draft.version,
                base_hash=draft.text_hash,
                text=f"We were wrong, number {self.number}. Write to hello@harbour.example.",
                actor=OTTO,
            )
            assert edited.done, edited.message

    def take_down(self) -> None:
        """Withdraw a published reply; where no program can, a person has removed it first."""
        lines = self.world.queue.lines(state="all")
        if not lines:
            return
        case_id, answer = self.random.choice(lines).id, self.random.random() < 0.7
        by_hand = self.board.mode == "manual"
        reply = self.world.view(case_id).reply
        told = self.world.queue.withdraw(
            case_id, reason="wrong", actor=MARA, answer=answer, by_hand=by_hand
        )
        if told.done and reply is not None:
            self.accepted_to_replace.add(reply.text)  # it may be a colleague's that was left
        if told.done and by_hand and reply is not None:
            self.board.written[:] = [row for row in self.board.written if row.text != reply.text]

    def lock(self) -> None:
        if self.board.items:
            self.board.edit(
                self.random.choice(list(self.board.items)),
                listed=self.random.random() < 0.3,
                locked=self.random.choice(["", "closed", "archived"]),
            )

    def colleague(self) -> None:
        """Have somebody answer at the platform itself."""
        if self.board.items:
            self.number += 1
            self.board.edit(
                self.random.choice(list(self.board.items)),
                listed=self.random.random() < 0.3,
                our_reply=f"Somebody else was here, for the {self.number}th time.",
                our_reply_at=self.world.clock(),
            )

    def stale(self) -> None:
        """Approve what was shown a moment ago, while the customer acts."""
        waiting = self.world.queue.lines(state="drafted")
        if waiting:
            case_id = self.random.choice(waiting).id
            draft = self.world.view(case_id).draft
            assert draft is not None
            self.edit()
            self.work()
            self.world.queue.approve(
                case_id, draft_version=draft.version, text_hash=draft.text_hash, actor=MARA
            )

    def work(self) -> None:
        for kind in self.random.sample(["poll", "prepare", "publish", "clock"], 4):
            for claim in self.world.claim(kind):
                try:
                    self.world.handlers[kind](claim)
                except (due.ClaimLost, Killed):
                    continue  # as a dead worker leaves it
                except ConnectorError as error:
                    self.put_off(claim, error)
                with self.world.db.read() as session:
                    held, _, _ = due.outcome(session, claim)
                if held:
                    self.put_off(claim, RuntimeError("the handler ended without finishing"))

    def put_off(self, claim: due.Claim, error: Exception) -> None:
        with self.world.write() as session:
            due.fail(session, claim, self.world.clock(), str(error))

    def fault(self) -> None:
        call = self.random.choice(["fetch", "read", "reply", "find_reply", "withdraw"])
        self.board.fail(call, self.random.choice(ERRORS)())  # type: ignore[arg-type]

    def crash(self) -> None:
        chance = self.random.random()
        if chance < 0.3:
            self.board.before_write.append(Killed())
        elif chance < 0.6:
            self.board.after_write.append(Killed())
        else:
            self.board.fail(self.random.choice(["fetch", "read", "find_reply"]), Killed())

    def lose(self) -> None:
        if self.random.random() < 0.5:
            self.board.lose_answers()
        else:
            self.board.before_write.append(UnknownOutcome("cut off on the way there"))

    def moderate(self) -> None:
        for row in self.board.written:
            if not row.visible and self.random.random() < 0.5:
                row.visible = self.random.random() < 0.7
                row.turned_down = "" if row.visible else "against the rules"

    def wait(self) -> None:
        self.world.clock.move(seconds=self.random.choice([1, 10, 60, 200, 4000, 90_000]))

    def settle(self) -> None:
        """End all faults, let time pass, and let staff answer everything."""
        for queued in (
            *self.board.faults.values(),
            self.board.before_write,
            self.board.after_write,
        ):
            queued.clear()
        for row in self.board.written:
            row.visible = row.visible or not row.turned_down
        for _ in range(14):
            self.world.clock.move(minutes=61)
            for _ in range(3):
                self.work()
            for line in self.world.queue.lines(state="open"):
                view = self.world.view(line.id)
                if view.correction is not None and view.state == "drafted":
                    self.give_up(line.id, view.draft.version)
                elif view.obstacle is not None and view.state == "drafted":
                    self.go_on_or_leave(line.id)
                elif view.state == "drafted":
                    self.world.approve(line.id)
                elif view.reply is not None and view.reply.state == "handed_over":
                    self.world.queue.mark_posted(line.id, actor=MARA)

    def give_up(self, case_id: int, version: int) -> None:
        self.world.queue.reject(
            case_id, draft_version=version, reason="keep_reply", note="", actor=OTTO
        )

    def report(self) -> None:
        """Bring the rollups up to date in the middle of it all."""
        self.keeper.run()

    def prove(self) -> None:
        world = self.world
        self.keeper.run()
        assert self.keeper.differences() == [], "the kept figures are not those of a recount"
        assert world.queue.lines(state="open") == [], "a case is never answered"
        listed = {
            found.external_id
            for page in self.board.pages
            for found in page.mentions
            if not found.deleted
        }
        assert {row.external_id for row in world.rows(Mention)} == listed, "a mention is lost"
        approved = Counter(reply.text for reply in world.rows(Reply))
        for text, times in Counter(row.text for row in self.board.written).items():
            assert times <= approved[text], f"said {times} times, approved {approved[text]}"
        keys = Counter(row.key for row in self.board.written)
        assert max(keys.values(), default=1) == 1, "one approval was said twice"
        # Where nothing can be read before sending, what nobody has heard of cannot be spared.
        overwritten = set(self.board.overwritten) if self.board.can_read else set()
        assert overwritten <= self.accepted_to_replace, "an answer of somebody else is lost"
        self.prove_no_approval_is_forgotten()
        for case in world.rows(Case):
            kinds = [row.kind for row in world.rows(Event, Event.case_id == case.id)]
            assert kinds[0] == "opened"

    def prove_no_approval_is_forgotten(self) -> None:
        """Each was said, refused by the platform, or taken back with a word on why.

        What was said stands there still, gave way to a later answer, or was taken down as asked.
        """
        back = {"reply_withdrawn", "set_aside", "not_posted"}
        for reply in self.world.rows(Reply):
            kinds = {row.kind for row in self.world.rows(Event, Event.case_id == reply.case_id)}
            assert reply.state in ENDINGS, reply.state
            assert reply.state != "withdrawn" or kinds & back, "taken back without a word"
            assert reply.state != "removed" or "withdrawal_asked" in kinds, "removed unasked"
            if reply.state == "refused":
                assert kinds & {"publish_refused", "not_posted"}, "refused without a word"


def walk(world: World, seed: int) -> None:
    course = Walk(world, seed)
    try:
        for _ in range(STEPS):
            course.step()
        course.settle()
        with world.db.read() as session:
            check_invariants(session)
        course.prove()
    except BaseException as error:
        error.add_note(f"seed {seed}: {', '.join(course.did[-12:])}")
        raise


@pytest.mark.parametrize("seed", range(WALKS))
def test_the_promises_hold_wherever_chance_leads(sqlite_database: Database, seed: int) -> None:
    from tests.support.core_stores import empty

    empty(sqlite_database)
    world = World(sqlite_database)
    walk(world, seed)
    world.close()


@pytest.mark.parametrize("seed", range(1000, 1000 + max(1, WALKS // 4)))
def test_they_hold_on_postgresql_too(postgres_database: Database, seed: int) -> None:
    from tests.support.core_stores import empty

    empty(postgres_database)
    world = World(postgres_database)
    walk(world, seed)
    world.close()
