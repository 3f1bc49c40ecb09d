"""Starting, being killed, going on, being alone, stopping."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from monitor.app import compose
from monitor.config import load
from tests.e2e.test_straight_line import COLD, TWICE, say
from tests.support.running import (
    DemoProcess,
    answers,
    eventually,
    make_place,
    rapport,
    running,
)

pytestmark = pytest.mark.timeout(300)  # a busy machine starts programs slowly

GRACE = 10.0
"""What the daemon gives its own work, in `monitor.daemon`."""


def test_a_killed_daemon_goes_on_and_a_second_one_is_refused(
    silent_demo: DemoProcess, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "rapport", silent_demo)
    rival_place = make_place(tmp_path / "rapport", silent_demo, name="rival.yaml")
    say(silent_demo, COLD, author="Ada Lind", stars=1)
    with running(place) as daemon, closing(compose(load(place.config))) as app:
        assert "store migrated" in daemon.said
        eventually(lambda: app.queue.counts() == {"drafted": 1}, "the first draft")

        rival = rapport(rival_place, "run")
        assert rival.code == 1
        (line,) = rival.err.splitlines()
        assert f"a daemon works on this store already (pid {daemon.pid})" in line
        assert not answers(rival_place.port, "/healthz")
        assert answers(place.port, "/healthz"), "the first one is none the worse"

        daemon.kill()
        assert rapport(place, "status", "--json").json()["daemon_running"] is False
        say(silent_demo, TWICE, author="Bo Ek", stars=1)
        daemon.start()
        assert "store migrated" not in daemon.said
        eventually(lambda: app.queue.counts() == {"drafted": 2}, "what was said meanwhile")

        silent_demo.ask.fault("slow_body", seconds=3, targets=["list"])
        eventually(lambda: strikes(silent_demo) > 0, "a poll that takes long")
        asked = time.monotonic()
        assert daemon.stop() == 0, "also in the middle of a call"
        assert time.monotonic() - asked < GRACE + 5, "the grace and what it takes to close"
        assert "stopped; start again with: rapport run" in daemon.said
        assert "Traceback" not in daemon.log
    with closing(sqlite3.connect(place.folder / "var" / "rapport.db")) as store:
        assert store.execute(
            "SELECT count(*) FROM source WHERE claim_token NOTNULL"
        ).fetchall() == [(0,)]


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    place = make_place(tmp_path / "one")
    other = make_place(tmp_path / "two")
    other.config.write_text(
        other.config.read_text(encoding="utf-8").replace(str(other.port), str(place.port)),
        encoding="utf-8",
    )
    with running(place):
        refused = rapport(other, "run")
    assert refused.code == 1
    (line,) = refused.err.splitlines()
    assert f"the web queue cannot listen on 127.0.0.1:{place.port}" in line


def strikes(demo: DemoProcess) -> int:
    on = demo.ask("GET", "/control/faults").json()["on"]
    return int(on.get("slow_body", {}).get("struck", 0))
