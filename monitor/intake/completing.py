"""Reads at the platform what a delivery tells of without its words."""

from __future__ import annotations

from connectors.base import Connector, FoundMention, MentionRef
from connectors.errors import (
    AuthFailed,
    ConnectorError,
    Gone,
    NotSupported,
    RateLimited,
    Unavailable,
)


def is_wordless(found: FoundMention) -> bool:
    """Tell whether somebody is said to have spoken, and not what was said."""
    return not (found.deleted or found.text or found.title or found.rating is not None)


def completed(found: FoundMention, connector: Connector, *, late: bool = False) -> FoundMention:
    """Return `found` with its words, where they were not told and the platform shows them.

    `late`: it had to wait, so words that tell no time of their own are read anew as well. What
    is no longer there is told as deleted. What may work later is raised; where the platform
    shows nothing, there are no other words to be had.
    """
    timeless = late and found.edited_at is None and not found.deleted
    if not (is_wordless(found) or timeless):
        return found
    ref = MentionRef(
        external_id=found.external_id,
        url=found.url,
        author_name=found.author_name,
        author_id=found.author_id,
        parent_external_id=found.parent_external_id,
        language=found.language,
        raw=found.raw or {},
    )
    try:
        read = connector.read(ref)
    except NotSupported:
        return found
    except Gone:
        read = None
    except (RateLimited, Unavailable, AuthFailed):
        raise
    except ConnectorError:
        return found
    if read is None or read.deleted:
        return FoundMention(found.external_id, "", kind=found.kind, url=found.url, deleted=True)
    read.external_id = found.external_id  # some answer under another spelling of it
    read.kind = found.kind
    read.author_name = read.author_name or found.author_name
    read.author_id = read.author_id or found.author_id
    read.url = read.url or found.url
    read.parent_external_id = read.parent_external_id or found.parent_external_id
    read.created_at = read.created_at or found.created_at
    read.addressed_to_us = read.addressed_to_us or found.addressed_to_us
    read.raw = found.raw if read.raw is None else read.raw
    return read
