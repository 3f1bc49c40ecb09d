"""What a person may say about an app in App Store Connect."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

Territory = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class AppStoreConnectSettings(WebSettings):
    """One app of yours, and the API key to read and answer its reviews with."""

    app_id: Annotated[str, StringConstraints(pattern=r"^\d{1,20}$")] = Field(
        description="The number of the app, under App Information in App Store Connect",
        examples=["497799835"],
    )
    key_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,40}$")] = Field(
        description="The id of the API key (Users and Access, Integrations)",
        examples=["2X9R4HXF34"],
    )
    issuer_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,60}$")] | None = Field(
        default=None,
        description="The issuer id above the list of team keys; an individual key has none",
        examples=["57246542-96fe-1a63-e053-0824d011072a"],
    )
    private_key: Secret = Field(
        description="Reference to the key's .p8 file, or to a variable that holds its text",
        examples=["file:/run/secrets/AuthKey_2X9R4HXF34.p8", "env:APPSTORE_CONNECT_KEY"],
    )
    territories: tuple[Territory, ...] = Field(
        default=(),
        max_length=60,
        description="Read only the reviews of these stores (ISO 3166 alpha-3); empty means all",
        examples=[["USA", "GBR"], []],
    )
    reread_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="Once a day the reviews of so many days are read again, for answers that "
        "were given elsewhere",
        examples=[30],
    )
    calls_per_hour: int = Field(
        default=3_500,
        ge=10,
        description="How many calls an hour to make at most; Apple allows 3,500 to an account",
        examples=[3_500],
    )
    base_url: WebAddress = Field(
        default="https://api.appstoreconnect.apple.com",
        description="Where the API is",
        examples=["https://api.appstoreconnect.apple.com"],
    )
