"""What a person may say about a Discourse forum."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret


def _searchable(words: str) -> str:
    words = " ".join(words.split())
    if not 3 <= len(words) <= 200:
        raise ValueError("a forum searches for 3 to 200 characters")
    return words


Search = Annotated[str, AfterValidator(_searchable)]


class DiscourseSettings(WebSettings):
    """A forum, what of it to read, and the account that answers there."""

    base_url: WebAddress = Field(
        description="The address of the forum, with its folder where it lies in one",
        examples=["https://forum.example.com"],
    )
    api_key: Secret | None = Field(
        default=None,
        description="Reference to an API key made by the forum's administrator (Admin, API, Keys; "
        "a user key, read and posts:create); public forums are read without one",
        examples=["env:FORUM_KEY", "file:/run/secrets/forum"],
    )
    user_api_key: Secret | None = Field(
        default=None,
        description="Reference to a user API key, which a member makes without an administrator",
        examples=["env:FORUM_USER_KEY"],
    )
    username: str = Field(
        default="",
        max_length=60,
        description="The account that the API key acts as; its own posts are not mentions",
        examples=["harbour_coffee"],
    )
    colleagues: tuple[str, ...] = Field(
        default=(),
        max_length=100,
        description="Further accounts of your own people, whose posts are not mentions",
        examples=[["mara_harbour"], []],
    )
    posts: bool = Field(
        default=True,
        description="Read every new post; turn it off where only the searches matter",
        examples=[True, False],
    )
    searches: tuple[Search, ...] = Field(
        default=(),
        max_length=20,
        description="Words to search the forum for, in its own search language",
        examples=[["harbour coffee"], []],
    )
    notifications: bool = Field(
        default=False,
        description="Also read what mentions, quotes or answers your account; needs a key",
        examples=[False, True],
    )
    categories: tuple[int, ...] = Field(
        default=(),
        max_length=100,
        description="Read new posts of these categories only, by their numbers; empty means all",
        examples=[[5, 12], []],
    )
    history_posts: int = Field(
        default=2000,
        ge=50,
        le=1_000_000,
        description="How many of the newest posts and hits the first run takes as history",
        examples=[2000],
    )
    shortest_reply: int = Field(
        default=20,
        ge=1,
        le=1000,
        description="The forum's own `min post length`; 20 unless its administrator changed it",
        examples=[20],
    )
    longest_reply: int = Field(
        default=32_000,
        ge=100,
        le=150_000,
        description="The forum's own `max post length`; 32,000 unless it was changed",
        examples=[32_000],
    )
    webhook_secret: Secret | None = Field(
        default=None,
        description="Reference to the secret of the webhook, where the forum sends posts itself",
        examples=["env:FORUM_HOOK_SECRET"],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.api_key is not None and self.user_api_key is not None:
            raise ValueError("give either api_key or user_api_key, not both")
        if self.api_key is not None and not self.username:
            raise ValueError("an api_key acts as somebody: give the username as well")
        if self.notifications and not self.has_key:
            raise ValueError("notifications belong to an account: give a key")
        if not (self.posts or self.searches or self.notifications):
            raise ValueError("nothing is read: turn posts on, or give searches")
        return self

    @property
    def has_key(self) -> bool:
        """Whether the settings name an account to act as."""
        return self.api_key is not None or self.user_api_key is not None

    @property
    def own_names(self) -> frozenset[str]:
        """The accounts whose posts are ours, in lower case."""
        return frozenset(name.casefold() for name in (self.username, *self.colleagues) if name)
