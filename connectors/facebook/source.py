"""A Facebook Page as a source: comments under its posts, what visitors write, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import (
    BaseConnector,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Receipt,
)
from connectors.dates import parse_date
from connectors.errors import (
    Gone,
    LayoutChanged,
    NotSupported,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.facebook.comments import (
    ANSWER_FIELDS,
    READ_FIELDS,
    READ_POST_FIELDS,
    comment_of,
    is_by,
    post_of,
    said_in,
)
from connectors.facebook.reading import COMMENTS_A_PAGE, PageReader
from connectors.facebook.settings import FacebookSettings
from connectors.meta import Graph, id_of, part_of, text_of
from connectors.meta_progress import moment
from connectors.text import same_text

MAX_LENGTH = 8000
SEARCHED_PAGES = 20
"""How many pages of answers `find_reply` goes through, newest first."""


class FacebookConnector(BaseConnector):
    """Speaks for one Page with its token.

    A poll without news is one call: the list of posts tells how many comments each has and when
    it last changed, and only posts with news are walked.
    """

    name = "facebook"

    def __init__(self, settings: FacebookSettings, context: Context) -> None:
        self._page = settings.page_id
        self._graph = Graph(
            settings.base_url,
            settings.token.reveal,
            settings.app_secret,
            context,
            allow_private=settings.allow_private_addresses,
        )
        self._reader = PageReader(self._graph, settings)

    def fetch(self, cursor: Cursor) -> Page:
        return self._reader.page_after(cursor)

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read one comment or post with our answer to it.

        In the API's words a missing object may also be a lost permission, so the Page itself is
        read before a deletion is believed. Of what stands elsewhere that tells nothing: raises
        `NotSupported`.
        """
        try:
            found, is_post = self._found(ref)
        except Gone:
            if ref.raw.get("elsewhere") is True:
                raise NotSupported("it stands elsewhere, where the token may not look") from None
            self._graph.node(self._page, "id")
            return None
        try:
            mention = post_of(found) if is_post else comment_of(found)
        except ValueError as error:
            raise LayoutChanged(f"{ref.external_id}: {error}") from error
        below = part_of(found, "comments").get("data")
        for answer in below if isinstance(below, list) else []:
            if isinstance(answer, dict) and is_by(answer, self._page):
                at = moment(answer, "created_time")
                if mention.our_reply_at is None or (at and at >= mention.our_reply_at):
                    mention.our_reply, mention.our_reply_at = said_in(answer), at
        return mention

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref`. A repeated call would stand there twice."""
        if len(text) > MAX_LENGTH:
            raise Rejected(f"the reply has {len(text)} characters, {MAX_LENGTH} fit")
        answer = self._graph.post(_answer_at(ref), "comments", {"message": text})
        try:
            return _receipt(self._graph.mapping(answer))
        except (LayoutChanged, ValueError) as error:
            raise UnknownOutcome("Facebook took the reply and answered nonsense") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look among the answers to `ref`, newest first, for one of ours with this text.

        Raises `Gone` when the comment itself is gone, because then nobody can tell.
        """
        asked = {
            "fields": ANSWER_FIELDS,
            "filter": "stream",
            "order": "reverse_chronological",
            "limit": COMMENTS_A_PAGE,
        }
        place: Mapping[str, str] | None = {}
        for _ in range(SEARCHED_PAGES):
            listed = self._graph.listing(_answer_at(ref), "comments", {**asked, **(place or {})})
            for one in listed.items:
                # A Page's token always sees the Page's own name.
                if (
                    isinstance(one, dict)
                    and is_by(one, self._page)
                    and same_text(text_of(one, "message"), text)
                ):
                    return _receipt(one)
            place = listed.place
            if place is None:
                return None
        raise Unavailable("there are more answers than can be searched")

    def objections(self, text: str) -> tuple[str, ...]:
        return () if text.strip() else ("Facebook takes no empty comment",)

    def verify(self) -> Health:
        """Prove with one call that the token reads the Page and its posts."""
        found = self._graph.node(self._page, "id,name,feed.limit(1){id}")
        if id_of(found) != self._page:
            return Health(False, "the answer is about another Page", "Correct page_id.")
        name = text_of(found, "name") or self._page
        return Health(
            True,
            f"reads the Page {name}; the API does not tell beforehand whether it may answer",
            "Answering needs the permission pages_manage_engagement, and the task MODERATE "
            "of the person who made the token.",
        )

    def close(self) -> None:
        self._graph.close()

    def _found(self, ref: MentionRef) -> tuple[Mapping[str, Any], bool]:
        """Return what `ref` names, and whether it is a post, which has other fields."""
        ident = ref.external_id
        is_post = ident.startswith(f"{self._page}_") or ref.raw.get("post") == ident
        try:
            return self._graph.node(ident, READ_POST_FIELDS if is_post else READ_FIELDS), is_post
        except LayoutChanged:
            if is_post:
                raise
            # A post elsewhere that tags the Page looks like a comment until it is asked.
            return self._graph.node(ident, READ_POST_FIELDS), True


def _answer_at(ref: MentionRef) -> str:
    """Return the id of what is answered: the comment, or its parent where it takes none."""
    return str(ref.raw.get("answer_at") or ref.external_id)


def _receipt(found: Mapping[str, Any]) -> Receipt:
    ident = id_of(found)
    if not ident:
        raise ValueError("no comment")
    return Receipt(
        "visible",
        external_id=ident,
        url=text_of(found, "permalink_url"),
        at=parse_date(found.get("created_time")),
        text=said_in(found),
    )
