"""An Instagram account as a source: comments on its media, mentions elsewhere, and answers."""

from __future__ import annotations

import re
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
from connectors.instagram.comments import (
    READ_FIELDS,
    REPLY_FIELDS,
    Owner,
    answers_in,
    comment_of,
    replies_in,
)
from connectors.instagram.mentions import Place, mention_at, place_in
from connectors.instagram.reading import COMMENTS_A_PAGE, MediaReader
from connectors.instagram.renewal import LastingToken
from connectors.instagram.settings import InstagramSettings
from connectors.meta import Graph, id_of, text_of
from connectors.outcomes import Answer
from connectors.text import same_text

MAX_LENGTH = 300
SEARCHED_PAGES = 20
_HASHTAG = re.compile(r"(?<![\w#&])#\w+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)


class InstagramConnector(BaseConnector):
    """Speaks for one professional account with its token.

    A poll without news is one call: the list of media tells how many comments each has, and
    only media with news are walked.
    """

    name = "instagram"

    def __init__(self, settings: InstagramSettings, context: Context) -> None:
        self._settings = settings
        self._user = settings.user_id
        self._known_owner: Owner | None = None
        self._lasting: LastingToken | None = None
        if settings.renew_token:
            self._lasting = LastingToken(
                settings.token,
                settings.base_url,
                context,
                allow_private=settings.allow_private_addresses,
            )
        self._graph = Graph(
            settings.base_url,
            self._lasting or settings.token.reveal,
            settings.app_secret if settings.prove_calls else None,
            context,
            allow_private=settings.allow_private_addresses,
        )
        self._reader = MediaReader(self._graph, settings, self._owner)

    def fetch(self, cursor: Cursor) -> Page:
        return self._reader.page_after(cursor)

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read one comment with our answer to it, or one mention elsewhere.

        In the API's words a missing object may also be a lost permission, so the account itself
        is read before a deletion is believed.
        """
        place = place_in(ref.external_id)
        try:
            if place is not None:
                return self._read_mention(place)
            found = self._graph.node(ref.external_id, READ_FIELDS)
        except Gone:
            self._graph.node(self._user, "id")
            return None
        try:
            mention = comment_of(found)
        except ValueError as error:
            raise LayoutChanged(f"comment {ref.external_id}: {error}") from error
        thread = found
        if mention.parent_external_id:
            # Our answer to a reply stands beside it, below the thread's first comment.
            try:
                thread = self._graph.node(mention.parent_external_id, READ_FIELDS)
            except Gone:
                return mention
        answer = answers_in(thread, replies_in(thread), self._owner()).get(mention.external_id)
        if answer is not None:
            mention.our_reply, mention.our_reply_at = answer
        return mention

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref`. A repeated call would stand there twice.

        Replies stand one level deep, so an answer to a reply goes below its first comment, with
        the name of who is answered in front where it fits.
        """
        if len(text) > MAX_LENGTH:
            raise Rejected(f"the reply has {len(text)} characters, {MAX_LENGTH} fit")
        place = place_in(ref.external_id)
        if place is not None:
            form = {"media_id": place.media, "message": text}
            if place.comment:
                form["comment_id"] = place.comment
            return self._receipt_of(self._graph.post(self._user, "mentions", form))
        named = f"@{ref.raw['to']} {text}" if ref.raw.get("to") else text
        if len(named) <= MAX_LENGTH and not text.lower().startswith(named[: -len(text)].lower()):
            text = named
        return self._receipt_of(self._graph.post(_thread(ref), "replies", {"message": text}))

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look among the replies of the thread for one of ours with this text.

        Raises `Gone` when the comment itself is gone, and `NotSupported` for a mention
        elsewhere, whose answers cannot be listed.
        """
        if place_in(ref.external_id) is not None:
            raise NotSupported("Instagram does not list the answers to a mention elsewhere")
        asked = {"fields": REPLY_FIELDS, "limit": COMMENTS_A_PAGE}
        place: Mapping[str, str] | None = {}
        owner = self._owner()
        for _ in range(SEARCHED_PAGES):
            listed = self._graph.listing(_thread(ref), "replies", {**asked, **(place or {})})
            for one in listed.items:
                said = text_of(one, "text") if isinstance(one, dict) else ""
                if said and owner.wrote(one) and same_text(said, text):
                    return _receipt(one)
            place = listed.place
            if place is None:
                return None
        raise Unavailable("there are more replies than can be searched")

    def objections(self, text: str) -> tuple[str, ...]:
        """Return what Instagram refuses: many hashtags or links, shouting, nothing at all."""
        found = []
        if not text.strip():
            found.append("Instagram takes no empty comment")
        hashtags, links = len(_HASHTAG.findall(text)), len(_LINK.findall(text))
        if hashtags > self._settings.most_hashtags:
            found.append(f"{hashtags} hashtags, {self._settings.most_hashtags} may be in a reply")
        if links > self._settings.most_links:
            found.append(f"{links} links, {self._settings.most_links} may be in a reply")
        letters = [char for char in _LINK.sub("", text) if char.isalpha()]
        if len(letters) > 1 and "".join(letters).isupper():
            found.append("it is written in capitals only")
        return tuple(found)

    def verify(self) -> Health:
        """Prove with one call that the token reads the account and its media."""
        found = self._graph.node(self._user, "id,username,media.limit(1){id}")
        name = text_of(found, "username")
        if not name:
            raise LayoutChanged("the API answered no account")
        ours = self._settings.username.removeprefix("@")
        if ours and ours.casefold() != name.casefold():
            return Health(False, f"the token belongs to @{name}", "Correct username or token.")
        return Health(
            True,
            f"reads @{name}; the API does not tell beforehand whether it may answer",
            "Answering needs instagram_business_manage_comments (Instagram Login) or "
            "instagram_manage_comments (Facebook Login).",
        )

    def close(self) -> None:
        self._graph.close()
        if self._lasting is not None:
            self._lasting.close()

    def _owner(self) -> Owner:
        """Return who we are; the name is asked for once where the settings leave it out."""
        if self._known_owner is None:
            ident = "" if self._user == "me" else self._user
            name = self._settings.username.removeprefix("@")
            if not name:
                found = self._graph.node(self._user, "id,username")
                ident, name = ident or id_of(found), text_of(found, "username")
                if not name:
                    raise LayoutChanged("the API answered no user name for our own account")
            self._known_owner = Owner(ident, name)
        return self._known_owner

    def _read_mention(self, place: Place) -> FoundMention:
        found = self._graph.node(self._user, place.fields)
        try:
            return mention_at(place, found)
        except ValueError as error:
            raise LayoutChanged(str(error)) from error

    def _receipt_of(self, answer: Answer) -> Receipt:
        try:
            return _receipt(self._graph.mapping(answer))
        except (LayoutChanged, ValueError) as error:
            raise UnknownOutcome("Instagram took the reply and answered nonsense") from error


def _thread(ref: MentionRef) -> str:
    """Return the id of the first comment of the thread that `ref` stands in."""
    return str(ref.raw.get("answer_at") or ref.parent_external_id or ref.external_id)


def _receipt(found: Mapping[str, Any]) -> Receipt:
    ident = id_of(found)
    if not ident:
        raise ValueError("no comment")
    return Receipt(
        "visible",
        external_id=ident,
        at=parse_date(found.get("timestamp")),
        text=text_of(found, "text"),
    )
