"""Asks the endpoint once: no retry, no redirect, a bounded answer, nothing in a log."""

from __future__ import annotations

from typing import Any

from connectors.base import USER_AGENT
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    LayoutChanged,
    RateLimited,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from connectors.http import Http, Limits
from responders.llm.settings import ModelSettings
from responders.llm.trouble import NoAnswer

LARGEST_ANSWER = 256 * 1024
CONNECT_WITHIN = 5.0

_WORDS: tuple[tuple[type[ConnectorError], str], ...] = (
    (AuthFailed, "its key is missing or was refused"),
    (RateLimited, "it asked us to slow down"),
    (Gone, "there is no such address or model"),
    (Unavailable, "it cannot be reached"),
    (LayoutChanged, "it answered no JSON"),
    (UnknownOutcome, "it failed, or did not answer in time"),
    (Rejected, "it refused the request"),
    (ConnectorError, "it failed"),
)


class Endpoint:
    """One OpenAI-compatible endpoint. Safe to call from any thread."""

    def __init__(self, settings: ModelSettings, user_agent: str = USER_AGENT) -> None:
        self._settings = settings
        self._user_agent = user_agent

    def ask(self, body: dict[str, Any]) -> Any:
        """Send one request and return the JSON of its answer; raise `NoAnswer`."""
        try:
            return self.ask_plainly(body)
        except ConnectorError as error:
            # The endpoint's own words could repeat the question: only the kind of error is told.
            words = next(words for kind, words in _WORDS if isinstance(error, kind))
            raise NoAnswer(
                words,
                retry_after=getattr(error, "retry_after", None),
                tokens_unknown=isinstance(error, UnknownOutcome | LayoutChanged),
            ) from None

    def ask_plainly(self, body: dict[str, Any]) -> Any:
        """Do the same with the connectors' errors, whose messages may hold the endpoint's words."""
        told = self._settings
        headers = {"Accept": "application/json"}
        if told.api_key is not None:
            headers["Authorization"] = f"Bearer {told.api_key.reveal()}"
        limits = Limits(
            connect=min(CONNECT_WITHIN, told.timeout),
            read=told.timeout,
            total=told.timeout,
            size=LARGEST_ANSWER,
            redirects=0,
        )
        # The address is the operator's own choice, and http leads to this machine only.
        with Http(
            user_agent=self._user_agent, allow_private=True, headers=headers, limits=limits
        ) as http:
            return http.write("POST", told.endpoint, json=body).json()
