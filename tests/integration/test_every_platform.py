"""Each shipped connector as a customer and a member of staff meet it: through the whole program.

One program listens to a peer of every platform at once. A quiet month passes; customers complain,
a person answers, customers change and take back their words, and the terms run out. What differs
between platforms is read off their capabilities and off what their peers declare.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connectors import registry
from connectors.base import ConnectorKind
from connectors.hooks import Delivery
from connectors.testing.http_server import Reply
from connectors.testing.peers import NOW, Peer
from monitor.cli.menu import rapport
from monitor.clock import utc_now
from monitor.models import Account, Budget, Mention, Revision, VaultEntry
from responders.by_hand import why_by_hand
from responders.views import CaseView
from tests.support.everywhere import MARA, Everywhere, opened
from tests.support.invariants import check_invariants
from tests.support.meta_graph import signed

COLD = "I waited fifty minutes, the coffee was cold and the staff were rude. Never again!"
TWICE = "They charged me twice for one coffee and nobody answers my mails. I want my money back."
THRICE = "They charged me three times for one coffee and shouted at me. A terrible place, avoid it!"
ILL = "The coffee made my daughter sick and the manager laughed at us. Disgusting and rude."
WORDS = {COLD: "waited fifty", TWICE: "charged me twice", THRICE: "shouted at", ILL: "laughed at"}
"""What customers say, and what no rendering of it leaves out."""


def said(name: str, words: str) -> str:
    """Return these words as a customer of one platform says them: with a mark of its own."""
    return f"{words} {mark(name, words)}"


def mark(name: str, words: str) -> str:
    """Return by what the words of one platform are known wherever they are written down."""
    return hashlib.sha256(f"{name} {words}".encode()).hexdigest()[:12]


every = pytest.mark.parametrize("name", registry.names())


@dataclass
class Moment:
    """How everything stood at one point of the story, by source."""

    cases: dict[str, dict[str, CaseView]] = field(default_factory=dict)
    """Each case as it is shown, by the words that opened it."""
    published: dict[str, list[str]] = field(default_factory=dict)
    revisions: dict[str, dict[str, int]] = field(default_factory=dict)
    """How often each mention was edited, by its first words' key, counted from 1."""
    disk: bytes = b""
    """Every byte of the store's files, the write-ahead log included."""
    rows: str = ""
    """Every row of every table, as text."""


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[Everywhere]:
    """A program that has listened to every platform for a month in which nobody spoke."""
    with opened(tmp_path_factory.mktemp("everywhere"), environment) as world:
        world.work()
        while world.clock() < NOW:
            # No step is longer than the shortest listing, or a gap would be told of.
            left = (NOW - world.clock()).total_seconds()
            world.pass_time(seconds=min(left, timedelta(days=6).total_seconds()))
        assert world.rows(Mention) == []
        assert world.alerts() == []
        yield world
        with world.app.database.read() as session:
            check_invariants(session)


class Ledger:
    """Which words opened which case: a platform may forbid to keep them, so order tells."""

    def __init__(self, world: Everywhere) -> None:
        self.world = world
        self.heard: dict[str, dict[str, int]] = {name: {} for name in world.names}
        """Mention ids by words."""

    def say(self, name: str, words: str) -> None:
        """Have a customer say something, hear it, and note which mention it is."""
        self.world.peers[name].add(said(name, words))

    def hear(self, words: str) -> None:
        """Hear what was said everywhere, and note which mention it is."""
        before = {name: {row.id for row in self.world.mentions(name)} for name in self.heard}
        self.world.hear()
        for name, known in before.items():
            new = [row.id for row in self.world.mentions(name) if row.id not in known]
            assert len(new) == 1, f"{name} heard {len(new)} new mentions where one was said"
            self.heard[name][words] = new[0]

    def look(self) -> Moment:
        """Write down how everything stands."""
        world, moment = self.world, Moment(disk=self.world.on_disk())
        for name, heard in self.heard.items():
            by_mention = {case.mention_id: case.id for case in world.cases(name)}
            rows = {row.id: row for row in world.mentions(name)}
            moment.cases[name] = {
                words: world.view(by_mention[ident])
                for words, ident in heard.items()
                if ident in by_mention
            }
            moment.revisions[name] = {words: rows[ident].revision for words, ident in heard.items()}
            moment.published[name] = world.peers[name].published()
        return moment


