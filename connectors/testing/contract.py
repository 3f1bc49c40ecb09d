"""The contract, tried on one connector against its peer; see `connectors.testing`.

Import everything from here into a test module that has the fixtures `kind` and `peer_class`.
It is one long module so that one import brings the whole suite.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from connectors.advice import USUAL_ADVICE
from connectors.base import (
    Capabilities,
    Connector,
    ConnectorKind,
    Context,
    FoundMention,
    MentionRef,
    Page,
)
from connectors.checklist import RULES
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    NotAdmitted,
    NotSupported,
    RateLimited,
    Unavailable,
    UnknownOutcome,
)
from connectors.hooks import Delivery
from connectors.safety import AddressRefused
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW, Peer

TEXTS = [f"Visit number {n}: the coffee was cold & late" for n in range(1, 6)]
Make = Callable[[], Connector]


@pytest.fixture
def peer(peer_class: type[Peer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    opened = peer_class(tmp_path, monkeypatch)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def make(kind: ConnectorKind, peer: Peer) -> Iterator[Make]:
    opened: list[Connector] = []

    def build() -> Connector:
        settings = kind.settings.model_validate(peer.settings)
        context = Context("source", base_dir=peer.base_dir, now=lambda: NOW)
        opened.append(kind.build(settings, context))
        if peer.deliveries() is not None:
            opened[-1] = Listening(opened[-1], kind, settings, peer)
        return opened[-1]

    yield build
    for connector in opened:
        connector.close()


class Listening:
    """A connector that is only sent things, heard through its hook as a poll hears the others."""

    def __init__(self, inner: Connector, kind: ConnectorKind, settings: Any, peer: Peer) -> None:
        self._inner = inner
        self._kind = kind
        self._settings = settings
        self._peer = peer
        self.nonsense: bytes | None = None
        """A body that is delivered instead of the peer's."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def fetch(self, cursor: Any) -> Page:
        assert self._inner.fetch(cursor).mentions == ()
        hook, sent = self._kind.hook, self._peer.deliveries()
        assert hook is not None
        assert sent is not None
        for delivery in sent:
            hook.admit(self._settings, delivery, NOW)
        later = sent[int(cursor.get("heard", 0)) :]
        opened = later if self.nonsense is None else [Delivery(self.nonsense)]
        pages = [hook.open(self._settings, delivery) for delivery in opened]
        return Page(
            tuple(one for page in pages for one in page.mentions),
            {"heard": len(sent)},
            problems=tuple(one for page in pages for one in page.problems),
        )


def fetch_all(connector: Connector, cursor: Any) -> tuple[list[Page], Any]:
    """Fetch until there is no more, with the cursor stored as JSON between two pages."""
    pages: list[Page] = []
    for _ in range(50):
        given = json.loads(json.dumps(dict(cursor)))
        kept = copy.deepcopy(given)
        pages.append(connector.fetch(given))
        assert given == kept, "the cursor that was given is the core's, and not to be changed"
        cursor = pages[-1].next_cursor
        if not pages[-1].more:
            return pages, cursor
    raise AssertionError("there is always more")


def mentions(pages: list[Page]) -> dict[str, FoundMention]:
    return {m.external_id: m for page in pages for m in page.mentions}


def texts(pages: list[Page]) -> set[str]:
    found = [m.text for m in mentions(pages).values() if not m.deleted]
    return {text for text in TEXTS for one in found if text in one}


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(
        found.external_id,
        url=found.url,
        author_name=found.author_name,
        author_id=found.author_id,
        parent_external_id=found.parent_external_id,
        language=found.language,
        raw=json.loads(json.dumps(dict(found.raw or {}))),
    )


def filled(peer: Peer, make: Make) -> tuple[Connector, dict[str, FoundMention], Any]:
    for text in TEXTS[:3]:
        peer.add(text)
    connector = make()
    pages, cursor = fetch_all(connector, {})
    return connector, mentions(pages), cursor


