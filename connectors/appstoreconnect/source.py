"""One app in App Store Connect as a source: reads its reviews, answers them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.appstoreconnect.errors import explain
from connectors.appstoreconnect.reviews import ID, mention_of, receipt_of, responses_in
from connectors.appstoreconnect.settings import AppStoreConnectSettings
from connectors.appstoreconnect.signing import Signer
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
from connectors.errors import Gone, LayoutChanged, Rejected, UnknownOutcome
from connectors.http import MEGABYTE, Http, Limits
from connectors.outcomes import Answer
from connectors.reach import Reach
from connectors.rounds import Round
from connectors.text import same_text
from connectors.waits import exhausted

PAGE = 200
MAX_LENGTH = 5_970
"""Not in Apple's documentation; its own page stops counting there (unverified)."""
MOST_BYTES = 20 * MEGABYTE
"""Two hundred long reviews with as long answers, in letters of three bytes."""


class AppStoreConnectConnector(BaseConnector):
    """Speaks to the API with one key. The newest reviews come first.

    A usual poll reads a day more than is known; once a day some weeks are read again and once a
    month everything, for answers that were given elsewhere and reviews that came late.
    """

    name = "appstoreconnect"

    def __init__(self, settings: AppStoreConnectSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._page = f"https://appstoreconnect.apple.com/apps/{settings.app_id}"
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            limits=Limits(size=MOST_BYTES),
            now=context.now,
            explain=lambda answer, writing: explain(answer, self._http.now, writing=writing),
            before=lambda: context.meter.spend("calls"),
        )
        self._signer = Signer(
            settings.key_id, settings.issuer_id, settings.private_key, self._http.now
        )

    def fetch(self, cursor: Cursor) -> Page:
        now = self._http.now()
        current = Round.resume(cursor)
        reread = timedelta(days=self._settings.reread_days)
        reach = Reach.resume(cursor, now, reread, begun=current.begun)
        try:
            answer = self._get(current.token or self._first())
        except Rejected:
            # The address of a next page is refused when it is too old: from the start, once.
            fresh = current.restarted()
            if fresh is None:
                raise
            return Page((), reach.state(begun=False) | fresh.state(), True)
        body = answer.json()
        reviews = body.get("data") if isinstance(body, dict) else None
        if not isinstance(reviews, list):
            raise LayoutChanged(f"{self._base} answered no list of reviews")
        mentions, problems = self._read(reviews, body)
        times = [mention.created_at for mention in mentions]
        step = current.turn(
            [mention.external_id for mention in mentions],
            times,
            self._following(body),
            enough=current.behind(times, reach.lag),
            now=now,
        )
        if step.finished and not step.circling:
            reach = reach.completed()
        state = reach.state(begun=not step.finished) | step.round.state()
        rests = exhausted(answer.headers, now)
        return Page(mentions, state, not step.finished, problems, account_rests=rests)

    def read(self, ref: MentionRef) -> FoundMention | None:
        try:
            body = self._get(f"{_path_of(ref)}?include=response").json()
        except Gone:
            return None
        review = body.get("data") if isinstance(body, dict) else None
        try:
            mention, _ = mention_of(review, responses_in(body if review else {}), self._page)
        except ValueError as error:
            raise LayoutChanged(f"review {ref.external_id}: {error}") from error
        return mention

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref`; an answer that stands there already is replaced.

        It is accepted at first and appears within a day.
        """
        _path_of(ref)
        if len(text) > MAX_LENGTH:
            raise Rejected(f"the reply has {len(text)} characters, {MAX_LENGTH} fit")
        review = {"data": {"type": "customerReviews", "id": ref.external_id}}
        body = {
            "data": {
                "type": "customerReviewResponses",
                "attributes": {"responseBody": text},
                "relationships": {"review": review},
            }
        }
        answer = self._http.write(
            "POST",
            f"{self._base}/v1/customerReviewResponses",
            json=body,
            headers=self._authorization(),
        )
        try:
            return receipt_of(answer.json()["data"])
        except (LayoutChanged, ValueError, KeyError, TypeError) as error:
            raise UnknownOutcome("Apple took the answer and said nothing readable") from error

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look whether the answer under `ref` has this text, and whether it is published."""
        try:
            body = self._get(f"{_path_of(ref)}/response").json()
        except Gone:
            return None
        if not isinstance(body, dict) or "data" not in body:
            raise LayoutChanged(f"{self._base} answered no response to a review")
        if body["data"] is None:
            return None
        try:
            receipt = receipt_of(body["data"])
        except ValueError as error:
            raise LayoutChanged(f"the answer to {ref.external_id}: {error}") from error
        return receipt if same_text(receipt.text, text) else None

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        """Delete our answer, by its own id."""
        if not ID.match(receipt_external_id) or ".." in receipt_external_id:
            raise Rejected("this is no id of an answer")
        self._http.write(
            "DELETE",
            f"{self._base}/v1/customerReviewResponses/{receipt_external_id}",
            headers=self._authorization(),
        )

    def verify(self) -> Health:
        """Prove that the key may see the app's reviews."""
        body = self._get(f"/v1/apps/{self._settings.app_id}/customerReviews?limit=1").json()
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            raise LayoutChanged(f"{self._base} answered no list of reviews")
        return Health(
            True,
            f"reads the reviews of app {self._settings.app_id}; the key's role decides whether "
            "it may answer",
            "To answer, the key needs the role Customer Support, App Manager or Admin",
        )

    def close(self) -> None:
        self._http.close()

    def _first(self) -> str:
        asked = f"sort=-createdDate&limit={PAGE}&include=response"
        if self._settings.territories:
            asked += f"&filter[territory]={','.join(self._settings.territories)}"
        return f"/v1/apps/{self._settings.app_id}/customerReviews?{asked}"

    def _following(self, body: Mapping[str, Any]) -> str:
        """Return path and query of the next page, empty on the last.

        Only these two are used, at our own address: the token goes nowhere else.
        """
        links = body.get("links")
        link = links.get("next") if isinstance(links, dict) else None
        if not isinstance(link, str) or not link:
            return ""
        try:
            parts = urlsplit(link.removeprefix(self._base))
        except ValueError:
            parts = urlsplit("")
        if not parts.path.startswith("/v1/") or len(link) > 4_000:
            raise LayoutChanged(f"{self._base} names a next page that is none of its own")
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def _read(
        self, reviews: list[Any], body: Mapping[str, Any]
    ) -> tuple[tuple[FoundMention, ...], tuple[Problem, ...]]:
        responses = responses_in(body)
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for number, review in enumerate(reviews, 1):
            try:
                mention, odd = mention_of(review, responses, self._page)
            except ValueError as error:
                ident = review.get("id") if isinstance(review, dict) else None
                named = ident if isinstance(ident, str) and ID.match(ident) else f"number {number}"
                problems.append(Problem(f"review {named}", str(error)))
                continue
            mentions.append(mention)
            if odd:
                problems.append(Problem(f"review {mention.external_id}", odd))
        return tuple(mentions), tuple(problems)

    def _get(self, path: str) -> Answer:
        return self._http.get(self._base + path, headers=self._authorization())

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._signer.token()}"}


def _path_of(ref: MentionRef) -> str:
    if not ID.match(ref.external_id) or ".." in ref.external_id:
        raise Rejected("this is no id of a review")
    return f"/v1/customerReviews/{ref.external_id}"