@pytest.fixture(scope="module")
def ledger(world: Everywhere) -> Ledger:
    return Ledger(world)


@pytest.fixture(scope="module")
def complained(world: Everywhere, ledger: Ledger) -> Moment:
    """A customer has complained on every platform."""
    for name in world.names:
        ledger.say(name, COLD)
    ledger.hear(COLD)
    return ledger.look()


@pytest.fixture(scope="module")
def approved(world: Everywhere, ledger: Ledger, complained: Moment) -> Moment:
    """A person has approved each draft, and time was given to publish."""
    for cases in complained.cases.values():
        for view in cases.values():
            world.approve(view.id)
    world.work()
    world.pass_time(minutes=2)
    return ledger.look()


@pytest.fixture(scope="module")
def answered(world: Everywhere, ledger: Ledger, approved: Moment) -> Moment:
    """What was handed over has been posted by hand as well."""
    for name in world.names:
        for view in approved.cases[name].values():
            if view.reply is not None and view.reply.state == "handed_over":
                done = world.app.queue.mark_posted(view.id, actor=MARA)
                assert done.done, done.message
    world.work()
    return ledger.look()


@pytest.fixture(scope="module")
def changed(world: Everywhere, ledger: Ledger, answered: Moment) -> Moment:
    """Two more have complained; then one edited his words, and the other deleted hers."""
    for words in (TWICE, ILL):
        for name in world.names:
            ledger.say(name, words)
        ledger.hear(words)
    for name, peer in world.peers.items():
        if peer.authors_edit:
            peer.edit(said(name, TWICE), said(name, THRICE))
        if peer.authors_delete:
            peer.remove(said(name, ILL))
    world.hear()
    return ledger.look()


@pytest.fixture(scope="module")
def gone_on(world: Everywhere, ledger: Ledger, changed: Moment) -> Moment:
    """All that was still to be decided after the changes has been approved."""
    for cases in changed.cases.values():
        for view in cases.values():
            if view.state == "drafted":
                world.approve(view.id)
    world.work()
    world.pass_time(minutes=2)
    return ledger.look()


@pytest.fixture(scope="module")
def outlived(world: Everywhere, ledger: Ledger, gone_on: Moment) -> Moment:
    """The platforms' terms have run: first with the platforms there, then without them."""
    terms = {name: world.source(name).keep_seconds for name in world.names}
    for seconds in sorted({each for each in terms.values() if each}):
        for _ in range(4):  # a mention is read again before its time is over
            world.clock.move(seconds=seconds / 4)
            world.let_peers_know_the_time()
            world.app.rechecker.run()
    moment = ledger.look()
    for peer in world.peers.values():
        if peer.break_with is not None and peer.plays_http:
            peer.break_with(Reply(503))
    world.clock.move(seconds=max(each for each in terms.values() if each) + 1)
    world.app.rechecker.run()
    moment.disk, moment.rows = world.on_disk(), world.in_rows()
    return moment


@every
def test_what_the_settings_make_possible_is_told_where_it_is_missing(
    world: Everywhere, name: str
) -> None:
    kind = world.kind(name)
    bare = why_by_hand(kind, kind.capabilities, addressed_to_us=True)
    if kind.capabilities.can_reply:
        assert bare == ""
    elif world.able(name).can_reply:
        assert "as this source is set up" in bare
        assert re.search(r"`\w+`", kind.advice["NotSupported"]), "the settings are named"
    else:
        assert bare == f"no program can publish on {kind.title}"


def test_the_contract_s_connectors_all_have_a_source(world: Everywhere) -> None:
    assert world.names == registry.names()


@every
def test_a_complaint_opens_a_case_with_a_draft(
    world: Everywhere, complained: Moment, name: str
) -> None:
    view = complained.cases[name][COLD]
    assert view.state == "drafted"
    assert view.draft is not None
    assert not view.draft.is_blocked, view.draft.findings
    assert world.able(name).must_say in view.draft.text
    assert view.draft.max_length is None or view.draft.length <= view.draft.max_length
    assert {clock.target: clock.state for clock in view.clocks} == {
        "first_response": "running",
        "resolution": "running",
    }
    assert complained.published[name] == []


