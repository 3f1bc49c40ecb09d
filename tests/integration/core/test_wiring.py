"""What connectors declare reaches the store and their own hands: terms, budgets, vaults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from connectors.base import Context
from connectors.budgets import FreeMeter
from monitor.app import App, compose
from monitor.config import load
from monitor.migrate import upgrade
from monitor.models import Mention, Source
from tests.support.hand_clock import HandClock

CONFIG = """
version: 1
database: sqlite:///rapport.db
brands: [{key: harbour, name: Harbour Coffee}]
inbox: {path: inbox, brand: harbour}
sources:
  - {key: one, connector: yelp, brand: harbour, account: yelp,
     settings: {business_id: harbour-coffee, api_key: "env:YELP_API_KEY"}}
  - {key: two, connector: yelp, brand: harbour, account: yelp,
     settings: {business_id: harbour-mill, api_key: "env:YELP_API_KEY", calls_per_day: 100}}
  - {key: guide, connector: tripadvisor, brand: harbour,
     settings: {location_id: "123456", api_key: "env:TRIPADVISOR_KEY"}}
  - {key: blog, connector: feed, brand: harbour, settings: {url: "https://blog.example/feed"}}
"""


@contextmanager
def opened(folder: Path, text: str = CONFIG) -> Iterator[App]:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with closing(compose(load(path), HandClock())) as app:
        upgrade(app.database)
        app.sync()
        yield app


def context_of(app: App, key: str) -> Context:
    return app.platforms._platform(key).context


@pytest.fixture(autouse=True)
def _keys_of_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAPPORT_SECRET_KEY", raising=False)
    for name in ("YELP_API_KEY", "TRIPADVISOR_KEY"):
        monkeypatch.setenv(name, "a-key")


def test_terms_of_the_platforms_stand_at_their_sources(tmp_path: Path) -> None:
    with opened(tmp_path) as app, app.database.read() as session:
        rows = {row.key: row for row in session.query(Source)}
    assert (rows["one"].keep_seconds, rows["one"].may_store) == (86_400.0, True)
    assert (rows["guide"].keep_seconds, rows["guide"].may_store) == (None, False)
    assert (rows["blog"].keep_seconds, rows["blog"].may_store) == (None, True)
    assert rows["blog"].begins_with_history
    assert not rows["inbox"].begins_with_history


def test_sources_of_one_account_share_meter_and_vault(tmp_path: Path) -> None:
    with opened(tmp_path) as app:
        one, two, blog = (context_of(app, key) for key in ("one", "two", "blog"))
        assert one.meter is two.meter
        assert one.vault is two.vault
        assert isinstance(blog.meter, FreeMeter)
        assert blog.vault is not one.vault
        # The smaller of two plans counts: it is one account.
        smaller = app.platforms._platform("two")
        assert smaller.kind.budgets_of is not None
        amounts = {each.name: each.amount for each in smaller.kind.budgets_of(smaller.settings)}
        declared = app.meters.budgets()["yelp"]
        assert {name: each.amount for name, each in declared.items()} == amounts


def test_terms_that_come_later_hold_for_what_is_stored_already(tmp_path: Path) -> None:
    with opened(tmp_path) as app:
        with app.database.write() as session:
            for source in session.query(Source):
                source.keep_seconds, source.may_store = None, True
                session.add(
                    Mention(
                        source_id=source.id,
                        external_id="m1",
                        kind="review",
                        text="cold tea",
                        first_seen_at=app.clock(),
                        content_hash="",
                    )
                )
        app.sync()
        app.rechecker.forget_overdue()
        with app.database.read() as session:
            told = {row.source.key: row for row in session.query(Mention)}
        assert (told["guide"].state, told["guide"].text) == ("withheld", "")
        assert told["one"].state == "present"
        assert told["one"].keep_until is not None
        assert told["blog"].keep_until is None
