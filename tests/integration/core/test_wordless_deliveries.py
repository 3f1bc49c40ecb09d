"""Deliveries that tell who spoke and not what was said, and alarms about unreadable ones."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import FoundMention, Page
from connectors.errors import LayoutChanged, Unavailable
from connectors.hooks import Delivery as Sent
from connectors.hooks import Hook
from monitor import due
from monitor.intake.deliveries import Deliveries, Ear
from monitor.models import Account, Alert, Delivery, Mention
from monitor.work import Worker
from tests.support.core_world import World, review


def opened(_settings: Any, sent: Sent) -> Page:
    try:
        told = json.loads(sent.body)
    except ValueError as error:
        raise LayoutChanged("no JSON") from error
    return Page(tuple(FoundMention(**one) for one in told), {})


class Ears:
    """A source that is told of items, and a worker that opens what it was told."""

    def __init__(self, world: World) -> None:
        self.world = world
        hook = Hook(admit=lambda *_: None, open=opened)
        self.deliveries = Deliveries(
            world.db, world.platforms, world.store, world.clock, {"board": Ear(hook, None)}
        )
        self.worker = Worker(world.db, world.clock, {"delivery": self.deliveries.handle}, "w")

    def hear(self, *told: dict[str, Any], raw: bytes | None = None) -> None:
        body = json.dumps(told).encode() if raw is None else raw
        assert self.deliveries.take("board", Sent(body)) == "stored"
        self.open()

    def open(self) -> None:
        with self.world.write() as session:
            claims = due.claim_due(session, "delivery", self.world.clock(), 100, "w")
        for claim in claims:
            self.worker.perform(claim)


@pytest.fixture
def ears(world: World) -> Ears:
    return Ears(world)


TOLD = {"external_id": "m1", "text": "", "addressed_to_us": True}


def test_the_words_of_a_wordless_delivery_are_read(world: World, ears: Ears) -> None:
    world.board.items["m1"] = review("m1", "bad tea", addressed_to_us=False)
    ears.hear(TOLD)
    row = world.mention("m1")
    assert (row.text, row.author_name, row.addressed_to_us) == ("bad tea", "Dana Petrova", True)
    assert world.case_of("m1").state == "opened"


def test_a_wordless_repetition_takes_no_words_away(world: World, ears: Ears) -> None:
    world.hear(review("m1"))
    ears.hear(TOLD)
    row = world.mention("m1")
    assert (row.text, row.revision) == ("bad tea", 1)


def test_what_is_gone_meanwhile_is_deleted_or_never_stored(world: World, ears: Ears) -> None:
    ears.hear({**TOLD, "external_id": "m0"})
    assert world.rows(Mention) == []
    world.hear(review("m1"))
    world.board.delete("m1", listed=False)
    ears.hear(TOLD)
    assert world.mention("m1").state == "deleted"


def test_a_platform_out_of_order_is_asked_later(world: World, ears: Ears) -> None:
    world.board.items["m1"] = review("m1")
    world.board.fail("read", Unavailable("down"))
    ears.hear(TOLD)
    assert world.rows(Mention) == []
    world.clock.move(hours=1)
    ears.open()
    assert world.mention("m1").text == "bad tea"


def test_an_account_that_rests_is_not_asked_for_words(world: World, ears: Ears) -> None:
    world.board.items["m1"] = review("m1")
    with world.write() as session:
        session.query(Account).one().paused_until = world.clock() + timedelta(hours=1)
    ears.hear(TOLD)
    assert world.board.count("read") == 0
    world.clock.move(hours=2)
    ears.open()
    assert world.mention("m1").text == "bad tea"


def test_a_platform_that_shows_no_single_item_leaves_the_link(world: World, ears: Ears) -> None:
    world.board.can_read = False
    ears.hear({**TOLD, "url": "https://board.example/m1"})
    assert world.mention("m1").url == "https://board.example/m1"


@pytest.mark.parametrize("shown", [True, False])
def test_a_delivery_that_had_to_wait_brings_no_older_words_back(
    world: World, ears: Ears, shown: bool
) -> None:
    told = {"external_id": "m1", "text": "bad tea"}
    also = {"external_id": "m2", "text": "fine"}
    world.hear(review("gone"))
    world.board.fail("read", Unavailable("down"))
    ears.hear(told, also, {"external_id": "gone", "text": "", "deleted": True})
    world.clock.move(seconds=1)
    ears.hear(told | {"text": "bad tea, and a worse cake"})
    world.board.can_read = shown
    world.board.items["m2"] = review("m2", "fine, today", rating=None)
    world.clock.move(hours=1)
    ears.open()
    assert world.mention("m1").text == "bad tea, and a worse cake"
    assert world.mention("m2").text == ("fine, today" if shown else "fine")


def test_readable_deliveries_do_not_end_the_alarm_about_one_that_waits(
    world: World, ears: Ears
) -> None:
    ears.hear(raw=b"[broken")
    for number in range(3):
        world.clock.move(hours=7)
        ears.hear({"external_id": f"m{number}", "text": "fine"})
    (alert,) = world.rows(Alert)
    assert (alert.key, alert.resolved_at) == ("delivery:board", None)
    world.clock.move(days=8)
    ears.open()
    assert world.row(Alert).resolved_at is not None
    assert not world.rows(Delivery, Delivery.next_at.is_not(None))
