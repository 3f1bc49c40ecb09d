"""How a daemon hears at once that there are hints: one listening connection for all workers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from psycopg import sql
from sqlalchemy.engine import URL

from monitor.engine.schema import SEARCH_PATH, conninfo

CONNECTIONS = 8
AGAIN_SECONDS, CHECK_SECONDS, ECHO_SECONDS = 3.0, 30.0, 0.2
NEWS = '{"type": "job_inserted", "job_id": 0}'


class Listener(PsycopgConnector):
    """Procrastinate's connector, except for how it listens.

    Its own opens a connection a worker, each of which wakes up ten times a second, and stops
    listening for good when it cannot connect. This one listens once, for everyone, again and
    again, while `listen` runs.
    """

    def __init__(self, url: str | URL) -> None:
        self._where = conninfo(url)
        super().__init__(
            conninfo=self._where,
            kwargs={"options": SEARCH_PATH, "application_name": "rapport engine"},
            min_size=1,
            max_size=CONNECTIONS,
        )
        self._told: dict[str, Notify] = {}
        self._echoes: dict[str, asyncio.Task[None]] = {}

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Have `on_notification` called until this is cancelled."""
        told = dict.fromkeys(channels, on_notification)
        self._told |= told
        try:
            await asyncio.Event().wait()
        finally:
            for channel in told:
                self._told.pop(channel, None)

    async def listen(self, channels: Iterable[str]) -> None:
        """Hear what the database says on `channels`; never returns."""
        names = list(channels)
        while True:
            try:
                await self._hear(names)
            except psycopg.Error:  # the workers poll meanwhile
                await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, channels: Sequence[str]) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._where, autocommit=True, application_name="rapport engine, listening"
        )
        async with connection:
            for channel in channels:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            for channel in channels:  # what was said before this went unheard
                await self._tell(channel)
            while True:
                async for notice in connection.notifies(timeout=CHECK_SECONDS):
                    await self._tell(notice.channel)
                # A connection that died is as quiet as an idle one, until it is used.
                await connection.execute("SELECT 1")

    async def _tell(self, channel: str) -> None:
        """Tell the worker, and once more a moment later.

        A worker that is just looking for jobs forgets a notification that comes before it has
        ended looking, and would find the job only at its next poll.
        """
        await self._tell_once(channel)
        if channel not in self._echoes:
            self._echoes[channel] = asyncio.create_task(self._echo(channel))

    async def _echo(self, channel: str) -> None:
        await asyncio.sleep(ECHO_SECONDS)
        del self._echoes[channel]
        await self._tell_once(channel)

    async def _tell_once(self, channel: str) -> None:
        if channel in self._told:
            await self._told[channel](channel=channel, payload=NEWS)
