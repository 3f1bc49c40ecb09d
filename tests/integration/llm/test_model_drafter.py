"""The drafter against a real endpoint on this machine, with everything that can go wrong."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from connectors.secrets import Secret
from connectors.testing.http_server import LoopbackServer, Reply
from monitor.db import Database
from responders.drafts import Draft, DraftFacts
from responders.llm.making import make_drafter
from responders.llm.settings import ModelSettings
from tests.support.hand_clock import HandClock
from tests.support.model_server import PATH, ModelServer, completion
from tests.unit.llm.cases import data, facts_of, templates

COLD = "I waited forty minutes for my tea. Call me at 030 5550188, Kim Alder."
CANARY = "crimson-otter"


class Desk:
    """A drafter on a real store, with a clock moved by hand and the alarms it gave."""

    def __init__(self, database: Database, server: LoopbackServer, **settings: Any) -> None:
        self.clock = HandClock()
        self.alarms: list[str | None] = []
        given: dict[str, Any] = {"url": f"{server.url}/v1", "model": "small", "timeout": 5.0}
        self.settings = ModelSettings(**(given | settings))
        self.drafter = make_drafter(
            self.settings, database, self.clock, "Rapport/0.1", self.alarms.append
        )

    def draft(self, facts: DraftFacts | None = None) -> Draft:
        return self.drafter.draft(facts or facts_of(COLD))


def by_template(draft: Draft, facts: DraftFacts | None = None) -> bool:
    """Tell whether a draft is exactly the template drafter's, with one reason more."""
    plain = templates().draft(facts or facts_of(COLD))
    same = (draft.text, draft.language, draft.template) == (
        plain.text,
        plain.language,
        plain.template,
    )
    return same and draft.made_by == "templates" and draft.reasons[:-1] == plain.reasons


def test_an_honest_model_writes_the_draft(database: Database, server: ModelServer) -> None:
    draft = Desk(database, server).draft()
    assert draft.text == (
        "Hello Kim, we are sorry that your tea took so long. We will talk to the team about it, "
        "and you can reach us at hello@harbour.example.\n\nMara, Harbour Coffee"
    )
    assert draft.made_by == "language model (small)"
    assert (draft.language, draft.template) == ("en", "")
    assert "360 tokens" in draft.reasons[1]
    assert "2 places of personal data hidden" in draft.reasons[2]


def test_one_request_is_made_and_nothing_personal_is_in_it(
    database: Database, server: ModelServer
) -> None:
    Desk(database, server).draft()
    [request] = server.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert "Authorization" not in request.headers
    body = request.body.decode()
    assert [w for w in ("Alder", "5550188", "hello@harbour", "Mara") if w in body] == []


def test_a_new_fence_is_made_for_each_question(database: Database, server: ModelServer) -> None:
    desk = Desk(database, server)
    desk.draft()
    desk.draft()
    first, second = (body["messages"][1]["content"].split("\n")[0] for body in server.asked)
    assert first != second
    assert len(first) > 24


