"""The partner's side: answers to reviews, with tokens that change at every renewal."""

from __future__ import annotations

import re

from connectors.base import Context, MentionRef, Receipt
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    LayoutChanged,
    NotSupported,
    Rejected,
    UnknownOutcome,
)
from connectors.http import Http
from connectors.oauth import Grant, Tokens, ask_token
from connectors.text import clip, normalised
from connectors.yelp.reviews import ID
from connectors.yelp.settings import YelpSettings

MAX_LENGTH = 5_000
REMEMBERED = 20
"""So many of our last answers are kept for comparison: a day's."""
TOO_ALIKE = 0.9
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\ufe0f\u20e3"
    "\U000e0020-\U000e007f]"
)


class Partner:
    """Answers reviews as Yelp's partner, for the business owner who consented."""

    def __init__(self, settings: YelpSettings, context: Context, http: Http) -> None:
        self._settings = settings
        self._base = settings.partner_base
        self._http = http
        self._meter = context.meter
        self._vault = context.vault
        self._tokens = Tokens("partner", context.vault, http.now, self._ask)

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        """Send one answer. Raises `Rejected` before sending for what Yelp is known to refuse."""
        if not ID.match(ref.external_id):
            raise Rejected("this is no id of a review")
        if len(text) > MAX_LENGTH:
            raise Rejected(f"the reply has {len(text)} characters, {MAX_LENGTH} fit")
        if reasons := self.objections(text, key):
            raise Rejected(f"Yelp would refuse it: {'; '.join(reasons)}")
        url = f"{self._base}/reviews/v1/{ref.external_id}"
        body = {"response_text": text, "response_type": "public_comment"}
        # A token is asked for first: an answer that cannot be sent must not use up the day's.
        self._tokens.token()
        self._meter.spend("replies")
        try:
            self._tokens.use(
                lambda token: self._http.write("POST", url, json=body, headers=_bearer(token))
            )
        except UnknownOutcome:
            raise
        except ConnectorError:
            self._meter.charge("replies", -1)
            raise
        self._remember(text, key)
        return Receipt("visible", ref.external_id, ref.url, self._http.now(), text)

    def objections(self, text: str, key: str = "") -> tuple[str, ...]:
        """Return what Yelp refuses of `text`: emoji, and what resembles an earlier answer."""
        reasons = []
        if _EMOJI.search(text):
            reasons.append("Yelp takes no emoji")
        mine = normalised(text).split()
        for kept in self._remembered():
            if kept["key"] != key and alike(mine, kept["words"].split()) >= TOO_ALIKE:
                reasons.append("it resembles an earlier answer too closely")
                break
        return tuple(reasons)

    def owner(self) -> str:
        """Return the business owner's name, which proves the token."""
        url = f"{self._base}/v1/business_owner/me/profile"
        answer = self._tokens.use(lambda token: self._http.get(url, headers=_bearer(token)))
        found = answer.json()
        if not isinstance(found, dict):
            raise LayoutChanged(f"{self._base} answered no profile")
        named = (found.get(key) for key in ("name", "display_name", "first_name", "id"))
        return next((clip(one, 80) for one in named if isinstance(one, str) and one), "the owner")

    def _ask(self, last: Grant | None) -> Grant:
        given = self._settings.partner_refresh_token
        if given is None:
            raise NotSupported("there is no partner_refresh_token")
        first = given.reveal()
        kept = last.refresh_token if last else ""
        if kept and kept != first:
            try:
                return self._renew(kept)
            except AuthFailed:
                pass  # somebody consented anew, and the settings hold the newer token
        return self._renew(first)

    def _renew(self, refresh_token: str) -> Grant:
        secret = self._settings.partner_client_secret
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self._settings.partner_client_id or "",
            "client_secret": secret.reveal() if secret else "",
        }
        return ask_token(self._http, f"{self._base}/token/v1", form)

    def _remembered(self) -> list[dict[str, str]]:
        kept = self._vault.get("answers") or {}
        return [
            {"key": str(one.get("key", "")), "words": str(one.get("words", ""))}
            for one in kept.get("last", ())
            if isinstance(one, dict)
        ]

    def _remember(self, text: str, key: str) -> None:
        newest = {"key": key, "words": normalised(text)[:2_000]}
        others = [one for one in self._remembered() if one["key"] != key]
        self._vault.put("answers", {"last": [newest, *others][:REMEMBERED]})


def alike(first: list[str], second: list[str]) -> float:
    """Return how much of two texts' words they share, 1 for all.

    >>> alike(["we", "are", "sorry"], ["sorry", "are", "we"])
    1.0
    """
    mine, theirs = set(first), set(second)
    if not mine or not theirs:
        return 0.0
    return len(mine & theirs) / len(mine | theirs)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
