"""One Rapport with a source at every platform's peer, worked as the daemon works, by hand.

Nothing of Rapport is replaced but the clock and the engine: what is due is found by the real
tick and done at once by the real worker, so that a test knows when it has ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from sqlalchemy import select

from connectors import registry
from connectors.base import Capabilities, ConnectorKind
from connectors.hooks import Delivery
from connectors.testing.peers import NOW, Peer
from monitor import due
from monitor.accounts.vault import VARIABLE, make_key
from monitor.app import App, compose
from monitor.config import load
from monitor.log import QUIET
from monitor.models import Alert, Base, Case, Mention, Source
from monitor.work import Worker, make_tick
from responders.views import Actor, CaseView
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate
from tests.support.web import served

MARA = Actor("web", "mara", "Mara")
EVERY = timedelta(minutes=10)
LONG_BEFORE = NOW - timedelta(days=36)
"""When listening begins, so that whatever a peer's customers say, they say it later."""

_SECRET_HEADERS = ("authorization", "api-key", "apikey", "x-goog-api-key")
_SECRET_QUERIES = ("key", "access_token", "appsecret_proof")
_SECRET_FORMS = ("refresh_token", "access_token", "password", "client_secret", "key", "assertion")


class Listener(logging.Handler):
    """Keeps every line that the daemon's log would hold."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(QUIET) or record.levelno >= logging.WARNING:
            self.lines.append(self.format(record))


@contextmanager
def listening() -> Iterator[Listener]:
    """Hear what is logged while the block lasts."""
    listener, root = Listener(), logging.getLogger()
    before = root.level
    root.addHandler(listener)
    root.setLevel(logging.INFO)
    try:
        yield listener
    finally:
        root.removeHandler(listener)
        root.setLevel(before)


class Everywhere:
    """The program, its clock, and what stands behind each of its sources.

    A source is called as its connector. Use `opened` to make one.
    """

    def __init__(
        self,
        folder: Path,
        peers: Mapping[str, Peer],
        begin: datetime,
        log: Listener,
        source: Mapping[str, Any],
    ) -> None:
        self.folder = folder
        self.peers = dict(peers)
        self.clock = HandClock(begin)
        self.log = log
        self.config = folder / "config.yaml"
        self.config.write_text(config_of(self.peers, **source), encoding="utf-8")
        self.app: App = compose(load(self.config), self.clock)
        migrate(self.app.database)
        self.app.sync()
        worker = Worker(self.app.database, self.clock, self.app.handlers, "daemon")
        self._perform = worker.perform
        kinds = [kind for kind in due.KINDS if kind in self.app.handlers]
        self._tick = make_tick(self.app.database, self.clock, self, "daemon", kinds)
        self._delivered: dict[str, int] = {}
        self.address = ""

    def room(self, kind: str) -> int:
        """As an engine with idle workers."""
        return 100

    def submit(self, claims: Sequence[due.Claim]) -> None:
        """As an engine that is done at once."""
        for claim in claims:
            self._perform(claim)

    def work(self) -> None:
        """Do what is due, until nothing is."""
        self.let_peers_know_the_time()
        kinds = [kind for kind in due.KINDS if kind in self.app.handlers]
        for _ in range(60):
            with self.app.database.glance() as connection:
                if not due.due_kinds(connection, self.clock(), kinds):
                    return
            self._tick()
        raise AssertionError("the work never ends")

    def pass_time(self, **by: float) -> None:
        """Move the clock on at once, and do what is due then."""
        self.clock.move(**by)
        self.work()

    def hear(self) -> None:
        """Let the platforms deliver, and the time of a poll of every source come."""
        for name in self.peers:
            self.deliver(name)
        self.pass_time(seconds=EVERY.total_seconds() * 1.2)

    def deliver(self, name: str) -> None:
        """Send what a platform that sends by itself has not sent yet."""
        sent = self.peers[name].deliveries() or []
        for delivery in sent[self._delivered.get(name, 0) :]:
            answer = self.post(name, delivery)
            assert answer.status_code == 202, answer.text
        self._delivered[name] = len(sent)

    def post(self, source: str, delivery: Delivery) -> requests.Response:
        """Send one delivery over HTTP, as the platform would."""
        with requests.Session() as session:
            session.trust_env = False
            return session.post(
                f"{self.address}/hooks/{source}",
                data=delivery.body,
                params=dict(delivery.query),
                headers={"Content-Type": "application/json", **delivery.headers},
                timeout=20,
            )

    def kind(self, name: str) -> ConnectorKind:
        """Return the catalogue entry of a source."""
        return self.app.platforms.kind(name)

    def able(self, name: str) -> Capabilities:
        """Return what a source may do as it is set up."""
        return self.app.platforms.capabilities(name)

    def rows(self, model: Any, *where: Any) -> list[Any]:
        """Return rows in the order they were made."""
        with self.app.database.read() as session:
            return list(session.scalars(select(model).where(*where).order_by(model.id)))

    def source(self, name: str) -> Source:
        """Return a source's row."""
        row: Source = self.rows(Source, Source.key == name)[0]
        return row

    def mentions(self, name: str) -> list[Mention]:
        """Return what was heard at a source, in the order of hearing."""
        return self.rows(Mention, Mention.source_id == self.source(name).id)

    def cases(self, name: str) -> list[Case]:
        """Return the cases of a source, in the order of opening."""
        return self.rows(Case, Case.source_id == self.source(name).id)

    def view(self, case_id: int) -> CaseView:
        """Return a case as every face shows it."""
        view = self.app.queue.view(case_id)
        assert view is not None
        return view

    def approve(self, case_id: int) -> None:
        """Approve the draft that is shown, as a person does."""
        view = self.view(case_id)
        assert view.draft is not None
        done = self.app.queue.approve(
            case_id,
            draft_version=view.draft.version,
            text_hash=view.draft.text_hash,
            actor=MARA,
        )
        assert done.done, done.message

    def alerts(self) -> list[str]:
        """Return what staff were told, open or over."""
        return [alert.message for alert in self.rows(Alert)]

    def on_disk(self) -> bytes:
        """Return every byte of the store's files."""
        return b"".join(
            path.read_bytes() for path in sorted(self.folder.glob("rapport.db*")) if path.is_file()
        )

    def in_rows(self) -> str:
        """Return every row of every table, as text."""
        with self.app.database.read() as session:
            return "\n".join(
                str(tuple(row))
                for table in Base.metadata.sorted_tables
                for row in session.execute(table.select())
            )

    def secrets(self, name: str) -> set[str]:
        """Return all that a peer's source must keep to itself: given, sent, and handed out."""
        peer = self.peers[name]
        found = {peer.secret}
        for request in getattr(getattr(peer, "server", None), "requests", ()):
            for header in _SECRET_HEADERS:
                found.add(request.headers.get(header, "").rpartition(" ")[2])
            for key in _SECRET_QUERIES:
                found.add(request.get(key))
            if b"=" in request.body[:100] and not request.body.startswith(b"{"):
                found |= {request.form.get(key, "") for key in _SECRET_FORMS}
        return {secret for secret in found if len(secret) >= 8}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The sources."""
        return tuple(self.peers)

    @cached_property
    def keys(self) -> dict[int, str]:
        """The sources by the ids of their rows."""
        return {row.id: row.key for row in self.rows(Source)}

    def let_peers_know_the_time(self) -> None:
        for peer in self.peers.values():
            if hasattr(peer, "now"):
                peer.now = self.clock()


def config_of(peers: Mapping[str, Peer], **source: Any) -> str:
    """Return a configuration with one source at each peer; `source` is said of each."""
    return yaml.safe_dump(
        {
            "version": 1,
            "database": "sqlite:///rapport.db",
            "brands": [
                {
                    "key": "harbour",
                    "name": "Harbour Coffee",
                    "contact": "hello@harbour.example",
                    "signature": "Mara, Harbour Coffee",
                }
            ],
            "web": {"listen": "127.0.0.1:0"},
            "approval": {"undo_seconds": 0},
            "sla": [
                {
                    "key": "standard",
                    "calendar": "always",
                    "first_response": "8h",
                    "next_response": "8h",
                    "resolution": "5d",
                }
            ],
            "sources": [
                {
                    "key": name,
                    "connector": name,
                    "brand": "harbour",
                    "every": f"{int(EVERY.total_seconds())}s",
                    "settings": peer.settings,
                    **source,
                }
                for name, peer in peers.items()
            ],
        },
        sort_keys=False,
    )


@contextmanager
def opened(
    folder: Path,
    environment: pytest.MonkeyPatch,
    names: Collection[str] | None = None,
    begin: datetime = LONG_BEFORE,
    prepare: Callable[[str, Peer], None] = lambda name, peer: None,
    **source: Any,
) -> Iterator[Everywhere]:
    """Open a peer for each connector and one program that listens to them all.

    `prepare` may change a peer, or its settings, before the program is made; `source` is said of
    each source in the configuration.
    """
    environment.setenv(VARIABLE, make_key())
    peers: dict[str, Peer] = {}
    everywhere: Everywhere | None = None
    with listening() as log:
        try:
            for name in registry.names() if names is None else names:
                place = folder / name
                place.mkdir()
                peer = import_module(f"tests.connectors.peers.{name}").ThisPeer(place, environment)
                peer.open()
                peers[name] = peer
                prepare(name, peer)
            everywhere = Everywhere(folder, peers, begin, log, source)
            with served(everywhere.app) as everywhere.address:
                yield everywhere
        finally:
            if everywhere is not None:
                everywhere.app.close()
            for peer in peers.values():
                peer.close()
