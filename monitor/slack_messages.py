"""The platform behind the source that messages of Slack belong to which a person made a case of.

It is polled by nobody: what comes there is brought by the shortcut *Make this a case*. Rapport
never answers a customer in Slack, so a person does.
"""

from __future__ import annotations

from connectors.base import (
    BaseConnector,
    Capabilities,
    Connector,
    ConnectorKind,
    ConnectorSettings,
    Context,
    Cursor,
    Health,
    Page,
)

SLACK = "slack"
"""Key of the source; it is made when the first message is brought."""


class SlackMessages(BaseConnector):
    """Hears nothing by itself."""

    name = SLACK

    def fetch(self, cursor: Cursor) -> Page:
        """Return nothing: whatever is there was brought by a person."""
        return Page((), dict(cursor), unchanged=True)

    def verify(self) -> Health:
        """Say so; whether Slack itself works is proven elsewhere."""
        return Health(True, "messages are brought by people")


def _build(_settings: ConnectorSettings, _context: Context) -> Connector:
    return SlackMessages()


KIND = ConnectorKind(
    name=SLACK,
    begins_with_history=False,
    title="Slack",
    category="staff",
    summary="Messages that a person made a case of, with the shortcut in Slack",
    settings=ConnectorSettings,
    # What colleagues write to each other is shown to no language model.
    capabilities=Capabilities(reply_mode="manual", may_use_ai=False),
    build=_build,
    advice={"NotSupported": "Rapport answers no customer there: write to them yourself."},
)
