"""One attempt over HTTP: limits, addresses, and what each answer means."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from requests.structures import CaseInsensitiveDict

from connectors import safety
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Http, Limits
from connectors.outcomes import Answer, public_part
from connectors.safety import AddressRefused
from connectors.testing.http_server import LoopbackServer, Reply
from connectors.transport import ca_bundle, proxies_for, tls_context
from connectors.waits import wait_asked

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUICK = Limits(connect=1.0, read=1.0, total=1.2, size=10_000)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def http() -> Iterator[Http]:
    with Http(user_agent="Test/1", allow_private=True, limits=QUICK, now=lambda: NOW) as client:
        yield client


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_answer_carries_status_headers_and_body(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply.json({"n": 1}, ETag='"x"'))
    answer = http.get(server.url + "/a", params={"q": "ü"}, headers={"X-Own": "yes"})
    assert (answer.status, answer.json(), answer.headers["etag"]) == (200, {"n": 1}, '"x"')
    request = server.requests[0]
    assert (request.get("q"), request.headers["X-Own"]) == ("ü", "yes")
    assert request.headers["User-Agent"] == "Test/1"


def test_a_gzipped_body_is_unpacked(server: LoopbackServer, http: Http) -> None:
    server.on("/z", Reply(body=b"hello " * 100, gzipped=True))
    assert http.get(server.url + "/z").body == b"hello " * 100


def test_an_unchanged_answer_is_returned(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply(304, headers={"ETag": '"y"'}))
    assert http.get(server.url + "/a").status == 304


@pytest.mark.parametrize(
    ("status", "to_read", "to_write"),
    [
        (400, Rejected, Rejected),
        (401, AuthFailed, AuthFailed),
        (403, AuthFailed, AuthFailed),
        (404, Gone, Gone),
        (408, Unavailable, UnknownOutcome),
        (410, Gone, Gone),
        (422, Rejected, Rejected),
        (429, RateLimited, RateLimited),
        (500, Unavailable, UnknownOutcome),
        (502, Unavailable, UnknownOutcome),
        (503, Unavailable, UnknownOutcome),
    ],
)
def test_each_status_becomes_its_error(
    server: LoopbackServer,
    http: Http,
    status: int,
    to_read: type[ConnectorError],
    to_write: type[ConnectorError],
) -> None:
    server.on("/a", Reply(status, b"<html>no</html>"))
    with pytest.raises(ConnectorError) as caught:
        http.get(server.url + "/a")
    assert type(caught.value) is to_read
    with pytest.raises(ConnectorError) as caught:
        http.write("POST", server.url + "/a", data={"a": "b"})
    assert type(caught.value) is to_write


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, timedelta(seconds=7)),
        ({"Retry-After": "Sun, 01 Mar 2026 12:01:00 GMT"}, timedelta(minutes=1)),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, timedelta(0)),
        ({"Retry-After": "2026-03-01T12:00:30Z"}, timedelta(seconds=30)),
        ({"X-RateLimit-Reset": "2026-03-01T12:05:00.869078Z"}, timedelta(seconds=300.869078)),
        ({"X-RateLimit-Reset": "1772366460"}, timedelta(minutes=1)),
        ({"X-Ratelimit-Reset": "420"}, timedelta(seconds=420)),
        ({"RateLimit-ResetTime": "2026-03-02T00:00:00+00:00"}, timedelta(hours=12)),
        ({"RateLimit": "limit=100, remaining=0, reset=9"}, timedelta(seconds=9)),
        ({"RateLimit": '"default";r=0;t=11'}, timedelta(seconds=11)),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "5", "X-RateLimit-Reset": "900"}, timedelta(seconds=5)),
        ({}, None),
    ],
)
def test_the_wait_is_read_in_each_form(headers: dict[str, str], wait: timedelta | None) -> None:
    assert wait_asked(CaseInsensitiveDict(headers), NOW) == wait


def test_a_wait_is_measured_on_the_servers_own_clock() -> None:
    headers = CaseInsensitiveDict(
        {
            "X-RateLimit-Reset": "2026-08-01T13:55:00.707278Z",
            "Date": "Sat, 01 Aug 2026 13:51:02 GMT",
        }
    )
    assert wait_asked(headers, NOW) == timedelta(seconds=238.707278)


def test_a_rate_limit_tells_how_long_to_wait(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply(429, headers={"Retry-After": "7"}))
    with pytest.raises(RateLimited) as caught:
        http.get(server.url + "/a")
    assert caught.value.retry_after == timedelta(seconds=7)


def test_turned_away_with_retry_after_is_no_unknown_outcome(
    server: LoopbackServer, http: Http
) -> None:
    server.on("/a", Reply(503, headers={"Retry-After": "3"}))
    with pytest.raises(Unavailable) as caught:
        http.write("POST", server.url + "/a")
    assert caught.value.retry_after == timedelta(seconds=3)


def test_no_connection_is_unavailable_even_for_a_write(http: Http) -> None:
    nowhere = f"http://127.0.0.1:{closed_port()}/post"
    with pytest.raises(Unavailable, match="refuses connections"):
        http.get(nowhere)
    with pytest.raises(Unavailable, match="refuses connections"):
        http.write("POST", nowhere, data={"a": "b"})
    with pytest.raises(Unavailable, match="does not resolve"):
        http.write("POST", "http://no-such-host.invalid/", data={"a": "b"})


def test_a_connection_dropped_after_a_write_is_an_unknown_outcome(
    server: LoopbackServer, http: Http
) -> None:
    server.on("/a", Reply(fault="drop"))
    with pytest.raises(UnknownOutcome):
        http.write("POST", server.url + "/a", data={"a": "b"})
    assert server.paths() == ["/a"], "one attempt, no hidden retry"
    with pytest.raises(Unavailable):
        http.get(server.url + "/a")


@pytest.mark.parametrize("fault", ["truncate", "drip", "stall"])
def test_a_body_that_never_comes_is_given_up(
    server: LoopbackServer, http: Http, fault: str
) -> None:
    server.on("/a", Reply(body=b"0123456789", fault=fault))  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        http.get(server.url + "/a")
    with pytest.raises(UnknownOutcome):
        http.write("POST", server.url + "/a")


def test_the_body_of_a_redirect_is_bounded_and_may_explain_it(server: LoopbackServer) -> None:
    to = {"Location": server.url + "/b"}
    server.on("/a", Reply(302, b"x", to, fault="drip"))
    server.on("/large", Reply(302, b"a" * 10_001, to))
    server.on("/told", Reply(301, b"merged", to))
    seen: list[bytes] = []

    def explain(answer: Answer, _writing: bool) -> ConnectorError | None:
        seen.append(answer.body)
        return Gone("it was merged") if answer.body == b"merged" else None

    with Http(user_agent="T/1", allow_private=True, limits=QUICK, explain=explain) as http:
        with pytest.raises(Unavailable):
            http.get(server.url + "/a")
        with pytest.raises(Rejected):
            http.get(server.url + "/large")
        with pytest.raises(Gone, match="merged"):
            http.get(server.url + "/told")
    assert seen == [b"merged"]
    assert "/b" not in server.paths()


def test_a_body_over_the_limit_is_refused_also_when_packed(
    server: LoopbackServer, http: Http
) -> None:
    server.on("/a", Reply(body=b"a" * 10_001, gzipped=True))
    with pytest.raises(Rejected, match="more than"):
        http.get(server.url + "/a")
    server.on("/a", Reply(body=b"a" * 10_001))
    with pytest.raises(Rejected, match="more than"):
        http.get(server.url + "/a")
    answer = http.get(server.url + "/a", cut=True)
    assert (len(answer.body), answer.cut) == (10_000, True)


def test_a_body_that_cannot_be_unpacked_is_unavailable(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(Unavailable, match="cannot be unpacked"):
        http.get(server.url + "/a")


def test_redirects_are_followed_and_permanent_ones_remembered(
    server: LoopbackServer, http: Http
) -> None:
    server.on("/old", Reply.redirect("/newer", 301))
    server.on("/newer", Reply.redirect(server.url + "/newest", 308))
    server.on("/newest", Reply(body=b"here"))
    answer = http.get(server.url + "/old")
    assert (answer.body, answer.moved_to) == (b"here", server.url + "/newest")
    server.on("/newer", Reply.redirect("/newest", 302))
    assert http.get(server.url + "/old").moved_to == server.url + "/newer"
    server.on("/old", Reply.redirect("/newer", 302))
    assert http.get(server.url + "/old").moved_to == ""


def test_an_endless_redirect_is_refused(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply.redirect("/a"))
    with pytest.raises(Rejected, match="redirects"):
        http.get(server.url + "/a")
    assert len(server.requests) == QUICK.redirects + 1


def test_a_write_is_not_redirected(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply.redirect("/b", 302))
    with pytest.raises(Rejected, match="has moved"):
        http.write("POST", server.url + "/a")
    server.on("/a", Reply.redirect("/b", 303))
    with pytest.raises(UnknownOutcome):
        http.write("POST", server.url + "/a")
    assert "/b" not in server.paths()


def test_credentials_do_not_follow_a_redirect_to_another_site(server: LoopbackServer) -> None:
    with (
        LoopbackServer() as other,
        Http(
            user_agent="Test/1", allow_private=True, headers={"Authorization": "Bearer s3cret"}
        ) as http,
    ):
        other.on("/b", Reply(body=b"ok"))
        server.on("/a", Reply.redirect(other.url + "/b"))
        server.on("/c", Reply.redirect("/d"))
        server.on("/d", Reply(body=b"ok"))
        http.get(server.url + "/a")
        http.get(server.url + "/c")
        assert other.requests[0].headers.get("Authorization") is None
        assert server.requests[-1].headers.get("Authorization") == "Bearer s3cret"


def test_messages_hold_no_query_user_or_token(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply(500))
    address = server.url.replace("http://", "http://user:pa55@") + "/a?access_token=s3cret"
    for call in (http.get, lambda url: http.write("POST", url)):
        with pytest.raises(ConnectorError) as caught:
            call(address)
        assert "s3cret" not in str(caught.value)
        assert "pa55" not in str(caught.value)
    unreachable = f"http://127.0.0.1:{closed_port()}/x?access_token=s3cret"
    with pytest.raises(Unavailable) as lost:
        http.get(unreachable)
    assert "s3cret" not in str(lost.value)
    assert lost.value.__cause__ is None
    assert lost.value.__suppress_context__


def test_the_platforms_own_reason_is_told(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply.json({"error": "Validation failed: Text can't be blank"}, 422))
    with pytest.raises(Rejected, match=r"Text can't be blank"):
        http.write("POST", server.url + "/a")


def test_html_instead_of_json_is_a_changed_layout(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply.html("<h1>Welcome</h1>"), Reply(body=b"[" * 9_000))
    for _ in range(2):
        with pytest.raises(LayoutChanged, match="instead of JSON"):
            http.get(server.url + "/a").json()


def test_cookies_are_not_kept(server: LoopbackServer, http: Http) -> None:
    server.on("/a", Reply(headers={"Set-Cookie": "track=1"}))
    http.get(server.url + "/a")
    http.get(server.url + "/a")
    assert server.requests[1].headers.get("Cookie") is None


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "file:///etc/passwd", "nothing", "http://", "http://[::1", ""]
)
def test_what_is_no_web_address_is_refused(http: Http, url: str) -> None:
    with pytest.raises(Rejected, match="web address"):
        http.get(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "[fe80::1]",
    ],
)
def test_private_addresses_are_refused_in_every_spelling(host: str) -> None:
    with Http(user_agent="Test/1", limits=QUICK) as http, pytest.raises(AddressRefused):
        http.get(f"http://{host}:9/")


def test_a_redirect_into_a_private_network_is_refused(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first hop is made to look public, so that only the second one is on trial."""
    target = server.url.replace("127.0.0.1", "localhost")
    server.on("/a", Reply.redirect(target + "/b"))
    real = safety.resolve_public

    def pretend(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "127.0.0.1" else real(host, port)

    monkeypatch.setattr(safety, "resolve_public", pretend)
    with Http(user_agent="Test/1") as http, pytest.raises(AddressRefused, match="localhost"):
        http.get(server.url + "/a")
    assert server.paths() == ["/a"]


def test_the_connection_goes_to_the_address_that_was_judged(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that changes its answer after the check (DNS rebinding) changes nothing."""
    asked: list[str] = []

    def judged(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(safety, "resolve_public", judged)
    port = server.url.rpartition(":")[2]
    server.on("/a", Reply(body=b"ok"))
    with Http(user_agent="Test/1") as http:
        assert http.get(f"http://rebinding.invalid:{port}/a").body == b"ok"
    assert asked == ["rebinding.invalid"]
    assert server.requests[0].headers["Host"] == f"rebinding.invalid:{port}"


def test_one_tls_context_serves_the_whole_process() -> None:
    assert tls_context(ca_bundle()) is tls_context(ca_bundle())


def test_this_machine_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", "intern.example")
    assert proxies_for("http://127.0.0.1:8000/") == {}
    assert proxies_for("http://intern.example/") == {}
    assert proxies_for("http://example.com/")["http"] == "http://proxy.invalid:3128"


def test_a_private_target_is_refused_behind_a_proxy_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with Http(user_agent="Test/1") as http, pytest.raises(AddressRefused):
        http.get("http://10.0.0.1/")


def test_the_public_part_of_an_address_is_scheme_host_and_path() -> None:
    assert public_part("https://me:pw@a.example:8443/x/y?token=1#z") == "https://a.example:8443/x/y"
    assert public_part("https://[::1") == "the address"


class _Counting(LoopbackServer):
    """Remembers which connection each request came over."""

    def __init__(self) -> None:
        super().__init__()
        self.ports: list[int] = []
        answer = self._server.RequestHandlerClass._serve  # type: ignore[attr-defined]
        owner = self

        class Handler(self._server.RequestHandlerClass):  # type: ignore[misc,name-defined]
            def _serve(self) -> None:
                owner.ports.append(self.client_address[1])
                answer(self)

            do_GET = do_POST = _serve  # noqa: N815 - the parent's names

        self._server.RequestHandlerClass = Handler


def test_sources_share_connections_for_reading_and_a_write_takes_a_new_one() -> None:
    with _Counting() as server:
        server.on("/a", Reply(body=b"ok"))
        server.on("/unchanged", Reply(304))
        for path in ("/a", "/unchanged", "/a"):
            with Http(user_agent="T/1", allow_private=True) as http:
                http.get(server.url + path)
        assert len(set(server.ports)) == 1
        http.write("POST", server.url + "/a", json={})
        http.write("POST", server.url + "/a", json={})
        assert len(set(server.ports)) == 3


def test_a_connection_that_the_server_closed_is_replaced_unnoticed() -> None:
    with LoopbackServer() as server, Http(user_agent="T/1", allow_private=True) as http:
        server.on("/a", Reply(body=b"ok", headers={"Connection": "close"}))
        for _ in range(3):
            assert http.get(server.url + "/a").body == b"ok"


def test_a_guarded_request_never_takes_a_connection_that_was_not_guarded() -> None:
    with LoopbackServer() as server:
        server.on("/a", Reply(body=b"ok"))
        with Http(user_agent="T/1", allow_private=True) as free:
            free.get(server.url + "/a")
        with Http(user_agent="T/1") as guarded, pytest.raises(AddressRefused):
            guarded.get(server.url + "/a")
