"""The daemon: one engine, the web queue, the Slack socket and, if wanted, the demo platform."""

from __future__ import annotations

import gc
import getpass
import signal
import socket
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import FrameType

import uvicorn

from monitor import due
from monitor.app import App
from monitor.clock import utc_now
from monitor.config.slack import REQUEST_PATH
from monitor.config.web import Web
from monitor.demo_child import starting_demo_child
from monitor.engine.base import Engine, with_polls
from monitor.engine.embedded import EmbeddedEngine
from monitor.log import logger
from monitor.migrate import upgrade
from monitor.overdue import watch_backlog, watch_outages, watch_windows
from monitor.silence import watch_silence
from monitor.web.access import make_link
from monitor.web.app import create_app
from monitor.work import Worker, make_tick

log = logger(__name__)

TICK_SECONDS = 0.5
WATCH_SECONDS = 60.0
DIGEST_SECONDS = 20.0
INCIDENT_SECONDS = 5.0
JUDGEMENT_SECONDS = 3600.0
REPORT_SECONDS = 5.0
FORECAST_SECONDS = 600.0
HOLIDAY_SECONDS = 900.0
GRACE_SECONDS = 10.0
EMBEDDED_OWNER = "daemon"


class PortTaken(Exception):
    """Something else listens where the web queue should."""


class Daemon:
    """Runs one `App` until it is told to stop. `announce` takes lines for the operator."""

    def __init__(self, app: App, announce: Callable[[str], None]) -> None:
        self._app = app
        self._announce = announce
        self._owner = (
            EMBEDDED_OWNER if app.config.engine == "embedded" else f"daemon-{uuid.uuid4().hex[:12]}"
        )

    def run(self) -> None:
        """Bring the store up to date, start everything, work, and stop in good order.

        Raises `AlreadyRunning` when another embedded daemon works on the same store, and
        `PortTaken` when the web queue cannot listen.
        """
        with ExitStack() as stack:
            lock = self._app.lock()
            if lock is not None:
                stack.enter_context(lock)
            listener = stack.enter_context(_listen(self._app.config.web))
            wait_for_demo = stack.enter_context(starting_demo_child(self._app.config))
            before, after = upgrade(self._app.database)
            if before != after:
                self._announce(f"store migrated to revision {after}")
            self._app.make_inbox()
            self._app.sync()
            # What may no longer be kept goes before anybody can look at it.
            self._app.rechecker.forget_overdue()
            self._app.assessor.refresh()
            self._app.holiday_feeds.fetch_missing()
            engine = self._engine()
            self._schedule(engine)
            self._app.on_decision.listen(engine.wake)
            stack.callback(self._free_claims)
            stack.callback(_end_server, *self._start_web(listener))
            if self._app.slack is not None:
                self._app.slack.start()
                stack.callback(self._app.slack.stop)
            self._listen_for_signals(engine)
            wait_for_demo()
            self._say_where()
            gc.freeze()  # modules live to the end: passing over them would hold pages up for 0.1 s
            engine.run()

    def _engine(self) -> Engine:
        worker = Worker(self._app.database, self._app.clock, self._app.handlers, self._owner)
        workers, in_hand = with_polls(self._app.config.poll_threads)
        if self._app.config.engine == "postgres":
            from monitor.engine.postgres import PostgresEngine, install

            install(self._app.config.database_url())
            url = self._app.config.database_url()
            return PostgresEngine(url, worker.perform, workers=workers, in_hand=in_hand)
        return EmbeddedEngine(worker.perform, workers=workers, in_hand=in_hand)

    def _schedule(self, engine: Engine) -> None:
        if self._owner == EMBEDDED_OWNER:
            self._free_claims()  # the lock says that whoever held them is dead
        tick = make_tick(
            self._app.database,
            self._app.clock,
            engine,
            self._owner,
            [kind for kind in due.KINDS if kind in self._app.handlers],
        )
        engine.every(TICK_SECONDS, tick, "due work", early=True)
        engine.every(WATCH_SECONDS, self._watch, "silence, outages and late work")
        engine.every(WATCH_SECONDS, self._app.rechecker.run, "the platforms' terms")
        engine.every(WATCH_SECONDS, self._find_incidents, "incidents")
        engine.every(REPORT_SECONDS, self._keep_figures, "figures of reports")
        engine.every(FORECAST_SECONDS, self._forecast, "the forecast")
        engine.every(WATCH_SECONDS, self._app.assessor.refresh, "what was learned from staff")
        engine.every(HOLIDAY_SECONDS, self._app.holiday_feeds.run, "holidays")
        engine.every(JUDGEMENT_SECONDS, self._app.judgement_watch.run, "samples and drift")
        if self._app.slack is not None:
            engine.every(TICK_SECONDS * 10, self._app.announce_alerts, "alerts")
            engine.every(WATCH_SECONDS, self._app.announce_looks, "second looks")
            engine.every(INCIDENT_SECONDS, self._app.announce_incidents, "cards of incidents")
        if self._app.slack is not None or self._app.mailer.settings is not None:
            engine.every(DIGEST_SECONDS, self._app.announce_digests, "digests")

    def _watch(self) -> None:
        self._app.meters.settle()
        with self._app.database.write() as session:
            now = self._app.clock()
            watch_silence(session, now)
            watch_outages(session, now)
            watch_windows(session, now)
            watch_backlog(session, now)

    def _find_incidents(self) -> None:
        self._app.incidents.run()

    def _keep_figures(self) -> None:
        self._app.keeper.run()

    def _forecast(self) -> None:
        self._app.forecasts.run()

    def _free_claims(self) -> None:
        with self._app.database.write() as session:
            due.release_owner(session, self._owner)

    def _start_web(self, listener: socket.socket) -> tuple[uvicorn.Server, threading.Thread]:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(self._app),
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
            )
        )
        thread = threading.Thread(
            target=server.run, args=[[listener]], name="rapport-web", daemon=True
        )
        thread.start()
        return server, thread

    def _listen_for_signals(self, engine: Engine) -> None:
        def stop(_number: int, _frame: FrameType | None) -> None:
            engine.stop(GRACE_SECONDS)

        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, stop)
            signal.signal(signal.SIGTERM, stop)

    def _say_where(self) -> None:
        config = self._app.config
        link = make_link(
            self._app.database, config.web.url, getpass.getuser(), utc_now(), timedelta(hours=12)
        )
        self._announce(f"queue:  {link}  (opens once, then stays signed in)")
        if config.demo is not None:
            self._announce(f"demo:   http://{config.demo.listen}/  (the invented review board)")
        if config.inbox is not None:
            self._announce(f"inbox:  {_short(config.inbox_dir())}/  (drop CSV or NDJSON files)")
        if self._app.slack is not None:
            self._announce("slack:  cards appear in the channel; rapport status tells of trouble")
            if self._app.slack.signed is not None:
                self._announce(f"slack:  requests are taken at {config.web.url}{REQUEST_PATH}")
        self._announce("status: rapport status; stop with Ctrl-C")


def _listen(web: Web) -> socket.socket:
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    # Without its protocol asyncio would not know that it may send at once (TCP_NODELAY), and each
    # page on a connection that is kept would wait 40 ms for the browser's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # also just after a kill
        listener.bind((web.host.strip("[]"), web.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"the web queue cannot listen on {web.listen}: {error.strerror or error}; "
            "set another `web.listen` in the configuration"
        ) from error
    return listener


def _short(path: Path | None) -> str:
    assert path is not None, "only called with an inbox"
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _end_server(server: uvicorn.Server, thread: threading.Thread) -> None:
    server.should_exit = True
    thread.join(timeout=5)
