"""X as a source: mentions of an account and a search, read for money, answered where allowed."""

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
    ConnectorError,
    LayoutChanged,
    NotSupported,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.outcomes import Answer, public_part
from connectors.text import same_text
from connectors.x.access import Access
from connectors.x.costs import Purse, price_of_page
from connectors.x.errors import problem_in
from connectors.x.ids import is_id
from connectors.x.length import LIMIT, weighted_length
from connectors.x.posts import (
    TWEET_FIELDS,
    answers,
    mention_of,
    spelled_out,
    versions_of,
)
from connectors.x.reading import XReader, checked_id, ids_of
from connectors.x.settings import XSettings

TIMELINE_PAGES = 10
_REFUSED_CHARACTERS = re.compile("[\ufffe\ufeff\uffff]")
_SCHEME = re.compile(r"https?://|\bwww\.", re.I)


class XConnector(BaseConnector):
    """Reads with the app's token and answers with our account's.

    `connectors.x.costs` tells what is paid.
    """

    name = "x"

    def __init__(self, settings: XSettings, context: Context) -> None:
        self._settings = settings
        self._access = Access(settings, context)
        self._meter = context.meter
        self._purse = Purse(settings, context.meter, self._access.http.now)
        self._reader = XReader(settings, self._access, self._purse)
        self._own_id = settings.user_id

    def fetch(self, cursor: Cursor) -> Page:
        return self._reader.page_after(cursor)

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read the latest version of one post. What is protected or suspended counts as gone,
        for X wants it forgotten as well.
        """
        found = self._reader.lookup(ref.external_id)
        if found is None:
            return None
        post, listing = found
        latest = versions_of(post)[-1]
        if latest != post.get("id"):
            newer = self._reader.lookup(latest)
            post, listing = newer or found
        try:
            return mention_of(post, self._reader.owner, users=listing.users, others=listing.others)
        except ValueError as error:
            raise LayoutChanged(f"post {ref.external_id}: {error}") from error

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref`. X refuses the same text twice, and who did not speak to us."""
        if not self._settings.may_answer:
            raise NotSupported("no refresh_token is configured, so answers are posted by hand")
        length = weighted_length(text)
        if length > LIMIT:
            raise Rejected(f"the reply has {length} weighted characters, {LIMIT} fit")
        price = self._purse.price_of_reply(text)
        body = {"text": text, "reply": {"in_reply_to_tweet_id": checked_id(_latest(ref))}}
        payer = self._purse.pay_answer(price)
        try:
            self._meter.spend("replies")
            answer = self._access.post_as_us("/tweets", body)
        except UnknownOutcome:
            raise
        except ConnectorError:
            self._purse.give_back(payer, price)
            raise
        return _receipt(answer)

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look among our account's posts since `ref` for an answer to it with this text.

        Whoever posted it, by program or by hand.
        """
        if not self._settings.may_answer and not self._own_id:
            raise NotSupported("without user_id nobody can tell which answer is ours")
        path = f"/users/{self._us()}/tweets"
        versions = {ref.external_id, _latest(ref)}
        asked: dict[str, Any] = {
            "since_id": checked_id(ref.external_id),
            "max_results": 100,
            "exclude": "retweets",
            "tweet.fields": TWEET_FIELDS,
        }
        for _ in range(TIMELINE_PAGES):
            self._purse.ask()
            listing = self._reader.listing(self._access.get(path, asked))
            posts = [post for post in listing.posts if isinstance(post, dict)]
            self._purse.book("post", ids_of(posts), self._settings.price_owned)
            for post in posts:
                if answers(post, versions) and same_text(_bare(spelled_out(post)), _bare(text)):
                    return _receipt_of(post)
            if not listing.next_token or listing.next_token == asked.get("pagination_token"):
                return None
            asked["pagination_token"] = listing.next_token
        raise Unavailable("our account has posted more since then than can be searched")

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        answer = self._access.delete_as_us(f"/tweets/{checked_id(receipt_external_id)}")
        _is_deleted(answer)

    def measure(self, text: str) -> int:
        return weighted_length(text)

    def objections(self, text: str) -> tuple[str, ...]:
        found = []
        if not text.strip():
            found.append("X takes no empty post")
        if _REFUSED_CHARACTERS.search(text):
            found.append("it holds a character that X refuses (U+FEFF and its kind)")
        return tuple(found)

    def verify(self) -> Health:
        """Prove the tokens, and say what a poll costs. Reading a user or ten posts is paid for."""
        settings = self._settings
        self._purse.ask()
        said = []
        if settings.user_id:
            user = self._user(self._access.get(f"/users/{settings.user_id}", {}))
            name = str(user.get("username", settings.user_id))
            if settings.own_name and settings.own_name.casefold() != name.casefold():
                return Health(False, f"user_id belongs to @{name}", "Correct user_id or username.")
            if settings.mentions:
                said.append(f"mentions of @{name}")
        if settings.query:
            said.append("a search")
            if not settings.user_id:
                listing = self._reader.listing(self._reader.ask("search", size=10))
                self._reader.book("search", listing)
        prices = [price_of_page(settings, name) for name in self._reader.streams()]
        costs = (
            f"reads {' and '.join(said)}; a poll without news costs nothing, a full page of "
            f"{settings.page_size} posts up to ${max(prices):.2f}, a day at most "
            f"${settings.daily_cap:g}"
        )
        if not settings.may_answer:
            return Health(
                True,
                f"{costs}; answers are posted by hand",
                "For answering by program add client_id and refresh_token.",
            )
        us = str(self._user(self._access.get_as_us("/users/me", {})).get("id", ""))
        if settings.user_id and us != settings.user_id:
            return Health(
                False,
                "the refresh token belongs to another account than user_id",
                "Make the refresh token as the account that user_id names.",
            )
        return Health(True, f"{costs}; may answer who speaks to the account")

    def close(self) -> None:
        self._access.close()

    def _user(self, answer: Answer) -> Mapping[str, Any]:
        found = answer.json()
        data = found.get("data") if isinstance(found, dict) else None
        if isinstance(data, dict) and is_id(data.get("id")):
            self._purse.book("user", [str(data["id"])], self._settings.price_user)
            return data
        where = public_part(answer.url)
        problem = problem_in(found, where) if isinstance(found, dict) else None
        raise problem or LayoutChanged(f"{where} answered no user")

    def _us(self) -> str:
        """Return our account's id; asked for once where the settings leave it out."""
        if not self._own_id:
            self._own_id = str(self._user(self._access.get_as_us("/users/me", {}))["id"])
        return self._own_id


