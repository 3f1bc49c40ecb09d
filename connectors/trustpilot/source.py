"""One business unit at Trustpilot as a source: reads its reviews, answers them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

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
from connectors.errors import Gone, LayoutChanged, NotSupported, RateLimited, Rejected
from connectors.http import Http
from connectors.oauth import Grant, Tokens, ask_token, basic
from connectors.outcomes import Answer
from connectors.reach import Reach
from connectors.rounds import Round
from connectors.text import clip, one_line, same_text
from connectors.trustpilot.errors import explain
from connectors.trustpilot.reviews import ID, company_reply, mention_of, replied_at
from connectors.trustpilot.settings import TrustpilotSettings
from connectors.waits import exhausted

PAGE = 100
TOKEN_PATH = "/v1/oauth/oauth-business-users-for-applications/accesstoken"  # noqa: S105 - a path
NEXT, FIRST = "next-page", "page 1"
_NUMBERED = re.compile(r"page (\d{1,6})")


class TrustpilotConnector(BaseConnector):
    """Speaks to the API with one application's key, and its secret where there is one.

    With the secret the private list is read; it holds the same reviews and tells more of each.
    """

    name = "trustpilot"

    def __init__(self, settings: TrustpilotSettings, context: Context) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._meter = context.meter
        self._budgets = ["calls", "calls an hour"]
        if settings.calls_per_year:
            self._budgets.append("calls a year")
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers={"Accept": "application/json"},
            now=context.now,
            explain=lambda answer, _writing: explain(answer, self._http.now),
            before=self._book,
        )
        self._tokens = Tokens("token", context.vault, self._http.now, self._ask_token)

    def fetch(self, cursor: Cursor) -> Page:
        now = self._http.now()
        current = Round.resume(cursor)
        reread = timedelta(days=self._settings.reread_days)
        reach = Reach.resume(cursor, now, reread, begun=current.begun)
        answer = self._list(_asked_for(current.token))
        body = answer.json()
        reviews = body.get("reviews") if isinstance(body, dict) else None
        if not isinstance(reviews, list):
            raise LayoutChanged(f"{self._base} answered no list of reviews")
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for number, review in enumerate(reviews, 1):
            try:
                mention, odd = mention_of(review)
            except ValueError as error:
                place = current.token if _number(current.token) else "a later page"
                where = f"{place or FIRST}, review {number}"
                problems.append(Problem(where, str(error)))
                continue
            mentions.append(mention)
            if odd:
                problems.append(Problem(f"review {mention.external_id}", odd))
        times = [mention.created_at for mention in mentions]
        step = current.turn(
            [mention.external_id for mention in mentions],
            times,
            _following(body, len(reviews), current.token),
            enough=_is_behind(times, current.mark, reach.lag),
            now=now,
        )
        if step.finished and not step.circling:
            reach = reach.completed()
        return Page(
            tuple(mentions),
            reach.state(begun=not step.finished) | step.round.state(),
            not step.finished,
            tuple(problems),
            account_rests=exhausted(answer.headers, now),
        )

    def read(self, ref: MentionRef) -> FoundMention | None:
        try:
            review = self._review(ref)
        except Gone:
            return None
        try:
            mention, _ = mention_of(review)
        except ValueError as error:
            raise LayoutChanged(f"review {ref.external_id}: {error}") from error
        return mention

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Answer `ref`; a reply that stands there already is replaced."""
        settings = self._settings
        if not settings.may_answer:
            raise NotSupported("answering needs api_secret and author_business_user_id")
        if len(text) > settings.max_reply_length:
            raise Rejected(f"the reply has {len(text)} characters, {settings.max_reply_length} fit")
        url = f"{self._base}/v1/private/reviews/{_checked(ref.external_id)}/reply"
        body = {"authorBusinessUserId": settings.author_business_user_id, "message": text}
        self._tokens.use(
            lambda token: self._http.write("POST", url, json=body, headers=_bearer(token))
        )
        return Receipt("visible", ref.external_id, _page_of(ref), self._http.now(), text)

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        """Look whether the company's reply under `ref` has this text.

        Raises `Gone` when the review itself is gone, because then nobody can tell.
        """
        if not self._settings.may_answer:
            raise NotSupported("answering needs api_secret and author_business_user_id")
        reply = company_reply(self._review(ref))
        if reply is None or not same_text(str(reply["text"]), text):
            return None
        return Receipt(
            "visible", ref.external_id, _page_of(ref), replied_at(reply), str(reply["text"])
        )

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        """Delete the company's reply to the review, whichever of ours it is."""
        if not self._settings.may_answer:
            raise NotSupported("answering needs api_secret and author_business_user_id")
        url = f"{self._base}/v1/private/reviews/{_checked(ref.external_id)}/reply"
        self._tokens.use(lambda token: self._http.write("DELETE", url, headers=_bearer(token)))

    def verify(self) -> Health:
        """Prove that the key knows the business unit, and that the secret gives a token."""
        settings = self._settings
        found = self._public(f"/v1/business-units/{settings.business_unit_id}").json()
        if not isinstance(found, dict):
            raise LayoutChanged(f"{self._base} answered no business unit")
        name = clip(one_line(str(found.get("displayName") or settings.business_unit_id)), 100)
        if settings.api_secret is None:
            return Health(
                True,
                f"reads the public reviews of {name}; answers are given by hand",
                "Name api_secret and author_business_user_id to answer from here",
            )
        self._tokens.token()
        if not settings.may_answer:
            return Health(
                True,
                f"reads all reviews of {name}; answers are given by hand",
                "Name author_business_user_id to answer from here",
            )
        return Health(True, f"reads all reviews of {name} and may answer them")

    def close(self) -> None:
        self._http.close()

    def _list(self, asked: Mapping[str, Any]) -> Answer:
        unit = self._settings.business_unit_id
        if self._settings.api_secret is None:
            return self._public(f"/v1/business-units/{unit}/reviews", asked)
        url = f"{self._base}/v1/private/business-units/{unit}/reviews"
        return self._tokens.use(
            lambda token: self._http.get(url, params=asked, headers=_bearer(token))
        )

    def _public(self, path: str, asked: Mapping[str, Any] | None = None) -> Answer:
        key = {"apikey": self._settings.api_key.reveal()}
        return self._http.get(self._base + path, params=asked, headers=key)

    def _review(self, ref: MentionRef) -> Any:
        return self._public(f"/v1/reviews/{_checked(ref.external_id)}").json()

    def _ask_token(self, _last: Grant | None) -> Grant:
        secret = self._settings.api_secret
        if secret is None:
            raise NotSupported("there is no api_secret")
        pair = basic(self._settings.api_key.reveal(), secret.reveal())
        form = {"grant_type": "client_credentials"}
        return ask_token(self._http, self._base + TOKEN_PATH, form, headers=pair)

    def _book(self) -> None:
        """Book one call in every budget, or in none."""
        booked: list[str] = []
        for name in self._budgets:
            try:
                self._meter.spend(name)
            except RateLimited:
                for other in booked:
                    self._meter.charge(other, -1)
                raise
            booked.append(name)


