"""From the configuration to the person: the model's draft is stored and shown as what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.testing.http_server import Reply
from monitor.checking import check
from monitor.cli.queue import _draw
from monitor.models import Alert
from responders.made_by import CHECK_EVERY_WORD
from responders.slack.cards import case_card
from tests.support.cases import Desk, open_desk
from tests.support.model_server import ModelServer
from tests.support.web import Browser, served

SECTION = """
language_model: {url: "%s", model: small, timeout: 5s, sources: [board]}
"""
TEXT = "We waited 40 minutes and the coffee was cold. Never again."


@pytest.fixture
def desk(tmp_path: Path, server: ModelServer) -> Iterator[Desk]:
    made = open_desk(tmp_path, more=SECTION % server.base)
    with closing(made.app):
        yield made


def test_a_draft_of_a_model_is_shown_as_one_everywhere(
    desk: Desk, server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    view = desk.complain(TEXT, author="Kim Alder")
    assert view.draft is not None
    assert view.draft.made_by == "language model (small)"
    assert view.draft.warning == CHECK_EVERY_WORD
    assert view.draft.findings == ()
    assert not any(reason.startswith("template") for reason in view.draft.reasons)
    card = case_card(view, channel="C0CARDS", post_key="k", now=desk.clock())
    assert CHECK_EVERY_WORD in json.dumps(card)
    _draw(view, desk.clock())
    told = capsys.readouterr().out
    assert "by language model (small)" in told
    assert CHECK_EVERY_WORD in told
    with served(desk.app) as address, closing(Browser(address)) as mara:
        mara.sign_in(desk.app)
        page = mara.get(f"/cases/{view.ref}")
        assert CHECK_EVERY_WORD in page.words(".answer")
        assert "written by the language model small" in page.words(".checks details")
        page = mara.act(page, "/approve", text="Dear Kim, we are sorry. Mara, Harbour Coffee")
        assert CHECK_EVERY_WORD not in page.words(".answer")


def test_a_template_draft_bears_no_such_word_and_says_why(desk: Desk, server: ModelServer) -> None:
    by_hand = desk.complain(TEXT, source="files")
    server.reply = Reply(500)
    failed = desk.complain(TEXT)
    for view, why in ((by_hand, "not switched on for this source"), (failed, "gave no answer")):
        assert view.draft is not None
        assert (view.draft.made_by, view.draft.warning) == ("templates", "")
        assert any(why in reason for reason in view.draft.reasons)
        assert view.draft.reasons[-1].startswith("template en/")
        card = case_card(view, channel="C0CARDS", post_key="k", now=desk.clock())
        assert CHECK_EVERY_WORD not in json.dumps(card)
    assert len(server.requests) == 1


def test_the_store_is_free_while_the_model_thinks(desk: Desk, server: ModelServer) -> None:
    honest = server.says
    assert isinstance(honest, str)

    heard = []

    def says(_body: object) -> str:
        heard.append(desk.complain("The tea was bad.", ready=False))
        return honest

    server.says = says
    view = desk.complain(TEXT)
    assert view.draft is not None
    assert view.draft.made_by == "language model (small)"
    assert [each.state for each in heard] == ["opened"]


def test_a_model_that_fails_raises_one_alert_and_resolves_it(
    desk: Desk, server: ModelServer
) -> None:
    server.reply = Reply.json({"error": "secret words"}, 401)
    for _ in range(4):
        desk.complain(TEXT)
    with desk.app.database.read() as session:
        [alert] = session.scalars(select(Alert).where(Alert.kind == "language_model"))
        assert alert.resolved_at is None
        assert "its key is missing or was refused; templates are used" in alert.message
        assert "secret" not in alert.message
    server.reply = None
    desk.clock.move(minutes=2)
    desk.complain(TEXT)
    with desk.app.database.read() as session:
        [alert] = session.scalars(select(Alert).where(Alert.kind == "language_model"))
        assert alert.resolved_at is not None


def found(desk: Desk) -> list[tuple[bool, str, str]]:
    return [
        (each.ok, each.said, each.advice)
        for each in check(desk.app)
        if each.what == "language model"
    ]


def test_check_proves_the_endpoint_with_one_tiny_call(desk: Desk, server: ModelServer) -> None:
    assert found(desk) == [(True, "small answers", "")]
    [body] = server.asked
    assert body["max_tokens"] == 16
    assert len(json.dumps(body)) < 300


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (Reply.json({"error": {"message": "bad key"}}, 401), "language_model.api_key"),
        (Reply.json({"error": {"message": "no such model"}}, 404), "language_model.model"),
        (Reply(500), "language_model.url"),
        (Reply.json({"hello": "there"}), "OpenAI-compatible"),
    ],
    ids=["key", "model", "down", "another API"],
)
def test_check_says_how_to_mend_it(
    reply: Reply, advice: str, desk: Desk, server: ModelServer
) -> None:
    server.reply = reply
    [(ok, said, told)] = found(desk)
    assert not ok
    assert said
    assert advice in told
