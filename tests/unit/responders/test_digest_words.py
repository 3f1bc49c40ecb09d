"""The digest in words and as a picture."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.charts.palette import FILLS
from monitor.sla import Sample, summarise
from responders.digest import words
from responders.digest.chart import PARTS, alt_text, draw_chart
from responders.digest.facts import Bar, Digest, Topic, Waiting
from responders.slack.digest_message import digest_message
from tests.support.slack_server.checks import Checker

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
DAYS = tuple(
    Bar(date(2026, 3, 1) - timedelta(days=back), back % 4, back % 3, int(back < 2), int(back < 3))
    for back in range(13, -1, -1)
)
HOSTILE = "<!channel> *bold* <https://evil.example|x> \u202e" + "y" * 400


def digest(**changes: object) -> Digest:
    samples = [Sample(NOW, "met", 600.0, 600.0)] * 9 + [Sample(NOW, "breached", 9000.0, 9000.0)]
    made = Digest(
        kind="daily",
        at=NOW + timedelta(minutes=1),
        since=NOW - timedelta(days=1),
        until=NOW,
        zone="Europe/Berlin",
        mentions=132,
        new=14,
        new_before=9,
        answered=11,
        first=summarise(samples),
        open_count=7,
        overdue_count=1,
        waiting=(
            Waiting(12, "Board, Quay", "high", "Mara", NOW, NOW - timedelta(hours=2)),
            Waiting(7, "Feed, Hill", "normal", "", NOW, NOW + timedelta(hours=3)),
            Waiting(5, "Feed, Hill", "normal", "", NOW - timedelta(days=3), None),
        ),
        topics=(Topic("delivery", 6, 2), Topic("staff_manners", 3, 3)),
        sources=(("Board", 8), ("Feed", 6)),
        bars=DAYS,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_times_carry_their_zone() -> None:
    assert words.title(digest()) == "Daily digest, Mon 2 Mar 2026"
    assert words.period(digest()) == "Sun 1 Mar, 08:30 to Mon 2 Mar, 08:30 CET"
    changed = digest(
        since=datetime(2026, 3, 28, 7, 30, tzinfo=UTC),
        until=datetime(2026, 3, 29, 6, 30, tzinfo=UTC),
    )
    assert words.period(changed) == "Sat 28 Mar, 08:30 CET to Sun 29 Mar, 08:30 CEST"


def test_figures_are_those_of_the_report() -> None:
    told = dict(words.figures(digest()))
    assert told["New complaints"] == "14 (9 the day before)"
    assert told["In time"] == "90% (9 of 10)"
    assert told["Median first answer"] == "10 min of opening hours"
    nobody = dict(words.figures(digest(first=summarise([]))))
    assert (nobody["In time"], nobody["Median first answer"]) == ("-", "-")
    week = digest(kind="weekly", since=NOW - timedelta(days=7))
    assert "the week before" in dict(words.figures(week))["New complaints"]
    three = digest(since=NOW - timedelta(days=3))
    assert "in as long before" in dict(words.figures(three))["New complaints"]


def test_what_waits_is_said_with_its_deadline_and_person() -> None:
    first, second, third = digest().waiting
    made = digest()
    assert words.waiting_words(first, made) == (
        "Board, Quay · high · overdue by 2 h 01 min · with Mara"
    )
    assert words.waiting_words(second, made) == "Feed, Hill · due in 2 h 59 min · with nobody"
    assert words.waiting_words(third, made) == "Feed, Hill · open for 3 d 0 h · with nobody"
    assert words.more_words(made) == "and 4 more, in the queue"


def test_growth_is_said_where_it_is_some() -> None:
    assert words.topic_words(Topic("delivery", 6, 2)) == "delivery 6, up from 2"
    assert words.topic_words(Topic("staff_manners", 3, 2)) == "staff manners 3"
    assert words.topic_words(Topic("new", 2, 0)) == "new 2"
    assert words.topic_words(Topic("big", 40, 30)) == "big 40"


def test_many_sources_are_summed_up() -> None:
    made = digest(sources=tuple((f"s{number}", 20 - number) for number in range(12)))
    assert words.source_words(made).endswith("s7 13, others 42")


def test_the_message_passes_slacks_rules_whatever_is_in_it() -> None:
    hostile = digest(
        waiting=tuple(Waiting(one, HOSTILE, "urgent", HOSTILE, NOW, NOW) for one in range(1, 6)),
        topics=tuple(Topic(HOSTILE, 9, 0) for _ in range(6)),
        sources=tuple((HOSTILE, 3) for _ in range(12)),
    )
    quiet = digest(
        new=0, answered=0, open_count=0, overdue_count=0, waiting=(), topics=(), sources=()
    )
    checker = Checker()
    for made in (digest(), hostile, quiet, digest(waiting=(), open_count=0)):
        for url in ("", "https://rapport.example"):
            post = digest_message(made, channel="C0", post_key="k", queue_url=url)
            assert checker.message(post) == []
            assert "<!channel>" not in post["text"]
            for block in post["blocks"]:
                if block["type"] in ("section", "header", "context"):
                    assert "<!" not in str(block)
    shown = str(digest_message(digest(), channel="C0", post_key="k", queue_url="https://r.example"))
    assert "https://r.example/cases/C-12" in shown


def test_a_quiet_day_is_one_sentence() -> None:
    quiet = digest(
        new=0, answered=0, open_count=0, overdue_count=0, waiting=(), topics=(), sources=()
    )
    post = digest_message(quiet, channel="C0", post_key="k")
    assert len(post["blocks"]) == 3
    assert "Nothing new: no complaint came, and none waits. 132 mentions were heard." in str(post)
    assert post["text"].endswith("nothing new")


@pytest.mark.parametrize("kind", ["daily", "weekly"])
def test_the_picture_has_its_size_its_ground_and_its_colours(kind: str) -> None:
    image_module = pytest.importorskip("PIL.Image")
    png = draw_chart(digest(kind=kind))
    image = image_module.open(io.BytesIO(png)).convert("RGBA")
    assert image.width == 1080
    assert 640 < image.height < 800
    assert image.getpixel((0, 0))[3] == 0, "the corners are round on any ground"
    assert image.getpixel((540, 150)) == (255, 255, 255, 255), "and the ground is its own"
    colours = {colour for _, colour in image.getcolors(1 << 24)}
    for part in PARTS:
        red, green, blue = (int(FILLS[part.role][at : at + 2], 16) for at in (1, 3, 5))
        assert (red, green, blue, 255) in colours, part.name
    assert len(png) < 200_000
    assert draw_chart(digest(kind=kind)) == png


@pytest.mark.parametrize("most", [0, 1, 7, 999, 123_456])
def test_a_picture_can_be_drawn_of_any_number(most: int) -> None:
    pytest.importorskip("PIL.Image")
    bars = tuple(replace(bar, met=most) for bar in DAYS)
    assert draw_chart(digest(bars=bars)).startswith(b"\x89PNG")
    assert draw_chart(digest(bars=())).startswith(b"\x89PNG")


def test_the_picture_is_told_to_those_who_do_not_see_it() -> None:
    told = alt_text(digest())
    assert told.startswith("Bar chart of complaints by day over the last 14 days: ")
    assert "in time" in told
    assert "overdue" in told
    assert len(told) <= 500
    empty = tuple(Bar(bar.begins, 0, 0, 0, 0) for bar in DAYS)
    assert alt_text(digest(bars=empty)) == (
        "Bar chart of complaints by day: none in the last 14 days."
    )
