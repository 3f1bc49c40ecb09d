"""What a person may say about a WooCommerce shop."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret


class WooCommerceSettings(WebSettings):
    """A shop, the key that reads its reviews, and the user who answers."""

    base_url: WebAddress = Field(
        description="The address of the shop, with its folder where WordPress lies in one; use "
        "https, for the key travels with every request",
        examples=["https://shop.example.com"],
    )
    consumer_key: Secret = Field(
        description="Reference to the consumer key (WooCommerce, Settings, Advanced, REST API; "
        "permission Read)",
        examples=["env:SHOP_KEY"],
    )
    consumer_secret: Secret = Field(
        description="Reference to the consumer secret that belongs to the key",
        examples=["env:SHOP_SECRET"],
    )
    wordpress_user: str = Field(
        default="",
        max_length=100,
        description="The WordPress user who answers; must be allowed to moderate comments",
        examples=["mara"],
    )
    application_password: Secret | None = Field(
        default=None,
        description="Reference to an application password of that user (Users, Profile)",
        examples=["env:SHOP_PASSWORD"],
    )
    comments: bool = Field(
        default=False,
        description="Also read the comments below posts, and what customers write below reviews",
        examples=[False, True],
    )
    recheck_days: int = Field(
        default=14,
        ge=2,
        le=365,
        description="Reviews of so many days are listed again and again, to see edits",
        examples=[14],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if bool(self.wordpress_user) != (self.application_password is not None):
            raise ValueError("wordpress_user and application_password go together")
        return self
