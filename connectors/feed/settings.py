"""What a person may say about a feed."""

from __future__ import annotations

from pydantic import Field

from connectors.addresses import WebAddress, WebSettings


class FeedSettings(WebSettings):
    """An RSS, Atom or JSON feed."""

    url: WebAddress = Field(
        description="The address of the feed",
        examples=["https://www.example.com/feed.xml", "https://www.google.com/alerts/feeds/1/2"],
    )
