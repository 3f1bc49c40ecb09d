"""The business answers, and the invented people react."""

from __future__ import annotations


def answer(ask, item, text="We are sorry.", **headers):
    if item["id"].startswith(("p", "c")):
        return ask("POST", f"/api/v1/feed/{item['id']}/comments", {"text": text}, headers)
    return ask("PUT", f"/api/v1/reviews/{item['id']}/reply", {"text": text}, headers)


def test_a_review_has_one_answer_and_a_second_takes_its_place(ask):
    (review,) = ask.items()
    first = answer(ask, review, "First words")
    second = answer(ask, review, "Second words")
    assert (first.status, second.status) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert ask.items()[0]["answer"]["text"] == "Second words"
    outcomes = [r["outcome"] for r in ask("GET", "/control/ledger").json()["replies"]]
    assert outcomes == ["created", "replaced"]


def test_the_same_answer_again_changes_nothing_on_the_review_board(ask):
    (review,) = ask.items()
    before = answer(ask, review).json()
    again = answer(ask, review)
    assert (again.status, again.json()["outcome"]) == (200, "unchanged")
    assert again.json()["at"] == before["at"]


def test_the_feed_takes_the_same_comment_twice_whatever_the_key(ask):
    (post,) = ask.items("feed")
    for _ in range(2):
        assert answer(ask, post, "Soon!", **{"Idempotency-Key": "k1"}).status == 201
    thread = ask("GET", f"/api/v1/feed/{post['id']}/thread").json()["items"]
    assert [item["text"] for item in thread if item["by_owner"]] == ["Soon!", "Soon!"]
    replies = ask("GET", "/control/ledger").json()["replies"]
    assert [(reply["key"], reply["outcome"]) for reply in replies] == [("k1", "created")] * 2


def test_our_own_comments_are_no_customers_words(ask):
    (post,) = ask.items("feed")
    answer(ask, post)
    assert [item["by_owner"] for item in ask.items("feed")] == [False]


def test_an_answered_review_is_raised_and_closed_by_its_author(ask, clock):
    (review,) = ask.items()
    answer(ask, review)
    clock.move(seconds=0.9)
    assert ask.items()[0]["stars"] == 1
    clock.move(seconds=0.1)
    raised = next(item for item in ask.items() if item["id"] == review["id"])
    assert (raised["stars"], raised["text"]) == (4, "Cold tea, warm answer.")
    clock.move(seconds=1)
    (thanks,) = [item for item in ask.items() if item["type"] == "comment"]
    assert thanks["text"] == "Thanks, bye."
    assert (thanks["parent_id"], thanks["to_owner"]) == (review["id"], True)
    assert thanks["author"] == review["author"]


def test_an_unanswered_author_does_not_react(ask, clock):
    clock.move(days=1)
    assert all(item.get("text") != "Cold tea, warm answer." for item in ask.items())


def test_answering_twice_sets_the_reactions_off_once(ask, clock):
    (review,) = ask.items()
    answer(ask, review, "One")
    answer(ask, review, "Two")
    clock.move(hours=1)
    assert sum(item["type"] == "comment" for item in ask.items()) == 1


def test_an_author_answers_our_comment_and_then_our_answer_to_that(ask, clock):
    (post,) = ask.items("feed")
    ours = answer(ask, post, "We are out of cups").json()
    clock.move(seconds=0.5)
    asked = next(item for item in ask.items("feed") if item.get("text") == "When?")
    assert (asked["parent_id"], asked["thread_id"]) == (ours["id"], post["id"])
    assert asked["to_owner"] is True
    second = answer(ask, asked, "On Friday").json()
    clock.move(seconds=0.5)
    angry = next(item for item in ask.items("feed") if item.get("text") == "Too late.")
    assert angry["parent_id"] == second["id"]


def test_nobody_comments_under_something_that_was_taken_down(ask, clock):
    (review,) = ask.items()
    answer(ask, review)
    ask("DELETE", f"/control/mentions/{review['id']}")
    clock.move(hours=1)
    assert not any(item["type"] == "comment" for item in ask.items())


def test_a_reply_of_no_or_too_many_words_is_refused_and_noted(ask):
    (review,) = ask.items()
    for text in ("", "   \n", "x" * 1501):
        assert answer(ask, review, text).status == 422, text[:5]
    assert ask.items()[0]["answer"] is None


def test_1500_characters_of_any_script_are_not_too_many(ask):
    (review,) = ask.items()
    assert answer(ask, review, "😀" * 1500).status == 201


def test_a_reply_to_what_is_gone_or_never_was_is_refused(ask, clock):
    (review,) = ask.items()
    ask("DELETE", f"/control/mentions/{review['id']}")
    assert answer(ask, review).status == 410
    assert ask("PUT", "/api/v1/reviews/r9/reply", {"text": "x"}).status == 404
    assert ask("POST", f"/api/v1/feed/{review['id']}/comments", {"text": "x"}).status == 404
    refused = ask("GET", "/control/ledger").json()["replies"]
    assert [(each["outcome"], each["note"]) for each in refused] == [
        ("refused", "gone"),
        ("refused", "not_found"),
    ]


def test_a_reply_that_cannot_be_read_gets_an_error_and_not_a_crash(ask):
    (review,) = ask.items()
    path = f"/api/v1/reviews/{review['id']}/reply"
    sort = {"Content-Type": "application/json"}
    for raw in (b"", b"{", b"[]", b'{"text": 1}', b'{"text": "\\ud800"}', b'{"a": 1}', b"\xff"):
        told = ask("PUT", path, raw=raw, headers=sort)
        assert told.status in (400, 422), raw
        assert set(told.json()) & {"error", "detail"}
    assert ask.items()[0]["answer"] is None


def test_the_business_takes_its_own_words_down_and_may_speak_again(ask):
    (review,) = ask.items()
    answer(ask, review, "The wrong shop")
    assert ask("DELETE", f"/api/v1/reviews/{review['id']}/reply").status == 204
    assert ask.items()[-1]["answer"] is None
    assert ask("DELETE", f"/api/v1/reviews/{review['id']}/reply").status == 410
    again = answer(ask, review, "The right one")
    assert (again.status, again.json()["outcome"]) == (201, "created")
    assert ask.items()[-1]["answer"]["text"] == "The right one"

    (post,) = ask.items("feed")
    said = answer(ask, post, "Soon!").json()["id"]
    assert ask("DELETE", f"/api/v1/feed/{post['id']}").status == 404  # a customer's own words
    assert ask("DELETE", f"/api/v1/feed/{said}").status == 204
    thread = ask("GET", f"/api/v1/feed/{post['id']}/thread").json()["items"]
    assert [item["deleted"] for item in thread] == [False, True]
    outcomes = [r["outcome"] for r in ask("GET", "/control/ledger").json()["replies"]]
    assert outcomes == ["created", "withdrawn", "created", "created", "withdrawn"]
