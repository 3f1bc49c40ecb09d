"""Each platform on which a reply can be put right and taken down, through the whole program."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.testing.peers import NOW
from tests.support.everywhere import MARA, Everywhere, opened
from tests.support.invariants import check_invariants

ABLE = (
    "appstoreconnect", "bluesky", "demo", "discourse", "googlebusiness", "mastodon", "reddit",
    "trustpilot", "x", "youtube",
)  # fmt: skip
COLD = "I waited fifty minutes, the coffee was cold and the staff were rude. Never again!"
BETTER = "We were wrong about the opening hours. Please write to hello@harbour.example. Mara"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everywhere]:
    """A program that has published one reply on every platform that can take it down again."""
    with (
        pytest.MonkeyPatch.context() as patch,
        opened(tmp_path_factory.mktemp("withdrawals"), patch, ABLE) as world,
    ):
        world.work()
        while world.clock() < NOW:
            # No step is longer than the shortest listing, or a gap would be told of.
            left = (NOW - world.clock()).total_seconds()
            world.pass_time(seconds=min(left, timedelta(days=6).total_seconds()))
        for name in ABLE:
            world.peers[name].add(f"{COLD} {name}")
        world.hear()
        for name in ABLE:
            world.approve(case_of(world, name))
        world.work()
        world.pass_time(minutes=2)
        yield world


def case_of(world: Everywhere, name: str) -> int:
    (case,) = world.cases(name)
    return int(case.id)


@pytest.mark.parametrize("name", ABLE)
def test_a_reply_is_put_right_and_then_taken_down(world: Everywhere, name: str) -> None:
    case_id, queue, peer = case_of(world, name), world.app.queue, world.peers[name]
    able = world.able(name)
    assert able.can_withdraw
    (first,) = peer.published()
    assert world.view(case_id).state == "answered"

    assert queue.correct(case_id, actor=MARA).done
    draft = world.view(case_id).draft
    assert draft is not None
    edited = queue.edit(
        case_id, base_version=draft.version, base_hash=draft.text_hash, text=BETTER, actor=MARA
    )
    assert edited.done, edited.message
    world.approve(case_id)
    world.work()
    world.pass_time(minutes=2)
    alone = able.reply_mode == "replace"
    assert [BETTER in text for text in peer.published()] == ([True] if alone else [False, True])

    assert queue.withdraw(case_id, reason="the wrong shop", actor=MARA).done
    world.work()
    assert peer.published() == ([] if alone else [first])
    view = world.view(case_id)
    assert view.state == ("drafted" if alone else "answered")
    if not alone:
        assert queue.withdraw(case_id, reason="the wrong shop", actor=MARA, answer=False).done
        world.work()
        assert peer.published() == []
        assert world.view(case_id).state == "closed"
    with world.app.database.read() as session:
        check_invariants(session)
