"""What a person may say about an app on Google Play."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.addresses import WebAddress, WebSettings
from connectors.google import TOKEN_URL
from connectors.secrets import Secret

REAL = "https://androidpublisher.googleapis.com"
_PACKAGE = re.compile(r"^[A-Za-z]\w*(\.[A-Za-z]\w*)+$", re.A)


def _package(name: str) -> str:
    name = name.strip()
    if not _PACKAGE.match(name) or len(name) > 200:
        raise ValueError("expected a package name such as com.example.app")
    return name


class GooglePlaySettings(WebSettings):
    """One app in your Play Console."""

    base_url: WebAddress = Field(
        default=REAL,
        description="The address of the API",
        examples=[REAL],
    )
    package_name: Annotated[str, AfterValidator(_package)] = Field(
        description="The package name of the app",
        examples=["com.example.app"],
    )
    service_account: Secret = Field(
        description="Reference to the JSON key of a service account that may reply to reviews; "
        "the file, or the variable, holds the whole JSON",
        examples=["file:/run/secrets/play.json", "env:PLAY_SERVICE_ACCOUNT"],
    )
    token_url: str = Field(
        default="",
        description="Where tokens are asked for; by default Google's own, or at `base_url`",
        examples=[TOKEN_URL],
    )
    reads_per_hour: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="How many reads Google grants an app in an hour",
        examples=[200],
    )
    replies_per_day: int = Field(
        default=2000,
        ge=1,
        le=1_000_000,
        description="How many replies Google grants an app in a day",
        examples=[2000],
    )
