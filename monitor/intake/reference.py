"""What a connector needs to find a stored mention again."""

from __future__ import annotations

from connectors.base import MentionRef
from monitor.models import Mention


def reference(mention: Mention) -> MentionRef:
    """Return what a connector needs to find this mention again."""
    return MentionRef(
        external_id=mention.external_id,
        url=mention.url,
        author_name=mention.author_name,
        author_id=mention.author.external_id if mention.author else "",
        parent_external_id=mention.parent_external_id,
        language=mention.language,
        raw=mention.raw or {},
    )