def test_the_catalogue_entry_is_complete(kind: ConnectorKind) -> None:
    assert kind.title
    assert kind.summary
    assert kind.category
    for name, field in kind.settings.model_fields.items():
        assert field.description, name
        assert field.examples or not field.is_required(), name
    assert set(kind.advice) <= {*USUAL_ADVICE, "Problem"}
    for said in (kind.cost, kind.limits, kind.terms, kind.tested):
        assert said.endswith("."), "docs/reference/platforms.md prints sentences"
    assert set(kind.checklist) == set(RULES), "connectors.checklist.checked fills it in"
    if needs_secret(kind):
        assert kind.setup, "somebody must be told how to get access"
    jsonschema.Draft202012Validator.check_schema(kind.settings.model_json_schema())


def test_settings_agree_with_their_schema_and_refuse_what_is_unknown(
    kind: ConnectorKind, peer: Peer
) -> None:
    jsonschema.validate(peer.settings, kind.settings.model_json_schema())
    with pytest.raises(ValidationError):
        kind.settings.model_validate({**peer.settings, "no_such_setting": 1})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(
            {**peer.settings, "no_such_setting": 1}, kind.settings.model_json_schema()
        )


def test_capabilities_are_consistent(kind: ConnectorKind) -> None:
    able = kind.capabilities
    assert not (able.can_reply and kind.reply_needs), "replies that need nothing more"
    assert able.can_reply == (able.reply_mode in ("replace", "keyed", "append"))
    assert able.can_find_reply or able.reply_mode != "append", "one must look before repeating"


def test_making_a_connector_touches_no_network(peer: Peer, make: Make) -> None:
    make()
    assert peer.requests() == 0


def test_closing_twice_is_safe_also_without_use(make: Make) -> None:
    connector = make()
    connector.close()
    connector.close()


def test_an_empty_platform_is_no_error(make: Make) -> None:
    pages, _ = fetch_all(make(), {})
    assert mentions(pages) == {}


def test_everything_is_found_with_what_the_contract_promises(peer: Peer, make: Make) -> None:
    _, found, _ = filled(peer, make)
    assert len(found) == 3
    for mention in found.values():
        assert 0 < len(mention.external_id) <= 500
        assert mention.created_at is None or mention.created_at.tzinfo is not None
        assert mention.edited_at is None or mention.edited_at.tzinfo is not None
        assert mention.rating is None or mention.rating_min <= mention.rating <= mention.rating_max
        json.dumps(mention.raw)
        for text in (mention.text, mention.title, mention.author_name, mention.url):
            text.encode()
            assert "\0" not in text


def test_the_same_cursor_gives_the_same_page(peer: Peer, make: Make) -> None:
    for text in TEXTS[:3]:
        peer.add(text)
    assert make().fetch({}).mentions == make().fetch({}).mentions


def test_asking_again_brings_nothing_that_is_new(peer: Peer, make: Make) -> None:
    connector, found, cursor = filled(peer, make)
    pages, cursor = fetch_all(connector, cursor)
    assert set(mentions(pages)) <= set(found)
    pages, again = fetch_all(make(), cursor)
    assert set(mentions(pages)) <= set(found)
    assert again == cursor, "nothing happened, so there is nothing to store"


def test_what_comes_later_is_found(peer: Peer, make: Make) -> None:
    connector, _, cursor = filled(peer, make)
    peer.add(TEXTS[3])
    pages, cursor = fetch_all(connector, cursor)
    assert TEXTS[3] in texts(pages)
    peer.add(TEXTS[4])
    pages, _ = fetch_all(make(), cursor)
    assert TEXTS[4] in texts(pages), "after a restart as well"


