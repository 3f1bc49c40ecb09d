"""What a person may say about a place on Tripadvisor."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

API = "https://api.content.tripadvisor.com/api/v1"
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(?:_[A-Z]{2})?$")]


class TripadvisorSettings(WebSettings):
    """One place, and the key to read it with."""

    location_id: Annotated[str, StringConstraints(pattern=r"^\d{1,15}$")] = Field(
        description="The number of the place: what follows -d in its address on Tripadvisor",
        examples=["25234055"],
    )
    api_key: Secret = Field(
        description="Reference to the Content API key",
        examples=["env:TRIPADVISOR_KEY", "file:/run/secrets/tripadvisor"],
    )
    languages: tuple[Language, ...] = Field(
        default=("en",),
        min_length=1,
        max_length=20,
        description="Languages to read; each is one call and shows its five newest reviews",
        examples=[["en", "de"]],
    )
    referer: WebAddress | None = Field(
        default=None,
        description="An address of the domain that the key is bound to, where it is bound to one",
        examples=["https://www.example.com/"],
    )
    calls_per_month: int = Field(
        default=5_000,
        ge=50,
        description="How many calls a month to make at most; 5,000 are free",
        examples=[5_000],
    )
    base_url: WebAddress = Field(
        default=API, description="Where the Content API is", examples=[API]
    )
