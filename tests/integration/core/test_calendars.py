"""Calendars as the daemon counts by them: holidays of years, feeds, and places of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.testing.http_server import LoopbackServer, Reply
from monitor.app import App, compose, policy_book
from monitor.calendars import calendar_of, calendars_of, place_of_copy
from monitor.checking import check
from monitor.config import load
from monitor.models import Alert
from monitor.sla import Facts, explain
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate

CONFIG = """\
database: sqlite:///rapport.db
web: {listen: "127.0.0.1:0"}
brands:
  - key: harbour
    name: Harbour Coffee
    locations:
      - {key: quay, name: Quay Street, calendar: quay-hours}
      - {key: mill, name: Old Mill}
  - key: other
    name: Other
    locations:
      - {key: quay, name: Another Quay}
inbox: {path: inbox, brand: harbour}
calendars:
  - key: office
    timezone: Europe/Berlin
    country: DE
    region: BE
    holidays: [2026-12-24, 2026-12-25]
    open_on: [2026-03-08, 2027-03-08]
    hours: {mon: ["09:00-17:00"], thu: ["09:00-17:00"], fri: ["09:00-17:00"]}
  - key: quay-hours
    timezone: Europe/London
    hours: {sat: ["10:00-16:00"]}
sla:
  - key: urgent
    when: {urgency: [urgent]}
    first_response: 1h
  - key: standard
    calendar: office
    first_response: 8h
