"""Moved to `connectors.testing.peers`."""

from connectors.testing.peers import *  # noqa: F403
