"""Run the demo platform in a process of its own: ``python -m monitor.demo``.

Exit codes: 0 stopped, 2 wrong usage, 3 another demo platform already serves this port, 4 something
else has the port. With ``--exit-with-parent`` it ends when its standard input does: a pipe from
its parent closes however the parent dies. A token to ask for is read from RAPPORT_DEMO_TOKEN.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from monitor.demo.probe import who_serves
from monitor.demo.script import ScriptError, load_week
from monitor.demo.server import (
    DEFAULT_SPEED,
    AlreadyServed,
    PortTaken,
    listen,
    serve,
)

EXIT_ALREADY_SERVED = 3
EXIT_PORT_TAKEN = 4
PATIENCE = 5.0
"""Seconds to wait for a predecessor whose parent was killed to give the port back."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m monitor.demo", description=__doc__)
    parser.add_argument("--listen", type=_address, default=("127.0.0.1", 8321), metavar="HOST:PORT")
    parser.add_argument("--data", default="var/demo.db", metavar="FILE")
    parser.add_argument("--speed", type=_speed, default=DEFAULT_SPEED, metavar="N")
    parser.add_argument("--week", type=Path, metavar="FOLDER", help="another script to play")
    parser.add_argument("--exit-with-parent", action="store_true")
    wanted = parser.parse_args(arguments)
    host, port = wanted.listen
    stop = threading.Event()
    if wanted.exit_with_parent:
        threading.Thread(target=_watch_parent, args=(stop,), daemon=True).start()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    try:
        week = load_week(wanted.week) if wanted.week else None
        listener = _listen_patiently(host, port, wanted.exit_with_parent, stop)
        print(f"demo platform on http://{_shown(host)}:{listener.getsockname()[1]}/", flush=True)
        serve(
            host,
            port,
            wanted.data,
            speed=wanted.speed,
            stop=stop,
            token=os.environ.get("RAPPORT_DEMO_TOKEN", ""),
            week=week,
            with_parent=wanted.exit_with_parent,
            listener=listener,
        )
    except AlreadyServed as found:
        print(found, file=sys.stderr)
        return EXIT_ALREADY_SERVED
    except PortTaken as found:
        print(found, file=sys.stderr)
        return EXIT_PORT_TAKEN
    except (ScriptError, OSError, sqlite3.Error) as error:
        print(f"the demo platform cannot start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _listen_patiently(host: str, port: int, patient: bool, stop: threading.Event) -> socket.socket:
    """Listen, giving a predecessor that is about to follow its parent time to leave."""
    waited = 0.0
    while True:
        try:
            return listen(host, port)
        except (AlreadyServed, PortTaken):
            holder = who_serves(host, port)
            leaving = holder is None or holder.get("with_parent") is True
            if not patient or not leaving or waited >= PATIENCE or stop.is_set():
                raise
        time.sleep(0.1)
        waited += 0.1


def _watch_parent(stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass  # a parent has nothing to tell us
    stop.set()


def _address(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError("expected HOST:PORT, for example 127.0.0.1:8321")
    return host.strip("[]"), int(port)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _speed(value: str) -> float:
    try:
        speed = float(value)
    except ValueError:
        speed = -1.0
    if not 0 < speed <= 1e12:
        raise argparse.ArgumentTypeError("expected a number above 0, for example 600")
    return speed


if __name__ == "__main__":
    sys.exit(main())
