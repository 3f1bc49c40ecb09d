"""A Mastodon account as a source: reads what mentions it, answers under it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Problem,
    Receipt,
)
from connectors.dates import parse_date
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    Rejected,
    UnknownOutcome,
)
from connectors.http import Http
from connectors.mastodon.length import post_length
from connectors.mastodon.settings import MastodonSettings
from connectors.mastodon.statuses import id_in, later_id, least_public, mention_of
from connectors.outcomes import Answer
from connectors.text import html_to_text, same_text
from connectors.waits import exhausted

USUAL_LIMIT = 500
MENTION_ROOM = 32
"""Characters kept free for "@name " in front of a reply; a name has 30 at most."""
MENTIONS_PAGE, TAG_PAGE = 80, 40
LOOK_EVERY = 1800
"""Seconds between two looks for edits."""
_LINK = re.compile(r"<([^>]+)>\s*;\s*rel=\"?(\w+)\"?")
_ID = re.compile(r"^\d{1,30}\Z|^[A-Za-z0-9]{1,40}\Z")


class MastodonConnector(BaseConnector):
    """Speaks to one server with one account's token.

    The cursor holds the last id read of each stream (``mentions`` and ``tag:…``). Paging goes
    forward by ``min_id``, the only way without gaps. Mentions are read from the very first one
    on; of a hashtag, from the newest page on.

    Nobody tells of edits, but every list shows posts as they read now: the newest page of each
    stream is listed again twice an hour, and its edited posts are found once more. ``looked`` is
    the half-hour in which that happened last.
    """

    name = "mastodon"

    def __init__(self, settings: MastodonSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._own: Mapping[str, Any] | None = None
        self._limit: int | None = None
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            before=lambda: context.meter.spend("calls"),
        )

    def fetch(self, cursor: Cursor) -> Page:
        streams = ["mentions"] if self._settings.mentions else []
        streams += [f"tag:{tag}" for tag in self._settings.tags]
        last: dict[str, str] = {k: v for k, v in cursor.get("last", {}).items() if k in streams}
        looked = cursor.get("looked")
        wait: timedelta | None = None
        for stream in streams:
            before = last.get(stream, "")
            answer = self._get(*self._question(stream, before))
            items = answer.json()
            if not isinstance(items, list):
                raise LayoutChanged(f"{self._base} answered something else than a list")
            wait = self._exhausted(answer)
            newest = before
            for ident in filter(None, map(_id_of, items)):
                newest = later_id(newest, ident)
            if newest == before and items:
                newest = later_id(newest, _previous(answer))
            if newest == before and all(map(_id_of, items)):
                continue  # nothing, or a server that does not know min_id and repeats itself
            if newest:
                last[stream] = newest
            mentions, problems = self._read_items(stream, items)
            more = newest != before
            moved = {**({"looked": looked} if looked else {}), "last": last}
            return Page(
                mentions, moved, more, problems, poll_no_sooner_than=wait, account_rests=wait
            )
        half_hour = int(self._http.now().timestamp()) // LOOK_EVERY
        edited = self._edited(streams) if looked and looked != half_hour and not wait else ()
        state = {"last": last, "looked": half_hour}
        return Page(
            edited,
            state,
            unchanged=state == dict(cursor),
            poll_no_sooner_than=wait,
            account_rests=wait,
        )

    def read(self, ref: MentionRef) -> FoundMention | None:
        try:
            status = self._get(self._path(ref.external_id)).json()
        except Gone:
            return None
        own_id = id_in(self._account())
        try:
            return mention_of(status, self._base, own_id=own_id)
        except ValueError as error:
            raise LayoutChanged(f"post {ref.external_id}: {error}") from error

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref` once; Mastodon recognises `key` for an hour.

        The author is mentioned in front, for otherwise the answer reaches nobody. It is never
        more public than the post, and keeps its content warning.
        """
        raw = ref.raw
        if not raw.get("acct") or not raw.get("visibility"):
            parent = self.read(ref)
            if parent is None:
                raise Gone(f"post {ref.external_id} is not there")
            raw = parent.raw or {}
        acct = str(raw["acct"])
        if not re.search(rf"(?<!\S)@{re.escape(acct)}(?![\w.@-])", text, re.I):
            text = f"@{acct} {text}"
        warning = str(raw.get("spoiler_text") or "")
        length, limit = post_length(text) + post_length(warning), self._longest()
        if length > limit:
            raise Rejected(f"the reply has {length} characters with the mention, {limit} fit")
        data = {
            "status": text,
            "in_reply_to_id": ref.external_id,
            "visibility": least_public(self._settings.visibility, str(raw["visibility"])),
        }
        if warning:
            data["spoiler_text"] = warning
        if ref.language:
            data["language"] = ref.language.replace("_", "-").partition("-")[0].lower()
        answer = self._http.write(
            "POST",
            f"{self._base}/api/v1/statuses",
            data=data,
            headers={**self._authorization(), "Idempotency-Key": key},
        )
        try:
            return _receipt(answer.json())
        except (LayoutChanged, ValueError) as error:
            raise UnknownOutcome("the server took the reply and answered nonsense") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look among the answers to `ref` for one of ours with this text.

        Raises `Gone` when the post itself is gone, because then nobody can tell.
        """
        found = self._get(self._path(ref.external_id) + "/context").json()
        below = found.get("descendants") if isinstance(found, dict) else None
        if not isinstance(below, list):
            raise LayoutChanged(f"{self._base} answered no conversation")
        own_id = id_in(self._account())
        for status in below:
            if not isinstance(status, dict) or id_in(status, "in_reply_to_id") != ref.external_id:
                continue
            account = status.get("account")
            if not isinstance(account, dict) or id_in(account) != own_id:
                continue
            if same_text(html_to_text(str(status.get("content", ""))), text):
                return _receipt(status)
        return None

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        """Delete our post. Mastodon takes thirty deletions in half an hour."""
        path = self._path(receipt_external_id)
        self._http.write("DELETE", self._base + path, headers=self._authorization())

    def measure(self, text: str) -> int:
        return post_length(text)

    def verify(self) -> Health:
        """Prove that the token reads and may write. An empty post is sent, which the server
        always refuses: with 422 when we may write, with 403 when we may not.
        """
        account = self._account()
        self._get("/api/v1/notifications", {"limit": 1})
        name = f"@{account.get('acct', '')} on {urlsplit(self._base).hostname}"
        try:
            self._http.write(
                "POST",
                f"{self._base}/api/v1/statuses",
                data={"status": ""},
                headers=self._authorization(),
            )
        except Rejected:
            return Health(True, f"reads and may answer as {name}, {self._longest()} characters")
        except AuthFailed:
            return Health(
                False,
                f"reads as {name} but may not answer",
                "Give the application the scope write:statuses and renew its token",
            )
        return Health(False, f"reads as {name}; whether it may answer is not known")

    def close(self) -> None:
        self._http.close()

    def _edited(self, streams: list[str]) -> tuple[FoundMention, ...]:
        """Return the edited posts among the newest of each stream."""
        found: list[FoundMention] = []
        for stream in streams:
            path, asked = self._question(stream, "")
            asked.pop("min_id", None)
            items = self._get(path, asked).json()
            if not isinstance(items, list):
                raise LayoutChanged(f"{self._base} answered something else than a list")
            mentions, _ = self._read_items(stream, items)
            found += [mention for mention in mentions if mention.edited_at is not None]
        return tuple(found)

    def _question(self, stream: str, last: str) -> tuple[str, dict[str, Any]]:
        if stream == "mentions":
            # Without min_id the server would answer with the newest page and leave a gap.
            return "/api/v1/notifications", {
                "types[]": "mention",
                "limit": MENTIONS_PAGE,
                "min_id": last or "0",
            }
        asked: dict[str, Any] = {"limit": TAG_PAGE}
        if last:
            asked["min_id"] = last
        return f"/api/v1/timelines/tag/{quote(stream.removeprefix('tag:'))}", asked

    def _read_items(
        self, stream: str, items: list[Any]
    ) -> tuple[tuple[FoundMention, ...], tuple[Problem, ...]]:
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        own_id = id_in(self._account()) if stream != "mentions" and items else ""
        for item in reversed(items):  # answers are newest first
            status = item
            if stream == "mentions":
                if isinstance(item, dict) and item.get("type") != "mention":
                    continue
                status = item.get("status") if isinstance(item, dict) else None
            try:
                found = mention_of(
                    status, self._base, addressed=stream == "mentions", own_id=own_id
                )
            except ValueError as error:
                problems.append(Problem(f"{stream} {_id_of(item) or 'without id'}", str(error)))
                continue
            author = status["account"] if isinstance(status, dict) else {}
            if not own_id or id_in(author) != own_id:
                mentions.append(found)
        return tuple(mentions), tuple(problems)

    def _get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        return self._http.get(self._base + path, params=params, headers=self._authorization())

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.token.reveal()}"}

    def _path(self, ident: str) -> str:
        if not _ID.match(ident):
            raise Rejected("this is no id of a post")
        return f"/api/v1/statuses/{ident}"

    def _account(self) -> Mapping[str, Any]:
        if self._own is None:
            found = self._get("/api/v1/accounts/verify_credentials").json()
            if not isinstance(found, dict) or not id_in(found):
                raise LayoutChanged(f"{self._base} answered no account")
            self._own = found
        return self._own

    def _longest(self) -> int:
        """Return how long a post may be here; asked once, with the usual length as the fallback."""
        if self._limit is None:
            self._limit = USUAL_LIMIT
            try:
                found = self._get("/api/v2/instance").json()
                said = found["configuration"]["statuses"]["max_characters"]
                self._limit = int(said) if int(said) > 0 else USUAL_LIMIT
            except (ConnectorError, KeyError, TypeError, ValueError):
                pass  # servers before 4.0 do not tell; five hundred holds almost everywhere
        return self._limit

    def _exhausted(self, answer: Answer) -> timedelta | None:
        """Return how long to wait where this answer used up the rate limit."""
        return exhausted(answer.headers, self._http.now())


def _id_of(item: Any) -> str:
    ident = id_in(item) if isinstance(item, dict) else ""
    return ident if _ID.match(ident) else ""


def _previous(answer: Answer) -> str:
    """Return the min_id of the ``rel="prev"`` link: where the next newer page starts."""
    for url, rel in _LINK.findall(answer.headers.get("Link", "")):
        if rel == "prev":
            ident = parse_qs(urlsplit(url).query).get("min_id", [""])[0]
            return ident if _ID.match(ident) else ""
    return ""


def _receipt(status: Any) -> Receipt:
    if not isinstance(status, dict) or not id_in(status):
        raise ValueError("no status")
    return Receipt(
        "visible",
        external_id=id_in(status),
        url=str(status.get("url") or status.get("uri") or ""),
        at=parse_date(status.get("created_at")),
        text=html_to_text(str(status.get("content", ""))),
    )
