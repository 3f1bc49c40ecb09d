"""How many sources one process polls over TLS, beside bare requests with as many threads.

    python -m benchmarks.polling                    # 4,000 sources, 64 threads, 200 ms latency
    python -m benchmarks.polling --seconds 60 --latency 0.2

A server in another process answers each request 200 ms late, over TLS, with a feed of twenty
entries, or with 304 to a poll that knows it. Three things are measured, in turn, in one run: bare
``requests`` (a session a thread, so that it reuses its connections too) reading the same feeds;
the whole engine on SQLite, from the due row to the stored cursor, while everything is new; and
the same once nothing is new. CPU and memory are those of the process, from ``/proc``: Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from benchmarks.certificate import write_certificate
from monitor import due
from monitor.app import App, compose
from monitor.config import load as load_config
from monitor.engine.base import with_polls
from monitor.engine.embedded import EmbeddedEngine
from monitor.migrate import upgrade
from monitor.models import Mention, Source
from monitor.work import Worker, make_tick

ENTRIES = 20
TICK_SECONDS = 0.2


@dataclass(frozen=True)
class Measured:
    """What one phase did."""

    polls: int
    seconds: float
    cpu: float
    resident_mb: float

    @property
    def a_minute(self) -> float:
        return 60 * self.polls / self.seconds

    def row(self, name: str) -> str:
        each = 1000 * self.cpu / max(1, self.polls)
        rate = f"{name:<34}{self.a_minute:>9,.0f} a minute"
        return f"  {rate}  {each:6.2f} ms CPU each  {self.resident_mb:5.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--seconds", type=float, default=20)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = write_certificate(folder)
        os.environ["REQUESTS_CA_BUNDLE"] = str(certificate)
        port, served = _serve(certificate, told.latency)
        try:
            url = f"https://localhost:{port}"
            app = _app(folder, url, told.sources, told.threads)
            new = _engine(app, told.threads, 600, lambda: _all_read(app, told.sources))
            stored = _mentions(app)
            known = _engine(app, told.threads, told.seconds, lambda: False)
            assert _mentions(app) == stored, "nothing was new"
            app.close()
            bare = _bare(url, told.sources, told.threads, told.seconds)
        finally:
            served.kill()
            served.join()
    latency, load = f"{1000 * told.latency:.0f} ms", f"{os.getloadavg()[0]:.1f}"
    print(f"{told.threads} threads, {latency} latency, TLS; load {load}")
    if told.latency:
        bound = 60 * told.threads / told.latency
        print(f"  bound by latency alone            {bound:>9,.0f} a minute")
    print(bare.row("bare requests"))
    print(new.row("everything new, stored and judged"))
    print(known.row("nothing new"))
    print(f"nothing new / bare requests: {known.a_minute / bare.a_minute:.2f}")


def _app(folder: Path, url: str, sources: int, threads: int) -> App:
    entries = "\n".join(
        f"  - {{key: s{number}, connector: feed, brand: b, every: 1s, backfill_since: 2020-01-01,"
        f' settings: {{url: "{url}/{number}.xml", allow_private_addresses: true}}}}'
        for number in range(sources)
    )
    (folder / "config.yaml").write_text(
        f"version: 1\ndatabase: sqlite:///rapport.db\npoll_threads: {threads}\n"
        f"brands: [{{key: b, name: Brand}}]\nsources:\n{entries}\n",
        encoding="utf-8",
    )
    app = compose(load_config(folder / "config.yaml"))
    upgrade(app.database)
    app.sync()
    return app


def _engine(app: App, threads: int, seconds: float, done: Callable[[], bool]) -> Measured:
    """Run the embedded engine's polls for `seconds`, or until all is done, and count them."""
    polls = _Counter()
    worker = Worker(app.database, app.clock, {"poll": _counted(app, polls)}, "bench")
    workers, in_hand = with_polls(threads)
    engine = EmbeddedEngine(worker.perform, workers=workers, in_hand=in_hand)
    tick = make_tick(app.database, app.clock, engine, "bench", ["poll"])
    engine.every(TICK_SECONDS, tick, "due work", early=True)
    thread = threading.Thread(target=engine.run)
    thread.start()
    begun, cpu = time.monotonic(), _cpu()
    while time.monotonic() < begun + seconds and not done():
        time.sleep(0.05)
    measured = Measured(polls.value, time.monotonic() - begun, _cpu() - cpu, _resident())
    engine.stop(5)
    thread.join()
    with app.database.write() as session:
        due.release_owner(session, "bench")
    return measured


class _Counter:
    def __init__(self) -> None:
        self.value = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self.value += 1


def _counted(app: App, polls: _Counter) -> Callable[[due.Claim], None]:
    def handle(claim: due.Claim) -> None:
        app.poller.handle(claim)
        polls.add()

    return handle


def _all_read(app: App, sources: int) -> bool:
    with app.database.read() as session:
        read = session.scalar(select(func.count()).where(Source.last_success_at.is_not(None)))
    return read == sources


def _mentions(app: App) -> int:
    with app.database.read() as session:
        return session.scalar(select(func.count()).select_from(Mention)) or 0


def _bare(url: str, sources: int, threads: int, seconds: float) -> Measured:
    polls = _Counter()
    end = time.monotonic() + seconds

    def work(first: int) -> None:
        number = first
        with requests.Session() as session:
            while time.monotonic() < end:
                session.get(f"{url}/{number % sources}.xml", timeout=10).raise_for_status()
                polls.add()
                number += threads

    begun, cpu = time.monotonic(), _cpu()
    workers = [threading.Thread(target=work, args=[number]) for number in range(threads)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    return Measured(polls.value, time.monotonic() - begun, _cpu() - cpu, _resident())


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _resident() -> float:
    """Return the resident memory now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _serve(certificate: Path, latency: float) -> tuple[int, Any]:
    ports: Any = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(
        target=_run_server, args=(str(certificate), latency, ports), daemon=True
    )
    process.start()
    return int(ports.get(timeout=30)), process


def _run_server(certificate: str, latency: float, ports: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def serve() -> None:
        server = await asyncio.start_server(
            lambda reader, writer: _answer(reader, writer, latency), "127.0.0.1", 0,
            ssl=context, backlog=1024,
        )  # fmt: skip
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


async def _answer(reader: Any, writer: Any, latency: float) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(latency)
            path = head.split(b" ", 2)[1].decode()
            tag = f'"{path}"'
            if f"if-none-match: {tag}".encode() in head.lower():
                writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode())
            else:
                body = _feed(path)
                writer.write(
                    f"HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Type: application/rss+xml\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def _feed(path: str) -> bytes:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    items = "".join(
        f"<item><guid>{path}-{number}</guid><title>Visit {number}</title>"
        f"<description>The soup was warm and the queue short, number {number}.</description>"
        f"<pubDate>{format_datetime(at + timedelta(hours=number))}</pubDate></item>"
        for number in range(ENTRIES)
    )
    channel = f"<channel><title>{path}</title>{items}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()


if __name__ == "__main__":
    main()
