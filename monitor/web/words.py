"""Puts times, lengths of time and numbers into words. Every displayed time carries its zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.config import Config

SOON = timedelta(hours=1)

LONG = 2_400
BEGINNING = 1_200
"""Characters: a text longer than `LONG` is shown by its beginning at first."""

LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "tr": "Turkish",
    "uk": "Ukrainian", "zh": "Chinese",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Times:
    """Says times as seen at `now` from `zone`."""

    now: datetime
    zone: ZoneInfo

    def absolute(self, at: datetime) -> str:
        """Return ``Tue 3 Mar 2026, 10:15 CET``."""
        local = at.astimezone(self.zone)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {local.tzname()}"

    def short(self, at: datetime) -> str:
        """Return ``10:15 CET`` for today, else ``3 Mar, 10:15 CET``, with the year if another."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        clock = f"{local:%H:%M} {local.tzname()}"
        if local.date() == today.date():
            return clock
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local.day} {local:%b}{year}, {clock}"

    def iso(self, at: datetime) -> str:
        """Return the time for machines, in UTC."""
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def distance(self, at: datetime) -> str:
        """Return how far a deadline is: ``in 2 h 10 min`` or ``overdue by 3 min``."""
        left = at - self.now
        words = duration(abs(left.total_seconds()))
        return f"in {words}" if left >= timedelta() else f"overdue by {words}"

    def left(self, at: datetime) -> int:
        """Return the seconds until a deadline, for the script that goes on counting."""
        return round((at - self.now).total_seconds())

    def ago(self, at: datetime) -> str:
        """Return how long ago something was, or ``in 5 s`` for what is to come."""
        passed = (self.now - at).total_seconds()
        if passed < 0:
            return f"in {duration(-passed)}"
        return "just now" if passed < 1 else f"{duration(passed)} ago"

    def nearness(self, at: datetime) -> str:
        """Return ``overdue``, ``soon`` (within an hour) or ``calm``."""
        left = at - self.now
        if left < timedelta():
            return "overdue"
        return "soon" if left <= SOON else "calm"


@dataclass(frozen=True, slots=True)
class Zones:
    """Knows in which time zone to show what."""

    places: dict[tuple[str, str], ZoneInfo]
    common: ZoneInfo

    @classmethod
    def of(cls, config: Config) -> Zones:
        """Read them from the configuration: a place's zone, or its brand's."""
        places = {}
        for brand in config.brands:
            places[brand.name, ""] = zone(brand.timezone)
            for place in brand.locations:
                places[brand.name, place.name] = zone(place.timezone or brand.timezone)
        brands = {brand.timezone for brand in config.brands}
        return cls(places, zone(brands.pop() if len(brands) == 1 else "UTC"))

    def of_place(self, brand: str, location: str) -> ZoneInfo:
        """Return the zone of a brand's location, of the brand, or UTC, by their names."""
        return self.places.get((brand, location)) or self.places.get((brand, "")) or zone("UTC")


def zone(name: str) -> ZoneInfo:
    """Return a time zone; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def duration(seconds: float) -> str:
    """Return ``2 d 3 h``, ``2 h 10 min``, ``10 min`` or ``40 s``."""
    days, rest = divmod(int(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes = rest // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{rest} s"


def count(number: int, one: str, many: str = "") -> str:
    """Return ``1 case`` or ``1,204 cases``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def fold(text: str) -> tuple[str, str]:
    """Return the beginning of a very long text and its rest; the rest is empty otherwise."""
    if len(text) <= LONG:
        return text, ""
    breaks = (text.rfind(gap, BEGINNING // 2, BEGINNING) for gap in "\n ")
    cut = next((at for at in breaks if at > 0), BEGINNING)
    return text[:cut].rstrip(), text[cut:].lstrip()


def language(code: str) -> str:
    """Return a language's English name; its code when it is not one we know."""
    return LANGUAGES.get(code, code)
