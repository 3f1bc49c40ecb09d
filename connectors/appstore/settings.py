"""What a person may say about an app whose public reviews are read."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from connectors.addresses import WebAddress, WebSettings

_COUNTRY = re.compile(r"^[a-z]{2}$")


def _country(code: str) -> str:
    code = code.strip().lower()
    if not _COUNTRY.match(code):
        raise ValueError("expected a country code of two letters such as us")
    return code


def _each_once(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))


class AppStoreSettings(WebSettings):
    """One app, and the stores to read its reviews from."""

    app_id: Annotated[str, StringConstraints(pattern=r"^\d{1,20}$")] = Field(
        description="The number of the app: what follows `id` in its address in the App Store",
        examples=["497799835"],
    )
    countries: Annotated[
        tuple[Annotated[str, AfterValidator(_country)], ...], AfterValidator(_each_once)
    ] = Field(
        default=("us",),
        min_length=1,
        max_length=40,
        description="The stores to read, by their country codes; each is one request or more",
        examples=[["us", "gb", "de"]],
    )
    pages: int = Field(
        default=10,
        ge=1,
        le=10,
        description="How many pages of 50 reviews to read at most; Apple shows no more than 10",
        examples=[10, 3],
    )
    calls_per_minute: int = Field(
        default=20,
        ge=1,
        le=600,
        description="How many requests a minute to make at most; Apple states no limit",
        examples=[20],
    )
    base_url: WebAddress = Field(
        default="https://itunes.apple.com",
        description="Where the feed is",
        examples=["https://itunes.apple.com"],
    )
