"""The contract suite for connectors, for ours and for those of other packages.

A package of its own brings a catalogue entry and a peer: a small fake of its platform. It then
runs everything that is tried on the shipped ones with three lines::

    from connectors.testing.contract import *

    @pytest.fixture
    def kind(): return KIND

    @pytest.fixture
    def peer_class(): return ThisPeer

Needs pytest and jsonschema, and nothing else of Rapport imports it.
"""

import pytest

pytest.register_assert_rewrite("connectors.testing.contract")
