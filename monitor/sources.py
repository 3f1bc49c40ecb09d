"""Brings the store's brands, accounts and sources in line with the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from monitor.alerts import resolve_all_of
from monitor.config import Config
from monitor.models import Account, Brand, Location, Mention, Source
from monitor.slack_messages import SLACK

INBOX = "inbox"
"""Key of the source that the watched folder is, and that imported files belong to."""

LOCK = 7_270_768  # any number will do, as long as every Rapport uses the same


@dataclass(frozen=True, slots=True)
class Wanted:
    """One source as the configuration has it."""

    key: str
    connector: str
    title: str
    account: str
    brand: str
    location: str | None
    every: timedelta
    enabled: bool = True
    backfill_since: datetime | None = None
    expect_update_every: timedelta | None = None
    begins_with_history: bool = False
    may_store: bool = True
    keep: timedelta | None = None
    window: timedelta | None = None
    polled: bool = True


def sync(session: Session, config: Config, now: datetime, *, need: str = "") -> None:
    """Add what is new, change what changed, and retire sources that are gone.

    A source that people bring things to is made when it is first needed: `need` is its key.

    A retired source keeps its mentions and cases. One whose credentials were refused is tried
    again: the person who restarts the daemon has probably mended them. Several daemons may do
    this at once; they take turns.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    brands = _sync_brands(session, config)
    rows = {row.key: row for row in session.scalars(select(Source))}
    wanted = {each.key: each for each in wanted_sources(config)}
    brought = from_slack(config)
    if brought is not None and (brought.key in rows or brought.key == need):
        wanted[brought.key] = brought
    for each in wanted.values():
        brand = brands[each.brand]
        location = _location(session, brand, each.location)
        account = _account(session, each)
        row = rows.get(each.key)
        if row is None:
            row = Source(key=each.key, connector=each.connector, next_at=now, cursor={})
            session.add(row)
        if row.connector != each.connector:
            row.connector, row.cursor = each.connector, {}
            row.watched_since = row.caught_up_at = row.last_success_at = None
        row.title = each.title
        row.brand = brand
        row.location = location
        row.account = account
        row.every_seconds = each.every.total_seconds()
        row.backfill_since = each.backfill_since
        row.begins_with_history = each.begins_with_history
        row.window_seconds = each.window.total_seconds() if each.window else None
        _take_terms(session, row, each, now)
        row.expect_update_seconds = (
            each.expect_update_every.total_seconds() if each.expect_update_every else None
        )
        if not each.enabled:
            row.paused_by = ""  # who switches it on again in the configuration wants it polled
        if not each.enabled or row.paused_by:
            row.state, row.next_at = "paused", None
        elif not each.polled:
            row.state, row.next_at = "active", None
        elif row.state != "active" or row.next_at is None or row.next_at > now + each.every:
            row.state, row.next_at = "active", now
        session.flush()
    for key, row in rows.items():
        if key not in wanted:
            row.state, row.next_at = "removed", None
        if row.state != "active":
            resolve_all_of(session, row.id, now)
    session.flush()


def pause(session: Session, key: str, person: str, now: datetime) -> str:
    """Stop polling a source until a person has it go on; return what came of it in words.

    A restart changes nothing. Raises `KeyError` when there is no source of that key.
    """
    row = _of(session, key)
    if row.state == "paused":
        return f"{key} is paused already" + (f" by {row.paused_by}" if row.paused_by else "")
    row.state, row.next_at, row.paused_by = "paused", None, person[:500]
    resolve_all_of(session, row.id, now)
    return f"{key} is paused: nothing is heard there until it goes on"


def resume(session: Session, key: str, now: datetime) -> str:
    """Have a source polled again that a person paused; return what came of it in words.

    Raises `KeyError` when there is no source of that key.
    """
    row = _of(session, key)
    if row.state != "paused":
        return f"{key} is not paused"
    if not row.paused_by:
        return f"{key} is switched off in the configuration (`enabled`)"
    is_polled = row.connector != SLACK
    row.state, row.next_at, row.paused_by = "active", now if is_polled else None, ""
    return f"{key} is polled again" if is_polled else f"{key} takes in cases again"


