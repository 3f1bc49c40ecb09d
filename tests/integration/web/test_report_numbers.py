"""Page, files, digest and terminal give the same figures: those of a recount of every row.

Longer than most: all of it asks one store, which takes long to live through.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from monitor.app import App, compose
from monitor.asking import read_question
from monitor.cli.menu import rapport
from monitor.config import load
from monitor.models import Mention, Reply, ReportState
from monitor.reports import kept_report
from monitor.reports.catalog import TITLES
from monitor.reports.period import Period
from monitor.reports.report import named
from monitor.sla.measures import SMALL
from responders.digest.reading import read_digest
from responders.views import Actor
from tests.support.cases import CONFIG, NOWHERE
from tests.support.core_world import MARA, OTTO, World, comment, review
from tests.support.hand_clock import HandClock
from tests.support.migrated import migrate
from tests.support.naive import Recount, at_rank
from tests.support.web import Browser, Page, served
from tests.support.workbooks import read_workbook

ZONE = "Europe/Berlin"
KIM = Actor("web", "kim", "Kim")
TEAMS = {"Mara": "Front", "Otto": "Back"}
PEOPLE = """
people:
  - {name: Mara, team: Front}
  - {name: Otto, team: Back}
  - {name: Kim}
"""
WORDS = ("bad tea", "bad wait", "bad wait, danger", "fine now", "bad wait for bad tea")
COUNTS = ("received", "met", "missed", "overdue", "open")


@dataclass
class Place:
    """A store with some weeks in it, its pages, and what a recount gives."""

    app: App
    world: World
    config: Path
    browser: Browser

    def recount(self, words: dict[str, str], now: datetime | None = None) -> Recount:
        now = now or self.app.clock()
        period = read_question(self.app.config, now, words).asked.period
        with self.app.database.read() as session:
            return Recount(session, now, period.first, period.last, ZONE, TEAMS)

    def json(self, key: str, **words: str) -> dict[str, Any]:
        page = self.browser.get(f"/reports/{key}.json", params=words)
        assert page.status == 200, page.text
        found: dict[str, Any] = page.answer.json()
        return found

    def table(self, key: str, name: str, **words: str) -> dict[str, dict[str, Any]]:
        """The rows of one table of a report's JSON, by their names."""
        tables = {each["name"]: each["rows"] for each in self.json(key, **words)["tables"]}
        rows = tables.get(name, [])
        if name == "Figures":
            return {row["key"]: row for row in rows}
        return {row["name"]: row for row in rows}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("numbers")
    config = folder / "config.yaml"
    told = CONFIG % {"web": "http://127.0.0.1", "demo": NOWHERE, "topics": "[]"}
    config.write_text(told + PEOPLE, encoding="utf-8")
    clock = HandClock()
    app = compose(load(config), clock)
    migrate(app.database)
    world = World(app.database, clock)
    live_through(world)
    app.keeper.run()
    with closing(app), served(app) as address, closing(Browser(address)) as browser:
        browser.sign_in(app)
        yield Place(app, world, config, browser)
    world.close()


def live_through(world: World, seed: int = 11, cases: int = 34) -> None:
    """Some weeks at three sources, in two languages, with three people and everything they do."""
    chance = random.Random(seed)
    world.add_source("files", location_id=1)
    world.add_source("feed")
    for number in range(cases):
        key = chance.choice(["board", "board", "files", "feed"])
        name = f"m{number}"
        found = {
            "language": chance.choice(["en", "de"]),
            "author_id": f"a{number % 20}",
            "rating": chance.choice([1.0, 2.0, None]),
            "created_at": world.clock() - timedelta(minutes=chance.randrange(1, 90)),
        }
        world.hear(review(name, chance.choice(WORDS), **found), key=key)
        world.pass_time(("prepare", "publish", "clock"), hours=chance.randrange(1, 14))
        waits = world.queue.lines(state="drafted")
        if waits and chance.random() < 0.75:
            answer(world, chance, chance.choice(waits).id)
        if chance.random() < 0.25:
            further = comment(f"c{number}", name, "this is still bad", author_id=found["author_id"])
            world.hear(further, key=key)
        if chance.random() < 0.25:
            stars = chance.choice([1.0, 4.0, 5.0])
            world.hear(review(name, "bad, as said", **{**found, "rating": stars}), key=key)
        if chance.random() < 0.15 and (lines := world.queue.lines(state="drafted")):
            world.queue.assign(chance.choice(lines).id, to="Otto", actor=OTTO)
        if chance.random() < 0.1 and (lines := world.queue.lines(state="drafted")):
            view = world.view(lines[-1].id)
            world.queue.correct_topics(view.id, ["price", "staff"], MARA)
        if chance.random() < 0.15 and (lines := world.queue.lines(state="drafted")):
            reject(world, chance, lines[0].id)
        world.pass_time(("prepare", "publish", "clock"), hours=chance.randrange(0, 9))
    hear_our_own(world)


