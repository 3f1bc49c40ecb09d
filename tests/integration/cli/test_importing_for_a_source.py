"""A Play Console export fills up what Google Play's API no longer lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.peers.googleplay import ThisPeer
from tests.connectors.test_play_console import export, row
from tests.integration.cli.conftest import Call

SOURCE = """\
sources:
  - key: play
    connector: googleplay
    brand: quince
    settings: {settings}
"""


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThisPeer]:
    opened = ThisPeer(tmp_path, monkeypatch)
    opened.open()
    yield opened
    opened.close()


def test_an_export_and_the_api_are_one_source(folder: Path, rapport: Call, peer: ThisPeer) -> None:
    config = folder / "config.yaml"
    config.write_text(config.read_text() + SOURCE.format(settings=json.dumps(peer.settings)))
    heard = peer.add("It crashes")
    polled = rapport("poll", "play", "--json")
    assert polled.returncode == 0, polled.stderr
    assert json.loads(polled.stdout)["new"] == 1
    path = export(folder / "reviews.csv", row(heard, "It crashes"), row("gp:old", "Lost in May"))
    told = json.loads(rapport("import", "--source", "play", str(path), "--json").stdout)
    assert (told["new"], told["known"], told["edited"]) == (1, 1, 0)
    again = json.loads(rapport("import", "--source", "play", str(path), "--json").stdout)
    assert (again["new"], again["known"]) == (0, 2)


def test_an_unknown_source_is_told(folder: Path, rapport: Call) -> None:
    path = export(folder / "reviews.csv", row("gp:1", "x"))
    done = rapport("import", "--source", "nowhere", str(path))
    assert done.returncode != 0
    assert "there is no source 'nowhere'" in done.stderr
