"""Public holidays of countries and their regions, from the library `holidays`.

The library knows what is law, and what it expects where a holiday is only announced from year
to year (by the moon, by a government). It is imported when a calendar asks for a country.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

_ALSO = {"UK": "GB", "EN": "GB", "ENGLAND": "GB", "SCOTLAND": "GB", "WALES": "GB", "USA": "US"}
"""What people write for a country, and its code."""


class UnknownPlace(ValueError):
    """There is no such country or region. `valid` names some, `nearest` the likely one."""

    def __init__(self, message: str, valid: Iterable[str], nearest: str = "") -> None:
        super().__init__(message)
        self.valid = tuple(valid)
        self.nearest = nearest


def check_country(country: str) -> None:
    """Raise `UnknownPlace` unless `country` is an ISO 3166 code that the library knows: ``DE``."""
    codes = _countries()
    if country in codes.values():
        return
    close = _close(country, {**codes, **_ALSO, **{code: code for code in codes.values()}})
    known = ("AT", "CA", "CH", "DE", "ES", "FR", "GB", "IT", "NL", "US")
    raise UnknownPlace(f"there is no country {country!r}", known, close)


def check_region(country: str, region: str) -> None:
    """Raise `UnknownPlace` unless the library knows this part of `country`: ``BE`` of ``DE``."""
    regions = regions_of(country)
    if region in regions:
        return
    if not regions:
        raise UnknownPlace(f"the holidays of {country} are the same everywhere", ())
    aliases = getattr(_entity(country), "subdivisions_aliases", None) or {}
    named = {**aliases, **{each: each for each in regions}}
    named |= {f"{country}-{each}": each for each in regions}
    close = _close(region, named)
    raise UnknownPlace(f"{country} has no region {region!r}", regions, close)


def regions_of(country: str) -> tuple[str, ...]:
    """Return the regions of `country` that have holidays of their own. Raises `UnknownPlace`."""
    check_country(country)
    return tuple(_entity(country).subdivisions)


def public_holidays(country: str, region: str | None, years: range) -> dict[date, str]:
    """Return the public holidays of these years with their names, in the country's language.

    A day off in the place of a holiday that falls on a weekend is one of them. Of years that the
    library knows only in part, they are that part. Raises `UnknownPlace`.
    """
    check_country(country)
    if region is not None:
        check_region(country, region)
    return dict(_found(country, region, years))


@lru_cache(maxsize=64)
def _found(country: str, region: str | None, years: range) -> tuple[tuple[date, str], ...]:
    import holidays

    with warnings.catch_warnings():
        # The library warns of years that it does not know; the reference tells of them.
        warnings.simplefilter("ignore")
        found = holidays.country_holidays(
            country,
            subdiv=region,
            years=years,
            # Without a language the names would follow the settings of the machine.
            language=_entity(country).default_language,
        )
    return tuple(sorted((day, str(name)) for day, name in found.items() if day.year in years))


def _entity(country: str) -> Any:
    import holidays

    return getattr(holidays, country)


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Return the codes of all countries by their English names: ``{"Germany": "DE"}``."""
    from holidays.registry import COUNTRIES

    return {names[0]: names[1] for names in COUNTRIES.values() if len(names[1]) == 2}


def _close(given: str, named: dict[str, str]) -> str:
    """Return the code that was probably meant, or nothing."""
    lower = {name.lower(): code for name, code in named.items()}
    text = given.strip().replace(" ", "").lower()
    found = [text] if text in lower else difflib.get_close_matches(text, lower, 1, 0.75)
    return lower[found[0]] if found else ""
