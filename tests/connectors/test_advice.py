"""Every error has advice: the connector's own, else the usual one."""

from __future__ import annotations

import pytest

from connectors import registry
from connectors.advice import USUAL_ADVICE, advice_for
from connectors.base import ConnectorKind
from connectors.errors import AuthFailed, BadSettings, ConnectorError, Rejected
from connectors.safety import AddressRefused


def kind(name: str) -> ConnectorKind:
    return registry.load(name)


def test_advice_is_the_connectors_own_else_the_usual_one() -> None:
    assert "scopes" in advice_for(kind("mastodon"), AuthFailed("x"))
    assert advice_for(kind("mastodon"), BadSettings("x")) == USUAL_ADVICE["BadSettings"]
    assert advice_for(kind("page"), AddressRefused("h")) == advice_for(kind("page"), Rejected("x"))
    assert advice_for(kind("page"), ConnectorError("x")) == ""


@pytest.mark.parametrize("error", ConnectorError.__subclasses__())
def test_every_error_has_usual_advice(error: type[ConnectorError]) -> None:
    assert USUAL_ADVICE[error.__name__]
