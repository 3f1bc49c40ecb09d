"""What a person may say about a file: where it is, and how to read it where guessing fails."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.base import ConnectorSettings, MentionKind


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error
    return name


def _known_encoding(name: str) -> str:
    if name == "auto":
        return name
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"unknown encoding {name!r}") from error


def _column(description: str, *examples: str) -> str | None:
    found: str | None = Field(default=None, description=description, examples=list(examples))
    return found


class Columns(BaseModel):
    """Names of columns (or of keys in NDJSON, or JSON Pointers such as ``/user/name``).

    What is not named is recognised by its usual names; an empty name switches a field off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str | None = _column("The review's own id; without one, its content tells it apart", "ref")
    author: str | None = _column("The customer's name", "customer")
    text: str | None = _column("What the customer wrote", "remarks")
    title: str | None = _column("The headline", "subject")
    rating: str | None = _column("The rating: 4, 4,5, 4/5 or 4 stars", "stars")
    rating_max: str | None = _column("The best possible rating, row by row", "out of")
    url: str | None = _column("A link to the review", "link")
    created_at: str | None = _column("When it was written", "date")
    updated_at: str | None = _column("When it was last changed", "changed")
    language: str | None = _column("The language it is written in", "lang")
    location: str | None = _column("Which of your places it is about", "branch")
    action: str | None = _column("created, edited or deleted", "event")
    reply: str | None = _column("The answer that was already given", "our answer")
    reply_at: str | None = _column("When that answer was given", "answered")


class FileSettings(ConnectorSettings):
    """A CSV or NDJSON file, or a folder of them."""

    path: str = Field(
        min_length=1,
        description="The file, or the folder whose CSV and NDJSON files are read",
        examples=["reviews.csv", "exports/"],
    )
    columns: Columns = Field(
        default=Columns(),
        description="Names of columns that are not recognised by themselves",
        examples=[{"text": "remarks", "rating": "stars"}],
    )
    encoding: Annotated[str, AfterValidator(_known_encoding)] = Field(
        default="auto",
        description="Character encoding; auto knows UTF-8, UTF-16 and Windows-1252",
        examples=["auto", "utf-16", "latin-1"],
    )
    delimiter: Literal["auto", ",", ";", "\t", "|"] = Field(
        default="auto",
        description="What stands between two columns",
        examples=["auto", ";"],
    )
    rating_max: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        description="The best possible rating; by default 5, 10 or 100, whichever holds them all",
        examples=[5, 10],
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC",
        description="The time zone of times that do not name one",
        examples=["Europe/Berlin"],
    )
    date_order: Literal["auto", "day_first", "month_first"] = Field(
        default="auto",
        description="How to read 03/04/2026; auto looks for a number above twelve",
        examples=["auto", "month_first"],
    )
    kind: MentionKind = Field(
        default="review",
        description="What each row is",
        examples=["review", "comment"],
    )