def _of(session: Session, key: str) -> Source:
    row = find(session, key)
    if row is None or row.state == "removed":
        raise KeyError(key)
    return row


def wanted_sources(config: Config) -> Iterable[Wanted]:
    """Yield every source of the configuration, the watched folder included."""
    for source in config.sources:
        kind = config.kind_of(source)
        able = kind.capabilities
        if kind.capabilities_of is not None:
            able = kind.capabilities_of(config.settings_of(source))
        yield Wanted(
            key=source.key,
            connector=source.connector,
            title=source.title or source.key,
            account=config.account_of(source),
            brand=source.brand,
            location=source.location,
            every=config.every_of(source),
            enabled=source.enabled,
            backfill_since=(
                datetime.combine(source.backfill_since, time(), UTC)
                if source.backfill_since
                else None
            ),
            expect_update_every=source.expect_update_every,
            begins_with_history=kind.begins_with_history,
            may_store=able.may_store,
            keep=min(filter(None, (able.retention, able.recheck_within)), default=None),
            window=able.listing_window,
        )
    if config.inbox is not None:
        yield Wanted(
            key=INBOX,
            connector="file",
            title=f"Files in {config.inbox.path}/",
            account=INBOX,
            brand=config.inbox.brand,
            location=config.inbox.location,
            every=config.inbox.every,
        )


def from_slack(config: Config) -> Wanted | None:
    """Return the source of what people make a case of in Slack; None without Slack.

    Nobody polls it. It is the first brand's.
    """
    if config.slack is None:
        return None
    return Wanted(
        key=SLACK,
        connector=SLACK,
        title="Messages in Slack",
        account=SLACK,
        brand=config.brands[0].key,
        location=None,
        every=timedelta(days=1),
        polled=False,
    )


def _take_terms(session: Session, row: Source, wanted: Wanted, now: datetime) -> None:
    """Note what the platform's terms are now; what is stored already comes under them too."""
    seconds = wanted.keep.total_seconds() if wanted.keep else None
    was = (row.may_store, row.keep_seconds)
    row.may_store, row.keep_seconds = wanted.may_store, seconds
    if row.id is None or was == (row.may_store, row.keep_seconds):
        return
    keep = timedelta(seconds=seconds) if seconds else None
    # All of it is to be read again in half that time, and what is left is for failures.
    again, until = (now + keep / 2, now + keep) if keep else (None, None)
    if not row.may_store:
        again = until = now
    session.execute(
        update(Mention)
        .where(Mention.source_id == row.id, Mention.state == "present")
        .values(recheck_at=again, keep_until=until)
        .execution_options(synchronize_session=False)
    )


def _sync_brands(session: Session, config: Config) -> dict[str, Brand]:
    brands = {row.key: row for row in session.scalars(select(Brand))}
    for told in config.brands:
        brand = brands.get(told.key)
        if brand is None:
            brand = brands[told.key] = Brand(key=told.key, name=told.name)
            session.add(brand)
        brand.name = told.name
        session.flush()
        for place in told.locations:
            row = _location(session, brand, place.key)
            if row is None:
                row = Location(brand_id=brand.id, key=place.key, name=place.name)
                session.add(row)
            row.name = place.name
            row.timezone = config.timezone_of(told.key, place.key)
            session.flush()
    return brands


def _location(session: Session, brand: Brand, key: str | None) -> Location | None:
    if key is None:
        return None
    return session.scalars(
        select(Location).where(Location.brand_id == brand.id, Location.key == key)
    ).first()


def _account(session: Session, wanted: Wanted) -> Account:
    row = session.scalars(select(Account).where(Account.key == wanted.account)).first()
    if row is None:
        row = Account(key=wanted.account, platform=wanted.connector)
        session.add(row)
        session.flush()
    return row


def find(session: Session, key: str) -> Source | None:
    """Return the source called `key`, unless it is no longer configured."""
    return session.scalars(
        select(Source).where(Source.key == key, Source.state != "removed")
    ).first()
