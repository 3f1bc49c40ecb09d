"""The reviews of one app on Google Play as a source."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

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
from connectors.errors import Gone, LayoutChanged, Rejected
from connectors.google import TOKEN_URL, GoogleApi, beside, root_of, service_account_grant
from connectors.googlefaults import said
from connectors.googleplay.reviews import ID, latest, mention_of, moment
from connectors.googleplay.settings import REAL, GooglePlaySettings
from connectors.rounds import Round
from connectors.text import clean, clip, same_text

SCOPE = "https://www.googleapis.com/auth/androidpublisher"
LONGEST = 350
"""Characters in a reply."""
PAGE_SIZE = 100
WINDOW = timedelta(days=7)
"""What was neither written nor changed within it is not listed."""
LAG = timedelta(days=1)
_KNOWN = frozenset({"tokenPagination", "pageInfo"})
_HTML = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:amp|lt|gt|quot|nbsp|#\d{1,6});")


class GooglePlayConnector(BaseConnector):
    """Speaks to the Android Publisher API with a service account's key.

    The listing is newest first by the last change and holds a week. The cursor is a round
    (`connectors.rounds`).
    """

    name = "googleplay"

    def __init__(self, settings: GooglePlaySettings, context: Context) -> None:
        self._settings = settings
        root = root_of(settings.base_url, "/androidpublisher/v3")
        self._reviews = f"{root}/applications/{settings.package_name}/reviews"
        self._api = GoogleApi(
            context,
            name="googleplay",
            token_url=beside(settings.base_url, REAL, settings.token_url, TOKEN_URL),
            grant=service_account_grant(settings.service_account, SCOPE),
            allow_private=settings.allow_private_addresses,
        )

    def fetch(self, cursor: Cursor) -> Page:
        before = Round.resume(cursor)
        try:
            found = self._list(before.token)
        except Rejected:
            fresh = before.restarted()
            if fresh is None:
                raise
            return Page((), fresh.state(), more=True)
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for item in _items(found):
            try:
                mentions.append(mention_of(item, self._settings.package_name))
            except ValueError as error:
                where = said(item, "reviewId") if isinstance(item, dict) else ""
                problems.append(Problem(f"review {clip(where, 80) or 'without id'}", str(error)))
        times = [one.created_at for one in mentions]
        pages = found.get("tokenPagination")
        step = before.turn(
            [one.external_id for one in mentions],
            times,
            said(pages, "nextPageToken") if isinstance(pages, dict) else "",
            enough=before.behind(times, LAG),
            now=self._api.now(),
        )
        if step.circling:
            problems.append(Problem("reviews", "Google repeats a page; the rest was not shown"))
        return Page(tuple(mentions), step.round.state(), not step.finished, tuple(problems))

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Read one review, also one that is older than the week that is listed."""
        review = self._review(ref)
        if review is None:
            return None
        try:
            return mention_of(review, self._settings.package_name)
        except ValueError as error:
            raise LayoutChanged(f"review {ref.external_id}: {error}") from error

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Put `text` under the review, instead of what stands there. It can be seen at once."""
        length = self.measure(text)
        if length > LONGEST:
            raise Rejected(f"the reply has {length} characters, {LONGEST} fit")
        for objection in self.objections(text):
            raise Rejected(f"Google Play takes no such reply: {objection}")
        ident = _checked(ref)
        url = f"{self._reviews}/{quote(ident, safe=':')}:reply"
        found = self._api.write("POST", url, {"replyText": text}, budget="replies")
        result = found.get("result")
        result = result if isinstance(result, dict) else {}
        return Receipt(
            "visible",
            external_id=ident,
            at=moment(result.get("lastEdited")),
            text=clean(said(result, "replyText")) or text,
        )

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look for our reply with this text.

        Raises `Gone` when the review itself is gone, because then nobody can tell.
        """
        review = self._review(ref)
        if review is None:
            raise Gone("the review is not there any more")
        ours = latest(review, "developerComment")
        stands = clean(said(ours, "text")).strip()
        if not same_text(stands, text):
            return None
        at = moment(ours.get("lastModified"))
        return Receipt("visible", external_id=_checked(ref), at=at, text=stands)

    def measure(self, text: str) -> int:
        return len(text)

    def objections(self, text: str) -> tuple[str, ...]:
        found = () if text.strip() else ("an empty reply",)
        return (*found, "HTML, which Google Play strips") if _HTML.search(text) else found

    def verify(self) -> Health:
        """Prove that the reviews can be read. Whether a reply may be sent shows the first one."""
        _items(self._list("", size=1))
        return Health(
            True,
            f"reads the last seven days of {self._settings.package_name} and answers with up to "
            f"{LONGEST} characters, where the service account may reply to reviews",
        )

    def close(self) -> None:
        self._api.close()

    def _list(self, token: str, size: int = PAGE_SIZE) -> dict[str, Any]:
        asked: dict[str, Any] = {"maxResults": size}
        if token:
            asked["token"] = token
        return self._api.get(self._reviews, asked, budget="reads")

    def _review(self, ref: MentionRef) -> dict[str, Any] | None:
        url = f"{self._reviews}/{quote(_checked(ref), safe=':')}"
        try:
            found = self._api.get(url, budget="reads")
        except Gone:
            return None
        if not said(found, "reviewId"):
            raise LayoutChanged("Google Play answered no review")
        return found


def _items(found: dict[str, Any]) -> list[Any]:
    """Return the reviews in an answer; an empty object has none."""
    items = found.get("reviews", [] if set(found) <= _KNOWN else None)
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        raise LayoutChanged("Google Play answered no list of reviews")
    return items


def _checked(ref: MentionRef) -> str:
    if not ID.match(ref.external_id) or ".." in ref.external_id:
        raise Rejected("this is no id of a review")
    return ref.external_id