def _asked_for(place: str) -> dict[str, Any]:
    """Return the query of a page: ``page 3`` by its number, anything else by Trustpilot's token."""
    asked: dict[str, Any] = {"perPage": PAGE, "orderBy": "createdat.desc"}
    number = _number(place)
    return asked | ({"page": number} if number else {"pageToken": place})


def _following(body: Mapping[str, Any], listed: int, place: str) -> str:
    """Return the place of the next page, empty after the last.

    A page that is full may have another behind it, which is empty then; one that is not has
    another only where the platform says so.
    """
    token, links = body.get("nextPageToken"), body.get("links")
    if isinstance(token, str) and 0 < len(token) <= 2_000:
        return token
    more = isinstance(links, list) and any(
        isinstance(link, dict) and link.get("rel") == NEXT for link in links
    )
    number = _number(place)
    if not listed or not number or not (more or listed >= PAGE):
        return ""
    return f"page {number + 1}"


def _number(place: str) -> int:
    """Return the number of a page that has one, 0 for a token."""
    match = _NUMBERED.fullmatch(place or FIRST)
    return int(match[1]) if match else 0


def _is_behind(times: Sequence[datetime | None], mark: datetime | None, lag: timedelta) -> bool:
    """Tell whether a page reaches far enough behind `mark`.

    Of an ordered page the last review tells; an unordered one is behind as a whole or not.
    """
    known = [time for time in times if time is not None]
    if mark is None or not known:
        return False
    ordered = all(first >= second for first, second in pairwise(known))
    return (known[-1] if ordered else max(known)) < mark - lag


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _checked(ident: str) -> str:
    if not ID.match(ident):
        raise Rejected("this is no id of a review")
    return ident


def _page_of(ref: MentionRef) -> str:
    return ref.url or f"https://www.trustpilot.com/reviews/{ref.external_id}"
