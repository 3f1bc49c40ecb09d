"""What the drafter is told: where the model is, how much it may be asked, for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from connectors.secrets import Secret

PATH = "/chat/completions"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """One endpoint and how it is used. `timeout` is in seconds; empty `brands` mean all.

    `max_tokens_key` is what the endpoint calls the limit of an answer. The budgets are for one
    UTC day. `may_promise` are whole sentences that an answer may say.
    """

    url: str
    model: str
    api_key: Secret | None = field(default=None, repr=False)
    temperature: float | None = None
    max_tokens: int = 700
    max_tokens_key: str = "max_tokens"
    timeout: float = 30.0
    calls_per_day: int = 200
    tokens_per_day: int = 500_000
    brands: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tone: str = ""
    may_promise: tuple[str, ...] = ()

    @property
    def endpoint(self) -> str:
        """The address that is asked: the path of chat completions is added where it is missing."""
        parts = urlsplit(self.url)
        path = parts.path.rstrip("/")
        if not path.endswith(PATH):
            path += PATH
        return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
