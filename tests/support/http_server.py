"""Moved to `connectors.testing.http_server`."""

from connectors.testing.http_server import *  # noqa: F403