def answer(world: World, chance: random.Random, case_id: int) -> None:
    actor = chance.choice([MARA, MARA, OTTO, KIM])
    if chance.random() < 0.3:
        view = world.view(case_id)
        if view.draft is not None:
            world.queue.edit(
                case_id,
                base_version=view.draft.version,
                base_hash=view.draft.text_hash,
                text="We are sorry. Please write to hello@harbour.example, we will help. Mara",
                actor=actor,
            )
    world.approve(case_id, actor)
    world.pass_time(("prepare", "publish", "clock"), minutes=20)


def reject(world: World, chance: random.Random, case_id: int) -> None:
    draft = world.view(case_id).draft
    assert draft is not None
    reason = chance.choice(["not_a_complaint", "no_answer", "another_draft"])
    world.queue.reject(case_id, draft_version=draft.version, reason=reason, note="", actor=KIM)


def hear_our_own(world: World) -> None:
    """Hear one of our published replies again, as platforms list them among the comments."""
    with world.db.write() as session:
        reply = next(r for r in session.query(Reply) if r.external_id)
        mention = session.get_one(Mention, reply.mention_id)
        key, parent, name = mention.source.key, mention.external_id, reply.external_id
    world.hear(comment(name, parent, "we are sorry for the bad wait", author_id="us"), key=key)
    world.work(("prepare", "publish", "clock"))


PERIODS = (
    {"days": "7"},
    {"days": "30"},
    {"days": "90"},
    {"first": "2026-03-05", "last": "2026-03-12"},
)


@pytest.mark.parametrize("words", PERIODS, ids=str)
@pytest.mark.parametrize("measure", ["first_response", "next_response", "resolution"])
def test_promises_are_those_of_a_recount(place: Place, measure: str, words: dict[str, str]) -> None:
    recount = place.recount(words)
    figures = place.table("promises", "Figures", measure=measure, **words)
    whole = recount.promises(measure).get("")
    if whole is None:
        assert figures == {}
        return
    assert {key: figures[key]["value"] for key in whole} == pytest.approx(whole)
    assert figures["voided"]["value"] == recount.voided(measure)
    for by in ("source", "brand", "location", "team", "person", "topic", "language", "policy"):
        rows = place.table("promises", f"By {by}", measure=measure, by=by, **words)
        expected = recount.promises(measure, by)
        nameless = {"person": "nobody yet", "team": "no team", "location": "no location",
                    "topic": "no topic"}.get(by, "unknown")  # fmt: skip
        assert set(rows) == {value or nameless for value in expected}
        for value, told in expected.items():
            row = rows[value or nameless]
            assert {key: row[key] for key in told} == pytest.approx(told), (by, value)


ONLY = ("source:files", "person:Mara", "person:", "topic:waiting", "topic:", "language:de",
        "team:Front", "team:", "location:harbour/quay", "policy:standard")  # fmt: skip


@pytest.mark.parametrize("only", ONLY)
def test_a_filter_shows_what_the_group_shows(place: Place, only: str) -> None:
    by, _, value = only.partition(":")
    recount = place.recount({"days": "60"})
    expected = recount.promises("first_response", by).get(value)
    figures = place.table("promises", "Figures", only=only, days="60")
    assert expected is not None, "the weeks lived through have some of each"
    assert {key: figures[key]["value"] for key in expected} == pytest.approx(expected)


def test_every_day_is_that_of_a_recount(place: Place) -> None:
    rows = place.table("promises", "By day received", days="30", grain="day")
    expected = place.recount({"days": "30"}).by_day("first_response")
    assert sorted(row["received"] for row in rows.values()) == sorted(expected.values())
    assert len(rows) == len(expected)


