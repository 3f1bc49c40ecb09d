"""Public holidays by country and region."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.hours.countries import (
    UnknownPlace,
    check_country,
    check_region,
    public_holidays,
    regions_of,
)


def test_a_country_has_its_holidays_in_its_own_language() -> None:
    found = public_holidays("DE", None, range(2026, 2027))
    assert {day.isoformat(): name for day, name in found.items()} == {
        "2026-01-01": "Neujahr",
        "2026-04-03": "Karfreitag",
        "2026-04-06": "Ostermontag",
        "2026-05-01": "Erster Mai",
        "2026-05-14": "Christi Himmelfahrt",
        "2026-05-25": "Pfingstmontag",
        "2026-10-03": "Tag der Deutschen Einheit",
        "2026-12-25": "Erster Weihnachtstag",
        "2026-12-26": "Zweiter Weihnachtstag",
    }


def test_a_region_has_holidays_of_its_own() -> None:
    everywhere = public_holidays("DE", None, range(2026, 2028))
    berlin = public_holidays("DE", "BE", range(2026, 2028))
    assert {day for day in berlin if day not in everywhere} == {
        date(2026, 3, 8),
        date(2027, 3, 8),
    }


def test_the_day_off_in_the_place_of_a_weekend_counts_too() -> None:
    assert {date(2026, 7, 3), date(2026, 7, 4)} <= {*public_holidays("US", None, range(2026, 2027))}
    # New Year of 2028 is a Saturday: the day off is in the year before.
    assert date(2027, 12, 31) in public_holidays("US", None, range(2027, 2028))


def test_the_years_asked_for_are_the_years_given() -> None:
    found = public_holidays("GB", "ENG", range(2024, 2040))
    assert {day.year for day in found} == set(range(2024, 2040))


def test_a_year_that_the_library_knows_only_in_part_gives_no_warning() -> None:
    assert date(2040, 1, 26) in public_holidays("IN", None, range(2040, 2041))
    assert public_holidays("DE", None, range(1900, 1901)) == {}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Germany", "DE"), ("de", "DE"), ("UK", "GB"), ("DEU", "DE"), ("Grmany", "DE"), ("QQ", "")],
)
def test_the_country_that_was_meant_is_offered(written: str, meant: str) -> None:
    with pytest.raises(UnknownPlace, match="there is no country") as refused:
        check_country(written)
    assert refused.value.nearest == meant
    assert "DE" in refused.value.valid


@pytest.mark.parametrize(
    ("written", "meant"), [("Berlin", "BE"), ("DE-BE", "BE"), ("be", "BE"), ("ZZ", "")]
)
def test_the_region_that_was_meant_is_offered(written: str, meant: str) -> None:
    with pytest.raises(UnknownPlace, match="DE has no region") as refused:
        check_region("DE", written)
    assert refused.value.nearest == meant
    assert "BY" in refused.value.valid


def test_a_country_without_regions_says_so() -> None:
    assert regions_of("IE") == ()
    with pytest.raises(UnknownPlace, match="the holidays of IE are the same everywhere"):
        check_region("IE", "D")