@every
def test_the_approved_answer_stands_there_once_or_is_handed_over(
    world: Everywhere, approved: Moment, name: str
) -> None:
    view = approved.cases[name][COLD]
    assert view.reply is not None
    assert view.reply.approved_by == "Mara (web)"
    if not world.able(name).can_reply:
        assert (view.state, view.reply.state) == ("approved", "handed_over")
        assert view.reply.why_by_hand
        assert approved.published[name] == []
        page = view.answer_page or view.mention_url
        # A row of a file and an entry of a feed may stand nowhere else: they carry no link.
        assert page.startswith("http") or not any(m.url for m in world.mentions(name))
        return
    assert view.state == "answered"
    assert view.reply.state in ("published", "accepted")
    assert len(approved.published[name]) == 1
    assert first_line(view.reply.text) in approved.published[name][0]


@every
def test_a_published_or_posted_answer_stops_the_clocks(answered: Moment, name: str) -> None:
    view = answered.cases[name][COLD]
    assert view.state == "answered"
    clocks = {clock.target: clock for clock in view.clocks}
    assert clocks["first_response"].state == "stopped"
    assert clocks["first_response"].breached_at is None
    assert clocks["resolution"].state == "paused", "the customer has the next word"
    assert view.reply is not None
    assert view.reply.state in ("published", "accepted")


@every
def test_our_own_answer_is_not_heard_as_a_customer(
    world: Everywhere, ledger: Ledger, gone_on: Moment, name: str
) -> None:
    assert len(world.mentions(name)) == len(ledger.heard[name])
    assert len(world.cases(name)) == len(ledger.heard[name])


@every
def test_an_edit_becomes_a_revision_and_nothing_answers_the_old_words(
    world: Everywhere, ledger: Ledger, changed: Moment, gone_on: Moment, name: str
) -> None:
    if not world.peers[name].authors_edit:
        assert gone_on.revisions[name][TWICE] == 1
        return
    assert gone_on.revisions[name][TWICE] == 2
    ident = ledger.heard[name][TWICE]
    [earlier] = world.rows(Revision, Revision.mention_id == ident)
    [mention] = world.rows(Mention, Mention.id == ident)
    if world.able(name).may_store and mention.state == "present":
        assert WORDS[TWICE] in earlier.text
        assert WORDS[THRICE] in mention.text
    view = gone_on.cases[name][TWICE]
    if changed.revisions[name][TWICE] == 2:
        assert view.draft is not None
        assert view.draft.version > 1, "a new draft answers the new words"
    else:
        # The listing did not tell: the look before publishing did, and took the answer back.
        assert view.state == "drafted"
        assert len(gone_on.published[name]) < 2


@every
def test_a_deletion_is_believed_where_it_is_confirmed(
    world: Everywhere, changed: Moment, gone_on: Moment, outlived: Moment, name: str
) -> None:
    peer, able = world.peers[name], world.able(name)
    before, after, at_last = (each.cases[name][ILL] for each in (changed, gone_on, outlived))
    if not peer.authors_delete:
        assert after.state == "answered"
        return
    if peer.authors_tell_deletions and peer.deliveries() is not None:
        assert before.state == "closed"
    if able.can_reply:
        assert after.state == "closed"
        assert len(gone_on.published[name]) <= 2, "nothing was said to who had gone"
    else:
        # Absence alone is no deletion: a person still decides.
        assert after.state == "approved"
    if able.recheck_within or (able.retention and able.can_reply):
        assert at_last.state == "closed"


@every
def test_no_secret_is_written_down(world: Everywhere, outlived: Moment, name: str) -> None:
    told = "\n".join([*world.log.lines, *world.alerts()])
    for secret in world.secrets(name):
        assert secret not in told
        assert secret.encode() not in outlived.disk


@every
def test_what_is_used_is_counted(world: Everywhere, gone_on: Moment, name: str) -> None:
    budgets_of = world.kind(name).budgets_of
    counted = {
        row.name: row.spent_today
        for row in world.rows(Budget, Budget.account_id == account(world, name))
    }
    if budgets_of is None:
        assert counted == {}
        return
    declared = {budget.name for budget in budgets_of(world.app.platforms._platform(name).settings)}
    assert counted
    assert set(counted) <= declared
    if "replies" in declared and world.able(name).can_reply:
        assert "replies" in counted


