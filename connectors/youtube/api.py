"""Asks the YouTube Data API for threads, comments and channels, and counts the units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from connectors.base import Context, FoundMention, Problem
from connectors.errors import ConnectorError, LayoutChanged, Rejected, Unavailable
from connectors.google import TOKEN_URL, GoogleApi, beside, refresh_token_grant, root_of
from connectors.googlefaults import Fault, said
from connectors.youtube.comments import Thread, mention_of, thread_of
from connectors.youtube.settings import REAL, YouTubeSettings

READ, WRITE = 1, 50
"""Units that a call costs."""
PAGE_SIZE = 100
REPLY_PAGES = 10
"""Pages of one thread that are looked through at once: a thread holds some hundred replies."""
_KNOWN = frozenset({"kind", "etag", "pageInfo", "nextPageToken"})
_TEXT = {"textFormat": "plainText"}

T = TypeVar("T")


class CommentsOff(Rejected):
    """Comments are switched off there; that is no fault of the account."""


class Unprocessed(Unavailable):
    """YouTube could not process a question: a passing fault, or a page token it has forgotten."""


class YouTubeApi:
    """One account's way to the API: with an API key, or with a person's refresh token.

    Problems are returned beside what could be read; a wrong shape raises `LayoutChanged`.
    """

    def __init__(self, settings: YouTubeSettings, context: Context) -> None:
        self._root = root_of(settings.base_url, "/youtube/v3")
        grant = None
        if settings.refresh_token and settings.client_id and settings.client_secret:
            grant = refresh_token_grant(
                settings.client_id, settings.client_secret, settings.refresh_token
            )
        # Whether a thread takes a reply depends on who asks, so who may answer asks as himself.
        self._api = GoogleApi(
            context,
            name="youtube",
            token_url=beside(settings.base_url, REAL, settings.token_url, TOKEN_URL),
            grant=grant,
            key=None if grant else settings.api_key,
            special=_explain,
            allow_private=settings.allow_private_addresses,
        )
        self.now = self._api.now
        self.close = self._api.close

    def threads(
        self, place: Mapping[str, str], token: str = "", size: int = PAGE_SIZE
    ) -> tuple[list[Thread], list[Problem], str]:
        """Return one page of the threads at `place`, newest first, and the next token."""
        asked = {"part": "snippet,replies", "order": "time", "maxResults": size, **_TEXT, **place}
        answer = self._list("commentThreads", {**asked, "pageToken": token} if token else asked)
        threads, problems = _threads(_items(answer))
        return threads, problems, said(answer, "nextPageToken")

    def threads_by_id(self, idents: Sequence[str]) -> tuple[list[Thread], list[Problem]]:
        """Return those of these threads that YouTube shows, fifty at most."""
        asked = {"part": "snippet,replies", "id": ",".join(idents), **_TEXT}
        return _threads(_items(self._list("commentThreads", asked)))

    def replies(
        self, thread: str, token: str = "", **where: str
    ) -> tuple[list[FoundMention], list[Problem], str]:
        """Return one page of a thread's replies, and the next token; `where` it stands."""
        asked = {"part": "snippet", "parentId": thread, "maxResults": PAGE_SIZE, **_TEXT}
        answer = self._list("comments", {**asked, "pageToken": token} if token else asked)
        found, problems = _read(
            _items(answer),
            lambda one: mention_of(one, thread=thread, **where),
            f"a reply in thread {thread}",
        )
        return found, problems, said(answer, "nextPageToken")

    def all_replies(self, thread: str, **where: str) -> Iterator[FoundMention]:
        """Yield all replies of a thread, some thousand at most."""
        token = ""
        for _ in range(REPLY_PAGES):
            found, _problems, following = self.replies(thread, token, **where)
            yield from found
            if not following or following == token:
                return
            token = following

    def comment(self, ident: str) -> Any:
        """Return one comment as YouTube has it; None where it shows none."""
        items = _items(self._list("comments", {"part": "snippet", "id": ident, **_TEXT}))
        return items[0] if items else None

    def my_channels(self) -> list[dict[str, Any]]:
        """Return the channels of the account that signed in."""
        items = _items(self._list("channels", {"part": "snippet", "mine": "true"}))
        return [one for one in items if isinstance(one, dict) and said(one, "id")]

    def post(self, thread: str, text: str) -> dict[str, Any]:
        """Write a reply into a thread and return it."""
        body = {"snippet": {"parentId": thread, "textOriginal": text}}
        url = f"{self._root}/comments"
        asked = {"part": "snippet"}
        return self._api.write("POST", url, body, params=asked, budget="units", cost=WRITE)

    def delete(self, ident: str) -> None:
        """Delete one comment of ours."""
        self._api.delete(f"{self._root}/comments", params={"id": ident}, budget="units", cost=WRITE)

    def _list(self, what: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return self._api.get(f"{self._root}/{what}", asked, budget="units", cost=READ)


def _explain(fault: Fault, writing: bool) -> ConnectorError | None:
    if "commentsDisabled" in fault.reasons:
        return (Rejected if writing else CommentsOff)("comments are switched off there")
    if not writing and fault.code == 400 and "processingFailure" in fault.reasons:
        return Unprocessed("YouTube could not process the question")
    return None


def _items(answer: Mapping[str, Any]) -> list[Any]:
    """Return the items of a list; a list that names its kind may leave them out."""
    items = answer.get("items")
    if items is None and "kind" in answer and set(answer) <= _KNOWN:
        return []
    if not isinstance(items, list):
        raise LayoutChanged("YouTube answered no list")
    return items


def _threads(items: list[Any]) -> tuple[list[Thread], list[Problem]]:
    threads, problems = _read(items, thread_of, "a thread")
    return threads, [*problems, *(one for thread in threads for one in thread.problems)]


def _read(items: list[Any], make: Callable[[Any], T], what: str) -> tuple[list[T], list[Problem]]:
    made: list[T] = []
    problems: list[Problem] = []
    for item in items:
        try:
            made.append(make(item))
        except ValueError as error:
            problems.append(Problem(what, str(error)))
    return made, problems
