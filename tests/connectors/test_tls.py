"""TLS: certificates are checked, and the bundle is not read again for each connection."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import safety, transport
from connectors.errors import Unavailable
from connectors.http import Http
from connectors.testing.http_server import LoopbackServer, Reply


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    path = tmp_path / "own.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
               "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
               "-keyout", str(path) + ".key", "-out", str(path)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[LoopbackServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, str(certificate) + ".key")
    with LoopbackServer(tls=context) as running:
        running.on("/a", Reply(body=b"ok", headers={"Connection": "close"}))
        yield running


def test_an_unknown_certificate_is_refused_and_a_write_was_not_sent(
    server: LoopbackServer,
) -> None:
    url = server.url.replace("127.0.0.1", "localhost") + "/a"
    with Http(user_agent="T/1", allow_private=True) as http:
        with pytest.raises(Unavailable, match="certificate that is not trusted"):
            http.get(url)
        with pytest.raises(Unavailable, match="certificate that is not trusted"):
            http.write("POST", url)
    assert server.requests == []


def test_a_known_certificate_is_accepted_for_its_name_only_and_read_once(
    server: LoopbackServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    loaded: list[str] = []
    real = ssl.SSLContext.load_verify_locations

    def counted(self: ssl.SSLContext, cafile: str | None = None, **more: object) -> None:
        loaded.append(str(cafile))
        real(self, cafile, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    transport.forget_connections()
    url = server.url.replace("127.0.0.1", "localhost") + "/a"
    for _ in range(2):
        with Http(user_agent="T/1", allow_private=True) as http:
            assert http.get(url).body == b"ok"
            assert http.get(url).body == b"ok"
            with pytest.raises(Unavailable, match="not trusted"):
                http.get(server.url + "/a")
    assert loaded == [str(certificate)]
    transport.forget_connections()


def test_the_guard_pins_the_address_and_tls_still_checks_the_name(
    server: LoopbackServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setattr(safety, "resolve_public", lambda host, port: ["127.0.0.1"])
    transport.forget_connections()
    port = server.url.rpartition(":")[2]
    with Http(user_agent="T/1") as http:
        assert http.get(f"https://localhost:{port}/a").body == b"ok"
        with pytest.raises(Unavailable, match="not trusted"):
            http.get(f"https://other.example:{port}/a")
    transport.forget_connections()
