"""Believes a deletion only when a direct read confirms it."""

from __future__ import annotations

from connectors.base import Connector, MentionRef
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    NotSupported,
    RateLimited,
    Unavailable,
)


def is_gone(connector: Connector, ref: MentionRef) -> bool:
    """Confirm a deletion by a direct read; the listing's word stands where none is offered.

    A read that the platform refuses for good confirms nothing, and must not keep the rest of
    the page from being stored. What may work later is raised: the page is fetched again.
    """
    try:
        found = connector.read(ref)
    except (NotSupported, Gone):
        return True
    except (RateLimited, Unavailable, AuthFailed):
        raise
    except ConnectorError:
        return False
    return found is None or found.deleted
