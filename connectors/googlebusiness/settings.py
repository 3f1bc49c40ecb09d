"""What a person may say about a Google Business Profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.addresses import WebAddress, WebSettings
from connectors.google import TOKEN_URL, beside
from connectors.secrets import Secret

REAL = "https://mybusiness.googleapis.com"
ACCOUNTS = "https://mybusinessaccountmanagement.googleapis.com/v1"
INFORMATION = "https://mybusinessbusinessinformation.googleapis.com/v1"
ACCOUNT = re.compile(r"^accounts/[\w-]{1,64}\Z", re.A)
LOCATION = re.compile(r"^accounts/[\w-]{1,64}/locations/[\w-]{1,64}\Z", re.A)


def _location(name: str) -> str:
    name = name.strip().strip("/")
    if not LOCATION.match(name):
        raise ValueError("expected a location such as accounts/111/locations/222")
    return name


class GoogleBusinessSettings(WebSettings):
    """One Google account that manages profiles, and which of its locations to read."""

    base_url: WebAddress = Field(
        default=REAL,
        description="The address of the API",
        examples=[REAL],
    )
    client_id: Secret = Field(
        description="Reference to the id of the OAuth client of your Cloud project",
        examples=["env:GOOGLE_CLIENT_ID"],
    )
    client_secret: Secret = Field(
        description="Reference to the secret of the OAuth client",
        examples=["env:GOOGLE_CLIENT_SECRET", "file:/run/secrets/google"],
    )
    refresh_token: Secret = Field(
        description="Reference to a refresh token with the scope "
        "https://www.googleapis.com/auth/business.manage",
        examples=["env:GOOGLE_REFRESH_TOKEN"],
    )
    locations: tuple[Annotated[str, AfterValidator(_location)], ...] = Field(
        default=(),
        max_length=1000,
        description="The locations to read; `rapport check` lists them where none is named",
        examples=[["accounts/111/locations/222"]],
    )
    names: Mapping[str, str] = Field(
        default={},
        description="Your own names of the locations, as the configuration has them",
        examples=[{"accounts/111/locations/222": "Harbour"}],
    )
    token_url: str = Field(
        default="",
        description="Where tokens are asked for; by default Google's own, or at `base_url`",
        examples=[TOKEN_URL],
    )
    accounts_url: str = Field(
        default="",
        description="The API that lists accounts; by default Google's own, or at `base_url`",
        examples=[ACCOUNTS],
    )
    information_url: str = Field(
        default="",
        description="The API that lists locations; by default Google's own, or at `base_url`",
        examples=[INFORMATION],
    )
    calls_per_minute: int = Field(
        default=300,
        ge=1,
        le=10_000,
        description="What your project is granted; 300 after approval",
        examples=[300],
    )

    def beside(self, given: str, real: str) -> str:
        """Return the address of another of Google's services, see `connectors.google.beside`."""
        return beside(self.base_url, REAL, given, real)