@every
def test_the_vault_holds_only_what_is_sealed(world: Everywhere, gone_on: Moment, name: str) -> None:
    for entry in world.rows(VaultEntry, VaultEntry.account_id == account(world, name)):
        assert entry.sealed.startswith("gAAAA")
    assert not world.app.vaults.forgets


@every
def test_only_what_the_terms_allow_is_kept(
    world: Everywhere, changed: Moment, outlived: Moment, name: str
) -> None:
    able = world.able(name)
    rows = world.mentions(name)
    assert all(row.url or row.external_id for row in rows)
    if not able.may_store:
        assert {row.state for row in rows} <= {"withheld", "deleted"}
    for words in WORDS:
        trace = mark(name, words).encode()
        if not able.may_store:
            assert trace not in changed.disk
            assert trace not in outlived.disk
        if able.retention:
            assert mark(name, words) not in outlived.rows
    if not able.may_store or able.retention:
        assert not any(row.text or row.title or row.author_name or row.raw for row in rows)
    assert [case.mention_id for case in world.cases(name)], "the cases still make sense"


def test_what_stood_there_at_first_is_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listening begins when all was said: it is taken in, and nobody is troubled with it."""
    with opened(tmp_path, monkeypatch, begin=NOW) as world:
        for name in world.names:
            world.peers[name].add(said(name, COLD))
        for _ in range(2):
            world.hear()
            for name in world.names:
                [row] = world.mentions(name)
                assert row.history == world.kind(name).begins_with_history, name
                assert len(world.cases(name)) == (not row.history), name
        assert world.alerts() == []


@pytest.mark.parametrize("name", ["bluesky", "hackernews", "stackexchange"])
def test_a_first_reading_reaches_back_to_what_is_wanted_as_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """These read 30 days at first, unless older words are wanted."""
    old = NOW - timedelta(days=40)

    def say_it_long_ago(_name: str, peer: Any) -> None:
        if name == "bluesky":
            peer.settings["queries"] = ["coffee"]
            peer.write(COLD, at=old)
        elif name == "hackernews":
            peer.write(COLD, time=int(old.timestamp()))
        else:
            peer.ask(COLD).update(
                dict.fromkeys(("creation_date", "last_activity_date"), int(old.timestamp()))
            )

    for since, cases in (("2026-02-27", 0), ("2026-01-10", 1)):
        folder = tmp_path / since
        folder.mkdir()
        with opened(
            folder, monkeypatch, [name], NOW, say_it_long_ago, backfill_since=since
        ) as world:
            world.work()
            assert len(world.cases(name)) == cases


def test_check_proves_every_source_and_tells_how_access_is_got(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, monkeypatch, begin=utc_now()) as world:
        for name in world.names:
            world.peers[name].add(said(name, COLD))
        told = check(world)
        assert {name for name in world.names if not told[name]["ok"]} == set()
        revoked = {name for name, peer in world.peers.items() if is_revoked(peer)}
        # Whether a sender still knows our secret is seen when it sends.
        revoked -= {name for name in revoked if world.peers[name].deliveries() is not None}
        assert revoked
        told = check(world)
        assert {name for name in world.names if not told[name]["ok"]} == revoked
        for name in revoked:
            assert told[name]["said"].startswith("AuthFailed: "), name
            assert told[name]["advice"], name
            assert told[name]["steps"] == list(world.kind(name).setup), name
            for secret in world.secrets(name):
                assert secret not in json.dumps(told), name


def check(world: Everywhere) -> dict[str, Any]:
    """Run ``rapport check`` and return what it says of each source."""
    world.let_peers_know_the_time()
    done = CliRunner().invoke(rapport, ["--config", str(world.config), "check", "--json"])
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == int(not all(one["ok"] for one in told))
    return {one["what"].removeprefix("source "): one for one in told}


def is_revoked(peer: Peer) -> bool:
    """Make a peer's credentials worthless; tell whether it has any."""
    try:
        peer.revoke()
    except NotImplementedError:
        return False
    return True


