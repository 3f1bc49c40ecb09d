"""What a person may say about an Instagram account."""

from __future__ import annotations

from pydantic import Field

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

INSTAGRAM_LOGIN = "https://graph.instagram.com/v26.0"
FACEBOOK_LOGIN = "https://graph.facebook.com/v26.0"


class InstagramSettings(WebSettings):
    """One professional account, the token that speaks for it, and which posts to watch."""

    base_url: WebAddress = Field(
        default=INSTAGRAM_LOGIN,
        description="The API with its version: graph.instagram.com for tokens of Instagram "
        "Login, graph.facebook.com for those of Facebook Login",
        examples=[INSTAGRAM_LOGIN, FACEBOOK_LOGIN],
    )
    user_id: str = Field(
        default="me",
        pattern=r"^(?:me|[0-9]{1,40})$",
        description="The number of the professional account (GET /me?fields=user_id); `me` "
        "works with Instagram Login only",
        examples=["17841400000000000", "me"],
    )
    token: Secret = Field(
        description="Reference to the access token (instagram_business_basic and "
        "instagram_business_manage_comments, or instagram_basic, instagram_manage_comments and "
        "pages_read_engagement)",
        examples=["env:INSTAGRAM_TOKEN"],
    )
    renew_token: bool = Field(
        default=False,
        description="Renew the token of Instagram Login every week, so that it does not end "
        "after 60 days; the renewed one is kept sealed",
        examples=[True, False],
    )
    app_secret: Secret | None = Field(
        default=None,
        description="Reference to the app's secret: checks the signature of webhook deliveries",
        examples=["env:INSTAGRAM_APP_SECRET"],
    )
    prove_calls: bool = Field(
        default=False,
        description="Also prove each call with the app's secret (appsecret_proof), where the "
        "app requires it",
        examples=[False, True],
    )
    verify_token: Secret | None = Field(
        default=None,
        description="Reference to the word that you typed as verify token of the webhook",
        examples=["env:INSTAGRAM_VERIFY_TOKEN"],
    )
    username: str = Field(
        default="",
        pattern=r"^@?[A-Za-z0-9._]{0,30}$",
        description="The account's name; asked for where it is left out",
        examples=["harbourcoffee"],
    )
    watch_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Comments are looked for under posts of so many days; the 25 newest posts "
        "are watched however old they are",
        examples=[30, 90],
    )
    most_posts: int = Field(
        default=100,
        ge=1,
        le=500,
        description="At most so many posts are watched; the first reading goes through as many",
        examples=[100, 25],
    )
    most_hashtags: int = Field(
        default=4, ge=0, le=30, description="Hashtags that a reply may have", examples=[4]
    )
    most_links: int = Field(
        default=1, ge=0, le=10, description="Links that a reply may have", examples=[1]
    )
    calls_an_hour: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="How many calls all sources of this account together may make in an hour",
        examples=[200],
    )
