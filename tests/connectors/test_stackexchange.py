"""Stack Exchange: quotas and backoffs obeyed, whole posts for hits, disclosure demanded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Context, FoundMention, MentionRef
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
from connectors.stackexchange import KIND, StackExchangeConnector, StackExchangeSettings
from connectors.stackexchange.posts import mention_of
from connectors.stackexchange.replies import same_reply
from connectors.testing.http_server import Reply
from tests.connectors.peers.stackexchange import GUEST, KEY, OWN, START, TOKEN, ThisPeer
from tests.support.cassettes import RECORDINGS

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANSWER = "I work for Harbour Coffee, and we are sorry, Ada: the machine is mended."
Connect = Callable[..., StackExchangeConnector]


@pytest.fixture
def connect(peer: ThisPeer) -> Iterator[Connect]:
    opened: list[StackExchangeConnector] = []

    def make(context: Context | None = None, **said: Any) -> StackExchangeConnector:
        chosen = StackExchangeSettings.model_validate({**peer.settings, **said})
        opened.append(StackExchangeConnector(chosen, context or Context("s", now=lambda: NOW)))
        return opened[-1]

    yield make
    for connector in opened:
        connector.close()


def drain(connector: StackExchangeConnector, cursor: Any) -> tuple[list[FoundMention], Any]:
    found: list[FoundMention] = []
    for _ in range(60):
        page = connector.fetch(cursor)
        found += page.mentions
        cursor = json.loads(json.dumps(dict(page.next_cursor)))
        if not page.more:
            return found, cursor
    raise AssertionError("there is always more")


def ref_of(found: FoundMention) -> MentionRef:
    return MentionRef(found.external_id, url=found.url, raw=found.raw or {})


SEARCH = {"tags": [], "searches": ["cold coffee"]}


def test_every_page_is_read_and_a_restart_goes_on(peer: ThisPeer, connect: Connect) -> None:
    peer.page_size = 10
    for n in range(35):
        peer.ask(f"Complaint {n}")
    page = connect().fetch({})
    assert page.more
    late, cursor = drain(connect(), json.loads(json.dumps(dict(page.next_cursor))))
    assert {m.text for m in (*page.mentions, *late)} == {f"Complaint {n}" for n in range(35)}
    assert cursor["streams"]["tag:harbour-coffee"]["newest"] == START + 85
    asked = peer.server.requests[0]
    assert [asked.get(k) for k in ("tagged", "site", "sort", "order", "filter")] == [
        "harbour-coffee",
        "stackoverflow",
        "activity",
        "desc",
        "withbody",
    ]
    peer.server.requests.clear()
    again, same = drain(connect(), cursor)
    assert peer.server.requests[0].get("min") == str(START + 85 - 600)
    _, same_again = drain(connect(), same)
    assert same_again == same
    assert {m.text for m in again} <= {m.text for m in (*page.mentions, *late)}


def test_nothing_new_costs_one_request_and_no_reading(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("Complaint about cold coffee")
    for chosen in ({}, SEARCH):
        _, cursor = drain(connect(**chosen), {})
        peer.server.requests.clear()
        page = connect(**chosen).fetch(cursor)
        assert (page.unchanged, page.mentions, page.next_cursor) == (True, (), cursor)
        assert peer.requests() == 1


def test_a_server_that_turns_no_pages_does_not_keep_us_busy(
    peer: ThisPeer, connect: Connect
) -> None:
    item = {"question_id": 5, "title": "Cold", "creation_date": START}
    peer.server.on("/2.3/questions", Reply.json({"items": [item], "has_more": True}))
    found, _ = drain(connect(), {})
    assert {m.external_id for m in found} == {"5"}
    assert peer.server.paths().count("/2.3/questions") == 2


def test_fields_and_entities(peer: ThisPeer, connect: Connect) -> None:
    question = peer.ask("Cold coffee & late")
    peer.edit("Cold coffee & late", "Cold <b>coffee</b> & very late")
    [found], _ = drain(connect(), {})
    assert found.text == "Cold <b>coffee</b> & very late"
    assert found.title == 'Why is visit #51 "cold"?'
    assert (found.author_name, found.author_id) == ("Ada & Ben", "7")
    assert found.author_url == "https://stackoverflow.com/users/7/ada"
    assert (found.kind, found.url) == ("post", question["link"])
    assert found.created_at == datetime.fromtimestamp(START + 51, UTC)
    assert found.edited_at == datetime.fromtimestamp(START + 3000, UTC)
    assert found.raw == {"type": "question", "question_id": 51, "title": found.title}


@pytest.mark.parametrize(
    ("owner", "name", "ident"),
    [
        ({"user_type": "does_not_exist", "display_name": "user1234"}, "user1234", ""),
        ({"user_type": "does_not_exist", "user_id": -1}, "", ""),
        (None, "", ""),
        ({"user_id": 10**30, "display_name": 5}, "", ""),
    ],
)
def test_deleted_users_have_no_id(owner: Any, name: str, ident: str) -> None:
    item = {"question_id": 5, "title": "t", "body": "<p>b</p>", "owner": owner}
    found = mention_of(item, "superuser")
    assert (found.author_name, found.author_id, found.author_url) == (name, ident, "")
    assert found.url == "https://superuser.com/q/5"
    assert mention_of(item, "cooking").url == "https://cooking.stackexchange.com/q/5"
    assert mention_of(item, "mathoverflow.net").url == "https://mathoverflow.net/q/5"


def test_hits_are_read_whole_together_and_answers_name_their_question(
    peer: ThisPeer, connect: Connect
) -> None:
    question = peer.ask("Where is cold coffee good?")
    answer = peer.answer("Nowhere, cold coffee is bad", question["post_id"], GUEST)
    ours = peer.answer("Our cold coffee is fine. I work there", question["post_id"], OWN)
    peer.ask("Something else")
    found, cursor = drain(connect(**SEARCH), {})
    told = {m.external_id: (m.text, m.kind, m.parent_external_id) for m in found}
    assert told == {
        "51": ("Where is cold coffee good?", "post", ""),
        "52": ("Nowhere, cold coffee is bad", "comment", "51"),
    }
    paths = peer.server.paths()
    assert f"/2.3/posts/{ours['post_id']};{answer['post_id']};51" in paths
    connector = connect(**SEARCH)
    for one in found:
        again = connector.read(ref_of(one))
        assert again is not None
        assert (again.text, again.title) == (one.text, one.title)
        assert again.parent_external_id == one.parent_external_id
    peer.ask("More cold coffee")
    late, _ = drain(connect(**SEARCH), cursor)
    assert "More cold coffee" in {m.text for m in late}


def test_a_hit_without_its_post_keeps_the_excerpt(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("cold coffee")
    peer.server.on("/2.3/posts/51", Reply.json({"items": []}))
    [found], _ = drain(connect(**SEARCH), {})
    assert found.text == "… cold coffee …"


def test_a_backoff_is_obeyed_also_after_a_restart(peer: ThisPeer, connect: Connect) -> None:
    peer.page_size = 10
    for n in range(15):
        peer.ask(f"Complaint {n}")
    clock = [NOW]
    peer.extra = {"backoff": 10}
    page = connect(Context("s", now=lambda: clock[0])).fetch({})
    assert (len(page.mentions), page.more) == (10, True)
    assert page.account_rests == page.poll_no_sooner_than == timedelta(seconds=10)
    peer.server.requests.clear()
    cursor = json.loads(json.dumps(dict(page.next_cursor)))
    restarted = connect(Context("s", now=lambda: clock[0]))
    with pytest.raises(RateLimited) as caught:
        restarted.fetch(cursor)
    assert caught.value.retry_after == timedelta(seconds=10)
    assert peer.requests() == 0
    clock[0] += timedelta(seconds=11)
    peer.extra = {}
    late, _ = drain(restarted, cursor)
    assert len(late) == 5


def test_a_used_up_quota_rests_the_account_until_it_is_renewed(
    peer: ThisPeer, connect: Connect
) -> None:
    peer.ask("Complaint")
    peer.extra = {"quota_remaining": 0}
    connector = connect()
    page = connector.fetch({})
    assert (len(page.mentions), page.account_rests) == (1, timedelta(hours=12))
    with pytest.raises(RateLimited):
        connector.fetch(page.next_cursor)


ERRORS: list[tuple[int, int, str, str, type[ConnectorError]]] = [
    (400, 401, "access_token_required", "a token is needed", AuthFailed),
    (400, 402, "invalid_access_token", "the token is not valid", AuthFailed),
    (400, 403, "access_denied", "`write_access` is missing", AuthFailed),
    (400, 404, "no_method", "no method found with this name", LayoutChanged),
    (400, 405, "key_required", "a key is needed", AuthFailed),
    (400, 406, "access_token_compromised", "the token was sent in the clear", AuthFailed),
    (400, 400, "bad_parameter", "`key` doesn't match a known application", AuthFailed),
    (400, 400, "bad_parameter", "`tagged` is not a tag", Rejected),
    (400, 407, "write_failed", "Comments need 50 reputation", Rejected),
    (400, 500, "internal_error", "something failed", Unavailable),
    (400, 503, "temporarily_unavailable", "come back later", Unavailable),
    (400, 502, "throttle_violation", "too many requests", RateLimited),
    (200, 502, "throttle_violation", "too many requests", RateLimited),
    (502, 502, "throttle_violation", "too many requests", RateLimited),
]


@pytest.mark.parametrize(("status", "number", "name", "message", "error"), ERRORS)
def test_each_error_has_its_name(
    peer: ThisPeer,
    connect: Connect,
    status: int,
    number: int,
    name: str,
    message: str,
    error: type[ConnectorError],
) -> None:
    body = {"error_id": number, "error_name": name, "error_message": f"{message} {KEY}"}
    peer.server.on("/2.3/questions", Reply.json(body, status))
    with pytest.raises(error, match=name) as caught:
        connect().fetch({})
    assert KEY not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_the_wait_is_read_out_of_the_message(peer: ThisPeer, connect: Connect) -> None:
    message = "too many requests from this IP, more requests available in 33635 seconds"
    body = {"error_id": 502, "error_name": "throttle_violation", "error_message": message}
    peer.server.on("/2.3/questions", Reply.json(body, 400))
    with pytest.raises(RateLimited) as caught:
        connect().fetch({})
    assert caught.value.retry_after == timedelta(seconds=33635)


def test_too_many_a_second_answer_with_a_page(peer: ThisPeer, connect: Connect) -> None:
    page = Reply.html("<html><body>Too many requests {</body></html>", 429)
    peer.server.on("/2.3/questions", page)
    with pytest.raises(RateLimited):
        connect().fetch({})


def test_the_key_stays_out_of_every_message(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("Complaint")
    for odd in (Reply(fault="drop"), Reply(500), Reply(404), Reply(418), Reply(body=b"x"),
                Reply.json({"items": 5}), Reply(302, headers={"Location": "ftp://x"})):  # fmt: skip
        peer.server.on("/2.3/questions", odd)
        with pytest.raises(ConnectorError) as caught:
            connect().fetch({})
        assert "k3y" not in repr(caught.value)
        assert caught.value.__cause__ is None or "k3y" not in repr(caught.value.__cause__)


def test_a_comment_is_written_below_its_post(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("Complaint")
    connector = connect()
    [found], _ = drain(connector, {})
    receipt = connector.reply(ref_of(found), ANSWER, "k")
    sent = peer.server.requests[-1]
    assert sent.path == "/2.3/posts/51/comments/add"
    assert sent.form == {
        "body": ANSWER,
        "filter": "withbody",
        "site": "stackoverflow",
        "key": KEY,
        "access_token": TOKEN,
    }
    assert sent.query == ()
    assert (receipt.state, receipt.external_id) == ("visible", "comment-52")
    there = connector.find_reply(ref_of(found), ANSWER, "k")
    assert there is not None
    assert there.external_id == receipt.external_id


def test_an_answer_goes_to_the_question(peer: ThisPeer, connect: Connect) -> None:
    question = peer.ask("cold coffee?")
    peer.answer("Yes, cold coffee", question["post_id"], GUEST)
    connector = connect(**SEARCH, reply_as="answer")
    found, _ = drain(connector, {})
    [answer] = [m for m in found if m.kind == "comment"]
    receipt = connector.reply(ref_of(answer), ANSWER, "k")
    assert peer.server.requests[-1].path == "/2.3/questions/51/answers/add"
    assert receipt.url == "https://stackoverflow.com/a/53"
    for ref in (ref_of(answer), MentionRef(answer.external_id)):
        there = connector.find_reply(ref, ANSWER, "k")
        assert there is not None
        assert there.external_id == receipt.external_id == "53"


def test_only_our_own_comment_with_this_text_is_found(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("Complaint")
    connector = connect()
    [found], _ = drain(connector, {})
    peer.comment(ANSWER, 51, GUEST)
    peer.comment("I work for Harbour Coffee; something else", 51, OWN)
    assert connector.find_reply(ref_of(found), ANSWER, "k") is None
    for n in range(130):
        peer.comment(f"Noise number {n}", 51, GUEST)
    stands = peer.comment(ANSWER, 51, OWN)
    for n in range(130):
        peer.comment(f"Later noise {n}", 51, GUEST)
    there = connector.find_reply(ref_of(found), ANSWER, "k")
    assert there is not None
    assert there.external_id == f"comment-{stands['comment_id']}"
    peer.remove("Complaint")
    with pytest.raises(Gone):
        connector.find_reply(ref_of(found), ANSWER, "k")


@pytest.mark.parametrize(
    ("rendered", "text", "same"),
    [
        ("Sorry, it&#39;s <strong>mended</strong>", "Sorry, it's **mended**", True),
        ('See <a href="https://a.io/b">our page</a> now', "See [our page](https://a.io/b) now",
         True),
        ('See <a href="https://a.io/b" rel="nofollow">a.io/b…</a> now', "See https://a.io/b now",
         True),
        ("Sorry, it is mended", "Sorry, it is mended soon", False),
        ("", "", False),
    ],
)  # fmt: skip
def test_our_text_is_known_after_rendering(rendered: str, text: str, same: bool) -> None:
    assert same_reply(rendered, text) is same


def test_a_reply_must_say_whom_its_writer_works_for(peer: ThisPeer, connect: Connect) -> None:
    connector = connect()
    assert connector.objections(ANSWER) == ()
    assert connector.objections("Hi! i work for  HARBOUR coffee.") == ()
    [hidden] = connector.objections("We are sorry about the cold coffee")
    assert "disclose" in hidden
    assert len(connector.objections("Sorry")) == 2
    assert connect(reply_as="answer").objections("I work for Harbour Coffee.")
    assert KIND.capabilities_of is not None
    for reply_as, most in (("comment", 600), ("answer", 30_000)):
        said = {**peer.settings, "reply_as": reply_as}
        settings = StackExchangeSettings.model_validate(said)
        assert KIND.capabilities_of(settings).max_length == most
        with pytest.raises(Rejected, match="characters"):
            connect(reply_as=reply_as).reply(MentionRef("51"), "x" * (most + 1), "k")
    assert peer.requests() == 0


def test_a_refused_and_a_doubtful_write(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("Complaint")
    connector = connect()
    [found], _ = drain(connector, {})
    with pytest.raises(Rejected, match="at least 15 characters"):
        connector.reply(ref_of(found), "Sorry.", "k")
    for body, status in (
        ({"error_id": 409, "error_name": "duplicate_request", "error_message": "x"}, 400),
        ({"error_id": 500, "error_name": "internal_error", "error_message": "x"}, 400),
        ({"items": [{}]}, 200),
        ({"items": []}, 200),
        (["?"], 200),
    ):
        peer.server.on("/2.3/posts/51/comments/add", Reply.json(body, status))
        with pytest.raises(UnknownOutcome):
            connector.reply(ref_of(found), ANSWER, "k")


def test_without_a_token_people_answer_by_hand(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("Complaint")
    said = {"key": None, "access_token": None, "affiliation": ""}
    connector = connect(**said)
    [found], _ = drain(connector, {})
    assert all(not r.get("key") for r in peer.server.requests)
    for call in (connector.reply, connector.find_reply):
        with pytest.raises(NotSupported):
            call(ref_of(found), ANSWER, "k")
    health = connector.verify()
    assert (health.ok, "10,000" in health.advice) == (True, True)
    assert KIND.budgets_of is not None
    settings = StackExchangeSettings.model_validate({**peer.settings, **said})
    [budget] = KIND.budgets_of(settings)
    assert budget.amount + (budget.burst or 0) == 300


def test_who_answers_is_told_by_name(connect: Connect) -> None:
    assert connect().verify().summary.endswith("may comment as Mara & team, 600 characters")


def test_locks_are_told(peer: ThisPeer, connect: Connect) -> None:
    question = peer.ask("Complaint")
    question["closed_date"] = START
    connector = connect(reply_as="answer")
    [found], _ = drain(connector, {})
    assert found.locked == "the question is closed"
    again = connector.read(ref_of(found))
    assert again is not None
    assert again.locked == found.locked
    [found], _ = drain(connect(), {})
    assert found.locked == ""
    question["locked_date"] = START
    [found], _ = drain(connect(), {})
    assert found.locked == "the post is locked"


def test_odd_items_are_problems_and_the_others_are_read(peer: ThisPeer, connect: Connect) -> None:
    good = {"question_id": 5, "title": "Cold"}
    odd = [good, None, 7, {}, {"question_id": "x"}, {"question_id": 6}, {"answer_id": 8, "body": 5}]
    peer.server.on("/2.3/questions", Reply.json({"items": odd}))
    page = connect().fetch({})
    assert [m.external_id for m in page.mentions] == ["5"]
    assert len(page.problems) == 6
    peer.server.on("/2.3/questions", Reply.json({"items": good}))
    assert len(connect().fetch({}).mentions) == 1


@pytest.mark.parametrize("ident", ["", "../../me", "1;2", "a", "comment-5"])
def test_what_is_no_id_never_becomes_part_of_an_address(
    peer: ThisPeer, connect: Connect, ident: str
) -> None:
    with pytest.raises(Rejected, match="no id"):
        connect().read(MentionRef(ident))
    assert peer.requests() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "the key itself"},
        {"key": None},
        {"affiliation": " "},
        {"tags": []},
        {"tags": ["a b"]},
        {"site": "a/b"},
        {"searches": ["x"]},
    ],
)
def test_settings_are_checked(peer: ThisPeer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StackExchangeSettings.model_validate({**peer.settings, **wrong})


class Ledger:
    def __init__(self) -> None:
        self.spent: list[str] = []

    def spend(self, budget: str, amount: float = 1.0) -> None:
        self.spent.append(budget)

    def charge(self, budget: str, amount: float) -> None:
        raise AssertionError(f"nothing is charged afterwards: {budget} {amount}")


def test_each_request_is_booked(peer: ThisPeer, connect: Connect) -> None:
    peer.ask("cold coffee")
    ledger = Ledger()
    drain(connect(Context("s", now=lambda: NOW, meter=ledger), searches=["cold coffee"]), {})
    assert ledger.spent == ["calls"] * peer.requests()


def test_recorded_wrappers_are_understood(peer: ThisPeer, connect: Connect) -> None:
    """No recorded answer holds posts; what they hold is told item by item, and never lost."""
    folder = RECORDINGS / "stackexchange"
    recorded = sorted(folder.glob("*.json"))
    if not recorded:
        pytest.skip("the recordings are not here")
    for path in recorded:
        body = json.loads(path.read_text())
        peer.server.on("/2.3/questions", Reply.json(body), Reply.json({"items": []}))
        page = connect().fetch({})
        assert len(page.mentions) + len(page.problems) == len(body["items"]) > 0
        assert page.more is body["has_more"]
