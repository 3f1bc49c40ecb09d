"""One place on Tripadvisor as a source."""

from __future__ import annotations

from collections.abc import Mapping
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
)
from connectors.errors import LayoutChanged, NotSupported
from connectors.http import Http
from connectors.tripadvisor.errors import explain
from connectors.tripadvisor.reviews import mention_of
from connectors.tripadvisor.settings import TripadvisorSettings
from connectors.waits import exhausted

ROOT = "/api/v1"


class TripadvisorConnector(BaseConnector):
    """Asks for the newest reviews, one language a call.

    The terms allow nothing to be kept, so the cursor holds no review: it only tells which
    language is next, and is empty between two polls. The key must stand in the query; no
    message shows that.
    """

    name = "tripadvisor"

    def __init__(self, settings: TripadvisorSettings, context: Context) -> None:
        self._settings = settings
        base = settings.base_url.rstrip("/")
        self._base = base if urlsplit(base).path else base + ROOT
        headers = {"Accept": "application/json"}
        if settings.referer:
            headers["Referer"] = settings.referer
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            headers=headers,
            now=context.now,
            explain=lambda answer, _writing: explain(answer, self._http.now),
            before=lambda: context.meter.spend("calls"),
        )

    def fetch(self, cursor: Cursor) -> Page:
        languages = self._settings.languages
        at = cursor.get("language")
        index = languages.index(at) if at in languages else 0
        body, headers = self._ask(languages[index])
        mentions, problems = self._read(body["data"])
        more = index + 1 < len(languages)
        return Page(
            mentions,
            {"language": languages[index + 1]} if more else {},
            more,
            problems,
            account_rests=exhausted(headers, self._http.now()),
        )

    def read(self, ref: MentionRef) -> FoundMention | None:
        """Return the review as it is now, for showing. None only where the whole list is shown
        and it is not there; raises `NotSupported` where older reviews are hidden.
        """
        languages = self._settings.languages
        first = tuple(one for one in languages if one == ref.language)
        complete = True
        for language in first + tuple(one for one in languages if one not in first):
            body, _ = self._ask(language)
            found, _ = self._read(body["data"])
            for mention in found:
                if mention.external_id == ref.external_id:
                    return mention
            complete = complete and _shows_all(body)
        if complete:
            return None
        raise NotSupported("Tripadvisor shows the five newest reviews only; open the link")

    def verify(self) -> Health:
        """Prove that the key reads the place."""
        body, _ = self._ask(self._settings.languages[0])
        paging = body.get("paging")
        total = paging.get("total_results") if isinstance(paging, dict) else None
        count = f"{total} reviews" if isinstance(total, int) else "reviews"
        place, language = self._settings.location_id, self._settings.languages[0]
        return Health(
            True,
            f"sees the newest of {count} of place {place} ({language}); answers are given in the "
            "Management Centre",
        )

    def close(self) -> None:
        self._http.close()

    def _ask(self, language: str) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """Return the body, whose ``data`` is a list, and the headers of one answer."""
        url = f"{self._base}/location/{self._settings.location_id}/reviews"
        asked = {"key": self._settings.api_key.reveal(), "language": language}
        answer = self._http.get(url, params=asked)
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            raise LayoutChanged("Tripadvisor answered no list of reviews")
        return body, answer.headers

    def _read(self, reviews: list[Any]) -> tuple[tuple[FoundMention, ...], tuple[Problem, ...]]:
        mentions: list[FoundMention] = []
        problems: list[Problem] = []
        for number, review in enumerate(reviews, 1):
            try:
                mention, odd = mention_of(review, self._settings.location_id)
            except ValueError as error:
                problems.append(Problem(f"review number {number}", str(error)))
                continue
            mentions.append(mention)
            if odd:
                problems.append(Problem(f"review {mention.external_id}", odd))
        return tuple(mentions), tuple(problems)


def _shows_all(body: Mapping[str, Any]) -> bool:
    paging = body.get("paging")
    total = paging.get("total_results") if isinstance(paging, dict) else None
    return isinstance(total, int) and total <= len(body["data"])
