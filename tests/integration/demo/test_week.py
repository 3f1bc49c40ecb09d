"""The script plays: what is due happens once, in order, at its own moment."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from monitor.demo.script import ScriptError, load_week, name_moment, read_moment, shipped_week
from monitor.demo.server import DemoServer
from tests.support.hand_clock import HandClock
from tests.support.marmalade import SMALL_WEEK, Caller


def test_the_first_mentions_stand_there_at_once_and_are_dated_before_the_start(ask, clock):
    (review,) = ask.items()
    (post,) = ask.items("feed")
    assert (review["text"], post["text"]) == ("Cold tea.", "No cups left")
    assert review["created_at"] == "2026-03-02T07:00:00Z"
    assert post["created_at"] == "2026-03-02T08:00:00Z"


def test_a_mention_appears_when_its_moment_has_come_and_not_before(ask, clock):
    clock.move(seconds=0.99)
    assert len(ask.items()) == 1
    clock.move(seconds=0.01)
    assert [item["text"] for item in ask.items()] == ["Cold tea.", "Fine."]
    assert ask.items()[1]["created_at"] == "2026-03-02T09:00:01Z"


def test_whoever_looks_late_sees_each_thing_dated_when_it_was_due(ask, clock):
    clock.move(hours=1)
    by_text = {item.get("text"): item for item in ask.items()}
    assert by_text["Was fine."]["edited_at"] == "2026-03-02T09:00:02Z"
    assert by_text["Was fine."]["stars"] == 2
    assert by_text["Good."]["created_at"] == "2026-03-02T09:00:27Z"


def test_a_deletion_is_told_in_the_list_and_the_item_answers_gone(ask, clock):
    clock.move(seconds=4)
    (gone,) = [item for item in ask.items() if item["deleted"]]
    assert set(gone) == {"id", "type", "deleted", "updated_at"}
    assert ask("GET", f"/api/v1/reviews/{gone['id']}").status == 410
    assert ask("GET", f"/reviews/{gone['id']}").status == 410
    assert ask("GET", "/api/v1/reviews/r9999").status == 404


def test_a_comment_names_what_it_stands_under(ask, clock):
    clock.move(seconds=2)
    post, comment = ask.items("feed")
    assert comment["parent_id"] == post["id"] == comment["thread_id"]
    assert comment["type"] == "comment"


def test_an_edit_moves_an_item_behind_the_cursor_of_whoever_had_read_it(ask, clock):
    clock.move(seconds=1)
    page = ask("GET", "/api/v1/reviews").json()
    clock.move(seconds=1)
    after = ask("GET", f"/api/v1/reviews?after={page['next']}").json()
    assert [item["text"] for item in after["items"]] == ["Was fine.", "Hm."]


def test_paging_with_the_cursor_finds_every_item_once(ask, clock):
    clock.move(hours=1)
    found, after, more = [], "", True
    while more:
        page = ask("GET", f"/api/v1/reviews?limit=1&after={after}").json()
        found += [item["id"] for item in page["items"]]
        after, more = page["next"], page["more"]
    assert sorted(found) == sorted(item["id"] for item in ask.items())
    assert len(found) == len(set(found)) == 4
    assert ask("GET", f"/api/v1/reviews?after={after}").json() == {
        "items": [],
        "next": after,
        "more": False,
    }


def test_lists_can_be_narrowed_to_a_place_and_a_language(ask, clock):
    clock.move(hours=1)
    assert [item["text"] for item in ask.items(location="quay")] == ["Cold tea."]
    assert [item["text"] for item in ask.items(language="de")] == ["Was fine."]
    assert ask.items(location="nowhere") == []


def test_the_feed_does_not_know_languages(ask):
    assert ask.items("feed")[0]["language"] is None
    assert ask.items()[0]["language"] == "en"


def test_a_cursor_that_was_never_given_is_refused(ask):
    for cursor in ("x", "s", "s-1", "s%C2%B2", "s1;drop"):
        assert ask("GET", f"/api/v1/reviews?after={cursor}").status == 400
    assert ask("GET", f"/api/v1/reviews?after=s{'9' * 500}").json()["items"] == []
    assert ask("GET", "/api/v1/reviews?limit=0").status == 422
    assert ask("GET", "/api/v1/elsewhere").status == 422


def test_a_restart_goes_on_where_the_week_would_be(tmp_path: Path, clock: HandClock):
    data = tmp_path / "demo.db"
    with DemoServer(data, speed=3600, clock=clock, week=SMALL_WEEK) as demo:
        first = Caller(demo).items()
        Caller(demo)("PUT", f"/api/v1/reviews/{first[0]['id']}/reply", {"text": "So sorry."})
    clock.move(hours=1)
    with DemoServer(data, speed=3600, clock=clock, week=SMALL_WEEK) as demo:
        texts = [item.get("text") for item in Caller(demo).items()]
        ledger = Caller(demo)("GET", "/control/ledger").json()
    assert texts.count("Cold tea, warm answer.") == 1
    assert texts.count("Good.") == 1
    assert [reply["text"] for reply in ledger["replies"]] == ["So sorry."]


def test_a_restart_at_another_speed_does_not_leap(tmp_path: Path, clock: HandClock):
    data = tmp_path / "demo.db"
    with DemoServer(data, speed=3600, clock=clock, week=SMALL_WEEK):
        clock.move(seconds=1)
    with DemoServer(data, speed=1, clock=clock, week=SMALL_WEEK) as demo:
        assert Caller(demo)("GET", "/control/clock").json()["now"] == "Monday 08:00"
        clock.move(hours=1)
        assert Caller(demo)("GET", "/control/clock").json()["now"] == "Monday 09:00"


def test_skipping_ahead_lets_everything_between_happen_now(ask, clock):
    told = ask("POST", "/control/clock", {"skip": "2d"}).json()
    assert told["now"] == "Wednesday 07:00"
    assert {item["created_at"] for item in ask.items() if item.get("text") == "Good."} == {
        "2026-03-02T09:00:00Z"
    }


def test_an_answer_stands_before_the_reaction_to_it_even_when_time_leaps(ask):
    (post,) = ask.items("feed")
    ask("POST", f"/api/v1/feed/{post['id']}/comments", {"text": "Tomorrow"})
    ask("POST", "/control/clock", {"skip": "5h"})
    thread = ask("GET", f"/api/v1/feed/{post['id']}/thread").json()["items"]
    texts = [item["text"] for item in thread]
    assert texts.index("Tomorrow") < texts.index("When?")


def test_the_clock_can_stand_still(ask, clock):
    ask("POST", "/control/clock", {"speed": 0})
    clock.move(days=7)
    assert len(ask.items()) == 1


def test_a_second_week_adds_new_items_and_keeps_the_old(ask, clock):
    clock.move(hours=1)
    before = {item["id"] for item in ask.items()}
    assert ask("POST", "/control/week").json()["week"] == 2
    after = {item["id"] for item in ask.items()}
    assert len(after - before) == 1
    assert before < after
    clock.move(hours=1)
    assert len(ask.items()) == 2 * len(before)


def test_a_reset_forgets_everything(ask, clock):
    clock.move(hours=1)
    (first, *_) = ask.items()
    ask("PUT", f"/api/v1/reviews/{first['id']}/reply", {"text": "Sorry"})
    ask.fault("truncated")
    assert ask("POST", "/control/reset").json()["now"] == "Monday 07:00"
    assert [item["text"] for item in ask.items()] == ["Cold tea."]
    assert ask("GET", "/control/ledger").json()["replies"] == []


def test_the_shipped_week_is_rich_enough_to_learn_from():
    week = shipped_week()
    languages = Counter(entry.language for entry in week)
    assert len(week) >= 150
    assert all(languages[each] >= 20 for each in ("en", "de", "es", "fr"))
    assert all(languages[each] >= 4 for each in ("it", "pt", "nl"))
    early = [entry for entry in week if entry.at < 0]
    assert len(early) >= 8
    assert sum((entry.stars or 5) <= 2 for entry in early) >= 3
    assert sum(entry.edit is not None for entry in week) >= 4
    assert sum(entry.delete is not None for entry in week) >= 4
    done = Counter(reaction.do for entry in week for reaction in entry.when_answered)
    assert set(done) == {"raise_rating", "thanks", "stay_angry", "ask_again", "delete"}
    assert max(len(entry.text) * entry.repeat for entry in week) >= 20_000


def test_the_whole_shipped_week_plays_and_its_hostile_texts_arrive_unharmed(tmp_path: Path):
    with DemoServer(tmp_path / "demo.db", speed=1e9) as demo:
        ask = Caller(demo)
        reviews, posts = ask.items(), ask.items("feed")
        assert ask("GET", "/control/clock").json()["left"] == 0
    assert len(reviews) + len(posts) == len(shipped_week())
    told = "\n".join(item.get("text", "") for item in reviews)
    assert "<script>" in told
    assert "<!channel>" in told
    assert "\u202e" in told
    assert "\u200b" in told
    assert "=HYPERLINK(" in told


@pytest.mark.parametrize(
    ("yaml", "complaint"),
    [
        ("- nonsense", "a list of entries"),
        ("language: en\nentries: [{key: a, at: mon 06:59, author: A}]", "begins on Monday"),
        ("language: en\nentries: [{key: a, at: mon 25:00, author: A}]", "entry a"),
        ("language: en\nentries: [{key: a, at: -1h, author: A, stars: 6}]", "stars"),
        ("language: en\nentries: [{key: a, at: -1h, author: A, colour: red}]", "colour"),
        ("entries: [{key: a, at: -1h, author: A}, {key: a, at: 0, author: B}]", "twice"),
        ("language: en\nentries: [{key: a, at: -1h, author: A, under: b}]", "not there before"),
        ("entries: [", "w.yaml"),
    ],
)  # fmt: skip
def test_a_wrong_script_is_refused_with_file_and_entry(tmp_path: Path, yaml: str, complaint: str):
    (tmp_path / "w.yaml").write_text(yaml)
    with pytest.raises(ScriptError, match=complaint):
        load_week(tmp_path)


def test_moments_are_told_in_the_words_of_the_week():
    assert name_moment(read_moment("thu 23:05")) == "Thursday 23:05"
    assert read_moment("-1d 2h") == -26 * 3600
