"""What a person may say about an X account, and what it may cost."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

API = "https://api.x.com/2"


class XSettings(WebSettings):
    """What to read from X, as whom to answer, and the prices.

    The prices are those that X published for paying by use; change them when X does.
    """

    base_url: WebAddress = Field(
        default=API, description="The API with its version", examples=[API]
    )
    bearer_token: Secret = Field(
        description="Reference to the app's bearer token, for reading",
        examples=["env:X_BEARER_TOKEN"],
    )
    user_id: str = Field(
        default="",
        pattern=r"^[0-9]{0,20}$",
        description="The number of your account; its mentions are read",
        examples=["2244994945"],
    )
    username: str = Field(
        default="",
        pattern=r"^@?\w{0,15}$",
        description="The name of your account; tells whether a post found by search speaks to you",
        examples=["harbourcoffee"],
    )
    mentions: bool = Field(
        default=True,
        description="Read the posts that mention your account (needs `user_id`)",
        examples=[True, False],
    )
    query: str = Field(
        default="",
        max_length=512,
        description="Also search the last seven days; X's own search operators",
        examples=['"Harbour Coffee" -is:retweet lang:en', ""],
    )
    client_id: str = Field(
        default="",
        max_length=200,
        description="The app's OAuth 2.0 client id, for answering",
        examples=["M1M5R3BMVy13QmpScXkzTUt5OE46MTpjaQ"],
    )
    client_secret: Secret | None = Field(
        default=None,
        description="Reference to the OAuth 2.0 client secret; only confidential apps have one",
        examples=["env:X_CLIENT_SECRET"],
    )
    refresh_token: Secret | None = Field(
        default=None,
        description="Reference to a refresh token of your account (scopes tweet.read, "
        "users.read, tweet.write, offline.access); without it answers are posted by hand",
        examples=["env:X_REFRESH_TOKEN"],
    )
    token_url: str = Field(
        default="",
        description="Where tokens are renewed; beside base_url where it is left out",
        examples=["https://api.x.com/2/oauth2/token", ""],
    )
    history_days: int | None = Field(
        default=None,
        ge=0,
        le=365,
        description="How many days the first reading reaches back; all that X has (800 mentions, "
        "7 days of a search) where it is left out, which is paid for as well",
        examples=[7, 0],
    )
    daily_cap: float = Field(
        default=5.0,
        gt=0,
        le=100_000,
        description="Dollars that all sources of this account may use in any 24 hours: half of "
        "them at once, the rest as the day goes on; a tenth is kept for answers",
        examples=[5, 0.5],
    )
    page_size: int = Field(
        default=100,
        ge=10,
        le=100,
        description="Posts asked for at once; the cap can be overrun by one such page",
        examples=[100, 10],
    )
    author_names: bool = Field(
        default=True,
        description="Also ask who wrote each post, which X charges as reading a user",
        examples=[True, False],
    )
    price_post: float = Field(
        default=0.005, ge=0, description="Dollars for reading a post", examples=[0.005]
    )
    price_owned: float = Field(
        default=0.001,
        ge=0,
        description="Dollars for reading a post of, or a mention of, your own account",
        examples=[0.001],
    )
    price_user: float = Field(
        default=0.010, ge=0, description="Dollars for reading a user", examples=[0.01]
    )
    price_reply: float = Field(
        default=0.010,
        ge=0,
        description="Dollars for an answer to somebody who spoke to you",
        examples=[0.01],
    )
    price_reply_with_link: float = Field(
        default=0.200, ge=0, description="Dollars for a post with a link", examples=[0.2]
    )

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if not self.query.strip() and not (self.mentions and self.user_id):
            raise ValueError("give `user_id` to read its mentions, or a `query`, or both")
        if self.refresh_token is not None and not self.client_id:
            raise ValueError("renewing a token needs `client_id` as well")
        return self

    @property
    def own_name(self) -> str:
        """The name of our account without the sign in front."""
        return self.username.removeprefix("@")

    @property
    def may_answer(self) -> bool:
        """Whether there is a token to write with."""
        return self.refresh_token is not None
