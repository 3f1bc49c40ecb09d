"""The real programs as processes of their own: the daemon, the demo platform, the commands.

Nothing of Rapport is replaced. A daemon may be told to wait less for a dead colleague or for a
hanging call than in earnest (`cut_waits`), so that a test need not sit out minutes of leases.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.support.marmalade import Caller

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds to wait for what happens within one or two on a quiet machine."""

RAPPORT = "from monitor.cli import main; main()"
CUT_WAITS = """
from dataclasses import replace
from datetime import timedelta
from monitor import due
from responders import delivery
due.KINDS = {name: replace(kind, lease=timedelta(seconds=8)) for name, kind in due.KINDS.items()}
delivery.CALL_MAY_LAST = timedelta(seconds=3)
delivery.ABSENCE_HOLDS = timedelta(seconds=1)
"""

CONFIG = """\
version: 1
database: {database}
engine: {engine}
brands:
  - key: harbour
    name: Harbour Coffee
    timezone: Europe/Berlin
    signature: "Mara, Harbour Coffee"
    contact: hello@harbour.example
    languages: [en, de, es, fr]
    locations:
      - {{key: quay, name: Quay Street}}
      - {{key: mill, name: Old Mill, timezone: Europe/London}}
sources:{sources}
inbox: {{path: inbox, brand: harbour, every: 1s}}
web: {{listen: "127.0.0.1:{port}"}}
approval: {{undo_seconds: 0}}
sla:
  - {{key: urgent, when: {{urgency: [high, urgent]}}, calendar: always, first_response: 2h,
     next_response: 4h, resolution: 3d}}
  - {{key: standard, calendar: always, first_response: 8h, next_response: 8h, resolution: 5d}}
"""
BOARD = """
  - key: demo-{board}
    connector: demo
    brand: harbour
    account: demo
    every: 1s
    settings: {{base_url: "http://127.0.0.1:{port}", board: {board}}}"""


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(
    met: Callable[[], Any], what: str, patience: float = PATIENCE, every: float = 0.05
) -> Any:
    """Wait until `met` returns something true, and return that; fail naming `what`."""
    deadline = time.monotonic() + patience
    while not (found := met()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(every)
    return found


@dataclass
class DemoProcess:
    """Marmalade, for as long as the block lasts, whoever else is killed meanwhile."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def host(self) -> str:
        return "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def ask(self) -> Caller:
        return Caller(self)


@contextmanager
def demo_platform(
    folder: Path, speed: float = 60, *, silent: bool = False
) -> Iterator[DemoProcess]:
    """Start the demo platform on a free port, with its boards in `folder`.

    On a `silent` one nobody says anything until the test does.
    """
    port = free_port()
    module = [sys.executable, "-m", "monitor.demo", "--listen", f"127.0.0.1:{port}"]
    if silent:
        week = folder / "silent-week"
        week.mkdir()
        (week / "silence.yaml").write_text("language: en\nentries: []\n", encoding="utf-8")
        module += ["--week", str(week)]
    with subprocess.Popen(
        [*module, "--data", folder / "demo.db", "--speed", str(speed), "--exit-with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    ) as process:
        demo = DemoProcess(port, process)
        try:
            eventually(lambda: answers(port, "/api/health"), "the demo platform")
            yield demo
        finally:
            process.terminate()


def answers(port: int, path: str) -> bool:
    """Tell whether `path` on this port is answered with 200."""
    line = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", path)
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


@dataclass
class Place:
    """A folder with a configuration in it, and the port of its web queue."""

    config: Path
    port: int

    @property
    def folder(self) -> Path:
        return self.config.parent


def make_place(
    folder: Path,
    demo: DemoProcess | None = None,
    *,
    database: str = "sqlite:///var/rapport.db",
    engine: str = "embedded",
    name: str = "config.yaml",
) -> Place:
    """Write a configuration that watches both boards of `demo` and the folder ``inbox``."""
    boards = ("reviews", "feed") if demo is not None else ()
    sources = "".join(BOARD.format(board=board, port=demo.port) for board in boards) or " []"  # type: ignore[union-attr]  # no boards without a demo
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / name
    config.write_text(
        CONFIG.format(database=database, engine=engine, sources=sources, port=port),
        encoding="utf-8",
    )
    return Place(config, port)


class Daemon:
    """``rapport run`` in a process of its own. Its words are kept in files beside the store.

    `first` is Python that the process runs before anything else.
    """

    def __init__(self, place: Place, *, cut_waits: bool = False, first: str = "") -> None:
        self.place = place
        self._code = CUT_WAITS * cut_waits + first + RAPPORT
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    @property
    def pid(self) -> int:
        assert self._process is not None, "it has been started"
        return self._process.pid

    @property
    def log(self) -> str:
        """What every run so far wrote to standard error."""
        path = self._file("log")
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def said(self) -> str:
        """What the last run wrote to standard output."""
        return self._file("out").read_text(encoding="utf-8")

    def start(self, *, wait: bool = True) -> Daemon:
        self.starts += 1
        with self._file("out").open("wb") as out, self._file("log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", self._code, "--config", self.place.config, "run"],
                stdout=out,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        if wait:
            eventually(self.is_ready, "the daemon to be ready")
        return self

    def is_ready(self) -> bool:
        """Tell whether it works by now; fail when it has ended instead."""
        if self._process is None or self._process.poll() is not None:
            raise AssertionError(f"the daemon ended:\n{self.said}\n{self.log[-4000:]}")
        return "stop with Ctrl-C" in self.said and answers(self.place.port, "/healthz")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self, patience: float = PATIENCE) -> int:
        """Ask it to stop, and return its exit code."""
        return self._end(signal.SIGTERM, patience)

    def close(self) -> None:
        """Leave nothing running behind a test, however that ended."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def sign_in_link(self) -> str:
        found = re.search(r"queue: +(\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def _end(self, number: int, patience: float = PATIENCE) -> int:
        assert self._process is not None, "it has been started"
        self._process.send_signal(number)
        return self._process.wait(timeout=patience)

    def _file(self, ending: str) -> Path:
        return self.place.config.with_suffix(f".{ending}")


@contextmanager
def running(place: Place, **options: Any) -> Iterator[Daemon]:
    """Run a daemon while the block lasts."""
    daemon = Daemon(place, **options)
    try:
        yield daemon.start()
    finally:
        daemon.close()


@dataclass(frozen=True)
class Told:
    """What a command wrote and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def rapport(place: Place, *words: str | Path, patience: float = 120.0) -> Told:
    """Run one command of ``rapport`` to its end."""
    ended = subprocess.run(
        [sys.executable, "-c", RAPPORT, "--config", place.config, *words],
        capture_output=True,
        text=True,
        timeout=patience,
        cwd=ROOT,
        check=False,
    )
    return Told(ended.returncode, ended.stdout, ended.stderr)
