"""Takes what platforms send by themselves: stored before it is answered, opened as due work.

Senders repeat, reorder and lose patience. So a delivery is admitted, stored under a key that
recognises a repetition, and answered; what it says goes the way of every page afterwards. What is
told without its words is read at the platform, words are put in order by the platform's own
times, and a deletion is believed once it is confirmed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from connectors import hooks
from connectors.advice import advice_for
from connectors.base import Connector, Page, Problem
from connectors.errors import ConnectorError, LayoutChanged, NotSupported
from monitor import due
from monitor.alerts import raise_alert, resolve_alerts
from monitor.clock import Clock
from monitor.db import Database
from monitor.intake.completing import completed, is_wordless
from monitor.intake.confirming import is_gone
from monitor.intake.delivery_order import in_order, without_overtaken
from monitor.intake.sighting import bounded
from monitor.intake.store import PageStore
from monitor.models import Delivery, Source
from monitor.models.upsert import insert_once
from monitor.platforms import Platforms, UnknownSource
from monitor.work import PutOff

KEPT = timedelta(days=7)
"""How long an opened delivery is remembered, to recognise repetitions; senders give up sooner."""
GIVE_UP = timedelta(days=7)
"""How long one is tried that cannot be read, in case an update teaches us."""
WAITING_MOST, WAITING_SIZE = 2_000, 200_000_000
"""Deliveries of one source, and bytes in them, that may wait to be opened."""
LATER = timedelta(minutes=10)
IDS_MOST = 10_000
_SENSITIVE = ("auth", "cookie", "key", "password", "secret", "sign", "token", "hub.")
_NEEDED = ("x-", "webhook-", "content-type", "user-agent")
_NETWORK = ("x-forwarded", "x-real-ip", "x-client", "x-envoy", "x-amzn", "x-request-id")

Taken = Literal["stored", "known", "full", "unready"]


@dataclass(frozen=True, slots=True)
class Ear:
    """How one source takes deliveries: its hook, and the settings that go with it."""

    hook: hooks.Hook
    settings: Any


class Deliveries:
    """Stores deliveries, and handles due work of the kind ``delivery``."""

    def __init__(
        self,
        database: Database,
        platforms: Platforms,
        store: PageStore,
        clock: Clock,
        ears: Mapping[str, Ear],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._platforms = platforms
        self._store = store
        self._clock = clock
        self._ears = dict(ears)
        self._wake = wake

    def listens(self, source_key: str) -> bool:
        """Tell whether a source of that name is configured, and takes deliveries."""
        return source_key in self._ears

    def challenge(self, source_key: str, query: Mapping[str, str]) -> str | None:
        """Return the answer to a platform's question at subscription; None refuses it.

        Raises `NotSupported` where the platform asks no such thing.
        """
        ear = self._ears[source_key]
        if ear.hook.challenge is None:
            raise NotSupported("this platform asks nothing at subscription")
        return ear.hook.challenge(ear.settings, query)

    def take(self, source_key: str, delivery: hooks.Delivery) -> Taken:
        """Admit one delivery and store it; when this returns ``stored``, it will be opened.

        ``known``: it is there already. ``full``: too many wait. ``unready``: the store does not
        know the source yet. Raises `NotAdmitted`, and `AuthFailed` where our secret is missing.
        """
        ear = self._ears[source_key]
        now = self._clock()
        ear.hook.admit(ear.settings, delivery, now)
        key = _key(ear.hook, delivery)
        with self._database.write() as session:
            source_id = session.scalars(
                select(Source.id).where(Source.key == source_key, Source.state != "removed")
            ).first()
            if source_id is None:
                return "unready"
            same = select(Delivery.id).where(Delivery.source_id == source_id, Delivery.key == key)
            if session.scalars(same).first() is not None:
                return "known"
            if _is_full(session, source_id, len(delivery.body)):
                return "full"
            _forget(session, now)
            stored = insert_once(
                session,
                Delivery,
                source_id=source_id,
                key=key,
                body=delivery.body,
                size=len(delivery.body),
                headers=_needed(delivery.headers),
                query=_harmless(delivery.query),
                deleted_ids=[],
                received_at=now,
                next_at=now,
                failures=0,
            )
        if stored:
            self._wake()
        return "stored" if stored else "known"

    def handle(self, claim: due.Claim) -> None:
        """Open the claimed delivery and store what it says, as of any page."""
        with self._database.read() as session:
            row = session.get_one(Delivery, claim.id)
            source = session.get_one(Source, row.source_id)
            source_id, source_key = source.id, source.key
            state, received_at, held_until = (
                source.state,
                row.received_at,
                source.account.paused_until,
            )
            sent = hooks.Delivery(row.body or b"", dict(row.headers), dict(row.query))
        if state == "removed":
            self._end(claim, [])
            return
        ear = self._ears.get(source_key)
        if ear is None:
            reason = f"source {source_key} takes no deliveries in this daemon's configuration"
            raise PutOff(reason, LATER)
        try:
            page = ear.hook.open(ear.settings, sent)
        except LayoutChanged as error:
            self._take_unreadable(claim, source_id, source_key, received_at, error)
            return
        gone = [bounded(one.external_id) for one in page.mentions if one.deleted][:IDS_MOST]
        now = self._clock()
        asks = bool(gone) or any(is_wordless(one) for one in page.mentions)
        if asks and held_until is not None and held_until > now:
            raise PutOff("its account rests, and must be asked for what is told", held_until - now)
        try:
            with self._platforms.borrow(source_key) as connector:
                self._keep(claim, source_id, source_key, page, gone, connector, received_at)
        except UnknownSource:
            raise PutOff(
                f"source {source_key} is not in this daemon's configuration", LATER
            ) from None

    def _keep(
        self,
        claim: due.Claim,
        source_id: int,
        source_key: str,
        page: Page,
        gone: list[str],
        connector: Connector,
        received_at: datetime,
    ) -> None:
        now = self._clock()
        late = claim.failures > 0
        if late:
            page = without_overtaken(self._database, source_id, page, received_at)
        read = tuple(completed(one, connector, late=late) for one in page.mentions)
        page = in_order(
            self._database, source_id, replace(page, mentions=read), connector, now - KEPT
        )

        def saved(session: Session) -> None:
            _opened(session, claim, gone)
            _end_alarm(session, claim, source_id, source_key, now)
            due.finish(session, claim, None)

        self._store.store(
            source_id,
            page,
            now,
            saved=saved,
            confirm_deletion=lambda ref: is_gone(connector, ref),
            pushed=True,
        )

    def _take_unreadable(
        self,
        claim: due.Claim,
        source_id: int,
        source_key: str,
        received_at: datetime,
        error: ConnectorError,
    ) -> None:
        """Raise one alarm, keep it for an update that can read it, and give up at last."""
        now = self._clock()
        if now - received_at > GIVE_UP:
            self._store.store(
                source_id,
                Page((), {}, problems=(Problem(f"delivery {claim.id}", str(error)),)),
                now,
                saved=lambda session: _give_up(session, claim, source_id, source_key, now),
                confirm_deletion=lambda _ref: False,
                pushed=True,
            )
            return
        try:
            advice = advice_for(self._platforms.kind(source_key), error)
        except UnknownSource:
            advice = ""
        with self._database.write() as session:
            raise_alert(
                session,
                f"delivery:{source_key}",
                "layout",
                f"{source_key}: a delivery cannot be read: {error}"
                + (f" ({advice})" * bool(advice)),
                now,
                source_id,
            )
            due.fail(session, claim, now, f"{type(error).__name__}: {error}")

    def _end(self, claim: due.Claim, gone: list[str]) -> None:
        with self._database.write() as session:
            _opened(session, claim, gone)
            due.finish(session, claim, None)


def _opened(session: Session, claim: due.Claim, gone: list[str]) -> None:
    """Forget what was delivered, and remember what it called deleted."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == claim.id)
        .values(body=None, headers={}, query={}, deleted_ids=gone)
        .execution_options(synchronize_session=False)
    )


