"""On every platform: no answer is given twice, who writes below it is heard, trouble ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.testing.http_server import Reply, Request
from connectors.testing.peers import NOW, Peer, WebPeer
from monitor.models import Alert
from tests.connectors.peers import bluesky, discourse, facebook, instagram, mastodon, reddit, x
from tests.connectors.peers import woocommerce as shop
from tests.support.everywhere import Everywhere, opened
from tests.support.invariants import check_invariants

COLD = "I waited fifty minutes, the coffee was cold and the staff were rude. Never again!"
STILL = "Nobody has called me back, and this is a terrible way to treat people!"


def on_mastodon(peer: Any) -> None:
    [ours] = [one for one in peer.statuses.values() if one["account"] is mastodon.OWN]
    status = peer.write(mastodon.GUEST, STILL, ours["id"], "public")
    told = {"id": "999", "type": "mention", "account": mastodon.GUEST, "status": status}
    peer.notifications.append(told)


def on_bluesky(peer: Any) -> None:
    [ours] = [one for one in peer.posts.values() if one["author"]["did"] == bluesky.OWN]
    peer.write(STILL, parent=ours, reason="reply", at=NOW)


def on_discourse(peer: Any) -> None:
    [ours] = [one for one in peer.posts.values() if one["username"] == discourse.OWN]
    peer.write(discourse.GUEST, STILL, ours["topic_id"], ours["post_number"])


def on_facebook(peer: Any) -> None:
    [ours] = [one for one in peer.comments.values() if one["from"] is facebook.OWN]
    peer.comment(STILL, parent=ours["parent"] or ours["id"], minutes=0)


def on_instagram(peer: Any) -> None:
    [ours] = [one for one in peer.comments.values() if one["from"] is instagram.OWN]
    peer.comment(STILL, parent=ours["parent"], minutes=0)


def on_reddit(peer: Any) -> None:
    [ours] = [one for one in peer.things.values() if one["data"]["author"] == reddit.US]
    peer.comment(STILL, ours, box="inbox")


def on_x(peer: Any) -> None:
    [ours] = [one for one in peer.posts.values() if one["author_id"] == x.OWN["id"]]
    peer.write(x.GUEST, f"@harbour {STILL}", parent=ours["id"])


def on_youtube(peer: Any) -> None:
    [thread] = peer.threads
    peer.answer(thread, STILL)


def on_woocommerce(peer: Any) -> None:
    [ours] = [one for one in peer.comments.values() if one["author"] == shop.OWN]
    peer.comment(STILL, ours["id"])


def on_mailbox(peer: Any) -> None:
    [ours] = [BytesParser().parsebytes(raw)["Message-ID"] for raw in peer.mail.sent]
    mail = EmailMessage()
    mail["From"] = "Ada Byron <ada@elsewhere.example>"
    mail["To"] = "hello@harbour.example"
    mail["Subject"] = "Re: My visit, part 1"
    mail["Date"] = "Sun, 01 Mar 2026 12:20:00 +0000"
    mail["Message-ID"] = "<again@elsewhere.example>"
    mail["In-Reply-To"] = ours
    mail["References"] = f"<visit-1@elsewhere.example> {ours}"
    mail.set_content(STILL)
    peer.mail.deliver(mail.as_bytes())


SPEAKERS: dict[str, Callable[[Any], None]] = {
    "bluesky": on_bluesky,
    "discourse": on_discourse,
    "facebook": on_facebook,
    "instagram": on_instagram,
    "mailbox": on_mailbox,
    "mastodon": on_mastodon,
    "reddit": on_reddit,
    "woocommerce": on_woocommerce,
    "x": on_x,
    "youtube": on_youtube,
}
"""How the customer writes below our answer where there is room for that. Reviews have one answer
and end there; on Stack Exchange the connector reads questions and answers, and no comments."""


def listen_to_comments(_name: str, peer: Peer) -> None:
    """Let a shop's comments be read: that is left out unless it is asked for."""
    if isinstance(peer, shop.ThisPeer):
        peer.settings["comments"] = True


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def conversations(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[Everywhere]:
    """Every customer has complained, was answered, and has written again below the answer."""
    folder = tmp_path_factory.mktemp("conversations")
    with opened(
        folder, environment, SPEAKERS, NOW, listen_to_comments, backfill_since="2026-01-01"
    ) as world:
        for peer in world.peers.values():
            peer.add(COLD)
        world.hear()
        for name in world.names:
            world.approve(world.cases(name)[0].id)
        world.work()
        for name, speak in SPEAKERS.items():
            speak(world.peers[name])
        world.hear()
        yield world
        with world.app.database.read() as session:
            check_invariants(session)


@pytest.mark.parametrize("name", SPEAKERS)
def test_who_writes_below_our_answer_waits_for_the_next_one(
    conversations: Everywhere, name: str
) -> None:
    [case] = conversations.cases(name)
    view = conversations.view(case.id)
    assert STILL in view.later_words[0].text
    clocks = {clock.target: clock.state for clock in view.clocks}
    assert view.state == "drafted"
    assert clocks == {
        "first_response": "stopped",
        "next_response": "running",
        "resolution": "running",
    }
    conversations.approve(case.id)
    conversations.work()
    assert conversations.view(case.id).state == "answered"
    assert len(conversations.peers[name].published()) == 2


def may_lose(name: str) -> bool:
    """Tell whether this source can answer, and by HTTP, so that the answer to it can be lost."""
    kind = registry.load(name)
    told = kind.capabilities.can_reply or kind.capabilities_of is not None
    return told and "allow_private_addresses" in kind.settings.model_fields


CUT: set[str] = set()
"""Where the line was cut."""


def lose_the_first_receipt(name: str, peer: Peer) -> None:
    """Cut the line once, right after a reply of ours has begun to stand there."""
    if not isinstance(peer, WebPeer):
        return
    inner = peer.server._fallback
    CUT.discard(name)

    def answer(request: Request) -> Reply:
        before = len(peer.published())
        told = inner(request)
        if name not in CUT and len(peer.published()) > before:
            CUT.add(name)
            return Reply(fault="drop")
        return told

    peer.server.otherwise(answer)


@pytest.fixture(scope="module")
def uncertain(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[Everywhere]:
    """Every answer was sent and taken, and the word that it was is lost."""
    folder = tmp_path_factory.mktemp("uncertain")
    names = [name for name in registry.names() if may_lose(name)]
    with opened(
        folder, environment, names, NOW, lose_the_first_receipt, backfill_since="2026-01-01"
    ) as world:
        for peer in world.peers.values():
            peer.add(COLD)
        world.hear()
        for name in world.names:
            world.approve(world.cases(name)[0].id)
        world.work()
        for _ in range(10):
            world.pass_time(minutes=1)
        yield world
        with world.app.database.read() as session:
            check_invariants(session)


@pytest.mark.parametrize("name", [name for name in registry.names() if may_lose(name)])
def test_an_answer_whose_receipt_is_lost_is_given_once(uncertain: Everywhere, name: str) -> None:
    [case] = uncertain.cases(name)
    view = uncertain.view(case.id)
    assert view.reply is not None
    if not uncertain.able(name).can_reply:
        assert uncertain.peers[name].published() == []
        return
    assert len(uncertain.peers[name].published()) == 1
    if isinstance(uncertain.peers[name], WebPeer):
        assert name in CUT
    if view.reply.state == "handed_over":
        assert view.reply.is_unclear, "a person looks before posting it again"
        assert not uncertain.able(name).can_find_reply
    else:
        assert view.reply.state in ("published", "accepted")
        assert view.state == "answered"


FAULTS = {
    "refused": (Reply(401), "auth"),
    "slow down": (Reply(429, headers={"Retry-After": "90"}), "outage"),
    "out of order": (Reply(500, b"<html>oops</html>"), "outage"),
    "a login page": (Reply.html("<html><body><form>Please log in</form></body></html>"), "layout"),
}
"""How a platform fails, and what alert it is worth once it lasts."""


def speaks_http(name: str) -> bool:
    """Tell whether a source asks by HTTP, so that it can be answered with a fault."""
    peer = import_module(f"tests.connectors.peers.{name}").ThisPeer
    pushed = peer.deliveries is not Peer.deliveries
    return issubclass(peer, WebPeer) and not pushed


@pytest.mark.parametrize("fault", FAULTS)
def test_trouble_is_told_once_each_way_and_ends_by_itself(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply, kind = FAULTS[fault]
    names = [name for name in registry.names() if speaks_http(name)]
    with opened(tmp_path, monkeypatch, names, NOW, backfill_since="2026-01-01") as world:
        for number in range(3):  # from a page that lists so many, silence is no peace
            for peer in world.peers.values():
                peer.add(f"{number + 1} cups of coffee, and each was cold.")
        world.hear()
        before = {name: len(world.cases(name)) for name in names}
        for peer in world.peers.values():
            peer.add(COLD)
            assert peer.break_with is not None
            peer.break_with(reply)
        for _ in range(12):
            world.pass_time(minutes=15)
        told = {name: count_of(world.log.lines, f"poll of {name} fails") for name in names}
        assert told == dict.fromkeys(names, 1)
        alerts = {world.keys[alert.source_id]: alert.kind for alert in world.rows(Alert)}
        assert alerts == dict.fromkeys(names, kind)
        assert len(world.rows(Alert)) == len(alerts)

        for peer in world.peers.values():
            assert peer.break_with is not None
            peer.break_with(None)
        for _ in range(6):
            world.pass_time(minutes=15)
        told = {name: count_of(world.log.lines, f"poll of {name} works again") for name in names}
        assert told == dict.fromkeys(names, 1)
        assert all(alert.resolved_at is not None for alert in world.rows(Alert))
        after = {name: len(world.cases(name)) - before[name] for name in names}
        assert after == dict.fromkeys(names, 1)


def count_of(lines: list[str], words: str) -> int:
    """Count the lines that hold these words."""
    return sum(words in line for line in lines)