@pytest.mark.parametrize("by", ["source", "language", "policy"])
def test_the_file_of_days_is_that_of_a_recount(place: Place, by: str) -> None:
    made = place.json("days", days="30", by=by)["tables"][0]["rows"]
    found = {(row["day"], row[by]): row for row in made if row["received"]}
    seen = set()
    for day in sorted({row["day"] for row in made}):
        recount = place.recount({"first": day, "last": day})
        for value, expected in recount.promises("first_response", by).items():
            row = found[day, named(by, value)]
            seen.add((day, named(by, value)))
            keys = ("received", "met", "missed", "median_business", "p90_business")
            assert {key: row[key] for key in keys} == {key: expected[key] for key in keys}
    assert seen == set(found)


def test_stages_are_those_of_a_recount(place: Place) -> None:
    recount = place.recount({"days": "60"})
    rows = place.table("stages", "Stage by stage", days="60")
    for stage, times in recount.stages().items():
        row = rows[stage.capitalize()]
        assert (row["n"], row["median"], row["p90"]) == (
            len(times),
            at_rank(times, 0.5),
            at_rank(times, 0.9),
        ), stage
    by_source = place.table("stages", "By source", days="60")
    for source in recount.sources.values():
        mine = recount.stages(lambda case, wanted=source.id: case.source_id == wanted)  # type: ignore[misc]
        assert by_source[source.key]["approved"] == at_rank(mine["approved"], 0.5)


def test_what_customers_did_is_that_of_a_recount(place: Place) -> None:
    recount = place.recount({"days": "60"})
    told = recount.after()
    rows = list(place.table("after", "After our first answer", days="60").values())
    for name, row in zip(list(told)[:6], rows, strict=True):
        counted, met = told[name]
        assert (row["counted"], row["met"]) == (counted, met), name
        assert row["share"] == (pytest.approx(met / counted) if counted else None)
    assert any(met for _, met in told.values())
    assert recount.voided("first_response") > 0, "some were dismissed"


def test_people_are_those_of_a_recount(place: Place) -> None:
    recount = place.recount({"days": "60"})
    rows = place.table("people", "Who answered what", days="60")
    first, following = (recount.by_person(each) for each in ("first_response", "next_response"))
    for name, row in rows.items():
        key = "" if name == "nobody yet" else name
        assert (row["answered"], row["next"]) == (first.get(key, 0), following.get(key, 0))
    assert set(first) - {""} <= set(rows)
    counted, met = recount.after()["edited"]
    assert counted > met > 0, "some drafts were changed"
    teams = place.table("people", "Who answered what", days="60", by="team")
    assert teams["Front"]["answered"] == rows["Mara"]["answered"]
    kept = place.table("promises", "By person", days="60", by="person")
    assert any(kept[name]["overdue"] for name in rows), "and late ones count as missed"
    assert {name: row["in_time"] for name, row in rows.items()} == {
        name: kept[name]["in_time"] if name in kept else None for name in rows
    }
    only = place.table("people", "Who answered what", days="60", only="team:Front")
    assert only == {"Mara": rows["Mara"]}


def test_what_customers_say_is_that_of_a_recount(place: Place) -> None:
    recount = place.recount({"days": "60"})
    figures = place.table("voice", "Figures", days="60")
    heard = recount.heard()
    assert len(heard) < len(recount.mentions), "one is a reply of ours"
    assert figures["mentions"]["value"] == len(heard)
    assert figures["complaints"]["value"] == sum(map(recount.is_complaint, heard))
    rated = [each.rating for each in heard if each.rating is not None]
    assert figures["rating"]["n"] == len(rated)
    assert figures["rating"]["value"] == pytest.approx(sum(rated) / len(rated), abs=0.006)
    topics = place.table("voice", "Topics rising and falling", days="60")
    waiting = [m for m in heard if "waiting" in recount.topics(m) and recount.is_complaint(m)]
    assert topics["waiting"]["now"] == len(waiting)