def test_nothing_is_lost_when_a_page_is_not_stored(peer: Peer, make: Make) -> None:
    """A crash after `fetch` and before the commit: the old cursor is used again."""
    connector, _, cursor = filled(peer, make)
    peer.add(TEXTS[3])
    connector.fetch(cursor)
    pages, _ = fetch_all(make(), cursor)
    assert TEXTS[3] in texts(pages)


def test_an_edit_keeps_its_identity(peer: Peer, make: Make) -> None:
    if not peer.authors_edit:
        return
    connector, found, cursor = filled(peer, make)
    [before] = [m for m in found.values() if TEXTS[1] in m.text]
    peer.edit(TEXTS[1], "They have made it good since")
    pages, _ = fetch_all(connector, cursor)
    after = mentions(pages).get(before.external_id)
    if after is None:
        # A platform that lists no edits must let us read the mention itself.
        after = connector.read(ref_of(before))
    assert after is not None
    assert "They have made it good since" in after.text
    assert set(mentions(pages)) <= set(found)


def test_absence_is_not_deletion(peer: Peer, make: Make) -> None:
    connector, found, cursor = filled(peer, make)
    [gone] = [m for m in found.values() if TEXTS[0] in m.text]
    peer.remove(TEXTS[0])
    pages, _ = fetch_all(connector, cursor)
    told = {m.external_id for m in mentions(pages).values() if m.deleted}
    assert told <= ({gone.external_id} if peer.authors_tell_deletions else set())


def test_a_direct_read_tells_what_is_there_and_what_is_gone(peer: Peer, make: Make) -> None:
    connector, found, _ = filled(peer, make)
    [one] = [m for m in found.values() if TEXTS[0] in m.text]
    try:
        again = connector.read(ref_of(one))
    except NotSupported:
        return
    assert again is not None
    assert (again.external_id, again.text) == (one.external_id, one.text)
    if not peer.authors_delete:
        return
    peer.remove(TEXTS[0])
    now = connector.read(ref_of(one))
    assert now is None or now.deleted


FAULTS: list[tuple[Reply, type[ConnectorError]]] = [
    (Reply(500, b"<html>oops</html>"), Unavailable),
    (Reply(502), Unavailable),
    (Reply(401), AuthFailed),
    (Reply(403), AuthFailed),
    (Reply(410), Gone),
    (Reply(429, headers={"Retry-After": "7"}), RateLimited),
    (Reply(fault="drop"), Unavailable),
    (Reply(body=b"x" * 1000, fault="truncate"), Unavailable),
    (Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}), Unavailable),
    (Reply.redirect("/elsewhere/for/ever"), ConnectorError),
    (Reply(body=b"x" * 6_000_000), ConnectorError),
]


@pytest.mark.parametrize(("reply", "error"), FAULTS, ids=lambda one: str(one)[:24])
def test_each_fault_has_its_name(
    kind: ConnectorKind, peer: Peer, make: Make, reply: Reply, error: type[ConnectorError]
) -> None:
    connector, found, cursor = filled(peer, make)
    if isinstance(connector, Listening):
        return  # it never asks, so nothing can be answered wrongly
    if peer.break_with is None or not peer.plays_http:
        assert not speaks_http(kind) or peer.own_faults, "its peer must be able to fail"
        return
    peer.break_with(reply)
    with pytest.raises(error) as caught:
        fetch_all(connector, cursor)
    assert "\n" not in str(caught.value)
    assert not peer.secret or peer.secret not in repr(caught.value)
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == 7
    peer.break_with(None)
    peer.add(TEXTS[3])
    pages, _ = fetch_all(connector, cursor)
    assert TEXTS[3] in texts(pages), "the same connector goes on after the fault"
    assert set(found) | set(mentions(pages))


