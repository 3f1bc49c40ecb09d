"""The whole configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, PrivateAttr

from connectors import registry
from connectors.base import USER_AGENT, ConnectorKind, ConnectorSettings
from connectors.secrets import Secret
from monitor.config.approval import Approval, Person
from monitor.config.assessment import Assessment, Log
from monitor.config.assignment import Turn
from monitor.config.brands import Brand
from monitor.config.calendars import Calendar
from monitor.config.escalation import Ladder
from monitor.config.language_model import LanguageModel
from monitor.config.mail import Reports
from monitor.config.problems import Problem
from monitor.config.sla import SlaPolicy
from monitor.config.slack import Slack
from monitor.config.sources import Inbox, Source
from monitor.config.store import DatabaseUrl, check_url, is_reference, is_sqlite, with_driver
from monitor.config.values import Section, Whole
from monitor.config.web import Demo, Web

_Keyed = TypeVar("_Keyed", Brand, Source, Calendar)


class Config(Section):
    """Everything Rapport is told, checked as a whole by `monitor.config.load`."""

    version: Literal[1] = Field(
        default=1, description="Version of this file's layout.", examples=[1]
    )
    database: DatabaseUrl = Field(
        default="sqlite:///var/rapport.db",
        description=(
            "Where everything is kept. A SQLite path starts where the configuration stands; a URL "
            "with a password belongs in a secret."
        ),
        examples=["sqlite:///var/rapport.db"],
    )
    engine: Literal["embedded", "postgres"] = Field(
        default="embedded",
        description=(
            "What wakes the work up: `embedded` in one process, `postgres` on several machines "
            "(needs a PostgreSQL database and the extra `postgres`)."
        ),
        examples=["embedded"],
    )
    poll_threads: Whole = Field(
        default=8,
        ge=1,
        le=256,
        description=(
            "How many sources are polled at the same time by one daemon. A few hundred sources "
            "need no more than the default; ten thousand want 64."
        ),
        examples=[8],
    )
    contact: str = Field(
        default="",
        max_length=200,
        description=(
            "Where a platform's operator reaches you, a mail address or a page: part of how "
            "Rapport calls itself to platforms. Some turn away callers without one."
        ),
        examples=["ops@brand.example"],
    )
    brands: tuple[Brand, ...] = Field(
        min_length=1, description="What is being talked about; at least one."
    )
    sources: tuple[Source, ...] = Field(default=(), description="What is polled.")
    plugins: tuple[str, ...] = Field(
        default=(),
        description=(
            "Names of connectors and reply rules from other packages that may be loaded. "
            "Installing a package alone never runs it."
        ),
        examples=[["example-board"]],
    )
    inbox: Inbox | None = Field(
        default=None, description="A folder watched for CSV and NDJSON files."
    )
    web: Web = Field(default_factory=Web, description="The pages for staff.")
    demo: Demo | None = Field(
        default=None, description="Start the demo platform beside the daemon."
    )
    slack: Slack | None = Field(default=None, description="Show drafts in Slack.")
    reports: Reports = Field(
        default_factory=Reports, description="Figures for those who do not open the pages."
    )
    people: tuple[Person, ...] = Field(
        default=(), description="The staff, under one name in Slack, in the browser and beyond."
    )
    approval: Approval = Field(
        default_factory=Approval, description="Whose word a reply needs, and when it leaves."
    )
    assignment: tuple[Turn, ...] = Field(
        default=(),
        description="Who gets new cases: the first entry that matches decides; else nobody does.",
    )
    language_model: LanguageModel | None = Field(
        default=None,
        description=(
            "Let a language model draft answers. Without this section none is ever asked, and "
            "nothing leaves for one."
        ),
    )
    assessment: Assessment = Field(
        default_factory=Assessment, description="How mentions are judged."
    )
    calendars: tuple[Calendar, ...] = Field(
        default=(), description="Hours in which clocks run; `always` is built in."
    )
    sla: tuple[SlaPolicy, ...] = Field(
        default=(),
        description=(
            "How fast to answer. The first policy that matches a case is its own; a case that "
            "matches none gets a first response within 24 hours, day and night."
        ),
    )
    escalation: tuple[Ladder, ...] = Field(
        default=(),
        description=(
            "Who is told when a due time comes near or has passed: the first ladder that matches "
            "the case. Without one, only the trail and the card's thread tell of it."
        ),
    )
    retention_days: Whole = Field(
        default=730,
        ge=0,
        le=36500,
        description=(
            "Days to keep the words of a mention since it was heard, and until its case has "
            "ended; 0: no limit. Platforms whose terms allow less are kept to those."
        ),
        examples=[730],
    )
    log: Log = Field(default_factory=Log, description="What the daemon writes.")

    _path: Path = PrivateAttr(default=Path("config.yaml"))
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())

    @property
    def path(self) -> Path:
        """The file this was read from."""
        return self._path

    @property
    def base_dir(self) -> Path:
        """The folder of that file, absolute: relative paths in the configuration start here."""
        return self._path.absolute().parent

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is allowed and probably not meant."""
        return self._warnings

    def database_url(self) -> str:
        """Return the URL to open, with its secret resolved and its SQLite path absolute.

        Raises `connectors.errors.AuthFailed` when the secret is missing.
        """
        url = self.database
        if is_reference(url):
            url = check_url(Secret(url).reveal())
        if is_sqlite(url):
            return f"sqlite:///{self.base_dir / url.removeprefix('sqlite:///')}"
        return with_driver(url)

    @property
    def report_zone(self) -> str:
        """The time zone in which reports count days: that of the first brand."""
        return self.brands[0].timezone

    @property
    def user_agent(self) -> str:
        """How Rapport calls itself to platforms."""
        contact = " ".join(self.contact.split())
        return f"{USER_AGENT[:-1]}; {contact})" if contact.isascii() and contact else USER_AGENT

    def inbox_dir(self) -> Path | None:
        """Return the watched folder, absolute, or None when there is no inbox."""
        return self.base_dir / Path(self.inbox.path).expanduser() if self.inbox else None

    def brand(self, key: str) -> Brand:
        """Return the brand called `key`; raise `KeyError`."""
        return _find(self.brands, key)

    def source(self, key: str) -> Source:
        """Return the source called `key`; raise `KeyError`."""
        return _find(self.sources, key)

    def calendar(self, key: str) -> Calendar:
        """Return the calendar called `key`; raise `KeyError`, also for `always`."""
        return _find(self.calendars, key)

    def timezone_of(self, brand: str, location: str | None = None) -> str:
        """Return the time zone of a brand's location, or of the brand itself."""
        found = self.brand(brand)
        for place in found.locations:
            if place.key == location and place.timezone is not None:
                return place.timezone
        return found.timezone

    def kind_of(self, source: Source) -> ConnectorKind:
        """Return the catalogue entry of a source's connector."""
        return registry.load(source.connector, self.plugins)

    def settings_of(self, source: Source) -> ConnectorSettings:
        """Return a source's settings as its connector's own model."""
        model = self.kind_of(source).settings
        return model.model_validate(without_empty(source.settings, model))

    def every_of(self, source: Source) -> timedelta:
        """Return how often to poll a source."""
        return source.every or self.kind_of(source).default_every

    def account_of(self, source: Source) -> str:
        """Return the key of the account that a source belongs to."""
        return source.account or source.key


def without_empty(given: Mapping[str, object], model: type[ConnectorSettings]) -> dict[str, object]:
    """Leave out the settings that have a key and no value: they count as not given."""
    return {k: v for k, v in given.items() if v is not None or k not in model.model_fields}


def default_config_path(
    option: str | Path | None = None, *, environ: Mapping[str, str] | None = None
) -> Path:
    """Return the configuration to read: `option`, else RAPPORT_CONFIG, else ./config.yaml."""
    if option:
        return Path(option).expanduser()
    named = (os.environ if environ is None else environ).get("RAPPORT_CONFIG", "")
    return Path(named).expanduser() if named.strip() else Path("config.yaml")


def _find(entries: tuple[_Keyed, ...], key: str) -> _Keyed:
    for entry in entries:
        if entry.key == key:
            return entry
    raise KeyError(key)