def _latest(ref: MentionRef) -> str:
    """Return the id of the latest version that is known."""
    return str(ref.raw.get("latest") or ref.external_id)


def _bare(text: str) -> str:
    return _SCHEME.sub("", text)


def _receipt(answer: Answer) -> Receipt:
    """Return the receipt of a post that was taken; what cannot be read is an unknown outcome."""
    try:
        found = answer.json()
    except LayoutChanged as error:
        raise UnknownOutcome("X took the reply and answered nonsense") from error
    data = found.get("data") if isinstance(found, dict) else None
    if isinstance(data, dict) and is_id(data.get("id")):
        return _receipt_of(data)
    if isinstance(found, dict) and is_id(found.get("id_str")):
        return _receipt_of({**found, "id": found["id_str"]})  # the shape of API 1.1
    problem = problem_in(found, public_part(answer.url)) if isinstance(found, dict) else None
    raise problem or UnknownOutcome("X took the reply and answered no post")


def _is_deleted(answer: Answer) -> None:
    """Return where X says that a post is deleted; raise what its answer means otherwise."""
    try:
        found = answer.json()
    except LayoutChanged as error:
        raise UnknownOutcome("X took the request and answered nonsense") from error
    data = found.get("data") if isinstance(found, dict) else None
    if isinstance(data, dict) and data.get("deleted") is True:
        return
    problem = problem_in(found, public_part(answer.url)) if isinstance(found, dict) else None
    raise problem or Rejected("X did not delete the post")


def _receipt_of(post: Mapping[str, Any]) -> Receipt:
    ident = str(post["id"])
    return Receipt(
        "visible",
        external_id=ident,
        url=f"https://x.com/i/status/{ident}",
        at=parse_date(post.get("created_at")),
        text=spelled_out(post) if isinstance(post.get("text"), str) else "",
    )