def test_ratings_and_sentiment_are_drawn_as_the_means_that_the_figures_tell(place: Place) -> None:
    page = place.browser.get("/reports/voice?days=60&grain=week")
    drawn = {each.select_one("h3").get_text(): each for each in page.soup.select("figure")}  # type: ignore[union-attr]
    rows = place.table("voice", "By week", days="60", grain="week")
    for title, key in (("Rating", "rating"), ("Sentiment", "sentiment")):
        told = {
            row.select_one("th").get_text(): [cell.get_text() for cell in row.select("td")]  # type: ignore[union-attr]
            for row in drawn[title].select("tbody tr")
        }
        assert len(rows) > 1
        for name, row in rows.items():
            mean = "–" if row[key] is None else f"{row[key]:.2f}"
            assert told[name] == [mean, f"{row[f'{key}_of']:,}"]
    marks = [each.get_text() for each in drawn["Rating"].select("text.word-mark")]
    assert marks == ["1", "2", "3", "4", "5"]


def test_what_is_open_now_is_that_of_a_recount(place: Place) -> None:
    figures = place.table("backlog", "Figures", days="30")
    waiting, overdue = place.recount({"days": "30"}).waiting()
    assert (figures["open"]["value"], figures["overdue"]["value"]) == (waiting, overdue)
    opened = len(place.recount({"days": "30"}).opened())
    assert figures["arrivals"]["value"] == opened
    by_source = [
        place.table("backlog", "Figures", days="30", only=f"source:{key}").get("open")
        for key in ("board", "files", "feed")
    ]
    assert sum(each["value"] for each in by_source if each) == waiting


def test_the_load_is_that_of_a_recount(place: Place) -> None:
    words = {"first": "2026-03-02", "last": "2026-03-15"}
    rows = place.table("backlog", "Cases an hour, the mean of each weekday", **words)
    opened = [case.opened_at.astimezone(ZoneInfo(ZONE)) for case in place.recount(words).opened()]
    assert sum(row["cases"] for row in rows.values()) == len(opened) > 0
    for hour in range(24):
        row = rows[f"{hour:02d}:00"]
        there = [at.weekday() for at in opened if at.hour == hour]
        assert row["cases"] == len(there)
        means = [row[day] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
        assert means == [there.count(day) / 2 for day in range(7)], "there are two of each"


def test_the_digest_and_the_terminal_tell_the_same(place: Place) -> None:
    now = place.app.clock()
    today = now.astimezone(ZoneInfo(ZONE)).date()
    period = Period(today - timedelta(days=7), today - timedelta(days=1), ZoneInfo(ZONE))
    told = {"first": str(period.first), "last": str(period.last)}
    whole = place.recount(told).promises("first_response")[""]
    with place.app.database.read() as session:
        digest = read_digest(session, "weekly", period.begin, period.end, now, ZONE)
        kept = kept_report(session, period, now)
    fared = digest.first.attainment
    assert (digest.first.received, fared.met, fared.missed) == tuple(whole[k] for k in COUNTS[:3])
    assert digest.first.median_business == whole["median_business"]
    assert digest.mentions == kept.mentions == len(place.recount(told).heard())
    assert digest.new == kept.cases == len(place.recount(told).opened())
    assert (digest.open_count, digest.overdue_count) == place.recount(told).waiting()


DAYS = {"first": "2026-03-02", "last": "2026-04-10"}


def terminal(place: Place, *arguments: str) -> Any:
    done = CliRunner().invoke(rapport, ["--config", str(place.config), "report", *arguments])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("key", TITLES)
def test_the_terminal_tells_what_the_page_tells(place: Place, key: str) -> None:
    told = terminal(place, key, "--json", "--first", DAYS["first"], "--last", DAYS["last"])
    if key in ("promises", "people"):  # the terminal's clock is the real one: more is overdue
        rows = {row["key"]: row for row in told["tables"][0]["rows"] if "key" in row}
        whole = place.recount(DAYS, datetime.now(UTC)).promises("first_response")[""]
        assert key == "people" or {k: rows[k]["value"] for k in whole} == pytest.approx(whole)
    elif key != "backlog":
        shown = place.json(key, **DAYS)["tables"]
        if key == "voice":  # by the terminal's clock the week of the page's is over
            rows = [row for row in shown[1]["rows"] if row["name"].endswith(" (so far)")]
            assert len(rows) == 1
            rows[0]["name"] = rows[0]["name"].removesuffix(" (so far)")
        assert told["tables"] == shown


def test_the_sla_report_of_the_terminal_is_that_of_a_recount(place: Place) -> None:
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(ZONE)).date()
    days = (today - place.app.clock().date()).days + 60
    told = terminal(place, "sla", "--json", "--since", f"{days}d")
    first = today - timedelta(days=days - 1)
    recount = place.recount({"first": str(first), "last": str(today)}, now)
    for target in told["targets"]:
        whole = recount.promises(target["target"])[""]
        fared = target["total"]["attainment"]
        counts = [fared[k] for k in ("met", "missed", "open_overdue", "open_in_time")]
        assert [target["total"]["received"], *counts] == [whole[k] for k in COUNTS]
        for name in ("median_business", "p90_business", "median_wall", "p90_wall"):
            assert target["total"][name] == whole[name]
        by_source = recount.promises(target["target"], "source")
        assert {key: each["received"] for key, each in target["by_source"]} == {
            key: each["received"] for key, each in by_source.items()
        }
    assert (told["mentions"], told["cases"]) == (len(recount.heard()), len(recount.opened()))


