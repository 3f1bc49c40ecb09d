"""The platform as a process: one per port, and none left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.demo.__main__ import EXIT_ALREADY_SERVED, EXIT_PORT_TAKEN, main
from monitor.demo.probe import who_serves
from monitor.demo.server import AlreadyServed, DemoServer, PortTaken, listen
from tests.support.marmalade import SMALL_WEEK, Caller

COMMAND = [sys.executable, "-m", "monitor.demo"]


def test_a_port_that_a_demo_platform_serves_is_told_apart(tmp_path: Path, capsys):
    with DemoServer(tmp_path / "demo.db", week=SMALL_WEEK) as demo:
        with pytest.raises(AlreadyServed):
            listen(demo.host, demo.port)
        address = f"{demo.host}:{demo.port}"
        other = tmp_path / "other.db"
        assert main(["--listen", address, "--data", str(other)]) == EXIT_ALREADY_SERVED
    assert address in capsys.readouterr().err
    assert not other.exists()


def test_a_port_that_something_else_has_is_told_too(tmp_path: Path, capsys):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(PortTaken):
            listen("127.0.0.1", port)
        other = tmp_path / "other.db"
        wanted = ["--listen", f"127.0.0.1:{port}", "--data", str(other)]
        assert main(wanted) == EXIT_PORT_TAKEN
    assert str(port) in capsys.readouterr().err
    assert not other.exists()


@pytest.mark.parametrize(
    "wrong",
    [("--listen", "8321"), ("--listen", "a:99999"), ("--speed", "0"), ("--speed", "fast"),
     ("--speed", "nan"), ("--nonsense",)],
)  # fmt: skip
def test_wrong_usage_is_told_and_nothing_is_opened(tmp_path: Path, capsys, wrong):
    with pytest.raises(SystemExit) as ended:
        main([*wrong, "--data", str(tmp_path / "demo.db")])
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path, capsys):
    (tmp_path / "demo.db").write_text("Dear diary, " * 100)
    code = main(["--listen", "127.0.0.1:0", "--data", str(tmp_path / "demo.db")])
    assert code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "not a database" in line


def test_a_script_that_cannot_be_played_is_told_with_its_entry(tmp_path: Path, capsys):
    (tmp_path / "w.yaml").write_text("entries: [{key: late, at: someday, author: A}]")
    wanted = ["--listen", "127.0.0.1:0", "--data", str(tmp_path / "demo.db")]
    assert main([*wanted, "--week", str(tmp_path)]) == 1
    assert "entry late" in capsys.readouterr().err
    assert main([*wanted, "--week", str(tmp_path / "nowhere")]) == 1


def test_it_ends_when_its_parent_is_killed_and_the_next_takes_over_the_port(tmp_path: Path):
    """A parent that starts the platform is killed with SIGKILL; a second start keeps the week."""
    parent = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=sys.stdout)\n"
        "time.sleep(600)\n"
    )
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    data = str(tmp_path / "demo.db")
    child = [*COMMAND, "--listen", f"127.0.0.1:{port}", "--data", data, "--exit-with-parent"]
    seen = []
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", parent, *child], stdout=subprocess.PIPE,
                              text=True, start_new_session=True) as host:  # fmt: skip
            assert host.stdout is not None
            try:
                assert f":{port}" in host.stdout.readline()
                ask = Caller(DemoStandIn(port))
                seen.append(ask("GET", "/control/ledger").json()["mentions"][0])
            finally:
                os.kill(host.pid, signal.SIGKILL)
                last = not host.stdout.read() if len(seen) == 2 else False
    assert seen[0] == seen[1]
    # The pipe ended, and the child was the last to hold it: nobody is left behind.
    assert last
    assert who_serves("127.0.0.1", port) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_signal_stops_it_without_a_complaint(tmp_path: Path, number: int):
    (tmp_path / "week").mkdir()
    wanted = ["--listen", "127.0.0.1:0", "--week", str(tmp_path / "week")]
    with subprocess.Popen(
        [*COMMAND, *wanted, "--data", str(tmp_path / "demo.db")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline().rstrip("/\n").rpartition(":")[2])
        assert Caller(DemoStandIn(port)).items() == []
        child.send_signal(number)
        _, complaints = child.communicate(timeout=30)
    assert (child.returncode, complaints) == (0, "")


class DemoStandIn:
    def __init__(self, port: int) -> None:
        self.host, self.port = "127.0.0.1", port


def test_it_asks_for_the_token_that_it_was_given(tmp_path: Path):
    with DemoServer(tmp_path / "demo.db", week=SMALL_WEEK, token="s3cret") as demo:
        ask = Caller(demo)
        assert ask("GET", "/api/v1/reviews").status == 401
        assert ask("GET", "/api/v1/account", headers={"Authorization": "Bearer no"}).status == 401
        right = {"Authorization": "Bearer s3cret"}
        assert ask("GET", "/api/v1/reviews", headers=right).status == 200
        assert ask("GET", "/api/health").status == 200
        assert ask("GET", "/").status == 200
