"""Small connectors that take the place of the shipped ones, through the real registry."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest
from pydantic import Field, field_validator, model_validator

from connectors import registry
from connectors.base import Capabilities, ConnectorKind, ConnectorSettings
from connectors.errors import BadSettings
from connectors.secrets import Secret
from monitor.config import Problem, check_text


class BoardSettings(ConnectorSettings):
    base_url: str = Field(description="Where the board is.", examples=["https://board.example"])
    board: Literal["reviews", "feed"] = Field(default="reviews", description="Which part.")
    allow_private_addresses: bool = Field(default=False, description="For tests.")


class Login(ConnectorSettings):
    user: str = Field(description="Who.")
    password: Secret = Field(description="The password, as a reference.")


class SocialSettings(ConnectorSettings):
    instance: str = Field(description="The server.", examples=["https://social.example"])
    token: Secret = Field(description="The token, as a reference.", examples=["env:SOCIAL_TOKEN"])
    logins: tuple[Login, ...] = Field(default=(), description="More people.")
    pages: int = Field(default=3, ge=1, le=9, description="How many pages.")
    tag: str | None = Field(default=None, description="Only this tag.")
    search: str | None = Field(default=None, description="Only this search.")

    @field_validator("instance")
    @classmethod
    def _https(cls, value: str) -> str:
        if not value.startswith("https://"):
            raise ValueError("the instance needs https.")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> SocialSettings:
        if self.tag and self.search:
            raise ValueError("tag and search exclude each other")
        if self.tag == "missing-file":
            raise BadSettings("the list of tags is missing")
        if self.tag == "broken":
            raise KeyError("a mistake in the connector")
        return self


def _kind(name: str, settings: type[ConnectorSettings]) -> ConnectorKind:
    def build(settings: Any, context: Any, /) -> Any:
        raise AssertionError("checking a configuration must not open a connector")

    return ConnectorKind(
        name=name,
        title=f"The {name}",
        category="tests",
        summary="Stands in for a platform.",
        settings=settings,
        capabilities=Capabilities(),
        build=build,
        default_every=timedelta(minutes=7),
    )


@pytest.fixture
def connectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped connectors are `demo` (a board) and `mastodon` (with secrets); no others load."""
    for name in registry.SHIPPED:
        monkeypatch.setitem(sys.modules, f"connectors.{name}", None)  # import raises ImportError
    for name, settings in (("demo", BoardSettings), ("mastodon", SocialSettings)):
        module = ModuleType(f"connectors.{name}")
        module.__dict__["KIND"] = _kind(name, settings)
        monkeypatch.setitem(sys.modules, f"connectors.{name}", module)


@pytest.fixture
def check(connectors: None) -> Callable[..., list[Problem]]:
    """Check a text with an empty environment unless one is given."""

    def run(text: str, environ: Mapping[str, str] | None = None) -> list[Problem]:
        return check_text(text, "config.yaml", environ=environ or {})

    return run


@pytest.fixture
def root() -> Path:
    """The folder of the repository."""
    return Path(__file__).resolve().parents[3]
