"""What a person may say about a Mastodon account."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

_TAG = re.compile(r"^\w{1,100}$")


def _bare_tag(tag: str) -> str:
    tag = tag.strip().removeprefix("#")
    if not _TAG.match(tag):
        raise ValueError("expected a hashtag such as harbourcoffee")
    return tag


class MastodonSettings(WebSettings):
    """One account on a Mastodon server, and what of it to follow."""

    base_url: WebAddress = Field(
        description="The address of the server where your account is",
        examples=["https://mastodon.social"],
    )
    token: Secret = Field(
        description="Reference to the access token (Preferences, Development, New application; "
        "scopes read:notifications, read:statuses, read:accounts, write:statuses)",
        examples=["env:MASTODON_TOKEN", "file:/run/secrets/mastodon"],
    )
    mentions: bool = Field(
        default=True,
        description="Read the posts that mention your account",
        examples=[True, False],
    )
    tags: tuple[Annotated[str, AfterValidator(_bare_tag)], ...] = Field(
        default=(),
        max_length=20,
        description="Hashtags to read as well; answering strangers unasked is bad form",
        examples=[["harbourcoffee"], []],
    )
    visibility: Literal["public", "unlisted", "private", "direct"] = Field(
        default="public",
        description="The most public that a reply may be; never more public than the post itself",
        examples=["public", "unlisted"],
    )
