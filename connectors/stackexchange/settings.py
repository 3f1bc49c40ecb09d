"""What a person may say about a Stack Exchange site."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

REAL = "https://api.stackexchange.com/2.3"
_TAG = re.compile(r"^[^\s;/?#\[\]]{1,50}$")


def _bare_tag(tag: str) -> str:
    tag = tag.strip().strip("[]").lower()
    if not _TAG.match(tag):
        raise ValueError("expected one tag such as harbour-coffee")
    return tag


def _words(words: str) -> str:
    words = " ".join(words.split())
    if not 2 <= len(words) <= 200:
        raise ValueError("expected 2 to 200 characters to search for")
    return words


class StackExchangeSettings(WebSettings):
    """One site of the network, what of it to follow, and who answers."""

    base_url: WebAddress = Field(
        default=REAL,
        description="The address of the interface with its version",
        examples=[REAL],
    )
    site: str = Field(
        default="stackoverflow",
        pattern=r"^[A-Za-z0-9.-]{1,100}$",
        description="The site's name in the interface: stackoverflow, superuser, cooking",
        examples=["stackoverflow", "cooking"],
    )
    tags: tuple[Annotated[str, AfterValidator(_bare_tag)], ...] = Field(
        default=(),
        max_length=20,
        description="Tags whose questions to read",
        examples=[["harbour-coffee"], []],
    )
    searches: tuple[Annotated[str, AfterValidator(_words)], ...] = Field(
        default=(),
        max_length=20,
        description="Words to search questions and answers for",
        examples=[["harbour coffee"], []],
    )
    key: Secret | None = Field(
        default=None,
        description="Reference to the application's key (stackapps.com); with it 10,000 requests "
        "a day instead of 300; needed for answering",
        examples=["env:STACK_KEY"],
    )
    access_token: Secret | None = Field(
        default=None,
        description="Reference to the answering person's access token, with the scopes "
        "write_access and no_expiry",
        examples=["env:STACK_TOKEN"],
    )
    reply_as: Literal["comment", "answer"] = Field(
        default="comment",
        description="Write comments (15 to 600 characters) or answers (30 to 30,000)",
        examples=["comment", "answer"],
    )
    affiliation: str = Field(
        default="",
        max_length=200,
        description="The words with which each reply must disclose whom you speak for; the site "
        "deletes answers of businesses that hide it",
        examples=["I work for Harbour Coffee"],
    )
    history_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="How far back the first run goes",
        examples=[30],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if not self.tags and not self.searches:
            raise ValueError("give tags or searches: nobody reads a whole site")
        if self.access_token is not None:
            if self.key is None:
                raise ValueError("an access_token works with the key of its application only")
            if not self.affiliation.strip():
                raise ValueError(
                    "give the affiliation that each reply discloses, such as: "
                    "I work for Harbour Coffee"
                )
        return self
