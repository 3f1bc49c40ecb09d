"""The three carriers of text, and the small things beside them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responders.slack.blocks import chunks
from responders.slack.conditions import Conditions
from responders.slack.pacing import Pacer
from responders.slack.payloads import Click, Submission, read_event, read_interactive
from responders.slack.text import clean, cut, escape, leaf, line, mrkdwn, safe_url, when, width

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        ("a & b", "a &amp; b"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
    ],
)
def test_control_characters_are_escaped_once(raw: str, escaped: str) -> None:
    assert escape(raw) == escaped


def test_marks_are_followed_by_a_zero_width_space() -> None:
    assert mrkdwn("*b* @here :x:", 100) == "*\u200bb*\u200b @\u200bhere :\u200bx:\u200b"


def test_a_line_has_no_breaks_and_no_turned_direction() -> None:
    assert line("a\n\tb\u202ec\u2066", 100) == "a bc"


@settings(max_examples=80, deadline=None)
@given(text=st.text(), limit=st.integers(min_value=1, max_value=60))
def test_cut_never_exceeds_its_limit_and_keeps_what_fits(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert width(short) <= limit
    if width(text) <= limit:
        assert short == text


@settings(max_examples=80, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=80))
def test_cleaned_text_can_always_be_sent(text: str) -> None:
    clean(text).encode("utf-8")
    assert leaf(text, 50)


def test_an_empty_text_is_said_to_be_empty() -> None:
    assert leaf(" \n ", 50) == "(no text)"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("http://a.example/\u00fc", "http://a.example/%C3%BC"),
        ("https://a.example/|<b>", "https://a.example/%7C%3Cb%3E"),
        ("javascript:alert(1)", ""),
        ("javascript://a.example/%0aalert(1)", ""),
        ("ftp://a.example", ""),
        ("http://[x", ""),
        ("https://a b.example", ""),
        ("//a.example", ""),
        ("https://a.example/" + "x" * 4000, ""),
        ("", ""),
    ],
)
def test_only_ordinary_web_addresses_become_links(url: str, safe: str) -> None:
    assert safe_url(url) == safe


def test_a_time_is_shown_in_two_zones() -> None:
    assert when(NOW) == (
        "<!date^1772442000^{date_short_pretty} {time}|2026-03-02 09:00 UTC>"
        " your time (2026-03-02 09:00 UTC)"
    )


def test_chunks_lose_nothing_below_the_limit() -> None:
    text = "abc " * 3000
    assert "".join(chunks(text, 20_000)) == text
    assert max(len(piece) for piece in chunks(text, 20_000)) <= 2900


def test_a_burst_goes_at_once_and_then_one_a_second() -> None:
    pacer = Pacer()
    waits = [(pacer.reserve("C1", NOW) - NOW).total_seconds() for _ in range(6)]
    assert waits == [0, 0, 0, 1, 2, 3]
    assert pacer.reserve("C2", NOW) == NOW
    later = NOW + timedelta(minutes=1)
    assert pacer.reserve("C1", later) == later


def test_conditions_tell_transitions_only() -> None:
    told: list[tuple[str, str | None]] = []
    conditions = Conditions(lambda key, message: told.append((key, message)))
    conditions.clear("a")  # a predecessor may have raised it
    for _ in range(3):
        conditions.hold("a", "broken")
    for _ in range(3):
        conditions.clear("a")
    assert told == [("a", None), ("a", "broken"), ("a", None)]


# -- what Slack sends ------------------------------------------------------------------------------

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
names = st.sampled_from(
    [
        "type",
        "user",
        "team",
        "container",
        "channel",
        "actions",
        "view",
        "state",
        "event",
        "event_id",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    payload=st.dictionaries(names, json),
    kind=st.sampled_from(["block_actions", "view_submission", "other"]),
)
def test_any_payload_is_read_without_an_error(payload: dict[str, object], kind: str) -> None:
    found = read_interactive({**payload, "type": kind})
    assert found is None or isinstance(found, Click | Submission)
    if found is not None:
        assert len(found.key) <= 255
    read_event(payload)


def test_two_clicks_differ_and_one_click_twice_does_not() -> None:
    def click(action_ts: str, user: str = "U1") -> str:
        found = read_interactive(
            {
                "type": "block_actions",
                "user": {"id": user},
                "container": {"message_ts": "1.2", "channel_id": "C1"},
                "actions": [{"action_id": "a", "action_ts": action_ts, "value": "{}"}],
            }
        )
        assert found is not None
        return found.key

    assert click("1") == click("1")
    assert len({click("1"), click("2"), click("1", "U2")}) == 3
