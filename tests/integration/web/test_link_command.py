"""``rapport link``, beside whatever else works on the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.link import link
from tests.support.cases import Desk, open_desk
from tests.support.web import Browser, served


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path)
    with closing(desk.app):
        yield desk


def run(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(link, [*arguments], obj=desk.app.config.path)


def test_the_printed_link_signs_in_the_person_it_names(desk: Desk) -> None:
    result = run(desk, "--name", "Mara Lind")
    assert result.exit_code == 0, result.output
    printed, following = result.output.split("\n")[:2]
    assert following.startswith("next: rapport ")
    assert following.endswith(" run")
    path = printed.removeprefix("http://127.0.0.1")
    with served(desk.app) as address, closing(Browser(address)) as browser:
        page = browser.act(browser.get(path), path)
        assert page.url.endswith("/queue")
        assert "Mara Lind" in page.words(".who")


def test_beside_a_running_daemon_it_leads_to_the_queue(desk: Desk) -> None:
    lock = desk.app.lock()
    assert lock is not None
    with lock:
        assert run(desk).output.rstrip().endswith(" queue")


def test_it_speaks_json(desk: Desk) -> None:
    told = json.loads(run(desk, "--json", "--hours", "48").output)
    assert told["valid_hours"] == 48
    assert "/sign-in/" in told["link"]


@pytest.mark.parametrize("name", ["", " \t ", "x" * 101, "\u202e"])
def test_a_name_that_is_none_is_refused_in_one_line(desk: Desk, name: str) -> None:
    result = run(desk, "--name", name)
    assert result.exit_code == 2
    assert "--name" in result.output
