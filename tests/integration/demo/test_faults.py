"""Each fault does what it says, to whom it says, as often as it says."""

from __future__ import annotations

from http.client import HTTPException, IncompleteRead
from pathlib import Path

import pytest

from monitor.demo.faults import EXPLAINED, Fault, Faults
from monitor.demo.server import DemoServer
from monitor.demo.store import Store
from tests.support.marmalade import SMALL_WEEK, Caller


def statuses(ask, number, path="/api/v1/reviews"):
    return [ask("GET", path).status for _ in range(number)]


def test_rate_limited_answers_429_so_many_times_and_says_how_long_to_wait(ask):
    ask.fault("rate_limited", times=2, retry_after=7)
    told = ask("GET", "/api/v1/reviews")
    assert (told.status, told.headers["retry-after"]) == (429, "7")
    assert statuses(ask, 2) == [429, 200]
    assert ask("GET", "/control/faults").json()["on"] == {}


def test_a_fault_stays_on_its_board_and_its_targets(ask):
    ask.fault("server_error", board="feed", targets=["list"], status=502)
    assert statuses(ask, 1, "/api/v1/feed") == [502]
    assert statuses(ask, 1, "/api/v1/reviews") == [200]
    post = ask("GET", "/control/ledger").json()["mentions"][1]
    assert statuses(ask, 1, f"/api/v1/feed/{post['id']}") == [200]


def test_a_server_error_may_come_before_or_after_the_write(ask):
    (review,) = ask.items()
    path = f"/api/v1/reviews/{review['id']}/reply"
    ask.fault("server_error", times=1)
    assert ask("PUT", path, {"text": "Lost"}).status == 503
    assert ask.items()[0]["answer"] is None
    ask.fault("server_error", times=1, written=True, status=500)
    assert ask("PUT", path, {"text": "Written"}).status == 500
    assert ask.items()[0]["answer"]["text"] == "Written"
    noted = [(r["outcome"], r["note"]) for r in ask("GET", "/control/ledger").json()["replies"]]
    assert noted == [("refused", "server_error"), ("created", "server_error")]


def test_a_lost_response_writes_the_reply_and_says_nothing(ask):
    (post,) = ask.items("feed")
    ask.fault("lost_response", times=1)
    with pytest.raises((HTTPException, ConnectionError)):
        ask("POST", f"/api/v1/feed/{post['id']}/comments", {"text": "Into the void"})
    (reply,) = ask("GET", "/control/ledger").json()["replies"]
    assert (reply["text"], reply["outcome"], reply["note"]) == (
        "Into the void", "created", "lost_response")  # fmt: skip


def test_a_truncated_answer_breaks_off_and_its_items_do_not_count_as_served(ask):
    ask.fault("truncated", times=1)
    with pytest.raises(IncompleteRead):
        ask("GET", "/api/v1/reviews")
    first = ask("GET", "/control/ledger").json()["mentions"][0]
    assert first["first_served_at"] is None
    ask.items()
    first = ask("GET", "/control/ledger").json()["mentions"][0]
    assert first["first_served_at"] is not None


def test_a_slow_body_arrives_whole(ask):
    plain = ask("GET", "/api/v1/reviews").json()
    ask.fault("slow_body", times=1, seconds=0.2)
    assert ask("GET", "/api/v1/reviews").json() == plain


def test_a_layout_change_hides_the_list(ask):
    ask.fault("layout_change", times=1)
    assert set(ask("GET", "/api/v1/reviews").json()) == {"data", "v"}
    assert set(ask("GET", "/api/v1/reviews").json()) == {"items", "next", "more"}


def test_duplicates_repeat_items_and_bring_old_ones_back(ask, clock):
    cursor = ask("GET", "/api/v1/reviews").json()["next"]
    clock.move(seconds=1)
    ask.fault("duplicates", times=1)
    page = ask("GET", f"/api/v1/reviews?after={cursor}").json()
    assert [item["text"] for item in page["items"]] == ["Cold tea.", "Fine.", "Fine."]
    assert ask("GET", f"/api/v1/reviews?after={page['next']}").json()["items"] == []


def test_out_of_order_shuffles_and_loses_nothing(ask, clock):
    clock.move(hours=1)
    plain = ask("GET", "/api/v1/reviews").json()
    ask.fault("out_of_order", times=1)
    mixed = ask("GET", "/api/v1/reviews").json()
    assert mixed["items"] != plain["items"]
    assert sorted(i["id"] for i in mixed["items"]) == sorted(i["id"] for i in plain["items"])
    assert mixed["next"] == plain["next"]


def test_unauthorized_answers_401_until_it_is_switched_off(ask):
    ask.fault("unauthorized")
    assert statuses(ask, 3) == [401, 401, 401]
    ask.fault("unauthorized", on=False)
    assert statuses(ask, 1) == [200]


def test_chance_is_seeded_so_that_a_run_can_be_repeated(ask):
    runs = []
    for _ in range(2):
        ask.fault("rate_limited", probability=0.5, seed=42)
        runs.append(statuses(ask, 20))
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 429}
    ask.fault("rate_limited", probability=0.5, seed=43)
    assert statuses(ask, 20) != runs[0]


def test_a_fault_outlives_a_restart(tmp_path: Path):
    data = tmp_path / "demo.db"
    with DemoServer(data, week=SMALL_WEEK) as demo:
        Caller(demo).fault("rate_limited", times=2)
        assert statuses(Caller(demo), 1) == [429]
    with DemoServer(data, week=SMALL_WEEK) as demo:
        assert statuses(Caller(demo), 2) == [429, 200]


def test_all_faults_can_be_switched_off_at_once(ask):
    ask.fault("rate_limited")
    ask.fault("layout_change")
    assert ask("DELETE", "/control/faults").json()["on"] == {}
    assert statuses(ask, 1) == [200]


def test_a_switch_that_does_not_exist_is_refused(ask):
    known = {"name": "rate_limited"}
    for spec in ({"name": "gremlins"}, {}, [], {**known, "times": 0}, {**known, "probability": 2}):
        assert ask("POST", "/control/faults", spec).status == 422, spec
    assert ask("POST", "/control/faults", {**known, "colour": "red"}).status == 422
    assert ask("GET", "/control/faults").json()["on"] == {}


def test_faults_never_touch_pages_or_switches(ask):
    for name in EXPLAINED:
        ask.fault(name)
    assert [ask("GET", path).status for path in ("/", "/feed", "/control", "/api/health")] == [
        200] * 4  # fmt: skip


def test_shuffling_always_changes_the_order_of_two_or_more(tmp_path: Path):
    for seed in range(50):
        fault = Fault(name="out_of_order", seed=seed)
        assert fault.shuffle([1, 2, 3]) != [1, 2, 3]
        assert sorted(fault.shuffle([1, 2, 3])) == [1, 2, 3]
    assert fault.shuffle([1]) == [1]


def test_a_count_is_exact_when_many_ask_at_once(tmp_path: Path):
    from concurrent.futures import ThreadPoolExecutor

    store = Store(tmp_path / "demo.db")
    try:
        faults = Faults(store)
        faults.switch_on(Fault(name="lost_response", times=5))
        with ThreadPoolExecutor(8) as pool:
            hits = list(
                pool.map(lambda _: faults.strike("lost_response", "write", "feed"), range(40))
            )
        assert sum(hit is not None for hit in hits) == 5
    finally:
        store.close()