def test_the_key_is_sent_and_found_nowhere_else(
    database: Database,
    server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("TEST_MODEL_KEY", CANARY)
    caplog.set_level(logging.DEBUG)
    desk = Desk(database, server, api_key=Secret("env:TEST_MODEL_KEY"))
    desk.draft()
    assert server.requests[0].headers["Authorization"] == f"Bearer {CANARY}"
    server.reply = Reply.json({"error": {"message": f"{CANARY} {COLD}"}}, 401)
    refused = [desk.draft() for _ in range(4)]
    told = caplog.text + repr(desk.settings) + repr(refused) + repr(desk.alarms)
    assert CANARY not in told
    assert "forty minutes" not in caplog.text + repr(desk.alarms)


BROKEN = {
    "refused": (Reply.json({"error": "no"}, 401), "its key is missing or was refused"),
    "unknown model": (Reply.json({"error": "no model"}, 404), "no such address or model"),
    "too many": (Reply(429, headers={"Retry-After": "7"}), "asked us to slow down"),
    "broken": (Reply(500, b"oops"), "failed, or did not answer in time"),
    "away": (Reply(503, headers={"Retry-After": "7"}), "cannot be reached"),
    "bad request": (Reply.json({"error": "max_tokens"}, 400), "refused the request"),
    "no JSON": (Reply.html("<h1>Hello</h1>"), "answered no JSON"),
    "half an answer": (
        Reply(200, b'{"choices": [{"message": ', {"Content-Type": "application/json"}),
        "answered no JSON",
    ),
    "broken off": (Reply(200, b"{" * 4000, fault="truncate"), "did not answer in time"),
    "hung up": (Reply(fault="drop"), "did not answer in time"),
    "far too much": (Reply(200, b"x" * 4096, fault="flood"), "did not answer in time"),
    "unpacks to far too much": (Reply(200, b"x" * 2**21, gzipped=True), "did not answer in time"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_breaks_the_template_is_used_and_the_reason_said(
    name: str, database: Database, server: ModelServer
) -> None:
    server.reply, why = BROKEN[name]
    draft = Desk(database, server).draft()
    assert by_template(draft)
    assert draft.reasons[-1].startswith("the language model gave no answer: ")
    assert why in draft.reasons[-1]
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", ["stall", "drip"])
def test_a_model_that_hangs_is_not_waited_for(
    fault: Any, database: Database, server: ModelServer
) -> None:
    server.reply = Reply(200, b"{}", fault=fault)
    draft = Desk(database, server, timeout=0.3).draft()
    assert by_template(draft)
    assert "did not answer in time" in draft.reasons[-1]


def test_nobody_there(database: Database) -> None:
    with ModelServer() as gone:
        pass
    draft = Desk(database, gone).draft()
    assert by_template(draft)
    assert "cannot be reached" in draft.reasons[-1]


def test_no_redirect_is_followed(database: Database, server: ModelServer) -> None:
    with ModelServer("caught") as elsewhere:
        for status in (301, 302, 303, 307, 308):
            server.reply = Reply.redirect(f"{elsewhere.base}/chat/completions", status)
            assert by_template(Desk(database, server).draft())
        assert elsewhere.requests == []


UNUSABLE = {
    "a refusal": (completion(None, refusal="no"), "the model refused"),
    "a refusal in words": (
        completion("I'm sorry, but I can't help with that request."),
        "the model refused",
    ),
    "a filter": (completion("", ended="content_filter"), "the model refused"),
    "an answer cut off": (completion("Hello Kim, we", ended="length"), "was cut off"),
    "no completion": ({"hello": "there"}, "no chat completion"),
    "nothing": (completion("   "), "empty or too short"),
    "JSON": (completion('{"answer": "We are sorry for the wait today."}'), "not plain text"),
    "a tool": (completion(None, tool_calls=[{"id": "1"}]), "no text"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_answer_that_is_none_is_not_used(
    name: str, database: Database, server: ModelServer
) -> None:
    found, why = UNUSABLE[name]
    server.reply = Reply.json(found)
    draft = Desk(database, server).draft()
    assert by_template(draft)
    assert draft.reasons[-1].startswith("the language model's answer was not used: ")
    assert why in draft.reasons[-1]


def test_a_model_that_repeats_all_it_was_told(database: Database, server: ModelServer) -> None:
    for which in (0, 1):
        server.says = lambda body, which=which: body["messages"][which]["content"]
        draft = Desk(database, server).draft()
        assert by_template(draft)
        assert "was not used" in draft.reasons[-1]


@pytest.mark.parametrize("each", data("injections.yaml"), ids=lambda each: each["text"][:40])
def test_a_model_that_obeys_the_customer_gets_nothing_through(
    each: dict[str, str], database: Database, server: ModelServer
) -> None:
    facts = facts_of(each["text"], each["language"])
    server.says = each["obeys"]
    draft = Desk(database, server).draft(facts)
    assert len(server.requests) == 1
    assert by_template(draft, facts)
    assert "was not used" in draft.reasons[-1]


NOT_ASKED = {
    "terms": ({"may_use_ai": False}, {}, "the platform's terms forbid it"),
    "brand": ({"brand_key": "harbour"}, {"brands": ("other",)}, "for this brand"),
    "source": ({"source_key": "board"}, {"sources": ("other",)}, "for this source"),
    "grave": ({"topics": ("safety",)}, {}, "the matter is grave"),
    "urgent": ({"urgency": "urgent"}, {}, "the matter is grave"),
    "no words": ({"text": " "}, {}, "no words to answer"),
    "no room": ({"max_length": 60}, {}, "too little room"),
    "calls": ({}, {"calls_per_day": 0}, "budget of calls (0) is used up"),
    "tokens": ({}, {"tokens_per_day": 500}, "budget of tokens (500) is used up"),
}


@pytest.mark.parametrize("name", NOT_ASKED)
def test_where_it_may_not_be_asked_nothing_leaves(
    name: str, database: Database, server: ModelServer
) -> None:
    values, settings, why = NOT_ASKED[name]
    facts = replace(facts_of(COLD), **values)
    draft = Desk(database, server, **settings).draft(facts)
    assert server.requests == []
    assert by_template(draft, facts)
    assert draft.reasons[-1].startswith("the language model was not asked: ")
    assert why in draft.reasons[-1]


def test_a_model_that_fails_is_left_alone_and_tried_again(
    database: Database, server: ModelServer
) -> None:
    desk = Desk(database, server)
    desk.draft()
    server.reply = Reply(500)
    for _ in range(5):
        desk.draft()
    assert len(server.requests) == 1 + 3
    assert "it is left alone until" in desk.draft().reasons[-1]
    assert desk.alarms == [
        None,
        "the language model does not answer: it failed, or did not answer in time; "
        "templates are used",
    ]
    desk.clock.move(seconds=61)
    server.reply = None
    assert desk.draft().made_by == "language model (small)"
    assert desk.alarms[2:] == [None]
    assert desk.draft().made_by == "language model (small)"
    assert len(desk.alarms) == 3


def test_an_endpoint_that_asks_for_time_gets_it(database: Database, server: ModelServer) -> None:
    desk = Desk(database, server)
    server.reply = Reply(429, headers={"Retry-After": "120"})
    desk.draft()
    server.reply = None
    desk.clock.move(seconds=119)
    assert "it is left alone until" in desk.draft().reasons[-1]
    desk.clock.move(seconds=1)
    assert desk.draft().made_by == "language model (small)"


def test_an_unusable_answer_is_no_failure_of_the_endpoint(
    database: Database, server: ModelServer
) -> None:
    desk = Desk(database, server)
    server.says = "no"
    for _ in range(5):
        desk.draft()
    assert len(server.requests) == 5


def test_nothing_that_breaks_inside_comes_out(
    server: ModelServer, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.close()
    with database.write() as session:
        session.connection().exec_driver_sql("DROP TABLE budget")
    draft = Desk(database, server).draft()
    assert by_template(draft)
    assert "drafter failed: OperationalError" in draft.reasons[-1]
    assert "forty minutes" not in caplog.text
    assert server.requests == []
