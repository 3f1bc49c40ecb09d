"""What a person may say about watching Hacker News."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.addresses import WebAddress, WebSettings
from connectors.naming import words_of

SEARCH = "https://hn.algolia.com"
ITEMS = "https://hacker-news.firebaseio.com"


def _phrase(text: str) -> str:
    bare = " ".join(text.replace('"', " ").split())
    if not words_of(bare):
        raise ValueError("expected a name such as Harbour Coffee")
    return bare


def _user(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text):
        raise ValueError("expected the name of a Hacker News user")
    return text


class HackerNewsSettings(WebSettings):
    """Which names to look for on Hacker News."""

    queries: tuple[Annotated[str, AfterValidator(_phrase)], ...] = Field(
        min_length=1,
        max_length=20,
        description="Names to look for; each is searched as one phrase, in any case",
        examples=[["Harbour Coffee"], ["Acme", "acme.example"]],
    )
    kinds: tuple[Literal["story", "comment", "poll", "job"], ...] = Field(
        default=("story", "comment"),
        min_length=1,
        description="What to read",
        examples=[["story", "comment"], ["story"]],
    )
    exact: bool = Field(
        default=True,
        description="Take only what has the name in its text, title or address, word for word; "
        "the search by itself forgives typing errors and takes beginnings of words",
        examples=[True, False],
    )
    whole_threads: bool = Field(
        default=False,
        description="Also take comments that do not name you, under a story whose title or "
        "address does",
        examples=[False, True],
    )
    username: Annotated[str, AfterValidator(_user)] = Field(
        default="",
        description="Your own user there: what it writes is no mention, and its answers are found",
        examples=["harbourcoffee"],
    )
    history_days: int = Field(
        default=30,
        ge=1,
        le=7300,
        description="How many days back the first poll reads",
        examples=[30, 365],
    )
    base_url: WebAddress = Field(
        default=SEARCH,
        description="The address of the search",
        examples=[SEARCH],
    )
    items_url: WebAddress | None = Field(
        default=None,
        description="The address where single items are read; follows `base_url` where that "
        "is changed",
        examples=[ITEMS],
    )

    def items_host(self) -> str:
        """Return where single items are read, without a slash at its end."""
        chosen = self.items_url or (ITEMS if self.base_url.rstrip("/") == SEARCH else self.base_url)
        return chosen.rstrip("/")