def _end_alarm(
    session: Session, claim: due.Claim, source_id: int, source_key: str, now: datetime
) -> None:
    """Resolve the alert on unreadable deliveries, unless another one still waits."""
    unreadable = select(Delivery.id).where(
        Delivery.source_id == source_id,
        Delivery.next_at.is_not(None),
        Delivery.id != claim.id,
        Delivery.last_error.startswith(f"{LayoutChanged.__name__}:"),
    )
    if session.scalars(unreadable.limit(1)).first() is None:
        resolve_alerts(session, [f"delivery:{source_key}"], now)


def _give_up(
    session: Session, claim: due.Claim, source_id: int, source_key: str, now: datetime
) -> None:
    _opened(session, claim, [])
    _end_alarm(session, claim, source_id, source_key, now)
    due.finish(session, claim, None)


def _key(hook: hooks.Hook, delivery: hooks.Delivery) -> str:
    told = hook.delivery_id(delivery).strip() if hook.delivery_id is not None else ""
    if told and told.isprintable() and len(told) <= 190:
        return f"id:{told}"
    if told:
        return f"id-hash:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"
    return f"hash:{hashlib.sha256(delivery.body).hexdigest()}"


def _is_full(session: Session, source_id: int, size: int) -> bool:
    count, waiting = session.execute(
        select(func.count(), func.coalesce(func.sum(Delivery.size), 0)).where(
            Delivery.source_id == source_id, Delivery.next_at.is_not(None)
        )
    ).one()
    return bool(count >= WAITING_MOST or waiting + size > WAITING_SIZE)


def _forget(session: Session, now: datetime) -> None:
    session.execute(
        delete(Delivery).where(Delivery.received_at < now - KEPT, Delivery.next_at.is_(None))
    )


def _needed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that opening may need: no secret, and nothing of the network."""
    return {
        name: value.replace("\0", "")[:1000]
        for name, value in _harmless(headers).items()
        if name.startswith(_NEEDED) and not name.startswith(_NETWORK)
    }


def _harmless(told: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value.replace("\0", "")[:1000]
        for name, value in told.items()
        if not any(word in name.lower() for word in _SENSITIVE)
    }
