"""The message on second looks: Slack's schema, its budget, and outside text without power."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.cases.trail import DAEMON
from responders.slack import buttons
from responders.slack.blocks import text_total
from responders.slack.cards import TEXT_BUDGET, as_update
from responders.slack.look_message import looks_message
from responders.views import LookView
from tests.support.slack_server.checks import Checker
from tests.unit.slack.test_slack_cards import HOSTILE, NOW, outside, word

CHECKER = Checker()


def look(number: int = 3, **changes: Any) -> LookView:
    made = LookView(
        id=number,
        mention_id=12,
        reason="unsure",
        word=word("Is it worth the way?"),
        url="https://board.example/1",
        language="en",
        source="Harbour board",
        brand="Harbour Coffee",
        location="Quay Street",
        reasons=("two of five words",),
        likelihood=0.44,
        threshold=0.5,
        drawn_at=NOW,
        verdict="",
        by="",
        at=None,
        case_ref="",
    )
    return replace(made, **changes)


def drawn(*looks: LookView, waiting: int = 5) -> dict[str, Any]:
    return looks_message(looks, waiting=waiting, channel="C0CARDS", post_key="looks:1")


def check(message: dict[str, Any]) -> None:
    assert CHECKER.arguments("chat.postMessage", message) == []
    assert CHECKER.arguments("chat.update", as_update(message, "1.0")) == []
    assert CHECKER.message(message) == []
    assert text_total(message["blocks"]) <= TEXT_BUDGET
    assert len(message["text"]) <= 4_000


STATES = {
    "waiting": look(),
    "a complaint": look(verdict="complaint", by="Mara (slack)", at=NOW, case_ref="C-7"),
    "none": look(verdict="no_complaint", by="Mara (slack)", at=NOW),
    "ended by Rapport": look(verdict="skipped", by=DAEMON, at=NOW),
    "no stars, no link, no reasons": look(
        word=replace(word(""), stars=None, author=""), url="javascript:alert(1)", reasons=()
    ),
    "of a reason to come": look(reason="something"),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_what_slack_takes(state: str) -> None:
    check(drawn(STATES[state], waiting=1))


def test_nothing_and_five_of_the_longest_are_what_slack_takes() -> None:
    check(drawn(waiting=0))
    long = "W" * 40_000
    check(
        drawn(
            *(
                look(number, word=word(long, long, long), source=long, reasons=(long,) * 9)
                for number in range(1, 6)
            ),
            waiting=100_000,
        )
    )


@pytest.mark.parametrize("said", HOSTILE)
def test_words_from_outside_have_no_power(said: str) -> None:
    message = drawn(look(word=word(said, said, said), source=said, url=said, reasons=(said,)))
    check(message)
    for token in ("<!", "<@", "<#", "<http", "<mailto"):
        assert token not in message["text"]
    for block in message["blocks"]:
        assert block["type"] in ("rich_text", "actions", "context")
        assert "mrkdwn" not in str(block)


@settings(max_examples=60, deadline=None)
@given(text=outside, author=outside, title=outside, reason=outside, source=outside, by=st.text())
def test_whatever_is_said_is_what_slack_takes(
    text: str, author: str, title: str, reason: str, source: str, by: str
) -> None:
    waiting = look(1, word=word(text, author, title), source=source, reasons=(reason,))
    check(drawn(waiting, look(2, verdict="complaint", by=by, source=source)))


def test_the_buttons_carry_a_number_and_nothing_else() -> None:
    (actions,) = [block for block in drawn(look(7))["blocks"] if block["type"] == "actions"]
    assert {each["value"] for each in actions["elements"]} == {'{"l":7}'}
    assert [buttons.VERDICTS[each["action_id"]] for each in actions["elements"]] == [
        "complaint",
        "no_complaint",
        "skipped",
    ]
    assert all("confirm" not in each for each in actions["elements"])


@pytest.mark.parametrize("value", ["", "x", "[]", "{}", '{"l":"7"}', '{"l":0}', '{"l":1e99}'])
def test_what_is_not_ours_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not one of ours"):
        buttons.look_of(value)


def test_a_judged_one_shows_no_words_of_the_customer() -> None:
    told = str(drawn(STATES["a complaint"])["blocks"])
    assert "worth the way" not in told
    assert "C-7" in told
