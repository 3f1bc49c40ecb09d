"""Keeps connectors' tokens in the store, sealed with a key that is not in it.

The key stands in the environment as RAPPORT_SECRET_KEY; ``rapport secret-key`` makes one.
Several keys, separated by commas, rotate: the first seals, each of them opens. Without a key
tokens live as long as the process, and that is said once when a connector first keeps one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import AuthFailed, BadSettings
from connectors.secrets import Secret
from connectors.vault import MemoryVault, Vault
from monitor.clock import Clock
from monitor.db import Database
from monitor.log import logger
from monitor.models import Account, VaultEntry
from monitor.models.upsert import insert_once

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet  # slow to load, and seldom needed

log = logger(__name__)

VARIABLE = "RAPPORT_SECRET_KEY"
MAKE_ONE = f"make a key with `rapport secret-key` and set it as {VARIABLE}"


def make_key() -> str:
    """Return a new key."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def read_keys(environ: Mapping[str, str] | None = None) -> MultiFernet | None:
    """Return the keys of the environment, or None where there is none.

    The variable holds the keys themselves or ``file:path``. Raises `BadSettings` for what is no
    key, and `AuthFailed` for a file that cannot be read.
    """
    told = (os.environ if environ is None else environ).get(VARIABLE, "").strip()
    if told.startswith("file:"):
        told = Secret(told).reveal()
    keys = [each.strip() for each in told.replace("\n", ",").split(",") if each.strip()]
    if not keys:
        return None
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return MultiFernet([Fernet(each) for each in keys])
    except ValueError:
        # The message of the library is about the value, which nobody should see.
        raise BadSettings(f"{VARIABLE} holds something that is no key: {MAKE_ONE}") from None


class Vaults:
    """The vaults of all accounts, one each. `keys` None keeps everything in memory."""

    def __init__(self, database: Database, clock: Clock, keys: MultiFernet | None) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._vaults: dict[str, AccountVault] = {}
        self._lock = Lock()
        self._told = False

    def of(self, account: str) -> Vault:
        """Return the vault that all sources of an account share."""
        if account not in self._vaults:
            self._vaults[account] = AccountVault(self, account)
        return self._vaults[account]

    @property
    def forgets(self) -> bool:
        """Tell whether a token was kept that a restart will lose."""
        return self._told

    def read(self, account: str, name: str) -> str | None:
        """Return what is sealed under this name, or None."""
        with self._database.read() as session:
            return session.scalars(
                select(VaultEntry.sealed)
                .join(Account, Account.id == VaultEntry.account_id)
                .where(Account.key == account, VaultEntry.name == name)
            ).first()

    def write(self, account: str, name: str, value: Mapping[str, Any] | None) -> bool:
        """Seal `value` and keep it, or forget it; tell whether the account is in the store."""
        sealed = None if value is None else self._seal(account, name, value)
        with self._database.write() as session:
            owner = session.scalars(select(Account.id).where(Account.key == account)).first()
            if owner is None:
                return False
            row = _entry(session, owner, name)
            if sealed is None:
                if row is not None:
                    session.delete(row)
            elif row is not None:
                row.sealed, row.changed_at = sealed, self._clock()
            elif not insert_once(
                session,
                VaultEntry,
                account_id=owner,
                name=name,
                sealed=sealed,
                changed_at=self._clock(),
            ):
                row = _entry(session, owner, name)
                assert row is not None, "somebody else has just added it"
                row.sealed, row.changed_at = sealed, self._clock()
        return True

    def open(self, account: str, name: str, sealed: str) -> Mapping[str, Any]:
        """Return what was sealed; raise `AuthFailed` where none of the keys opens it."""
        if self._keys is None:
            raise AuthFailed(
                f"the tokens of the account {account} are sealed and {VARIABLE} is not set"
            )
        from cryptography.fernet import InvalidToken

        try:
            found = json.loads(self._keys.decrypt(sealed))
            if found["account"] == account and found["name"] == name:
                return dict(found["value"])
        except (InvalidToken, ValueError, KeyError, TypeError):
            pass
        raise AuthFailed(
            f"the tokens of the account {account} were sealed with another {VARIABLE}: set that "
            "one again, beside the new one, or forget them with `rapport secret-key --forget`"
        )

    def keeps(self) -> bool:
        """Tell whether there is a key; say once what to do where there is none."""
        if self._keys is not None:
            return True
        with self._lock:
            told, self._told = self._told, True
        if not told:
            log.warning("tokens are kept in memory and lost at a restart: %s", MAKE_ONE)
        return False

    def reseal(self, *, forget: bool = False) -> tuple[int, list[str]]:
        """Seal everything with the first key; return how much, and whose could not be opened.

        `forget` removes what could not be opened: its connectors ask for new tokens.
        """
        sealed, lost = 0, set()
        with self._database.write() as session:
            rows = session.execute(
                select(VaultEntry, Account.key).join(Account, Account.id == VaultEntry.account_id)
            ).all()
            for row, account in rows:
                try:
                    value = self.open(account, row.name, row.sealed)
                except AuthFailed:
                    lost.add(account)
                    if forget:
                        session.delete(row)
                    continue
                row.sealed = self._seal(account, row.name, value)
                sealed += 1
        return sealed, sorted(lost)

    def _seal(self, account: str, name: str, value: Mapping[str, Any]) -> str:
        assert self._keys is not None, "asked before"
        told = {"account": account, "name": name, "value": dict(value)}
        return self._keys.encrypt(json.dumps(told).encode()).decode()


class AccountVault:
    """The vault of one account; `connectors.vault` says what it promises."""

    def __init__(self, vaults: Vaults, account: str) -> None:
        self._vaults = vaults
        self._account = account
        self._memory = MemoryVault()

    def get(self, name: str) -> Mapping[str, Any] | None:
        """Return the newest value called `name`, or None. Raises `AuthFailed`."""
        kept = self._memory.get(name)
        if kept is not None:
            return kept
        sealed = self._vaults.read(self._account, name)
        return None if sealed is None else self._vaults.open(self._account, name, sealed)

    def put(self, name: str, value: Mapping[str, Any] | None) -> None:
        """Keep `value` under `name`; None forgets it."""
        if value is None:
            self._memory.put(name, None)
            self._vaults.write(self._account, name, None)
            return
        if self._vaults.keeps() and self._vaults.write(self._account, name, value):
            self._memory.put(name, None)
        else:
            self._memory.put(name, value)


def _entry(session: Session, account_id: int, name: str) -> VaultEntry | None:
    return session.scalars(
        select(VaultEntry).where(VaultEntry.account_id == account_id, VaultEntry.name == name)
    ).first()
