"""``rapport report``: the reports of the pages, as tables and files, and what is behind them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from monitor.cli.report_tables import ABOUT
from monitor.reports.catalog import TITLES
from tests.integration.cli.conftest import Call
from tests.integration.cli.test_commands import import_rows, prepare
from tests.support.workbooks import read_workbook


@pytest.fixture
def answered(folder: Path, rapport: Call) -> None:
    import_rows(folder, rapport)
    prepare(folder)
    assert rapport("approve", "C-1", "--yes").returncode == 0
    assert rapport("posted", "C-1", "--url", "https://board.example/1").returncode == 0


def test_there_is_a_command_for_every_report() -> None:
    assert list(ABOUT) == list(TITLES)


@pytest.mark.parametrize("key", TITLES)
def test_every_report_is_printed_on_an_empty_and_on_a_full_store(
    folder: Path, rapport: Call, key: str
) -> None:
    empty = rapport("report", key)
    assert empty.returncode == 0, empty.stderr
    assert TITLES[key] in empty.stdout.splitlines()[0]
    import_rows(folder, rapport)
    prepare(folder)
    full = rapport("report", key, "--since", "7d")
    assert full.returncode == 0, full.stderr
    assert full.stdout.splitlines()[-1] == f"next: rapport report {key} --csv"


@pytest.mark.usefixtures("answered")
def test_promises_are_told_apart_and_filtered(rapport: Call) -> None:
    told = rapport("report", "promises", "--by", "language", "--only", "policy:default").stdout
    assert "only policy default" in told.splitlines()[0]
    assert "Answered                  50 %*" in told
    assert "Received                  2" in told
    resolution = rapport("report", "promises", "--measure", "resolution").stdout
    assert "Nothing that this promise is made for" in resolution


@pytest.mark.usefixtures("answered")
def test_the_formats_hold_the_same(folder: Path, rapport: Call) -> None:
    made = json.loads(rapport("report", "promises", "--json").stdout)
    figures = {row["key"]: row["value"] for row in made["tables"][0]["rows"]}
    assert (figures["received"], figures["met"], figures["open"]) == (2, 1, 1)
    rows = list(csv.reader(io.StringIO(rapport("report", "promises", "--csv").stdout)))
    assert ["First response", "received", "Received", "number", "2", ""] in rows
    done = rapport("report", "promises", "--xlsx", "monday.xlsx")
    assert done.stdout.startswith("wrote monday.xlsx")
    assert len(read_workbook((folder / "monday.xlsx").read_bytes())) >= len(made["tables"])


@pytest.mark.usefixtures("answered")
def test_what_is_behind_a_number_is_listed_and_written(rapport: Call) -> None:
    assert rapport("report", "cases", "--fared", "met").stdout.count("C-1 ") == 1
    lines = rapport("report", "cases", "--ndjson").stdout.splitlines()
    assert {json.loads(line)["case"] for line in lines} == {"C-1", "C-2"}
    rows = list(csv.reader(io.StringIO(rapport("report", "cases", "--csv").stdout)))
    assert len(rows) == 3
    heard = rapport("report", "cases", "--of", "mentions", "--fared", "met")
    assert "complaint" in heard.stdout
    assert "C-2" in rapport("report", "cases", "--of", "open_now").stdout
    none = rapport("report", "cases", "--fared", "missed")
    assert none.returncode == 0
    assert none.stdout.startswith("nothing stands behind this number")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("promises", "--since", "soon"), "--since 'soon'"),
        (("promises", "--since", "7d", "--first", "2026-01-01"), "--since goes with neither"),
        (("promises", "--first", "2026-13-01"), "is no date such as"),
        (("promises", "--only", "colour:red"), "is no filter such as"),
        (("promises", "--by", "colour"), "is not one of source"),
        (("promises", "--json", "--csv"), "--json and --csv exclude each other"),
        (("cases", "--of", "speed"), "'speed' is not one of first_response"),
        (("cases", "--fared", "happily"), "known: met, missed, overdue"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(
    rapport: Call, arguments: tuple[str, ...], said: str
) -> None:
    done = rapport("report", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_said_in_one_line(rapport: Call) -> None:
    done = rapport("report", "voice", "--xlsx", "nowhere/monday.xlsx")
    assert done.returncode == 1
    assert "nowhere/monday.xlsx cannot be written" in done.stderr


@pytest.mark.usefixtures("answered")
def test_days_are_told_by_source_and_take_no_filter(rapport: Call) -> None:
    made = json.loads(rapport("report", "days", "--since", "7d", "--json").stdout)
    (row,) = made["tables"][0]["rows"]
    assert (row["received"], row["met"], row["missed"]) == (2, 1, 0)
    assert row["source"] in rapport("report", "days").stdout
    refused = rapport("report", "days", "--only", "source:board")
    assert (refused.returncode, "use --by" in refused.stderr) == (2, True)
