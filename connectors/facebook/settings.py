"""What a person may say about a Facebook Page."""

from __future__ import annotations

from pydantic import Field

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

GRAPH = "https://graph.facebook.com/v26.0"


class FacebookSettings(WebSettings):
    """One Page, the token that speaks for it, and which of its posts to watch."""

    base_url: WebAddress = Field(
        default=GRAPH,
        description="The Graph API with its version",
        examples=[GRAPH],
    )
    page_id: str = Field(
        pattern=r"^[0-9]{1,40}$",
        description="The Page's number (About, Page transparency; or GET /me/accounts)",
        examples=["106512345678901"],
    )
    token: Secret = Field(
        description="Reference to the Page's access token (permissions pages_show_list, "
        "pages_read_engagement, pages_read_user_content, pages_manage_engagement)",
        examples=["env:FACEBOOK_PAGE_TOKEN"],
    )
    app_secret: Secret | None = Field(
        default=None,
        description="Reference to the app's secret: proves each call (appsecret_proof) and "
        "checks the signature of webhook deliveries",
        examples=["env:FACEBOOK_APP_SECRET"],
    )
    verify_token: Secret | None = Field(
        default=None,
        description="Reference to the word that you typed as verify token of the webhook",
        examples=["env:FACEBOOK_VERIFY_TOKEN"],
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
    visitor_posts: bool = Field(
        default=True,
        description="Also read what others post on the Page themselves",
        examples=[True, False],
    )
    tagged: bool = Field(
        default=False,
        description="Also read public posts elsewhere that tag the Page",
        examples=[False, True],
    )
    calls_an_hour: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="How many calls all sources of this Page together may make in an hour",
        examples=[200],
    )
