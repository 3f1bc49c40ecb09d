"""robots.txt, as RFC 9309 has it and as real sites write it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.errors import RateLimited, Unavailable
from connectors.http import Http
from connectors.robots import LARGEST, LEAST_DELAY, RobotsRules, Verdict, parse_rules
from connectors.testing.http_server import LoopbackServer, Reply

RECORDED = Path(__file__).resolve().parents[2] / "../shared/recordings/robots_txt"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(user_agent="Rapport/1", allow_private=True) as client:
        yield client


def ask(http: Http, server: LoopbackServer, path: str = "/reviews?x=1") -> Verdict:
    return RobotsRules().ask(http, server.url + path, "Rapport", lambda: NOW)


@pytest.mark.parametrize("status", [400, 404, 410, 418, 451])
def test_no_robots_txt_allows_everything(server: LoopbackServer, http: Http, status: int) -> None:
    server.on("/robots.txt", Reply(status, b"Disallow: /"))
    assert ask(http, server) == Verdict(True)


@pytest.mark.parametrize("status", [401, 403])
def test_a_closed_robots_txt_is_a_no(server: LoopbackServer, http: Http, status: int) -> None:
    server.on("/robots.txt", Reply(status))
    assert not ask(http, server).allowed


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(500), Unavailable),
        (Reply(503), Unavailable),
        (Reply(fault="drop"), Unavailable),
        (Reply(429), RateLimited),
    ],
)
def test_an_unreachable_robots_txt_forbids_for_now_and_is_asked_again(
    server: LoopbackServer, http: Http, reply: Reply, error: type[Exception]
) -> None:
    rules = RobotsRules()
    server.on("/robots.txt", reply, Reply(body=b""))
    with pytest.raises(error):
        rules.ask(http, server.url + "/a", "Rapport", lambda: NOW)
    assert rules.ask(http, server.url + "/a", "Rapport", lambda: NOW).allowed


def test_five_redirects_are_followed_and_more_count_as_none(
    server: LoopbackServer, http: Http
) -> None:
    for n in range(5):
        server.on(f"/{n}" if n else "/robots.txt", Reply.redirect(f"/{n + 1}"))
    server.on("/5", Reply(body=b"User-agent: *\nDisallow: /\n"))
    assert not ask(http, server).allowed
    server.on("/5", Reply.redirect("/6"))
    server.on("/6", Reply(body=b"User-agent: *\nDisallow: /\n"))
    assert ask(http, server).allowed


def test_the_answer_is_kept_for_a_day(server: LoopbackServer, http: Http) -> None:
    rules = RobotsRules()
    server.on("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /\n"), Reply(body=b""))
    for hours, allowed in ((0, False), (23, False), (24, True)):
        moment = NOW + timedelta(hours=hours)
        verdict = rules.ask(http, server.url + "/a", "Rapport", lambda moment=moment: moment)
        assert verdict.allowed is allowed
    assert len(server.requests) == 2


RULES = b"""\xef\xbb\xbfjunk line
User-agent: RAPPORT
Disallow: /private
Allow: /private/open
Disallow: /*.pdf$
Crawl-delay: 15

User-agent: *
Disallow: /

User-agent: rapport
Disallow: /more
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/reviews", True),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/a/b.pdf", False),
        ("/a/b.pdf?x", True),
        ("/more", False),
        ("/robots.txt", True),
    ],
)
def test_groups_and_the_longest_match(
    server: LoopbackServer, http: Http, path: str, allowed: bool
) -> None:
    server.on("/robots.txt", Reply(body=RULES))
    assert ask(http, server, path).allowed is allowed


def test_the_crawl_delay_counts_between_our_least_and_a_day(
    server: LoopbackServer, http: Http
) -> None:
    for said, delay in (
        (b"15", timedelta(seconds=15)),
        (b"0.1", LEAST_DELAY),
        (b"-5", LEAST_DELAY),
        (b"1e12", timedelta(days=1)),
        (b"inf", LEAST_DELAY),
        (b"nan", LEAST_DELAY),
        (b"soon", LEAST_DELAY),
    ):
        server.on("/robots.txt", Reply(body=b"User-agent: *\nCrawl-delay: " + said))
        assert ask(http, server).delay == delay, said


def test_a_huge_robots_txt_is_read_as_far_as_the_rfc_asks(
    server: LoopbackServer, http: Http
) -> None:
    body = b"User-agent: *\nDisallow: /first\n" + b"# x\n" * LARGEST + b"Disallow: /last\n"
    server.on("/robots.txt", Reply(body=body))
    assert not ask(http, server, "/first").allowed
    assert ask(http, server, "/last").allowed


def test_recorded_files_are_all_read() -> None:
    files = sorted(RECORDED.glob("*.txt"))
    if not files:
        pytest.skip("the recordings are not here")
    assert len(files) >= 20
    for path in files:
        rules = parse_rules(path.read_bytes())
        host = path.name.removesuffix(".robots.txt")
        assert rules.can_fetch(f"https://{host}/robots.txt", "Rapport")
    wikipedia = parse_rules((RECORDED / "en.wikipedia.org.robots.txt").read_bytes())
    assert wikipedia.can_fetch("https://en.wikipedia.org/wiki/Coffee", "Rapport")
    assert not wikipedia.can_fetch("https://en.wikipedia.org/w/index.php?x", "Rapport")
    youtube = parse_rules((RECORDED / "www.youtube.com.robots.txt").read_bytes())
    assert not youtube.can_fetch("https://www.youtube.com/comment", "Rapport")
