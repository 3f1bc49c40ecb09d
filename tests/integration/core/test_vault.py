"""Tokens outlive the daemon, are unreadable without the key, and a wrong key is told in words."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from connectors.errors import AuthFailed, BadSettings
from monitor.accounts.vault import VARIABLE, Vaults, make_key, read_keys
from monitor.db import Database
from monitor.models import Account, VaultEntry
from tests.support.hand_clock import HandClock

TOKEN = {"access_token": "abc-secret", "expires_at": "2026-03-02T10:00:00+00:00"}


@pytest.fixture
def accounts(database: Database) -> Database:
    with database.write() as session:
        session.add_all(Account(key=key, platform="scripted") for key in ("one", "two"))
    return database


def vaults(database: Database, *keys: str) -> Vaults:
    return Vaults(database, HandClock(), read_keys({VARIABLE: ",".join(keys)}))


def sealed(database: Database) -> list[str]:
    with database.read() as session:
        return [row.sealed for row in session.query(VaultEntry).order_by(VaultEntry.id)]


class TestSealed:
    def test_a_token_outlives_the_daemon_and_is_not_readable_in_the_store(
        self, accounts: Database
    ) -> None:
        key = make_key()
        vaults(accounts, key).of("one").put("session", TOKEN)
        assert vaults(accounts, key).of("one").get("session") == TOKEN
        (stored,) = sealed(accounts)
        assert "abc-secret" not in stored

    def test_each_account_and_name_has_its_own(self, accounts: Database) -> None:
        kept = vaults(accounts, make_key())
        kept.of("one").put("session", TOKEN)
        assert kept.of("one").get("other") is None
        assert kept.of("two").get("session") is None

    def test_the_newest_value_counts_for_every_daemon(self, accounts: Database) -> None:
        key = make_key()
        first, second = vaults(accounts, key).of("one"), vaults(accounts, key).of("one")
        first.put("session", TOKEN)
        assert second.get("session") == TOKEN
        second.put("session", {"access_token": "newer"})
        assert first.get("session") == {"access_token": "newer"}
        first.put("session", None)
        assert second.get("session") is None
        assert sealed(accounts) == []

    def test_a_sealed_value_moved_to_another_account_opens_nothing(
        self, accounts: Database
    ) -> None:
        kept = vaults(accounts, make_key())
        kept.of("one").put("session", TOKEN)
        with accounts.write() as session:
            row = session.query(VaultEntry).one()
            row.account_id = session.query(Account.id).filter(Account.key == "two").scalar()
        with pytest.raises(AuthFailed):
            kept.of("two").get("session")


class TestKeys:
    def test_a_new_key_opens_what_the_old_one_sealed_and_seals_anew(
        self, accounts: Database
    ) -> None:
        old, new = make_key(), make_key()
        vaults(accounts, old).of("one").put("session", TOKEN)
        both = vaults(accounts, new, old)
        assert both.of("one").get("session") == TOKEN
        assert both.reseal() == (1, [])
        assert vaults(accounts, new).of("one").get("session") == TOKEN

    def test_a_wrong_key_is_told_and_can_be_got_over(self, accounts: Database) -> None:
        vaults(accounts, make_key()).of("one").put("session", TOKEN)
        wrong = vaults(accounts, make_key())
        with pytest.raises(AuthFailed, match="another RAPPORT_SECRET_KEY") as told:
            wrong.of("one").get("session")
        assert "abc-secret" not in str(told.value)
        assert wrong.reseal() == (0, ["one"])
        assert wrong.reseal(forget=True) == (0, ["one"])
        assert wrong.of("one").get("session") is None

    def test_a_missing_key_is_told_where_something_is_sealed(self, accounts: Database) -> None:
        vaults(accounts, make_key()).of("one").put("session", TOKEN)
        with pytest.raises(AuthFailed, match="is not set"):
            vaults(accounts).of("one").get("session")

    @pytest.mark.parametrize("value", ["short", "x" * 44, "pässwörd", "a,b"])
    def test_what_is_no_key_is_refused_without_showing_it(self, value: str) -> None:
        with pytest.raises(BadSettings, match="rapport secret-key") as told:
            read_keys({VARIABLE: value})
        assert value not in str(told.value)

    def test_keys_may_stand_in_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "keys"
        path.write_text(f"{make_key()}\n{make_key()}\n")
        assert read_keys({VARIABLE: f"file:{path}"}) is not None
        with pytest.raises(AuthFailed):
            read_keys({VARIABLE: f"file:{path}-missing"})
        assert read_keys({VARIABLE: " "}) is None


class TestWithoutKey:
    def test_tokens_live_as_long_as_the_process_and_that_is_said_once(
        self, accounts: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        kept = vaults(accounts)
        assert not kept.forgets
        with caplog.at_level(logging.WARNING):
            kept.of("one").put("session", TOKEN)
            kept.of("two").put("session", TOKEN)
        assert kept.forgets
        (record,) = caplog.records
        assert "rapport secret-key" in record.getMessage()
        assert "abc-secret" not in caplog.text
        assert kept.of("one").get("session") == TOKEN
        assert vaults(accounts).of("one").get("session") is None
        assert sealed(accounts) == []

    def test_an_account_that_is_not_in_the_store_yet_keeps_in_memory(
        self, database: Database
    ) -> None:
        kept = vaults(database, make_key())
        kept.of("one").put("session", TOKEN)
        assert kept.of("one").get("session") == TOKEN


def test_a_value_stays_json(accounts: Database) -> None:
    kept = vaults(accounts, make_key()).of("one")
    value = {"list": [1, {"a": None}], "text": "zoë"}
    kept.put("session", value)
    assert json.dumps(kept.get("session")) == json.dumps(value)
