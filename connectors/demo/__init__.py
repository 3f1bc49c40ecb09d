"""Marmalade, the demo platform: a review board and a feed, spoken to like any other platform.

The two boards behave differently on purpose. On ``reviews`` the business has one answer under each
text, and sending it again changes nothing; on ``feed`` every request adds a comment, so one must
look before sending again. `capabilities_of` tells them apart; the catalogue entry promises only
what holds for both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field

from connectors.base import (
    BaseConnector,
    Capabilities,
    ConnectorKind,
    ConnectorSettings,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionKind,
    MentionRef,
    Page,
    Problem,
    Receipt,
)
from connectors.checklist import checked
from connectors.dates import parse_date
from connectors.errors import Gone, LayoutChanged, Rejected, UnknownOutcome
from connectors.http import Http
from connectors.outcomes import Answer
from connectors.secrets import Secret
from connectors.text import normalised

LONGEST_REPLY = 1500
_KINDS: dict[str, MentionKind] = {"review": "review", "post": "post", "comment": "comment"}
_ID = re.compile(r"^[A-Za-z0-9_-]{1,100}$")


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("expected an address such as http://127.0.0.1:8321")
    return value.rstrip("/")


class DemoSettings(ConnectorSettings):
    """Where the demo platform is and which of its boards to watch."""

    base_url: Annotated[str, AfterValidator(_web_address)] = Field(
        default="http://127.0.0.1:8321",
        description="Address of the demo platform, as `rapport demo` prints it.",
    )
    board: Literal["reviews", "feed"] = Field(
        default="reviews",
        description="`reviews`: the review board with stars. `feed`: the social feed.",
    )
    location: str = Field(
        default="",
        description="Only what is said about this place: `quay`, `mill` or `app`. Empty: all.",
        examples=["quay"],
    )
    token: Secret | None = Field(
        default=None,
        description="The owner's token, where the platform was started with one.",
        examples=["env:RAPPORT_DEMO_TOKEN"],
    )
    page_size: Annotated[int, Field(ge=1, le=200)] = Field(
        default=50, description="How many items to ask for at once."
    )
    allow_private_addresses: bool = Field(
        default=True,
        description="May the address lie in a private network? The demo runs on this machine.",
    )


def capabilities_of(settings: DemoSettings) -> Capabilities:
    """Return what the chosen board lets us do."""
    return Capabilities(
        can_reply=True,
        can_find_reply=True,
        reply_mode="replace" if settings.board == "reviews" else "append",
        can_withdraw=True,
        max_length=LONGEST_REPLY,
    )


class DemoConnector(BaseConnector):
    """One board of the demo platform."""

    name: ClassVar[str] = "demo"

    def __init__(self, settings: DemoSettings, context: Context) -> None:
        self.capabilities = capabilities_of(settings)
        self._settings = settings
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            now=context.now,
        )

    def fetch(self, cursor: Cursor) -> Page:
        params: dict[str, Any] = {"limit": self._settings.page_size}
        if after := cursor.get("after"):
            params["after"] = after
        if self._settings.location:
            params["location"] = self._settings.location
        told = self._get(self._board_url(), params)
        items, following, more = told.get("items"), told.get("next"), told.get("more")
        if not (isinstance(items, list) and isinstance(following, str) and isinstance(more, bool)):
            raise LayoutChanged("the demo platform's list has another shape than we know")
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for number, item in enumerate(items, start=1):
            try:
                mentions.append(_read_item(item))
            except LayoutChanged as error:
                problems.append(Problem(f"{self._settings.board}: item {number}", str(error)))
        if problems and not mentions:
            raise LayoutChanged("no item of the demo platform's list can be read")
        return Page(tuple(mentions), {"after": following}, more, tuple(problems))

    def read(self, ref: MentionRef) -> FoundMention | None:
        try:
            return _read_item(self._get(self._item_url(ref)))
        except Gone:
            return None

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        on_reviews = self._settings.board == "reviews"
        answer = self._http.write(
            "PUT" if on_reviews else "POST",
            self._item_url(ref) + ("/reply" if on_reviews else "/comments"),
            json={"text": text},
            headers={**self._headers(), "Idempotency-Key": key},
        )
        try:
            return _read_receipt(_mapping(answer))
        except LayoutChanged as error:
            raise UnknownOutcome(
                "the demo platform confirmed in words that we do not know"
            ) from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        wanted = normalised(text) or text.strip()
        return next(
            (
                receipt
                for receipt in self._replies_to(ref)
                if (normalised(receipt.text) or receipt.text.strip()) == wanted
            ),
            None,
        )

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        if self._settings.board == "reviews":
            url = self._item_url(ref) + "/reply"
        else:
            url = self._item_url(MentionRef(receipt_external_id))
        self._http.write("DELETE", url, headers=self._headers())

    def verify(self) -> Health:
        told = self._get(f"{self._settings.base_url}/api/v1/account")
        name, may_reply = told.get("name"), told.get("may_reply")
        if not isinstance(name, str):
            raise LayoutChanged("the demo platform does not say whose account this is")
        if not may_reply:
            return Health(False, f"reads as {name}, may not reply", "Use the owner's token.")
        return Health(True, f"reads and replies as {name}")

    def close(self) -> None:
        self._http.close()

    def _replies_to(self, ref: MentionRef) -> list[Receipt]:
        """Return the business's answers that stand under `ref`, raising `Gone` with it."""
        if self._settings.board == "reviews":
            answer = self._get(self._item_url(ref)).get("answer")
            return [_read_receipt(answer)] if isinstance(answer, dict) else []
        items = self._get(self._item_url(ref) + "/thread").get("items")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise LayoutChanged("the demo platform's thread has another shape than we know")
        return [
            _read_receipt(item)
            for item in items
            if item.get("by_owner") is True and item.get("parent_id") == ref.external_id
        ]

    def _get(self, url: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return _mapping(self._http.get(url, params=params, headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self._settings.token is not None:
            headers["Authorization"] = f"Bearer {self._settings.token.reveal()}"
        return headers

    def _board_url(self) -> str:
        return f"{self._settings.base_url}/api/v1/{self._settings.board}"

    def _item_url(self, ref: MentionRef) -> str:
        if not _ID.match(ref.external_id):
            raise Rejected("this id is not one of the demo platform's")
        return f"{self._board_url()}/{quote(ref.external_id, safe='')}"


def _mapping(answer: Answer) -> dict[str, Any]:
    told = answer.json()
    if not isinstance(told, dict):
        raise LayoutChanged("the demo platform answered something else than an object")
    return told


def _read_item(item: Any) -> FoundMention:
    """Return a mention from the platform's words; raise `LayoutChanged`."""
    if not isinstance(item, dict):
        raise LayoutChanged("the item is no object")
    item_id, kind = item.get("id"), _KINDS.get(str(item.get("type")))
    if not isinstance(item_id, str) or not _ID.match(item_id) or kind is None:
        raise LayoutChanged("the item has no id or no type that we know")
    if item.get("deleted") is True:
        return FoundMention(item_id, "", kind=kind, deleted=True)
    text, author, stars = item.get("text"), item.get("author"), item.get("stars")
    if not isinstance(text, str) or not isinstance(author, dict):
        raise LayoutChanged("the item has no text or no author")
    if stars is not None and (isinstance(stars, bool) or not isinstance(stars, int | float)):
        raise LayoutChanged("the item's stars are no number")
    place, answer = item.get("location"), item.get("answer")
    return FoundMention(
        external_id=item_id,
        text=text,
        kind=kind,
        title=_words(item, "title"),
        author_name=_words(author, "name"),
        author_id=_words(author, "id"),
        rating=None if stars is None else float(stars),
        language=_words(item, "language"),
        url=_words(item, "url"),
        created_at=parse_date(item.get("created_at")),
        edited_at=parse_date(item.get("edited_at")),
        parent_external_id=_words(item, "parent_id"),
        location=_words(place, "key") if isinstance(place, dict) else "",
        addressed_to_us=item.get("to_owner") is True,
        our_reply=_words(answer, "text") if isinstance(answer, dict) else "",
        raw=item,
    )


def _read_receipt(told: Mapping[str, Any]) -> Receipt:
    if not _words(told, "id"):
        raise LayoutChanged("the demo platform's receipt has no id")
    return Receipt(
        state="visible",
        external_id=_words(told, "id"),
        url=_words(told, "url"),
        at=parse_date(told.get("at") or told.get("created_at")),
        text=_words(told, "text"),
    )


def _words(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    return found if isinstance(found, str) else ""


KIND = ConnectorKind(
    capabilities_of=capabilities_of,
    name="demo",
    begins_with_history=False,
    title="Demo platform",
    category="demo",
    summary="Marmalade, a review board and feed with invented people, on this machine.",
    settings=DemoSettings,
    capabilities=Capabilities(
        can_reply=True,
        can_find_reply=True,
        # The feed appends; to look before sending again is right on the review board as well.
        reply_mode="append",
        can_withdraw=True,
        max_length=LONGEST_REPLY,
    ),
    build=DemoConnector,
    default_every=timedelta(seconds=5),
    advice={
        "Unavailable": "Start it with `rapport demo`, or with a `demo:` section in config.yaml.",
        "AuthFailed": "Set the token that the demo platform was started with (RAPPORT_DEMO_TOKEN).",
        "LayoutChanged": "Is the fault `layout_change` switched on? See the page /control there.",
        "RateLimited": "Is the fault `rate_limited` switched on? See the page /control there.",
    },
    cost="Nothing.",
    limits="Those that its faults switch on.",
    terms="Invented people have no objections.",
    tested="The demo platform itself, which is part of Rapport.",
    checklist=checked(recordings="it is there to be asked"),
)
