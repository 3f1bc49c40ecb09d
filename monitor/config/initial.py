"""The first configuration for a brand of one's own, as `rapport init` writes it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.config.describe import to_yaml
from monitor.config.edit import insert_source


@dataclass(frozen=True, slots=True)
class Answers:
    """What `rapport init` asked for. `first_source` is an entry for `sources`, if there is one.

    `first_source` needs no ``brand``: it gets this one's key.
    """

    brand: str
    timezone: str = "UTC"
    languages: tuple[str, ...] = ("en",)
    signature: str = ""
    contact: str = ""
    first_source: Mapping[str, Any] | None = None


_TEMPLATE = """\
# yaml-language-server: $schema={schema}

# Rapport's configuration. `rapport check` says what works and how to mend what doesn't.
version: 1
database: sqlite:///var/rapport.db

# What is being talked about. More brands, and locations, may follow.
brands:
  - key: {key}
    name: {name}
    timezone: {timezone}
    # The last line of every answer.
    {signature}
    # How a customer goes on in private: an address, a number or a link.
    {contact}
    # Languages to answer in; a mention in another one is answered in the first.
    languages: {languages}

# What is polled; `rapport sources add` adds one.
sources: []

# CSV and NDJSON files put into this folder are read, row by row.
inbox:
  path: inbox
  brand: {key}

# The queue as web pages; the sign-in link is printed at start.
web:
  listen: 127.0.0.1:8320

# Hours in which clocks run.
calendars:
  - key: office
    timezone: {timezone}
    hours:
      mon: ["09:00-17:00"]
      tue: ["09:00-17:00"]
      wed: ["09:00-17:00"]
      thu: ["09:00-17:00"]
      fri: ["09:00-17:00"]
    # Public holidays of a country and its part (`country: DE`, `region: BE`), or an iCal file or
    # link (`ical: holidays.ics`), beside those written here.
    holidays: []

# How fast to answer. The first policy that matches a case is its own.
sla:
  - key: urgent
    when: {{urgency: [high, urgent]}}
    calendar: always
    first_response: 2h
  - key: standard
    calendar: office
    first_response: 8h
"""

SCHEMA_LINK = "docs/reference/config.schema.json"


def render_initial_config(answers: Answers, *, schema_link: str = SCHEMA_LINK) -> str:
    """Return a short, commented configuration: one brand, the inbox, the web queue, no demo.

    `schema_link` is where editors find the schema, a URL or a path from the file. What the
    answers say is not checked here: `check_text` says what is wrong with it, with its key.
    """
    key = slug(answers.brand)
    text = _TEMPLATE.format(
        schema=schema_link,
        key=to_yaml(key),
        name=to_yaml(answers.brand),
        timezone=to_yaml(answers.timezone),
        signature=_given("signature", answers.signature, f"The team at {answers.brand}"),
        contact=_given("contact", answers.contact, "hello@brand.example"),
        languages=to_yaml(answers.languages),
    )
    if answers.first_source is None:
        return text
    source = {"brand": key, **answers.first_source}
    return insert_source(text, {name: source[name] for name in _ordered(source)})


def slug(name: str) -> str:
    """Make a key of a name: ``Café Zoë & Co.`` becomes ``cafe-zoe-co``."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:60].strip("-") or "brand"


def _given(key: str, value: str, example: str) -> str:
    """A line with the answer, or an example of it commented out."""
    return f"{key}: {to_yaml(value)}" if value.strip() else f"#{key}: {to_yaml(example)}"


def _ordered(source: Mapping[str, Any]) -> list[str]:
    first = [name for name in ("key", "connector", "brand") if name in source]
    last = [name for name in ("settings",) if name in source]
    return first + [name for name in source if name not in first + last] + last
