"""Deliveries to real daemons: what was answered with 202 outlives a kill, and is opened once."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from monitor.db import Database
from monitor.models import Delivery, Mention
from tests.support.postgres import fresh_database
from tests.support.running import Daemon, Place, eventually, make_place, running

SECRET = "the secret of the shop"
SOURCE = """
  - {key: shop, connector: webhook, brand: harbour, settings: {secret: "env:TEST_SHOP_SECRET"}}"""


def with_shop(place: Place) -> Place:
    told = place.config.read_text(encoding="utf-8")
    place.config.write_text(told.replace("sources: []", f"sources:{SOURCE}"), encoding="utf-8")
    return place


def post(place: Place, number: int) -> int:
    said = {"action": "created", "id": f"r{number}", "text": f"Cold coffee, number {number}."}
    body = json.dumps(said).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
    with requests.Session() as session:
        session.trust_env = False
        url = f"http://127.0.0.1:{place.port}/hooks/shop"
        return session.post(url, data=body, headers=headers, timeout=20).status_code


def counted(database: Database) -> tuple[int, int]:
    """Return how many mentions there are, and how many deliveries still wait."""
    with database.read() as session:
        mentions = session.scalars(select(func.count()).select_from(Mention)).one()
        waiting = select(func.count()).where(Delivery.next_at.is_not(None))
        return mentions, session.scalars(waiting).one()


@pytest.mark.timeout(240)
def test_what_was_accepted_outlives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SHOP_SECRET", SECRET)
    place = with_shop(make_place(tmp_path))
    with running(place, cut_waits=True) as daemon:
        assert [post(place, number) for number in range(20)] == [202] * 20
        daemon.kill()
        daemon.start()
        assert post(place, 19) == 200
        assert post(place, 20) == 202
        with closing(Database(f"sqlite:///{tmp_path / 'var/rapport.db'}")) as database:
            eventually(lambda: counted(database) == (21, 0), "all deliveries to be opened")
        assert daemon.stop() == 0


@pytest.mark.timeout(240)
def test_two_daemons_on_postgresql_open_each_delivery_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SHOP_SECRET", SECRET)
    with ExitStack() as stack:
        url = stack.enter_context(fresh_database())
        places = [
            with_shop(
                make_place(tmp_path / name, database=json.dumps(url), engine="postgres", name=name)
            )
            for name in ("one.yaml", "two.yaml")
        ]
        daemons: list[Daemon] = [stack.enter_context(running(place)) for place in places]
        said = [post(places[number % 2], number // 2) for number in range(40)]
        assert said.count(202) == 20
        assert said.count(200) == 20, "each was sent to both"
        with closing(Database(url)) as database:
            eventually(lambda: counted(database) == (20, 0), "all deliveries to be opened")
        assert [daemon.stop() for daemon in daemons] == [0, 0]
