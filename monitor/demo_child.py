"""The demo platform as a child process that cannot outlive its parent."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.config import Config
from monitor.demo.probe import who_serves

START_SECONDS = 10.0


@contextmanager
def demo_child(config: Config) -> Iterator[None]:
    """Run the configured demo platform while the block runs; nothing without a `demo` section."""
    with starting_demo_child(config) as wait:
        wait()
        yield


@contextmanager
def starting_demo_child(config: Config) -> Iterator[Callable[[], None]]:
    """Start the demo platform and yield what waits until it answers, so that both start at once.

    One that somebody else runs at the address is left alone and used. The orphan of a killed
    daemon is about to end; the new child waits for its port.
    """
    demo = config.demo
    served = who_serves(demo.host, demo.port) if demo is not None else None
    if demo is None or (served is not None and not served.get("with_parent")):
        yield lambda: None
        return
    data = config.base_dir / "var" / "demo.db"
    data.parent.mkdir(parents=True, exist_ok=True)
    child = _start(demo.listen, data, demo.speed)
    try:
        yield lambda: _wait(child, demo.host, demo.port)
    finally:
        _end(child)


def _start(listen: str, data: Path, speed: float) -> subprocess.Popen[bytes]:
    # The pipe to its standard input closes however this process dies, and then the child ends.
    return subprocess.Popen(  # noqa: S603  our own module
        [
            *(sys.executable, "-m", "monitor.demo"),
            *("--listen", listen),
            *("--data", str(data)),
            *("--speed", str(speed)),
            "--exit-with-parent",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )


def _wait(child: subprocess.Popen[bytes], host: str, port: int) -> None:
    """Wait until the platform answers, it has ended, or patience has."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        if who_serves(host, port, timeout=0.5) is not None:
            return
        time.sleep(0.05)


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdin is not None, "started with a pipe"
    child.stdin.close()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
