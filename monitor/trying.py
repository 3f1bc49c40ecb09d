"""Finds, judges and drafts without storing anything: what `rapport try` shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from connectors.base import ConnectorKind, Context, FoundMention, Page
from connectors.errors import ConnectorError, LayoutChanged, Rejected
from connectors.file import read_file
from connectors.links import recognise
from connectors.registry import load
from connectors.safety import AddressRefused
from monitor.assess import Assessment, Assessor
from monitor.intake.sighting import clean, fraction
from responders.claims import is_doubtful, judge_with, named_topics
from responders.drafts import Draft, Drafter, DraftFacts
from responders.voices import Voice

LINKS = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Tried:
    """One mention as it would be taken: what was found, how it reads, what we would answer."""

    found: FoundMention
    judged: Assessment
    draft: Draft | None


class NothingThere(Exception):
    """Neither a file, a feed nor a page with reviews; the message says what was tried."""


def look(place: str, *, allow_private: bool = False) -> Iterator[Page]:
    """Yield the pages of a file or a link. Raises `NothingThere`."""
    if place.startswith(LINKS):
        yield _look_at_link(place, allow_private)[1]
        return
    path = Path(place).expanduser()
    if path.is_dir():
        raise NothingThere(f"{place} is a folder; name a file in it")
    if not path.is_file():
        raise NothingThere(f"{place} is neither a file nor a link beginning with http(s)://")
    yield from read_file(path)


def may_use_ai(place: str) -> bool:
    """Tell whether the terms of the platform behind a link let a language model see its words."""
    known = recognise(place) if place.startswith(LINKS) else None
    return known is None or load(known[0]).capabilities.may_use_ai


def try_mention(
    found: FoundMention,
    assessor: Assessor,
    drafter: Drafter,
    voice: Voice,
    earlier: list[str],
    *,
    may_use_ai: bool = True,
) -> Tried:
    """Judge one mention, and draft an answer if it is a complaint. `earlier` gains the draft."""
    clean(found)
    rating = fraction(found.rating, found.rating_min, found.rating_max)
    judged = assessor.assess(found.text, title=found.title, rating=rating, language=found.language)
    if not judged.complaint or judged.spam:
        return Tried(found, judged, None)
    draft = drafter.draft(
        DraftFacts(
            text=found.text,
            title=found.title,
            author_name=found.author_name,
            rating=rating,
            language=judged.language,
            topics=judged.topics,
            named=named_topics(
                judged.topics, f"{found.title}\n{found.text}", judge_with(assessor, judged.language)
            ),
            urgency=judged.urgency,
            doubtful=is_doubtful(judged, rating),
            brand_name=voice.name,
            location_name=found.location,
            contact=voice.contact,
            signature=voice.signature,
            previous_replies=tuple(earlier[::-1]),
            seed=found.external_id,
            languages=voice.languages,
            may_use_ai=may_use_ai,
        )
    )
    earlier.append(draft.text)
    return Tried(found, judged, draft)


def source_for(link: str, *, allow_private: bool = False) -> tuple[str, dict[str, Any]]:
    """Return the connector that reads `link` and the settings it tells. Raises `NothingThere`.

    The link of a known platform is not followed: what is still missing is asked for later.
    """
    known = recognise(link)
    if known is not None:
        return known[0], dict(known[1])
    return _look_at_link(link, allow_private)[0], {"url": link}


def lacking(kind: ConnectorKind, given: Mapping[str, Any]) -> list[str]:
    """Return the settings that a source of `kind` needs beyond those `given`."""
    fields = kind.settings.model_fields.items()
    return [key for key, field in fields if field.is_required() and key not in given]


def _look_at_link(link: str, allow_private: bool) -> tuple[str, Page]:
    """Read the link as a feed, and where that shows nothing, as a page with reviews."""
    attempts: list[str] = []
    empty: tuple[str, Page] | None = None
    if not link.startswith(LINKS):
        raise NothingThere(f"{link} is no link beginning with http(s)://")
    if (known := recognise(link)) is not None:
        return known[0], _look_at_platform(link, *known)
    for name in ("feed", "page"):
        try:
            given = {"url": link, "allow_private_addresses": allow_private}
            page = _fetch(load(name), link, given)
        except AddressRefused as error:
            raise NothingThere(str(error)) from error  # as a page it would be refused again
        except (LayoutChanged, Rejected) as error:
            attempts.append(f"as a {name}: {_without(link, error)}")
            continue
        except ConnectorError as error:
            raise NothingThere(f"{link}: {_without(link, error)}") from error
        if page.mentions:
            return name, page
        empty = empty or (name, page)
        attempts.append(f"as a {name}: nothing found")
    if empty is not None and not empty[1].problems:
        return empty  # a feed or a page that is read well and has nothing today
    raise NothingThere(f"{link} shows no mention ({'; '.join(attempts)})")


def _look_at_platform(link: str, name: str, given: Mapping[str, Any]) -> Page:
    """Return the first page of a known platform, where it can be read without an account."""
    kind = load(name)
    if missing := lacking(kind, given):
        raise NothingThere(
            f"{link} belongs to {kind.title}, which needs {', '.join(missing)}; "
            f"rapport sources add {link} walks through it"
        )
    try:
        return _fetch(kind, link, given)
    except ConnectorError as error:
        raise NothingThere(f"{link}: {_without(link, error)}") from error


def _without(link: str, error: ConnectorError) -> str:
    """Return what an error says, without the link that the message already names."""
    return str(error).removeprefix(link).lstrip(": ")


def _fetch(kind: ConnectorKind, link: str, given: Mapping[str, Any]) -> Page:
    try:
        settings = kind.settings.model_validate(given)
    except ValidationError as error:
        told = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise NothingThere(f"{link}: {told}") from error
    connector = kind.build(settings, Context(source_key="try"))
    try:
        return connector.fetch({})
    finally:
        connector.close()
