"""The contract, tried on every connector of the registry against its peer.

A connector without a peer in `tests/connectors/peers/` fails here: nothing is shipped untried.
"""

from __future__ import annotations

from importlib import import_module

import pytest

from connectors import registry
from connectors.base import ConnectorKind
from connectors.testing.contract import *  # noqa: F403
from connectors.testing.peers import Peer


@pytest.fixture(params=registry.names())
def kind(request: pytest.FixtureRequest) -> ConnectorKind:
    return registry.load(request.param)


@pytest.fixture
def peer_class(kind: ConnectorKind) -> type[Peer]:
    found: type[Peer] = import_module(f"tests.connectors.peers.{kind.name}").ThisPeer
    return found