def test_every_file_holds_what_the_json_holds(place: Place) -> None:
    for key in TITLES:
        tables = place.json(key, days="60")["tables"]
        written = place.browser.get(f"/reports/{key}.csv?days=60").answer.content
        blocks = written.decode("utf-8-sig").split("\r\n\r\n")
        assert len(blocks) == len(tables)
        workbook = read_workbook(place.browser.get(f"/reports/{key}.xlsx?days=60").answer.content)
        for block, table in zip(blocks, tables, strict=True):
            rows = list(csv.reader(io.StringIO(block)))[1:]
            expected = [list(row.values()) for row in table["rows"]]
            assert [[plain(cell) for cell in row] for row in rows] == [
                [plain(cell) for cell in row] for row in expected
            ]
            assert any(same(sheet, expected) for sheet in workbook), (key, table["name"])


def test_a_file_tells_on_how_many_each_share_and_time_rests(place: Place) -> None:
    words = {"days": "60"}
    recount = place.recount(words).promises("first_response", "source")
    rows = place.table("promises", "By source", **words)
    for source, told in recount.items():
        answered = told["met"] + told["missed"]
        assert rows[source]["in_time_of"] == answered + told["overdue"]
        assert rows[source]["answered_of"] == told["received"]
        assert rows[source]["median_business_of"] == rows[source]["p90_wall_of"] == answered
    outcomes = place.table("after", "After our first answer", **words)
    assert all(row["share_of"] == row["counted"] for row in outcomes.values())
    by_source = place.table("after", "By source", **words)
    wrote = sum(row["wrote_again_of"] or 0 for row in by_source.values())
    assert wrote == sum(r["counted"] for n, r in outcomes.items() if n.startswith("Wrote again"))
    people = place.table("people", "Who answered what", **words)
    late = {
        name: row["overdue"]
        for name, row in place.table("promises", "By person", **words, by="person").items()
    }
    assert any(late.values())
    for name, row in people.items():
        assert (row["in_time_of"] or 0) == row["answered"] + late.get(name, 0)
    said = place.table("voice", "By week", grain="week", **words)
    assert all(row["share_of"] == row["mentions"] for row in said.values())
    assert any(row["sentiment_of"] for row in said.values())


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize(("key", "name"), [("promises", "By %s received"), ("voice", "By %s")])
def test_files_have_the_first_day_of_each_step_so_that_they_can_be_sorted(
    place: Place, key: str, name: str, grain: str
) -> None:
    rows = list(place.table(key, name % grain, days="60", grain=grain).values())
    begins = [date.fromisoformat(row["from"]) for row in rows]
    assert begins == sorted(set(begins), reverse=True)
    for begin, row in zip(begins, rows, strict=True):
        told = f"{begin:%b %Y}" if grain == "month" else f"{begin.day} {begin:%b %Y}"
        assert told in row["name"]
        assert begin.weekday() == 0 or grain != "week"


def test_what_is_not_over_is_marked_in_charts_and_tables(place: Place) -> None:
    for key in ("promises", "voice"):
        page = place.browser.get(f"/reports/{key}?days=60&grain=month")
        figures = page.soup.select("figure.chart-figure")[:2]
        for each in figures:
            names = [row.get_text() for row in each.select("tbody th")]
            assert names[-1].endswith("(so far)"), key
            assert names[0].endswith("(part)"), key
            assert not any("(" in name for name in names[1:-1]), key
            assert "not whole" in each.get_text(), key
    said = place.table("voice", "By month", days="60", grain="month")
    assert sum(name.endswith("(so far)") for name in said) == 1


