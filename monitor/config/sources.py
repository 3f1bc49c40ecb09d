"""Sources: what is polled; and the inbox: the folder whose files are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pydantic import Field

from monitor.config.values import Date, Duration, Key, Line, Section, YesNo


class Source(Section):
    """One thing polled: a board page, a feed, a search, a file."""

    key: Key = Field(
        description="Short name, unique. What was found belongs to it; `inbox` is taken.",
        examples=["demo-board"],
    )
    connector: str = Field(
        description="Which connector reads it; see the catalogue of connectors.",
        examples=["feed"],
    )
    brand: Key = Field(description="Key of the brand it speaks of.", examples=["harbour"])
    location: Key | None = Field(
        default=None, description="Key of the brand's location it speaks of.", examples=["quay"]
    )
    title: Line | None = Field(
        default=None,
        description="Name shown to staff. Without it, the key.",
        examples=["Quay Street on the review board"],
    )
    account: Key | None = Field(
        default=None,
        description=(
            "Sources that use the same credentials: when the platform asks one of them to wait, "
            "all wait. Without it, the source's own key."
        ),
        examples=["harbour-social"],
    )
    enabled: YesNo = Field(
        default=True,
        description="`false` keeps the source and its mentions and stops polling it.",
        examples=[False],
    )
    every: Duration | None = Field(
        default=None,
        description="How often to poll; at least 1s. Without it, the connector's own pace.",
        examples=["15m"],
    )
    backfill_since: Date | None = Field(
        default=None,
        description=(
            "What was said since this day is news and may open a case. Without it, what stood "
            "there before the first poll is taken in as history; files always begin with news."
        ),
        examples=["2026-01-01"],
    )
    expect_update_every: Duration | None = Field(
        default=None,
        description="Raise an alert when nothing new was found for this long.",
        examples=["7d"],
    )
    settings: Mapping[str, Any] = Field(
        default_factory=dict,
        description="The connector's own settings; see the catalogue of connectors.",
        examples=[{"url": "https://reviews.example/harbour.xml"}],
    )

    @property
    def news_since(self) -> datetime | None:
        """The first moment of `backfill_since`, in UTC."""
        day = self.backfill_since
        return None if day is None else datetime.combine(day, time(), UTC)


class Inbox(Section):
    """A folder watched for CSV and NDJSON files; each row is a mention."""

    path: Line = Field(
        default="inbox",
        description="The folder, from where the configuration stands. Made when missing.",
        examples=["inbox"],
    )
    brand: Key = Field(description="Key of the brand the files speak of.", examples=["harbour"])
    location: Key | None = Field(
        default=None,
        description="Key of the location, for rows that name none.",
        examples=["quay"],
    )
    every: Duration = Field(
        default=timedelta(seconds=5),
        description="How often to look for new or changed files; at least 1s.",
        examples=["5s"],
    )
