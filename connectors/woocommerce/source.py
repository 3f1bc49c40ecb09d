"""A WooCommerce shop as a source: reads its reviews, answers below them as a WordPress user."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

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
from connectors.dates import utc_now
from connectors.errors import (
    AuthFailed,
    Gone,
    LayoutChanged,
    NotSupported,
    Rejected,
    UnknownOutcome,
)
from connectors.http import Http
from connectors.oauth import basic
from connectors.outcomes import Answer
from connectors.text import same_text
from connectors.waits import exhausted
from connectors.woocommerce import walks
from connectors.woocommerce.answers import explain
from connectors.woocommerce.reviews import (
    content_of,
    mention_of_comment,
    mention_of_review,
    number_of,
    receipt_of,
)
from connectors.woocommerce.settings import WooCommerceSettings

LONGEST = 65_525
"""Bytes that WordPress takes for one comment."""
REVIEWS, COMMENTS = "/wp-json/wc/v3/products/reviews", "/wp-json/wp/v2/comments"
MOST_CHILD_PAGES = 10
_NEXT = re.compile(r'<[^>]+>\s*;\s*rel="?next"?')


class WooCommerceConnector(BaseConnector):
    """Speaks to one shop: with its consumer key to WooCommerce, with an application password
    to WordPress.

    The cursor holds for each list what `connectors.woocommerce.walks` says, and ``at``: the list
    that is next in an unfinished round.
    """

    name = "woocommerce"

    def __init__(self, settings: WooCommerceSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._now: Callable[[], datetime] = context.now or utc_now
        self._own: int | None = None
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=explain,
            before=lambda: context.meter.spend("calls"),
        )

    def fetch(self, cursor: Cursor) -> Page:
        names = ["reviews", "comments"] if self._settings.comments else ["reviews"]
        kept = cursor.get("lists")
        state = {k: v for k, v in kept.items() if k in names} if isinstance(kept, dict) else {}
        start = cursor.get("at")
        name = start if start in names else names[0]
        before = state.get(name)
        walk = walks.begun(before, self._now(), self._settings.recheck_days)
        answer = self._listed(name, walk)
        items = _items(answer, self._base)
        state[name], more = walks.gone_on(walk, items, _pages(answer), self._now())
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        if more or state[name] != before:
            mentions, problems = self._mentions(name, items)
        rest = names[names.index(name) + 1 :]
        following = name if more else rest[0] if rest else ""
        moving = {"lists": state, **({"at": following} if following else {})}
        return Page(
            tuple(mentions),
            moving,
            more=bool(following),
            problems=tuple(problems),
            unchanged=not mentions and not problems and moving == dict(cursor),
            account_rests=exhausted(answer.headers, self._http.now()),
        )

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read the review (or comment), and whether one of ours stands below it."""
        try:
            found, review = self._one(ref)
        except Gone:
            return None
        try:
            mention = mention_of_review(found, self._base) if review else mention_of_comment(found)
        except ValueError as error:
            raise LayoutChanged(f"review {ref.external_id}: {error}") from None
        if self._settings.application_password is not None and not mention.deleted:
            ours = [one for one in self._children(ref)[0] if self._is_ours(one)]
            standing = [one for one in ours if receipt_of(one).state != "rejected"]
            if standing:
                receipt = receipt_of(standing[0])
                mention.our_reply, mention.our_reply_at = receipt.text, receipt.at
        return mention

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Write a comment below the review, as the WordPress user.

        The review is read first: WordPress would take an answer to one that is gone.
        """
        self._need_password()
        if self.measure(text) > LONGEST:
            raise Rejected(f"the reply has {self.measure(text):,} bytes, {LONGEST:,} fit")
        found, review = self._one(ref)
        if found.get("status") in ("spam", "trash"):
            raise Gone("the review is in the shop's trash")
        product = number_of(found.get("product_id" if review else "post"))
        if not product:
            raise LayoutChanged(f"{self._base} answered a review without its product")
        body = {"post": product, "parent": number_of(ref.external_id), "content": text}
        answer = self._http.write(
            "POST", self._base + COMMENTS, json=body, headers=self._wordpress()
        )
        try:
            return receipt_of(answer.json())
        except (LayoutChanged, ValueError) as error:
            raise UnknownOutcome("the shop took the reply and answered nonsense") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look below the review for our comment with this text, approved or not.

        Raises `Gone` when the review is gone, `NotSupported` when nothing is found and the user
        may not see what waits for approval.
        """
        self._need_password()
        self._one(ref)
        children, all_shown = self._children(ref)
        for comment in children:
            if self._is_ours(comment) and same_text(content_of(comment), text):
                return receipt_of(comment)
        if not all_shown:
            raise NotSupported("the user may not see what waits for approval")
        return None

    def measure(self, text: str) -> int:
        return len(text.encode("utf-8", "replace"))

    def verify(self) -> Health:
        """List one review; with an application password also ask what the user may do."""
        host = urlsplit(self._base).hostname
        answer = self._get(REVIEWS, {"per_page": 1}, self._shop())
        _items(answer, self._base)
        count = answer.headers.get("X-WP-Total", "")
        told = f"reads the {count} reviews of {host}" if count.isdigit() else f"reads {host}"
        if self._settings.application_password is None:
            return Health(True, f"{told}; answers are given there by hand")
        user = self._me({"context": "edit"})
        able = user.get("capabilities")
        if isinstance(able, dict) and not able.get("moderate_comments"):
            return Health(
                False,
                f"{told}; {self._settings.wordpress_user} may not moderate comments",
                "Give the WordPress user the role Editor or Shop manager",
            )
        return Health(True, f"{told} and may answer as {self._settings.wordpress_user}")

    def close(self) -> None:
        self._http.close()

    def _listed(self, name: str, walk: Mapping[str, Any]) -> Answer:
        asked: dict[str, Any] = {"per_page": walks.PAGE, "page": walk["page"], "order": "desc"}
        asked["orderby"] = "date_gmt"
        if walk["since"]:
            asked["after"] = walks.after(walk["since"])
        if name == "reviews":
            return self._get(REVIEWS, {**asked, "status": "all"}, self._shop())
        if self._settings.application_password is None:
            return self._get(COMMENTS, asked, {})
        return self._get(COMMENTS, {**asked, "status": "all"}, self._wordpress())

    def _mentions(self, name: str, items: list[Any]) -> tuple[list[FoundMention], list[Problem]]:
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for item in items:
            try:
                if name == "reviews":
                    mentions.append(mention_of_review(item, self._base))
                elif not self._is_ours(item):
                    mentions.append(mention_of_comment(item))
            except ValueError as error:
                ident = number_of(item.get("id")) if isinstance(item, dict) else 0
                problems.append(Problem(f"{name} {ident or 'without id'}", str(error)))
        return mentions, problems

    def _one(self, ref: MentionRef) -> tuple[Mapping[str, Any], bool]:
        """Return what `ref` names, and whether it is a review. Raises `Gone`."""
        ident = number_of(ref.external_id)
        if not ident:
            raise Rejected("this is no id of a review")
        review = ref.raw.get("type") != "comment"
        if review:
            found = self._get(f"{REVIEWS}/{ident}", {}, self._shop()).json()
        else:
            known = self._settings.application_password is not None
            found = self._get(f"{COMMENTS}/{ident}", {}, self._wordpress() if known else {}).json()
        if not isinstance(found, dict):
            raise LayoutChanged(f"{self._base} answered no review")
        return found, review

    def _children(self, ref: MentionRef) -> tuple[list[Any], bool]:
        """Return the comments below `ref`, and whether those that are not approved are among
        them, which only moderators are shown."""
        asked = {"parent": number_of(ref.external_id), "per_page": walks.PAGE}
        try:
            return self._all(COMMENTS, {**asked, "status": "any"}), True
        except AuthFailed:
            return self._all(COMMENTS, asked), False

    def _all(self, path: str, asked: Mapping[str, Any]) -> list[Any]:
        found: list[Any] = []
        for page in range(1, MOST_CHILD_PAGES + 1):
            answer = self._get(path, {**asked, "page": page}, self._wordpress())
            items = _items(answer, self._base)
            found += items
            pages = _pages(answer)
            if not items or (page >= pages if pages is not None else len(items) < walks.PAGE):
                break
        return found

    def _is_ours(self, comment: Any) -> bool:
        if self._settings.application_password is None or not isinstance(comment, dict):
            return False
        author = number_of(comment.get("author"))
        return bool(author) and author == self._account()

    def _account(self) -> int:
        if self._own is None:
            self._own = number_of(self._me({}).get("id"))
            if not self._own:
                raise LayoutChanged(f"{self._base} answered a user without an id")
        return self._own

    def _me(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self._get("/wp-json/wp/v2/users/me", asked, self._wordpress()).json()
        if not isinstance(found, dict):
            raise LayoutChanged(f"{self._base} answered no user")
        return found

    def _get(self, path: str, asked: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        return self._http.get(self._base + path, params=asked, headers=headers)

    def _shop(self) -> dict[str, str]:
        settings = self._settings
        return basic(settings.consumer_key.reveal(), settings.consumer_secret.reveal())

    def _wordpress(self) -> dict[str, str]:
        password = self._settings.application_password
        if password is None:
            return {}
        return basic(self._settings.wordpress_user, password.reveal())

    def _need_password(self) -> None:
        if self._settings.application_password is None:
            raise NotSupported("without an application password nothing can be written")


def _items(answer: Answer, where: str) -> list[Any]:
    found = answer.json()
    if isinstance(found, dict):
        # One object instead of a list, or the wrapper that the oldest interface has around it.
        wrapped = found.get("product_reviews", found.get("reviews"))
        found = [found] if number_of(found.get("id")) else wrapped
    if not isinstance(found, list):
        raise LayoutChanged(f"{where} answered no list")
    return found


def _pages(answer: Answer) -> int | None:
    """Return how many pages there are, as the headers tell it, or None."""
    said = answer.headers.get("X-WP-TotalPages", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return int(said)
    link = answer.headers.get("Link", "")
    if _NEXT.search(link):
        return 10**9
    return 0 if 'rel="prev"' in link else None
