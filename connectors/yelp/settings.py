"""What a person may say about a business at Yelp."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

API = "https://api.yelp.com"
PARTNER_API = "https://partner-api.yelp.com"


class YelpSettings(WebSettings):
    """One business, the key to read it with, and a partner's credentials where there are some."""

    business_id: Annotated[str, StringConstraints(pattern=r"^[^\s/?#%\\]{1,200}$")] = Field(
        description="The id or alias of the business; the alias ends its address on Yelp",
        examples=["gary-danko-san-francisco", "WavvLdfdP6g8aZTtbBQHTw"],
    )
    api_key: Secret = Field(
        description="Reference to the API key of your app at Yelp",
        examples=["env:YELP_API_KEY", "file:/run/secrets/yelp"],
    )
    locale: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}_[A-Z]{2}$")] | None = Field(
        default=None,
        description="Show the reviews in the language of this locale; without it Yelp's own choice",
        examples=["en_US", "de_DE"],
    )
    sort_by: Literal["yelp_sort", "newest"] = Field(
        default="yelp_sort",
        description="Which reviews Yelp shows first; `newest` is not documented any more",
        examples=["yelp_sort", "newest"],
    )
    calls_per_day: int = Field(
        default=300,
        ge=10,
        description="How many calls a day the plan includes; the trial has 300",
        examples=[300, 5000],
    )
    partner_client_id: str | None = Field(
        default=None,
        description="The partner's client id, for answering; needs a contract with Yelp",
        examples=["zLC3kIq0..."],
    )
    partner_client_secret: Secret | None = Field(
        default=None,
        description="Reference to the partner's client secret",
        examples=["env:YELP_PARTNER_SECRET"],
    )
    partner_refresh_token: Secret | None = Field(
        default=None,
        description="Reference to the refresh token that the business owner's consent gave; "
        "its successors are kept by Rapport",
        examples=["env:YELP_PARTNER_REFRESH"],
    )
    base_url: WebAddress = Field(default=API, description="Where the Places API is", examples=[API])
    partner_url: WebAddress | None = Field(
        default=None,
        description="Where the partner API is; follows base_url unless that is Yelp's own",
        examples=[PARTNER_API],
    )

    @model_validator(mode="after")
    def _partner_is_whole(self) -> YelpSettings:
        said = (self.partner_client_id, self.partner_client_secret, self.partner_refresh_token)
        if any(said) and not all(said):
            raise ValueError(
                "partner_client_id, partner_client_secret and partner_refresh_token go together"
            )
        return self

    @property
    def may_answer(self) -> bool:
        """Whether a partner's credentials are there."""
        return self.partner_refresh_token is not None

    @property
    def partner_base(self) -> str:
        """Where the partner API is."""
        if self.partner_url:
            return self.partner_url.rstrip("/")
        if urlsplit(self.base_url).hostname == urlsplit(API).hostname:
            return PARTNER_API
        return self.base_url.rstrip("/")