def test_each_fault_of_another_protocol_has_its_name(peer: Peer, make: Make) -> None:
    if not peer.own_faults:
        return
    connector, found, cursor = filled(make=make, peer=peer)
    assert peer.fail_as is not None
    peer.add(TEXTS[3])
    for fault, error in peer.own_faults.items():
        peer.fail_as(fault)
        with pytest.raises(error) as caught:
            fetch_all(connector, cursor)
        assert "\n" not in str(caught.value)
        assert not peer.secret or peer.secret not in repr(caught.value)
        peer.fail_as("")
    pages, _ = fetch_all(connector, cursor)
    assert TEXTS[3] in texts(pages), "the same connector goes on after the faults"
    assert set(found) | set(mentions(pages))


GARBAGE = [
    Reply.html("<html><body><form>Please log in</form></body></html>"),
    Reply(body=b"", headers={"Content-Type": "application/json"}),
    Reply(body=b"[" * 100_000, headers={"Content-Type": "application/json"}),
    Reply.json({"unexpected": True}),
    Reply.json([None, 1, "x", [], {}, {"id": 5}]),
    Reply(body=bytes(range(256)) * 20),
    Reply(body=b"<a>" * 20_000, headers={"Content-Type": "text/xml"}),
]


@pytest.mark.parametrize("reply", GARBAGE, ids=lambda one: repr(one.body[:12]))
def test_garbage_is_told_and_never_taken_for_emptiness(
    kind: ConnectorKind, peer: Peer, make: Make, reply: Reply
) -> None:
    connector, _, cursor = filled(peer, make)
    if peer.break_with is None or not peer.plays_http:
        assert not speaks_http(kind) or peer.own_faults, "its peer must be able to fail"
        return
    peer.add(TEXTS[3])
    peer.break_with(reply)
    if isinstance(connector, Listening):
        connector.nonsense = reply.body
    try:
        pages, _ = fetch_all(connector, cursor)
    except ConnectorError:
        return
    assert any(page.problems for page in pages)
    assert not any(m.deleted for m in mentions(pages).values())


def test_worthless_credentials_are_told(kind: ConnectorKind, peer: Peer, make: Make) -> None:
    connector, _, cursor = filled(peer, make)
    try:
        peer.revoke()
    except NotImplementedError:
        assert not needs_secret(kind), "its peer must revoke"
        return
    with pytest.raises(NotAdmitted if isinstance(connector, Listening) else AuthFailed):
        connector.fetch(cursor)


def test_private_addresses_need_leave(kind: ConnectorKind, peer: Peer, make: Make) -> None:
    if not speaks_http(kind):
        assert peer.break_with is None, "a connector with a network must guard it"
        return
    peer.settings["allow_private_addresses"] = False
    connector = make()
    if isinstance(connector, Listening):
        with pytest.raises(AddressRefused):
            connector.reply(MentionRef("1"), "We are sorry.", "key-1")
    else:
        with pytest.raises(AddressRefused):
            connector.fetch({})
    assert peer.requests() == 0


def test_access_can_be_verified_without_changing_anything(peer: Peer, make: Make) -> None:
    peer.add(TEXTS[0])
    health = make().verify()
    assert health.ok, health.summary
    assert health.summary
    assert peer.published() == []


def test_length_is_measured(kind: ConnectorKind, make: Make) -> None:
    connector = make()
    assert connector.measure("") == 0
    assert connector.measure("Thank you, we are sorry.") == 24
    assert connector.measure("Größe") in (5, 7)


def needs_secret(kind: ConnectorKind) -> bool:
    fields = kind.settings.model_fields.values()
    return any(field.is_required() and "Secret" in str(field.annotation) for field in fields)


def speaks_http(kind: ConnectorKind) -> bool:
    return "allow_private_addresses" in kind.settings.model_fields


def able(kind: ConnectorKind, peer: Peer) -> Capabilities:
    """Return what this very source may do, which its settings can decide."""
    if kind.capabilities_of is None:
        return kind.capabilities
    return kind.capabilities_of(kind.settings.model_validate(peer.settings))