def in_graph(thing: str, value: Any, field: str, account: str) -> Delivery:
    entry = {"id": account, "time": 1772366400, "changes": [{"field": field, "value": value}]}
    body = json.dumps({"object": thing, "entry": [entry]}).encode()
    return Delivery(body, signed(body))


def by_facebook(peer: Any, words: str) -> Delivery:
    listed = peer.comment(words)
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": listed["id"],
        "post_id": peer.post,
        "parent_id": peer.post,
        "from": listed["from"],
        "message": words,
        "created_time": 1772366000,
        "post": {"permalink_url": peer.posts[peer.post]["permalink_url"]},
    }
    return in_graph("page", value, "feed", peer.settings["page_id"])


def by_instagram(peer: Any, words: str) -> Delivery:
    listed = peer.comment(words)
    value = {
        "id": listed["id"],
        "text": words,
        "from": listed["from"],
        "media": {"id": listed["on"], "media_product_type": "FEED"},
    }
    return in_graph("instagram", value, "comments", peer.settings["user_id"])


def by_trustpilot(peer: Any, words: str) -> Delivery:
    event = {"eventName": "service-review-created", "version": "1", "eventData": peer.add(words)}
    body = json.dumps({"events": [event]}).encode()
    return Delivery(body, query={"secret": HOOK_SECRET})


def by_discourse(peer: Any, words: str) -> Delivery:
    post = peer.write("ada", words)
    topic = peer.topics[post["topic_id"]]["title"]
    body = json.dumps({"post": {**post, "topic_title": topic}}).encode()
    seal = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return Delivery(
        body,
        {
            "x-discourse-event": "post_created",
            "x-discourse-event-id": "4711",
            "x-discourse-event-signature": f"sha256={seal}",
        },
    )


def by_webhook(peer: Any, words: str) -> Delivery:
    peer.add(words)
    sent: Delivery = peer.deliveries()[-1]
    return sent


HOOK_SECRET = "hook-s3cret-of-the-shop"
SENDERS: dict[str, Callable[[Any, str], Delivery]] = {
    "discourse": by_discourse,
    "facebook": by_facebook,
    "instagram": by_instagram,
    "trustpilot": by_trustpilot,
    "webhook": by_webhook,
}
"""How each platform that sends by itself tells of a new complaint, which it lists as well."""


def give_a_hook_secret(_name: str, peer: Peer, kind: ConnectorKind) -> None:
    """Set the secret of deliveries where the peer's settings leave it out."""
    if "webhook_secret" in kind.settings.model_fields:
        peer.environment.setenv("TEST_HOOK_SECRET", HOOK_SECRET)
        peer.settings["webhook_secret"] = "env:TEST_HOOK_SECRET"


@pytest.mark.parametrize("name", [n for n in registry.names() if registry.load(n).hook])
def test_what_is_delivered_opens_one_case_however_often_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def prepare(name: str, peer: Peer) -> None:
        give_a_hook_secret(name, peer, registry.load(name))

    with opened(tmp_path, monkeypatch, [name], begin=NOW, prepare=prepare) as world:
        world.work()
        sent = SENDERS[name](world.peers[name], said(name, COLD))
        forged = Delivery(sent.body + b" ", sent.headers, {**sent.query, "secret": "guessed"})
        assert world.post(name, forged).status_code == 401
        assert world.post(name, sent).status_code == 202
        assert world.post(name, sent).status_code == 200, "it is known"
        world.work()
        [row] = world.mentions(name)
        assert not row.history, "what is told by itself is news"
        assert mark(name, COLD) in row.text
        world.pass_time(minutes=15)  # a poll finds it in the listing as well
        assert [each.id for each in world.mentions(name)] == [row.id]
        [case] = world.cases(name)
        world.approve(case.id)
        world.work()
        view = world.view(case.id)
        assert view.reply is not None
        assert (view.reply.state, len(world.peers[name].published())) == ("published", 1)
        written = world.on_disk() + "\n".join(world.log.lines).encode()
        for secret in (*world.secrets(name), HOOK_SECRET):
            assert secret.encode() not in written


def first_line(text: str) -> str:
    """Return what of an answer no rendering changes."""
    return text.splitlines()[0][:40]


def account(world: Everywhere, name: str) -> int:
    [row] = world.rows(Account, Account.key == name)
    ident: int = row.id
    return ident
