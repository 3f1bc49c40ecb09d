"""What a person may say about a company at Trustpilot."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

Ident = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class TrustpilotSettings(WebSettings):
    """One business unit, and what of its application's rights to use."""

    business_unit_id: Ident = Field(
        description="The id of the business unit, as /v1/business-units/find tells it",
        examples=["46d6a890ffa235a75b00021d"],
    )
    api_key: Secret = Field(
        description="Reference to the application's API key",
        examples=["env:TRUSTPILOT_KEY", "file:/run/secrets/trustpilot_key"],
    )
    api_secret: Secret | None = Field(
        default=None,
        description="Reference to the application's secret; with it the private list is read, "
        "which knows order numbers and locations, and answers can be given",
        examples=["env:TRUSTPILOT_SECRET"],
    )
    author_business_user_id: Ident | None = Field(
        default=None,
        description="The id of the business user in whose name answers are given",
        examples=["5e3de1b45fb06f0001790b50"],
    )
    webhook_secret: Secret | None = Field(
        default=None,
        description="Reference to a secret of your choice that Trustpilot's webhook carries, in "
        "its address as ?secret=… or as the password of Basic authentication",
        examples=["env:TRUSTPILOT_WEBHOOK"],
    )
    calls_per_year: int = Field(
        default=200_000,
        ge=0,
        description="How many calls a year the plan includes; 0 means without limit",
        examples=[200_000, 1_000_000, 0],
    )
    reread_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Once a day the reviews of so many days are read again, for their edits",
        examples=[30],
    )
    max_reply_length: int = Field(
        default=10_000,
        ge=1,
        description="How long a reply may be; Trustpilot states no limit",
        examples=[10_000],
    )
    base_url: WebAddress = Field(
        default="https://api.trustpilot.com",
        description="Where the API is",
        examples=["https://api.trustpilot.com"],
    )

    @model_validator(mode="after")
    def _answers_need_the_secret(self) -> TrustpilotSettings:
        if self.author_business_user_id and self.api_secret is None:
            raise ValueError("author_business_user_id needs api_secret as well")
        return self

    @property
    def may_answer(self) -> bool:
        """Whether all is there that an answer needs."""
        return self.api_secret is not None and self.author_business_user_id is not None
