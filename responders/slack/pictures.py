"""Puts the picture of a digest into its thread: get an address, send the bytes, complete.

Only the last of the three calls is seen by people. Its file's number is committed before it is
made, and the thread is searched for that file first, so that an answer lost on the way does not
show the picture twice. A picture that Slack refuses is given up: the digest has been told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.db import Database
from monitor.models import Notification
from responders.digest.chart import ChartsMissing, alt_text, draw_chart
from responders.digest.words import title
from responders.slack.client import SlackClient
from responders.slack.conditions import PICTURES, Conditions
from responders.slack.digests import digest_of
from responders.slack.files import send_bytes
from responders.slack.lookup import BETWEEN_LOOKS, FIRST_LOOK
from responders.slack.results import (
    Answer,
    AuthDead,
    Failure,
    Limited,
    Refused,
    Result,
    describe,
)

TRIES = 6
GIVEN_UP_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one step: the row's new state and detail, and when it is due again."""

    state: str
    next_at: datetime | None = None
    detail: dict[str, Any] = field(default_factory=dict)


class Pictures:
    """Takes a picture's row one step further at a time. Reads in transactions of its own."""

    def __init__(
        self, db: Database, client: SlackClient, conditions: Conditions, api_url: str
    ) -> None:
        self._db = db
        self._client = client
        self._conditions = conditions
        self._api_url = api_url

    def step(self, row: Notification, now: datetime) -> Step:
        """Do the next step of `row`; the caller commits what is returned."""
        if now - row.created_at > GIVEN_UP_AFTER:
            return Step("failed")
        file = row.detail.get("file")
        return self._complete(row, str(file), now) if file else self._send(row, now)

    def _send(self, row: Notification, now: datetime) -> Step:
        with self._db.read() as session:
            digest = digest_of(session, row, now)
        if not any(bar.total for bar in digest.bars):
            return Step("sent")  # an empty chart says nothing that the digest does not
        try:
            picture = draw_chart(digest)
        except ChartsMissing as error:
            return self._give_up(str(error))
        place = self._client.call(
            "files.getUploadURLExternal",
            {
                "filename": f"complaints-{digest.kind}-{digest.until:%Y-%m-%d}.png",
                "length": len(picture),
                "alt_txt": alt_text(digest),
            },
        )
        if not isinstance(place, Answer):
            return self._failed(row, place, now)
        lost = send_bytes(str(place.data.get("upload_url", "")), picture, self._api_url)
        if lost is not None:
            return self._failed(row, lost, now)
        kept = {"file": str(place.data.get("file_id", "")), "title": title(digest)}
        return Step("started", now, kept)

    def _complete(self, row: Notification, file: str, now: datetime) -> Step:
        if self._stands_there(row, file):
            return self._done()
        named = {"id": file, "title": str(row.detail.get("title", ""))}
        result = self._client.call(
            "files.completeUploadExternal",
            {
                "files": json.dumps([named]),
                "channel_id": row.target,
                "thread_ts": str(row.detail["thread"]),
            },
        )
        if isinstance(result, Answer):
            return self._done()
        if isinstance(result, Refused) and result.error == "file_not_found":
            return self._again(row, now, {"file": None}, describe(result))  # it has expired
        return self._failed(row, result, now)

    def _stands_there(self, row: Notification, file: str) -> bool:
        """Tell whether the thread shows the file; where it cannot be read, it is not known to."""
        arguments = {"channel": row.target, "ts": str(row.detail["thread"]), "limit": 200}
        result = self._client.call("conversations.replies", arguments)
        messages = result.data.get("messages") if isinstance(result, Answer) else None
        return any(
            isinstance(one, dict) and one.get("id") == file
            for message in messages or ()
            if isinstance(message, dict)
            for one in message.get("files") or ()
        )

    def _failed(self, row: Notification, failure: Result, now: datetime) -> Step:
        assert not isinstance(failure, Answer)
        missing_scope = isinstance(failure, AuthDead) and failure.error == "missing_scope"
        if isinstance(failure, Refused) or missing_scope:
            return self._give_up(describe(failure))
        if isinstance(failure, Limited):
            return Step(row.state, now + failure.retry_after)  # told to wait is not failed
        return self._again(row, now, {}, describe(failure), _patience(failure))

    def _again(
        self,
        row: Notification,
        now: datetime,
        detail: dict[str, Any],
        told: str,
        wait: timedelta = FIRST_LOOK,
    ) -> Step:
        tries = int(row.detail.get("tries", 0)) + 1
        if tries >= TRIES:
            return self._give_up(told)
        return Step(row.state, now + wait * tries, {**detail, "tries": tries})

    def _give_up(self, told: str) -> Step:
        self._conditions.hold(
            PICTURES, f"{told}. A digest was told without its picture; see docs, Decide in Slack."
        )
        return Step("failed")

    def _done(self) -> Step:
        self._conditions.clear(PICTURES)
        return Step("sent")


def _patience(failure: Failure) -> timedelta:
    return timedelta(minutes=1) if isinstance(failure, AuthDead) else BETWEEN_LOOKS
