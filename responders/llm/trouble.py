"""What can go wrong with a language model, in words that may stand on a draft.

No message holds anything that the endpoint or the customer wrote.
"""

from __future__ import annotations

from datetime import timedelta


class NotAsked(Exception):
    """The model was not asked; `str(error)` says why."""


class NoAnswer(Exception):
    """The model was asked, and no answer came.

    `retry_after` is the endpoint's own word. `tokens_unknown` tells that the question may have
    been worked on all the same, and so may be charged.
    """

    def __init__(
        self, words: str, *, retry_after: timedelta | None = None, tokens_unknown: bool = False
    ) -> None:
        super().__init__(words)
        self.retry_after = retry_after
        self.tokens_unknown = tokens_unknown


class Unusable(Exception):
    """The model answered, and its answer is not used. `tokens` is what it cost, where told."""

    def __init__(self, words: str, *, tokens: int | None = None) -> None:
        super().__init__(words)
        self.tokens = tokens
