"""What a person may say about a Bluesky account."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

SERVICE = "https://bsky.social"
PUBLIC = "https://api.bsky.app"
_OPERATORS = re.compile(r'["#@]|(?:^|\s)-|\w:\S')


def _query(text: str) -> str:
    """Return a query in the search's own words: plain words are one phrase."""
    bare = " ".join(text.split())
    if not bare.strip('"'):
        raise ValueError("expected words to search for")
    return f'"{bare}"' if " " in bare and not _OPERATORS.search(bare) else bare


def _handle(text: str) -> str:
    bare = text.strip().removeprefix("@")
    if bare and not re.fullmatch(r"[\w.:%@+-]{3,300}", bare):
        raise ValueError("expected a handle such as harbour.bsky.social")
    return bare


class BlueskySettings(WebSettings):
    """An account on Bluesky, words to search for, or both."""

    identifier: Annotated[str, AfterValidator(_handle)] = Field(
        default="",
        description="The handle of your account; without one only the public search is read, and "
        "answers are given by hand",
        examples=["harbour.bsky.social"],
    )
    app_password: Secret | None = Field(
        default=None,
        description="Reference to an app password (Settings, Privacy and security, App passwords)",
        examples=["env:BLUESKY_APP_PASSWORD", "file:/run/secrets/bluesky"],
    )
    notifications: bool = Field(
        default=True,
        description="Read what mentions, answers or quotes your account; needs the account",
        examples=[True, False],
    )
    queries: tuple[Annotated[str, AfterValidator(_query)], ...] = Field(
        default=(),
        max_length=20,
        description="What to search for, as in Bluesky's own search box; several plain words are "
        "taken as one phrase",
        examples=[["Harbour Coffee"], ['"harbour coffee" lang:en', "#harbourcoffee"]],
    )
    languages: tuple[Annotated[str, Field(pattern="^[a-z]{2}(-[A-Za-z]+)?$")], ...] = Field(
        default=(),
        max_length=3,
        description="The languages of an answer where the post does not name its own",
        examples=[["en"], ["de"]],
    )
    history_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="How many days back the first poll searches",
        examples=[30, 365],
    )
    base_url: WebAddress = Field(
        default=SERVICE,
        description="The server of your account; the usual one tells by itself where the account "
        "lives, any other is used as it is",
        examples=[SERVICE, "https://pds.example.org"],
    )
    public_url: WebAddress | None = Field(
        default=None,
        description="Where to search without an account; follows `base_url` where that is "
        "changed. Bluesky closes this search at times",
        examples=[PUBLIC],
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.identifier) != (self.app_password is not None):
            raise ValueError("identifier and app_password belong together")
        if not self.queries and not (self.identifier and self.notifications):
            raise ValueError("without an account there must be something under queries")
        return self

    @property
    def has_account(self) -> bool:
        return bool(self.identifier)

    def is_usual(self) -> bool:
        """Tell whether `base_url` is Bluesky's own server."""
        return self.base_url.rstrip("/") == SERVICE

    def public_host(self) -> str:
        """Return where to search without an account, without a slash at its end."""
        return (self.public_url or (PUBLIC if self.is_usual() else self.base_url)).rstrip("/")
