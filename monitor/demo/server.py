"""Starts the demo platform: `create_app` for the application, `serve` for the whole thing.

`DemoServer` runs it in a thread (tests, benchmarks); ``python -m monitor.demo`` in a process.
"""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.demo.api import Refused, build_api
from monitor.demo.control import build_control
from monitor.demo.faults import Faults
from monitor.demo.pages import build_pages
from monitor.demo.platform import Clock, Platform
from monitor.demo.probe import who_serves
from monitor.demo.script import Entry, shipped_week
from monitor.demo.stage import Stage
from monitor.demo.store import Store
from monitor.demo.wire import LineProtocol

DEFAULT_SPEED = 600.0
"""A week in about seventeen minutes."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


class AlreadyServed(Exception):
    """Another demo platform answers on this port."""


class PortTaken(Exception):
    """Something else has this port."""


def wall_clock() -> datetime:
    """Return the time. The platform is a world of its own, so it has a clock of its own."""
    return datetime.fromtimestamp(time.time(), UTC)


def create_app(
    store: Store,
    clock: Clock = wall_clock,
    *,
    speed: float = DEFAULT_SPEED,
    token: str = "",
    week: tuple[Entry, ...] | None = None,
    with_parent: bool = False,
) -> FastAPI:
    """Return the platform as an ASGI application, its first week begun.

    A store that has a week under way goes on with it. `clock` tells the time, aware. With a
    `token` the API asks for it. Faults on the wire need `LineProtocol` underneath.
    """
    chosen = shipped_week() if week is None else week
    platform = Platform(
        store, Stage(store), Faults(store), clock, chosen, speed, token, with_parent
    )
    platform.stage.open(chosen, platform.now(), speed)
    app = FastAPI(title="Marmalade", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.include_router(build_api(platform))
    app.include_router(build_control(platform))
    app.include_router(build_pages(platform))
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    app.add_middleware(Manners)

    @app.exception_handler(Refused)
    def refused(_request: Request, error: Refused) -> Response:
        return error.response()

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Refused(422, "invalid", f"{where}: {first['msg']}").response()

    return app


class Manners:
    """Gives every answer the security headers and refuses forms sent from other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        origin = asked.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc != asked.get("host")
        if foreign and scope["method"] not in ("GET", "HEAD"):
            body = {"error": {"code": "foreign", "message": "this form came from another site"}}
            await JSONResponse(body, 403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stop: threading.Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def on_tick(self, counter: int) -> bool:
        return self._stop.is_set() or await super().on_tick(counter)


def serve(
    host: str,
    port: int,
    data_path: Path | str,
    *,
    speed: float = DEFAULT_SPEED,
    stop: threading.Event | None = None,
    token: str = "",
    clock: Clock = wall_clock,
    week: tuple[Entry, ...] | None = None,
    with_parent: bool = False,
    listener: socket.socket | None = None,
) -> None:
    """Serve until `stop` is set (or, in the main thread, a signal comes).

    Raises `AlreadyServed` or `PortTaken` before anything is opened. `listener` is a socket that
    listens already, in place of `host` and `port`.
    """
    sock = listener or listen(host, port)
    try:
        store = Store(data_path)
        try:
            app = create_app(
                store, clock, speed=speed, token=token, week=week, with_parent=with_parent
            )
            config = uvicorn.Config(
                app,
                http=LineProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=1,
                # Longer than any poll's interval: the default of 5 seconds is the interval of the
                # shipped configuration, and would close connections just as they are used again.
                timeout_keep_alive=75,
            )
            _Server(config, stop or threading.Event()).run(sockets=[sock])
        finally:
            store.close()
    finally:
        sock.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raise `AlreadyServed` or `PortTaken`. Port 0 finds a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # sends at once
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        if who_serves(host, port) is not None:
            raise AlreadyServed(f"a demo platform is already serving {host}:{port}") from error
        raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return sock


class DemoServer:
    """The platform in a thread, on a free port unless told otherwise.

    >>> with DemoServer("var/demo.db", speed=600) as demo:  # doctest: +SKIP
    ...     print(demo.base_url)
    """

    def __init__(
        self,
        data_path: Path | str,
        *,
        speed: float = DEFAULT_SPEED,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "",
        clock: Clock = wall_clock,
        week: tuple[Entry, ...] | None = None,
    ) -> None:
        self._listener = listen(host, port)
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self._stop = threading.Event()
        self._failure: BaseException | None = None

        def run() -> None:
            try:
                serve(
                    host,
                    self.port,
                    data_path,
                    speed=speed,
                    stop=self._stop,
                    token=token,
                    clock=clock,
                    week=week,
                    listener=self._listener,
                )
            except BaseException as error:
                self._failure = error
                raise

        self._thread = threading.Thread(target=run, name="demo-platform", daemon=True)

    @property
    def base_url(self) -> str:
        """The platform's address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> DemoServer:
        """Start and wait until it answers; raise what kept it from starting."""
        self._thread.start()
        while who_serves(self.host, self.port) is None:
            if self._failure is not None:
                raise RuntimeError("the demo platform did not start") from self._failure
        return self

    def stop(self) -> None:
        """Stop and wait until the port is free. Safe to call twice."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._listener.close()

    def __enter__(self) -> DemoServer:
        return self.start()

    def __exit__(self, *_failure: object) -> None:
        self.stop()
