"""*Make this a case*: a message in Slack becomes a case by a person's word, and once only."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import select

from monitor import due
from monitor.app import App
from monitor.models import Case, Event, Inbound, Label, Mention, Source
from responders.slack.making_cases import MakingCases
from responders.views import Actor
from tests.integration.slack.test_slack_real_queue import app, work
from tests.integration.slack.world import CHANNEL, EVE, MARA, OTTO
from tests.support.hand_clock import HandClock
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message

__all__ = ["app"]

ELSEWHERE = "C0TALK"
SAID = "<@U0OTTO> a guest says: the <https://shop.example/t|teapot> broke &amp; nobody cares &lt;3"


class Desk:
    """Listens, and has people choose the shortcut."""

    def __init__(self, rapport: App, clock: HandClock, slack: SlackServer) -> None:
        self.app, self.clock, self.slack = rapport, clock, slack
        slack.workspace.add_channel(ELSEWHERE, "talk")
        assert rapport.slack is not None
        rapport.slack.start()
        slack.until(lambda: slack.hub.links)

    def say(self, text: str = SAID, channel: str = ELSEWHERE, **more: object) -> Message:
        return self.slack.workspace.say(channel, text, **({"user": EVE} | more))

    def make_case(self, message: Message, user: str = MARA, **over: object) -> None:
        self.slack.make_case(message.channel, message.ts, user, **over)

    def work(self, patience: float = 10) -> None:
        work(self.app, self.clock, patience)

    def told(self) -> list[str]:
        return [each["text"].replace("\u200b", "") for each in self.slack.workspace.responses]

    def mentions(self) -> list[Mention]:
        with self.app.database.read() as session:
            found = list(session.scalars(select(Mention).order_by(Mention.id)))
            session.expunge_all()
            return found

    def cases(self) -> list[Case]:
        with self.app.database.read() as session:
            found = list(session.scalars(select(Case).order_by(Case.id)))
            session.expunge_all()
            return found


@pytest.fixture
def desk(app: tuple[App, HandClock], slack: SlackServer) -> Desk:
    return Desk(*app, slack)


def test_a_message_becomes_a_case_with_its_card(desk: Desk) -> None:
    message = desk.say()
    desk.make_case(message)
    desk.work()
    (mention,) = desk.mentions()
    assert mention.text == (
        "@U0OTTO a guest says: the teapot (https://shop.example/t) broke & nobody cares <3"
    )
    assert (mention.kind, mention.author_name) == ("post", "Eve")
    place = f"{ELSEWHERE}/p{message.ts.replace('.', '')}"
    assert mention.url == f"https://sample.slack.com/archives/{place}"
    assert mention.external_id == f"{ELSEWHERE}:{message.ts}"
    (case,) = desk.cases()
    assert case.state == "drafted"
    assert desk.told() == [f"{case.ref} is opened, and a draft is being made"]
    (card,) = desk.slack.workspace.messages(CHANNEL)
    assert "Messages in Slack" in str(card.blocks)
    view = desk.app.queue.view(case.id)
    assert view is not None
    assert not view.can_publish
    assert "write to them yourself" in view.why_by_hand
    with desk.app.database.read() as session:
        assert "Mara (slack)" in session.scalars(select(Event.actor)).all()
        label = session.scalars(select(Label)).one()
        assert (label.complaint, label.by) == (True, "Mara (slack)")


def test_what_rapport_would_not_call_a_complaint_is_one_by_the_persons_word(desk: Desk) -> None:
    desk.make_case(desk.say("Thank you, the garden is lovely."))
    desk.work()
    (case,) = desk.cases()
    assert desk.told() == [f"{case.ref} is opened, and a draft is being made"]


def test_one_message_never_makes_two_cases(desk: Desk) -> None:
    message = desk.say()
    desk.make_case(message)
    desk.make_case(message, OTTO)
    desk.work()
    desk.make_case(message, OTTO)
    desk.work()
    (case,) = desk.cases()
    first, second, third = desk.told()
    assert "is opened" in first
    for told in (second, third):
        assert f"it belongs to {case.ref} already" in told


def test_a_redelivery_is_one_act(desk: Desk) -> None:
    message = desk.say()
    desk.make_case(message, action_ts="1.1")
    desk.make_case(message, action_ts="1.1")
    desk.work()
    assert len(desk.told()) == 1


def test_who_may_not_decide_is_told_so_and_nothing_of_the_message_is_kept(desk: Desk) -> None:
    desk.make_case(desk.say(), EVE)
    desk.work()
    assert desk.cases() == []
    (told,) = desk.told()
    assert "may decide" in told
    with desk.app.database.read() as session:
        assert "teapot" not in str(session.scalars(select(Inbound.payload)).all())


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"text": "  "}, "no text"),
        ({"text": "", "attachments": [{"image_url": "https://x.example/1.png"}]}, "no text"),
        ({"text": "A card", "app_id": "A0APP", "bot_id": "B0BOT"}, "a message of Rapport itself"),
    ],
)
def test_what_is_no_case_is_told(desk: Desk, message: dict[str, object], why: str) -> None:
    desk.make_case(desk.say(**message))  # type: ignore[arg-type]  # a message of whatever sort
    desk.work()
    assert desk.cases() == []
    (told,) = desk.told()
    assert why in told


def test_a_forwarded_mail_is_read_out_of_its_attachment(desk: Desk) -> None:
    mail = {"title": "Cold tea", "fallback": "The tea was cold and the waiter rude."}
    desk.make_case(desk.say("", user=None, username="Mailbox", attachments=[mail]))
    desk.work()
    (mention,) = desk.mentions()
    assert mention.text == "Cold tea\nThe tea was cold and the waiter rude."
    assert (mention.author_name, mention.author_id) == ("Mailbox", None)


def test_where_the_app_is_no_member_the_case_has_no_link_and_the_answer_arrives(
    desk: Desk,
) -> None:
    desk.slack.workspace.channels[ELSEWHERE].is_member = False
    desk.make_case(desk.say(), response_url="")
    desk.work()
    (mention,) = desk.mentions()
    assert mention.url == ""
    (told,) = desk.slack.workspace.messages(f"D{MARA}")
    assert "is opened" in told.text


@pytest.mark.parametrize("method", ["users.info", "chat.getPermalink"])
def test_when_slack_does_not_answer_it_is_asked_again(desk: Desk, method: str) -> None:
    desk.slack.fault(method, "unavailable", "drop_after")
    desk.make_case(desk.say())
    desk.work(120)
    (mention,) = desk.mentions()
    assert mention.author_name == "Eve"
    assert mention.url


def test_a_kill_after_the_case_was_made_makes_no_second_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = MakingCases.act

    def killed(self: MakingCases, stored: dict[str, object], actor: Actor) -> object:
        act(self, stored, actor)
        raise SystemExit("kill -9")

    monkeypatch.setattr(MakingCases, "act", killed)
    desk.make_case(desk.say())
    with suppress(SystemExit):
        desk.work()
    monkeypatch.undo()
    with desk.app.database.write() as session:
        due.release_owner(session, "worker")
    desk.work()
    (case,) = desk.cases()
    (told,) = desk.told()
    assert case.ref in told


def test_its_source_is_made_when_it_is_needed_and_polled_by_nobody(desk: Desk) -> None:
    def source() -> Source | None:
        with desk.app.database.read() as session:
            return session.scalars(select(Source).where(Source.key == "slack")).first()

    desk.app.sync()
    assert source() is None
    desk.make_case(desk.say())
    desk.work()
    desk.app.sync()
    kept = source()
    assert kept is not None
    assert (kept.state, kept.next_at, kept.connector) == ("active", None, "slack")


def test_a_source_that_is_paused_takes_nothing(desk: Desk) -> None:
    desk.make_case(desk.say())
    desk.work()
    desk.slack.command("pause slack", MARA, CHANNEL)
    desk.work()
    desk.make_case(desk.say("The soup was cold as well."))
    desk.work()
    assert len(desk.cases()) == 1
    assert "is paused by Mara" in desk.told()[-1]
    desk.slack.command("resume slack", MARA, CHANNEL)
    desk.work()
    with desk.app.database.read() as session:
        kept = session.scalars(select(Source).where(Source.key == "slack")).one()
        assert (kept.state, kept.next_at) == ("active", None)