def test_a_reply_stands_there_once_and_is_found(
    kind: ConnectorKind, peer: Peer, make: Make
) -> None:
    connector, found, _ = filled(peer, make)
    ref = ref_of(next(iter(found.values())))
    text = "We are sorry about the cold coffee; the machine is mended. Mara"
    if not able(kind, peer).can_reply:
        with pytest.raises(NotSupported):
            connector.reply(ref, text, "key-1")
        with pytest.raises(NotSupported):
            connector.find_reply(ref, text, "key-1")
        return
    if able(kind, peer).can_find_reply:
        assert connector.find_reply(ref, text, "key-1") is None
    receipt = connector.reply(ref, text, "key-1")
    assert receipt.state in ("accepted", "visible")
    assert [text in one for one in peer.published()] == [True]
    if able(kind, peer).can_find_reply:
        there = make().find_reply(ref, text, "key-1")
        assert there is not None
        assert there.external_id == receipt.external_id


def test_a_lost_answer_to_a_reply_is_an_unknown_outcome_that_can_be_looked_up(
    kind: ConnectorKind, peer: Peer, make: Make
) -> None:
    if not able(kind, peer).can_reply:
        assert able(kind, peer).reply_mode in ("manual", "none")
        return
    connector, found, _ = filled(peer, make)
    ref = ref_of(next(iter(found.values())))
    text = "We are sorry about the cold coffee; the machine is mended. Mara"
    connector.verify()
    assert peer.break_with is not None
    for reply in peer.lost_answers:
        peer.break_with(reply)
        with pytest.raises(UnknownOutcome):
            connector.reply(ref, text, "key-1")
        peer.break_with(None)
        if able(kind, peer).reply_mode == "append":
            break  # a second try would stand there twice, which is why the core looks first
    assert len(peer.published()) == 1
    if able(kind, peer).can_find_reply:
        assert connector.find_reply(ref, text, "key-1") is not None


def test_a_reply_is_withdrawn_and_once_more_without_harm(
    kind: ConnectorKind, peer: Peer, make: Make
) -> None:
    connector, found, _ = filled(peer, make)
    ref = ref_of(next(iter(found.values())))
    if not able(kind, peer).can_withdraw:
        with pytest.raises(NotSupported):
            connector.withdraw(ref, "1")
        return
    assert able(kind, peer).can_reply, "one withdraws what one has said"
    text = "We are sorry about the cold coffee; the machine is mended. Mara"
    receipt = connector.reply(ref, text, "key-1")
    connector.withdraw(ref, receipt.external_id)
    assert peer.published() == []
    with suppress(Gone):
        connector.withdraw(ref, receipt.external_id)
    if able(kind, peer).can_find_reply:
        assert make().find_reply(ref, text, "key-1") is None


def test_a_lost_answer_to_a_withdrawal_is_an_unknown_outcome(
    kind: ConnectorKind, peer: Peer, make: Make
) -> None:
    if not able(kind, peer).can_withdraw:
        return
    connector, found, _ = filled(peer, make)
    ref = ref_of(next(iter(found.values())))
    text = "We are sorry about the cold coffee; the machine is mended. Mara"
    receipt = connector.reply(ref, text, "key-1")
    assert peer.break_with is not None
    peer.break_with(peer.lost_answers[0])
    with pytest.raises(UnknownOutcome):
        connector.withdraw(ref, receipt.external_id)
    peer.break_with(None)
    with suppress(Gone):
        connector.withdraw(ref, receipt.external_id)
    assert peer.published() == []


def test_a_reply_to_what_is_gone_is_refused(kind: ConnectorKind, peer: Peer, make: Make) -> None:
    if not able(kind, peer).can_reply or not peer.authors_delete:
        return
    connector, found, _ = filled(peer, make)
    [gone] = [m for m in found.values() if TEXTS[0] in m.text]
    peer.remove(TEXTS[0])
    with pytest.raises(Gone):
        connector.reply(ref_of(gone), "We are sorry.", "key-1")
    assert peer.published() == []