def plain(cell: Any) -> Any:
    """A cell as it can be compared: numbers as numbers, nothing as nothing."""
    if cell is None or cell == "":
        return None
    try:
        return round(float(cell), 9)
    except ValueError:
        return str(cell).removeprefix("'")


def same(sheet: list[list[Any]], expected: list[list[Any]]) -> bool:
    """Whether a sheet ends with these rows; durations are days in a workbook."""
    tail = sheet[len(sheet) - len(expected) :]
    for row, wanted in zip(tail, expected, strict=False):
        cells = [plain(cell) for cell in row] + [None] * (len(wanted) - len(row))
        for cell, value in zip(cells, map(plain, wanted), strict=True):
            if isinstance(cell, float) and isinstance(value, float):
                if abs(cell - value) > 1e-6 and abs(cell * 86_400 - value) > 0.01:
                    return False
            elif cell != value:
                return False
    return len(tail) == len(expected)


PAGES = [
    *(f"{key}?days=14" for key in TITLES),
    "promises?days=30&grain=week&by=topic&measure=resolution",
    "promises?days=30&by=team",
    "promises?days=30&only=topic:waiting",
    "promises?days=30&only=team:",
    "people?days=14&by=team",
    "backlog?only=topic:waiting",
    "voice?days=10&only=language:de",
    "stages?days=10&by=person",
    "after?days=14&only=source:board",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_number_opens_a_list_of_its_length(place: Place, path: str) -> None:
    page = place.browser.get(f"/reports/{path}")
    assert page.status == 200
    lengths: dict[str, int] = {}
    links = page.soup.select(".figures dd a, td a")
    assert links
    rests_on = {
        row["key"]: row["n"]
        for table in tables_of(place, path)
        if table["name"] == "Figures"
        for row in table["rows"]
    }
    for link in links:
        address = str(link["href"])
        if address not in lengths:
            lengths[address] = length_of(place.browser, address)
        told = link.get_text(strip=True)
        if told.replace(",", "").isdigit():
            assert lengths[address] == int(told.replace(",", "")), address
        else:
            assert lengths[address] > 0, address
    for figure, n in zip(page.soup.select(".figures > div"), rests_on.values(), strict=True):
        link = figure.select_one("a")
        if n is not None and link is not None:
            assert lengths[str(link["href"])] == n, link


def tables_of(place: Place, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.browser.get(
        "/reports/" + path.replace("?", ".json?")
    ).answer.json()["tables"]
    return found


def length_of(browser: Browser, address: str) -> int:
    """Count the rows of a list, and of all older ones."""
    total = 0
    while address:
        page: Page = browser.get(address)
        assert page.status == 200, page.text
        total += len(page.soup.select("table.cases tbody tr"))
        older = page.soup.select_one(".more a")
        address = str(older["href"]) if older is not None else ""
    return total


def test_a_list_and_its_file_hold_the_same(place: Place) -> None:
    for asked in ("of=first_response&fared=met", "of=mentions&fared=met", "of=open_now",
                  "of=wrote_again", "of=visible"):  # fmt: skip
        length = length_of(place.browser, f"/reports/cases?days=20&{asked}")
        lines = place.browser.get(f"/reports/cases.ndjson?days=20&{asked}").answer.text.splitlines()
        assert len(lines) == length > 0
        rows = place.browser.get(f"/reports/cases.csv?days=20&{asked}").answer.content.decode()
        assert len(list(csv.reader(io.StringIO(rows)))) == length + 1


@pytest.mark.parametrize(
    "asked", ["of=nothing", "of=first_response&fared=happily", "of=silent&fared=missed", "only=x"]
)
def test_a_list_that_there_is_not_is_refused_in_words(place: Place, asked: str) -> None:
    page = place.browser.get(f"/reports/cases?{asked}")
    assert page.status == 400
    assert "Traceback" not in page.html


@pytest.mark.parametrize(
    "place_in_it", ["0001-01-01T00:00:00%2B14:00~1", "9999-12-31T23:59:59-14:00~1", "x~y", "~"]
)
@pytest.mark.parametrize("of", ["first_response", "mentions"])
def test_a_place_in_a_list_that_is_none_begins_at_the_top(
    place: Place, place_in_it: str, of: str
) -> None:
    page = place.browser.get(f"/reports/cases?days=60&of={of}&after={place_in_it}")
    assert page.status == 200
    assert page.soup.select("table.cases tbody tr")


def test_a_list_leads_back_to_the_report_as_it_was_asked(place: Place) -> None:
    asked = "only=source:board&grain=week&clock=wall&of=resolution"
    page = place.browser.get(f"/reports/cases?days=20&{asked}")
    link = page.soup.select_one("h1 a")
    assert link is not None
    for told in ("only=source%3Aboard", "grain=week", "clock=wall", "measure=resolution"):
        assert told in str(link["href"])


def test_a_name_that_is_nearly_one_of_the_configuration_is_doubted(place: Place) -> None:
    page = place.browser.get("/reports?only=person:Maro")
    assert page.status == 200
    assert "no person 'Maro'; did you mean 'Mara'?" in page.text
    assert "did you mean" not in place.browser.get("/reports?only=person:Mara").text


def test_a_filter_says_that_nothing_is_told_apart(place: Place) -> None:
    page = place.browser.get("/reports?days=60&only=source:board&by=topic")
    assert "only without a filter are sources, topics and the like told apart" in page.text
    assert page.soup.select_one("select[name=by]") is None
    assert "reports/days." not in page.html
    assert place.browser.get("/reports/days.csv?days=60&only=source:board").status == 400


def test_while_figures_are_counted_pages_say_so_and_no_file_is_made(place: Place) -> None:
    with place.app.database.write() as session:
        session.execute(update(ReportState).values(settled_at=None))
    try:
        assert "The figures are being counted" in place.browser.get("/reports").text
        for path in ("promises.csv", "backlog.xlsx", "days.json"):
            assert place.browser.get(f"/reports/{path}").status == 503
    finally:
        place.app.keeper.run()
    assert "are being counted" not in place.browser.get("/reports").text
    assert place.browser.get("/reports/days.json").status == 200


def test_the_page_shows_what_the_json_holds(place: Place) -> None:
    for path in PAGES:
        page = place.browser.get(f"/reports/{path}")
        tables = tables_of(place, path)
        shown = {
            each.select_one("summary").get_text(strip=True): each  # type: ignore[union-attr]
            for each in page.soup.select("section > details")
        }
        for table in tables:
            if table["name"] == "Figures" or not table["rows"]:
                continue
            rows = shown[table["name"]].select("tbody tr")
            told = [each.get_text(strip=True) for each in shown[table["name"]].select("thead th")]
            # A file has more columns: first days, and on how many a value rests.
            columns = [each for each in table["columns"] if each["name"] in told]
            more = [each["key"] for each in table["columns"] if each["name"] not in told]
            assert [each["name"] for each in columns] == told
            assert all(key == "from" or key.endswith("_of") for key in more)
            kinds = [column["kind"] for column in columns][1:]
            for row, wanted in zip(rows, table["rows"], strict=True):
                cells = [cell.get_text(strip=True).removesuffix("*") for cell in row.select("td")]
                values = [wanted[column["key"]] for column in columns]
                few = [wanted.get(f"{column['key']}_of") for column in columns]
                marked = [cell.select_one("abbr") is not None for cell in row.select("td")]
                assert marked == [
                    n is not None and n < SMALL and value is not None
                    for n, value in zip(few[1:], values[1:], strict=True)
                ]
                assert row.select_one("th").get_text(strip=True) == values[0]  # type: ignore[union-attr]
                assert cells == [words(*pair) for pair in zip(values[1:], kinds, strict=True)]


def words(value: Any, kind: str) -> str:
    """A value as a page tells it."""
    if value is None:
        return "–"
    if kind == "share":
        return f"{value * 100:.3g} %"
    if kind == "seconds":
        return length(int(value))
    if isinstance(value, str):
        return value
    return f"{value:.2f}" if isinstance(value, float) else f"{value:,}"


def length(seconds: int) -> str:
    minutes, hours, days = seconds // 60 % 60, seconds // 3600 % 24, seconds // 86_400
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def test_the_kept_figures_are_those_of_a_recount(place: Place) -> None:
    assert place.app.keeper.differences() == []
