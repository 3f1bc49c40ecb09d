"""What a hostile or careless answer may not bring about: secrets in messages and logs, odd ways."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from connectors.errors import ConnectorError, Rejected
from connectors.http import Http
from connectors.oauth import basic
from connectors.outcomes import Answer
from connectors.safety import is_public
from connectors.testing.http_server import LoopbackServer, Reply

SECRET = "sesame-5d1f/9c"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.mark.parametrize("spelled", [SECRET, "sesame-5d1f%2F9c"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda http, url: http.get(url, headers={"Authorization": f"Bearer {SECRET}"}),
        lambda http, url: http.get(url, headers={"Api-Key": SECRET}),
        lambda http, url: http.get(url, params={"access_token": SECRET}),
        lambda http, url: http.write("POST", url, data={"client_secret": SECRET}),
        lambda http, url: http.write("POST", url, json={"password": SECRET}),
        lambda http, url: http.write("POST", url, headers=basic("harbour", SECRET)),
    ],
)
def test_a_secret_that_an_answer_repeats_is_in_no_message(
    server: LoopbackServer, ask: Callable[[Http, str], Answer], spelled: str
) -> None:
    said = {"error": {"message": f"Malformed token {spelled}"}}
    json_kind = {"Content-Type": "application/json"}
    server.fail_with(Reply(401, json.dumps(said).encode(), json_kind))
    with pytest.raises(ConnectorError, match=r"Malformed token \.\.\.") as caught:
        ask(Http(user_agent="test", allow_private=True), server.url + "/")
    assert "sesame" not in str(caught.value)


def test_an_answer_that_is_used_is_left_as_it_came(server: LoopbackServer) -> None:
    server.fail_with(Reply(200, json.dumps({"access_token": SECRET}).encode()))
    http = Http(user_agent="test", allow_private=True)
    answer = http.write("POST", server.url + "/", data={"refresh_token": SECRET})
    assert answer.json() == {"access_token": SECRET}


@pytest.mark.parametrize("target", ["http://[", "http://x:99999/", "//a:b:c/", "http://\xff:x/"])
def test_a_redirect_to_nowhere_is_named(server: LoopbackServer, target: str) -> None:
    server.fail_with(Reply(302, headers={"Location": target}))
    with pytest.raises(Rejected):
        Http(user_agent="test", allow_private=True).get(server.url + "/")


def test_broken_headers_bring_no_address_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon here\r\nX: y\r\n\r\n{}"
                )

        thread = threading.Thread(target=answer)
        thread.start()
        with caplog.at_level(logging.WARNING):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            Http(user_agent="test", allow_private=True).get(url, params={"token": SECRET})
        thread.join()
    assert "sesame" not in caplog.text


@pytest.mark.parametrize(
    "address",
    ["::ffff:0:7f00:1", "::7f00:1", "64:ff9b:1::7f00:1", "64:ff9b::7f00:1", "5f00::1", "fd00::1",
     "2002:7f00:1::", "ff0e::1", "2001:db8::1"],
)  # fmt: skip
def test_ipv6_that_the_internet_does_not_route_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["2606:4700::1", "2a00:1450::1", "64:ff9b::808:808"])
def test_ipv6_that_the_internet_routes_is_taken(address: str) -> None:
    assert is_public(address)