"""
FEED = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
SUMMARY:Inventory
DTSTART;VALUE=DATE:20260309
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path / "config.yaml"


def test_holidays_come_from_the_country_and_by_hand_less_those_worked(path: Path) -> None:
    office = calendar_of(load(path), "office", HandClock())
    this_year = sorted(day for day in office.holidays if day.year == 2026)
    assert date(2026, 12, 24) in this_year
    assert date(2026, 3, 8) not in this_year
    assert len(this_year) == 10
    assert office.names[date(2026, 4, 3)] == "Karfreitag"
    assert office.names[date(2026, 12, 25)] == "Erster Weihnachtstag"
    assert date(2026, 12, 24) not in office.names


def test_holidays_of_some_years_around_today_are_known(path: Path) -> None:
    years = {day.year for day in calendar_of(load(path), "office", HandClock()).holidays}
    assert years == set(range(2023, 2037))


def test_a_place_with_a_calendar_of_its_own_is_counted_by_it(path: Path) -> None:
    book = policy_book(load(path), HandClock())
    quay = book.choose(Facts(brand="harbour", location="quay"))
    assert (quay.policy.key, quay.policy.calendar, quay.calendar.key) == (
        "standard",
        "quay-hours",
        "quay-hours",
    )
    # The same key at another brand is another place.
    for elsewhere in (
        Facts(brand="harbour", location="mill"),
        Facts(brand="other", location="quay"),
        Facts(brand="harbour"),
    ):
        assert book.choose(elsewhere).calendar.key == "office"
    assert book.choose(Facts(brand="harbour", location="quay", urgency="urgent")).calendar.key == (
        "always"
    )


def test_a_case_keeps_the_days_by_name(path: Path) -> None:
    snapshot = policy_book(load(path), HandClock()).choose(Facts(brand="harbour"))
    stored = snapshot.to_json()["calendar"]
    assert "2026-04-03" in stored["holidays"]
    assert stored["names"]["2026-04-03"] == "Karfreitag"
    story = explain(snapshot, "first_response", datetime(2026, 4, 2, 14, 0, tzinfo=UTC))
    assert "Holiday skipped: Fri 2026-04-03, Karfreitag (Europe/Berlin)." in story


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        server.on("/h.ics", Reply(body=FEED.encode()))
        yield server


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def app(path: Path, server: LoopbackServer, clock: HandClock) -> Iterator[App]:
    linked = f"    ical: {server.url}/h.ics\n    hours: {{sat"
    path.write_text(CONFIG.replace("    hours: {sat", linked), encoding="utf-8")
    with closing(compose(load(path), clock)) as app:
        migrate(app.database)
        yield app


def alerts(app: App) -> list[tuple[str, str, bool]]:
    with app.database.read() as session:
        rows = session.scalars(select(Alert).order_by(Alert.id)).all()
        return [(row.key, row.message, row.resolved_at is None) for row in rows]


def holidays(app: App, clock: HandClock) -> set[date]:
    return set(calendar_of(app.config, "quay-hours", clock).holidays)


def test_nothing_is_fetched_while_a_configuration_is_read(
    app: App, server: LoopbackServer, clock: HandClock
) -> None:
    assert calendars_of(app.config, clock)["quay-hours"].holidays == frozenset()
    assert server.requests == []


def test_a_feed_is_fetched_once_a_day_and_kept(
    app: App, server: LoopbackServer, clock: HandClock
) -> None:
    app.holiday_feeds.fetch_missing()
    assert holidays(app, clock) == {date(2026, 3, 9)}
    assert calendar_of(app.config, "quay-hours", clock).names == {date(2026, 3, 9): "Inventory"}
    for _ in range(23):
        clock.move(hours=1)
        app.holiday_feeds.run()
    assert len(server.requests) == 1
    clock.move(hours=1)
    app.holiday_feeds.run()
    assert len(server.requests) == 2
    assert alerts(app) == []


def test_new_cases_are_counted_by_what_was_fetched(
    app: App, server: LoopbackServer, clock: HandClock
) -> None:
    facts = Facts(brand="harbour", location="quay")
    before = app.store._book.choose(facts).calendar
    app.holiday_feeds.run()
    after = app.store._book.choose(facts).calendar
    assert (before.holidays, after.holidays) == (frozenset(), {date(2026, 3, 9)})


def test_failure_raises_one_alert_and_the_last_good_copy_is_used(
    app: App, server: LoopbackServer, clock: HandClock
) -> None:
    app.holiday_feeds.run()
    for broken in (Reply(500), Reply(body=b"<html>"), Reply(body=FEED.encode()[:-20])):
        server.on("/h.ics", broken)
        clock.move(days=1)
        app.holiday_feeds.run()
        assert holidays(app, clock) == {date(2026, 3, 9)}
    ((key, message, is_open),) = alerts(app)
    assert (key, is_open) == ("holidays:quay-hours", True)
    assert message.startswith(
        "the holidays of calendar quay-hours cannot be fetched, those of 2026-03-02 are used: "
    )
    # An hour later, not at once, it is tried again.
    asked = len(server.requests)
    app.holiday_feeds.run()
    assert len(server.requests) == asked
    server.on("/h.ics", Reply(body=FEED.replace("0309", "0310").encode()))
    clock.move(hours=1)
    app.holiday_feeds.run()
    assert holidays(app, clock) == {date(2026, 3, 10)}
    assert [is_open for _, _, is_open in alerts(app)] == [False]


@pytest.mark.parametrize(
    "wrong",
    [
        "RRULE:FREQ=YEARLY;INTERVAL=-1",
        "UID:a\nRECURRENCE-ID;VALUE=DATE:20260309\nRECURRENCE-ID;VALUE=DATE:20270309",
        "RECURRENCE-ID:PT1H\nUID:a",
        "RRULE:FREQ=DAILY;UNTIL=PT1H",
    ],
)
def test_a_start_goes_on_with_a_feed_that_makes_no_sense(
    app: App, server: LoopbackServer, clock: HandClock, wrong: str
) -> None:
    app.holiday_feeds.run()
    feed = FEED.replace("END:VEVENT", f"{wrong}\nEND:VEVENT")
    server.on("/h.ics", Reply(body=feed.encode()))
    clock.move(days=1)
    app.holiday_feeds.run()
    ((_, message, is_open),) = alerts(app)
    assert "those of 2026-03-02 are used: " in message
    assert is_open
    assert holidays(app, clock) == {date(2026, 3, 9)}


def test_a_feed_that_was_never_had_is_told_of(
    app: App, server: LoopbackServer, clock: HandClock
) -> None:
    server.on("/h.ics", Reply(404))
    app.holiday_feeds.run()
    ((_, message, _),) = alerts(app)
    assert "none of them are known: " in message


def test_the_alert_ends_with_the_link(
    app: App, server: LoopbackServer, path: Path, clock: HandClock
) -> None:
    server.on("/h.ics", Reply(404))
    app.holiday_feeds.fetch_missing()
    path.write_text(CONFIG, encoding="utf-8")
    with closing(compose(load(path), clock)) as again:
        again.holiday_feeds.fetch_missing()
        assert [is_open for _, _, is_open in alerts(again)] == [False]


def test_a_flood_is_cut_off(app: App, server: LoopbackServer, clock: HandClock) -> None:
    server.on("/h.ics", Reply(body=FEED.encode() * 500, fault="flood"))
    app.holiday_feeds.run()
    ((_, message, _),) = alerts(app)
    assert "2,000,000 bytes" in message


def test_another_link_is_another_copy(app: App, path: Path, clock: HandClock) -> None:
    app.holiday_feeds.run()
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("/h.ics", "/other.ics"), encoding="utf-8")
    assert calendar_of(load(path), "quay-hours", clock).holidays == frozenset()


def test_a_copy_that_somebody_broke_counts_as_missing(app: App, clock: HandClock) -> None:
    app.holiday_feeds.run()
    place = place_of_copy(app.config, app.config.calendar("quay-hours"))
    place.write_bytes(b"broken")
    os.utime(place, (clock().timestamp(), clock().timestamp()))
    assert holidays(app, clock) == set()
    clock.move(hours=1)
    app.holiday_feeds.fetch_missing()
    assert holidays(app, clock) == {date(2026, 3, 9)}


def test_the_years_move_on_with_the_clock(app: App, clock: HandClock) -> None:
    facts = Facts(brand="harbour")
    before = {day.year for day in app.store._book.choose(facts).calendar.holidays}
    clock.move(days=365)
    app.holiday_feeds.run()
    after = {day.year for day in app.store._book.choose(facts).calendar.holidays}
    assert (max(before), max(after)) == (2036, 2037)


def test_check_proves_the_holidays(app: App, server: LoopbackServer, clock: HandClock) -> None:
    found = {one.what: one for one in check(app) if one.what.startswith("holidays")}
    assert found["holidays of calendar office"].said == (
        "9 in 2026; the next is Fri 2026-04-03, Karfreitag"
    )
    assert found["holidays of calendar quay-hours"].said == (
        "1 in 2026; the next is Mon 2026-03-09, Inventory"
    )
    assert not place_of_copy(app.config, app.config.calendar("quay-hours")).exists()


def test_check_says_what_is_wrong_with_a_feed(app: App, server: LoopbackServer) -> None:
    server.on("/h.ics", Reply(404))
    (found,) = [one for one in check(app) if one.what == "holidays of calendar quay-hours"]
    assert not found.ok
    assert "/h.ics" in found.said
    assert found.advice.startswith("correct `ical` of calendar quay-hours")


def test_check_tells_of_work_on_a_day_that_is_no_holiday(path: Path, clock: HandClock) -> None:
    path.write_text(CONFIG.replace("2026-03-08, 2027", "2026-03-09, 2027"), encoding="utf-8")
    with closing(compose(load(path), clock)) as app:
        (found,) = [one for one in check(app) if one.what == "holidays of calendar office"]
    assert found.said.endswith("; 2026-03-09 in open_on is none of them")
