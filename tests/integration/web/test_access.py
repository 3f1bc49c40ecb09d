"""Signing in by link, and everything that stands between the pages and the world."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from monitor.models import SignIn
from monitor.web.access import SESSION_LASTS, make_link, redeem
from tests.support.cases import Desk, open_desk
from tests.support.web import Browser, served


def new_link(desk: Desk, address: str, name: str = "Mara", **valid: float) -> str:
    lasts = timedelta(**(valid or {"hours": 1}))
    return make_link(desk.app.database, address, name, desk.clock(), lasts).removeprefix(address)


def raw(address: str, request: bytes) -> bytes:
    parts = urlsplit(address)
    assert parts.hostname
    import socket

    with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as line:
        line.sendall(request)
        line.settimeout(10)
        got = b""
        while b"\r\n\r\n" not in got:
            more = line.recv(4096)
            if not more:
                break
            got += more
        return got


def test_a_link_signs_in_once_and_leads_to_the_queue(
    desk: Desk, address: str, stranger: Browser
) -> None:
    path = new_link(desk, address)
    page = stranger.act(stranger.get(path), path)
    assert page.status == 200
    assert page.url == f"{address}/queue"
    assert "Mara" in page.words(".who")


def test_opening_a_link_does_not_use_it_up(desk: Desk, address: str, stranger: Browser) -> None:
    path = new_link(desk, address)
    with closing(Browser(address)) as preview:
        for _ in range(3):
            assert preview.get(path).status == 200
        assert preview.ask("HEAD", path).status == 200
    assert stranger.act(stranger.get(path), path).url.endswith("/queue")


def test_a_link_used_twice_says_how_to_get_a_new_one(
    desk: Desk, address: str, stranger: Browser
) -> None:
    path = new_link(desk, address)
    door = stranger.get(path)
    stranger.act(door, path)
    with closing(Browser(address)) as other:
        page = other.get(path)
    assert page.status == 410
    assert "used already" in page.text
    assert "rapport link" in page.text


def test_of_two_who_use_a_link_at_once_one_gets_in(desk: Desk, address: str) -> None:
    token = new_link(desk, address).rpartition("/")[2]
    got: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: got.append(redeem(desk.app.database, token, desk.clock())))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(session is not None for session in got) == 1


def test_an_expired_link_says_how_to_get_a_new_one(
    desk: Desk, address: str, stranger: Browser
) -> None:
    path = new_link(desk, address, minutes=-1)
    page = stranger.get(path)
    assert page.status == 410
    assert "expired" in page.text
    assert "rapport link" in page.text


def test_an_unknown_link_is_no_door(stranger: Browser) -> None:
    page = stranger.get("/sign-in/never-given")
    assert page.status == 404
    assert "rapport link" in page.text


def test_the_button_needs_the_cookie_of_its_page_and_leaves_the_link_good(
    desk: Desk, address: str, stranger: Browser
) -> None:
    path = new_link(desk, address)
    assert stranger.post(path, {"proof": "guessed"}).status == 403
    assert stranger.act(stranger.get(path), path).url.endswith("/queue")


def test_only_hashes_of_tokens_are_stored(desk: Desk, address: str, stranger: Browser) -> None:
    path = new_link(desk, address)
    stranger.act(stranger.get(path), path)
    secrets = [path.rpartition("/")[2], stranger.cookies["rapport"]]
    with desk.app.database.read() as session:
        hashes = list(session.scalars(select(SignIn.token_hash)))
    assert not set(secrets) & set(hashes)
    assert all(len(each) == 64 for each in hashes)


def test_the_session_cookie_is_out_of_reach_of_scripts(
    desk: Desk, address: str, stranger: Browser
) -> None:
    path = new_link(desk, address)
    door = stranger.get(path)
    answer = stranger.post(path, door.fields(path), allow_redirects=False)
    cookie = next(
        part for part in answer.headers["set-cookie"].split(", ") if part.startswith("rapport=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Max-Age={int(SESSION_LASTS.total_seconds())}" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(tmp_path) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk(tmp_path, web="https://rapport.example")
    with closing(desk.app), served(desk.app) as address, closing(Browser(address)) as browser:
        host = {"Host": "rapport.example"}
        path = new_link(desk, address)
        door = browser.get(path, headers=host)
        # The client keeps no secure cookie on http, as it should; hand it over by hand.
        proof = door.fields(path)["proof"]
        answer = browser.post(
            path,
            {"proof": proof},
            headers={**host, "Cookie": f"rapport-door={proof}"},
            allow_redirects=False,
        )
        assert answer.status == 303
        assert "__Host-rapport=" in answer.headers["set-cookie"]
        assert "Secure" in answer.headers["set-cookie"]


def test_a_session_ends_after_thirty_days(tmp_path) -> None:  # type: ignore[no-untyped-def]
    desk = open_desk(tmp_path)
    with closing(desk.app), served(desk.app) as address, closing(Browser(address)) as browser:
        browser.sign_in(desk.app)
        desk.clock.move(days=29)
        assert browser.get("/queue").status == 200
        desk.clock.move(days=2)
        assert browser.get("/queue").status == 401


def test_signing_out_ends_the_session_itself(desk: Desk, mara: Browser) -> None:
    stolen = mara.cookies["rapport"]
    page = mara.act(mara.get("/queue"), "/sign-out")
    assert "signed out" in page.text
    again = mara.get("/queue", headers={"Cookie": f"rapport={stolen}"})
    assert again.status == 401


@pytest.mark.parametrize("path", ["/queue", "/cases/C-1", "/sources", "/reports", "/queue/ids"])
def test_a_stranger_sees_nothing_but_how_to_sign_in(stranger: Browser, path: str) -> None:
    page = stranger.get(path)
    assert page.status == 401
    assert "rapport link" in page.text


def test_signing_in_leads_to_the_page_that_was_asked_for(
    desk: Desk, address: str, stranger: Browser
) -> None:
    view = desk.complain()
    stranger.get(f"/cases/{view.ref}?state=all")
    assert stranger.sign_in(desk.app).url == f"{address}/cases/{view.ref}?state=all"


@pytest.mark.parametrize("wanted", ["//evil.example/queue", "/queue\r\nX-A: b", "/nowhere"])
def test_the_page_asked_for_cannot_lead_elsewhere(
    desk: Desk, address: str, stranger: Browser, wanted: str
) -> None:
    from urllib.parse import quote

    path = new_link(desk, address)
    door = stranger.get(path)
    cookie = f"rapport-door={stranger.cookies['rapport-door']}; rapport-wanted={quote(wanted, '')}"
    answer = stranger.post(
        path, door.fields(path), headers={"Cookie": cookie}, allow_redirects=False
    )
    assert answer.headers["location"] == "/queue"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "a b"])
def test_a_foreign_host_is_refused(address: str, host: str) -> None:
    got = raw(address, f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert got.split()[1] in (b"421", b"400")
    assert b'"status"' not in got


def test_the_refusal_of_a_foreign_host_is_drawn_with_its_style_sheet(stranger: Browser) -> None:
    foreign = {"Host": "evil.example"}
    page = stranger.get("/queue", headers=foreign)
    assert page.status == 421
    sheet = str(page.find("link[rel=stylesheet]")["href"])
    assert stranger.get(sheet, headers=foreign).status == 200
    assert page.words("code") == "rapport run"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8320", "127.0.0.1:1", "LOCALHOST"])
def test_our_own_hosts_are_answered(stranger: Browser, host: str) -> None:
    assert stranger.get("/healthz", headers={"Host": host}).status == 200


def test_every_answer_forbids_framing_sniffing_caching_and_inline_code(mara: Browser) -> None:
    for path in ("/queue", "/nowhere", "/healthz", "/sources"):
        headers = mara.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"


def test_no_page_has_inline_code_or_style(desk: Desk, mara: Browser) -> None:
    view = desk.complain()
    for path in ("/queue", f"/cases/{view.ref}", "/sources", "/sources/board", "/reports"):
        page = mara.get(path)
        assert page.status == 200
        assert not page.soup.select("style, script:not([src]), [style]")
        assert not [
            name for tag in page.soup.find_all(True) for name in tag.attrs if name.startswith("on")
        ]


def test_the_style_sheet_and_the_script_are_small_and_kept(mara: Browser) -> None:
    page = mara.get("/queue")
    for path in (str(page.find("link[rel=stylesheet]")["href"]), str(page.find("script")["src"])):
        got = mara.get(path)
        assert got.status == 200
        assert len(got.answer.content) < 20_000
        assert "immutable" in got.headers["cache-control"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_website_is_refused(
    desk: Desk, mara: Browser, headers: dict[str, str]
) -> None:
    view = desk.complain()
    fields = mara.get(f"/cases/{view.ref}").fields("/approve")
    page = mara.post(f"/cases/{view.ref}/approve", fields, headers=headers)
    assert page.status == 403
    assert desk.view(view.id).state == "drafted"


@pytest.mark.parametrize("act", ["approve", "edit", "reject", "posted"])
@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_every_act_needs_the_token_of_its_page(
    desk: Desk, mara: Browser, act: str, token: str
) -> None:
    view = desk.complain()
    fields = mara.get(f"/cases/{view.ref}").fields("/approve")
    page = mara.post(f"/cases/{view.ref}/{act}", {**fields, "token": token, "text": "My words"})
    assert page.status == 403
    assert "My words" in page.find("textarea").get_text()
    assert desk.view(view.id).state == "drafted"


def test_what_was_typed_is_given_back_when_the_session_has_ended(
    desk: Desk, address: str, mara: Browser
) -> None:
    view = desk.complain()
    page = mara.get(f"/cases/{view.ref}")
    mara.cookies.clear()
    page = mara.act(page, "/approve", text="A long answer, typed with care")
    assert page.status == 401
    assert "A long answer, typed with care" in page.find("textarea").get_text()


def test_a_body_that_grows_too_large_is_cut_off(address: str) -> None:
    parts = urlsplit(address)
    line = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    with closing(line):
        line.putrequest("POST", "/sign-in/x")
        line.putheader("Content-Type", "application/x-www-form-urlencoded")
        line.putheader("Transfer-Encoding", "chunked")
        line.endheaders()
        chunk = b"a" * 65_536
        try:
            for _ in range(40):
                line.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            line.send(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # it stopped listening, which is right as well
        assert line.getresponse().status == 413
