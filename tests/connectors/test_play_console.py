"""The Play Console's monthly export: UTF-16, and the same reviews as Google Play's API."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Context, FoundMention, Problem
from connectors.file import FileConnector, FileSettings, read_file
from connectors.googleplay.reviews import mention_of

APP = "com.example.app"
HEADER = (
    "Package Name", "App Version Code", "App Version Name", "Reviewer Language", "Device",
    "Review Submit Date and Time", "Review Submit Millis Since Epoch",
    "Review Last Update Date and Time", "Review Last Update Millis Since Epoch", "Star Rating",
    "Review Title", "Review Text", "Developer Reply Date and Time",
    "Developer Reply Millis Since Epoch", "Developer Reply Text", "Review Link",
)  # fmt: skip
LINK = "https://play.google.com/console/developers/1/app/2/user-feedback/review-details?reviewId={}"


def row(ident: str, text: str, *, updated: str = "", reply: str = "", **said: str) -> list[str]:
    """Return one row as the console writes it; times are whole seconds, in UTC."""
    written = "2026-02-01T10:00:00Z"
    updated = updated or written
    replied = "2026-02-03T08:00:00Z" if reply else ""
    link = LINK.format(ident.replace(":", "%3A")) + "&corpus=PUBLIC_REVIEWS" if ident else ""
    values = {
        "Package Name": APP, "App Version Code": "12", "App Version Name": "1.2",
        "Reviewer Language": "de_DE", "Device": "pixel",
        "Review Submit Date and Time": written,
        "Review Submit Millis Since Epoch": millis(written),
        "Review Last Update Date and Time": updated,
        "Review Last Update Millis Since Epoch": millis(updated), "Star Rating": "2",
        "Review Title": "", "Review Text": text, "Developer Reply Date and Time": replied,
        "Developer Reply Millis Since Epoch": millis(replied), "Developer Reply Text": reply,
        "Review Link": link, **said,
    }  # fmt: skip
    return [values[name] for name in HEADER]


def millis(iso: str) -> str:
    return str(int(datetime.fromisoformat(iso).timestamp() * 1000)) if iso else ""


def export(path: Path, *rows: list[str], encoding: str = "utf-16-le") -> Path:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows([HEADER, *rows])
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    path.write_bytes(mark + file.getvalue().encode(encoding))
    return path


def read(path: Path) -> tuple[list[FoundMention], list[Problem]]:
    pages = list(read_file(path))
    return [m for p in pages for m in p.mentions], [q for p in pages for q in p.problems]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-8"])
def test_each_column_has_its_place(tmp_path: Path, encoding: str) -> None:
    rows = row(
        "gp:AOq1", "Stürzt ab, \"immer\"\nüberall 🙁", updated="2026-02-02T10:00:00Z",
        reply="Danke!", **{"Review Title": "Schade"},
    )  # fmt: skip
    path = export(tmp_path / f"reviews_{APP}_202602.csv", rows, encoding=encoding)
    assert read(path) == (
        [
            FoundMention(
                external_id="gp:AOq1",
                text='Stürzt ab, "immer"\nüberall 🙁',
                title="Schade",
                rating=2.0,
                language="de-DE",
                url=LINK.format("gp%3AAOq1") + "&corpus=PUBLIC_REVIEWS",
                created_at=datetime(2026, 2, 1, 10, tzinfo=UTC),
                edited_at=datetime(2026, 2, 2, 10, tzinfo=UTC),
                location=APP,
                our_reply="Danke!",
                our_reply_at=datetime(2026, 2, 3, 8, tzinfo=UTC),
            )
        ],
        [],
    )


def test_the_export_and_the_api_tell_of_the_same_review(tmp_path: Path) -> None:
    path = export(
        tmp_path / "r.csv",
        row("gp:AOq-1", "Stürzt ab ", reply="Danke!", **{"Review Title": "Schade"}),
    )
    [told], _ = read(path)
    api: dict[str, Any] = {
        "reviewId": "gp:AOq-1",
        "comments": [
            {
                "userComment": {
                    "text": "Schade\tStürzt ab ",
                    "lastModified": {"seconds": millis("2026-02-01T10:00:00Z")[:-3]},
                    "starRating": 2,
                    "reviewerLanguage": "de_DE",
                }
            },
            {
                "developerComment": {
                    "text": "Danke!",
                    "lastModified": {"seconds": millis("2026-02-03T08:00:00Z")[:-3]},
                }
            },
        ],
    }
    heard = mention_of(api, APP)
    for field in ("external_id", "title", "text", "rating", "language", "location", "created_at",
                  "edited_at", "our_reply", "our_reply_at", "kind"):  # fmt: skip
        assert getattr(told, field) == getattr(heard, field), field


def test_only_millis_are_enough(tmp_path: Path) -> None:
    times = {name: "" for name in HEADER if name.endswith("Date and Time")}
    text = export(tmp_path / "r.csv", row("gp:1", "x", reply="y")).read_bytes().decode("utf-16")
    table = list(csv.reader(io.StringIO(text)))
    keep = [index for index, name in enumerate(table[0]) if name not in times]
    path = tmp_path / "millis.csv"
    lines = [[one[index] for index in keep] for one in table]
    path.write_text("".join(",".join(line) + "\n" for line in lines), "utf-16")
    [found], _ = read(path)
    assert found.created_at == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert found.our_reply_at == datetime(2026, 2, 3, 8, tzinfo=UTC)


def test_older_links_carry_the_id_behind_a_hash(tmp_path: Path) -> None:
    link = f"http://play.google.com/apps/publish?account=1#ReviewDetailsPlace:p={APP}&reviewid=gp:9"
    [found], _ = read(export(tmp_path / "r.csv", row("", "x", **{"Review Link": link})))
    assert found.external_id == "gp:9"


def test_ratings_without_a_text_have_no_link_and_are_told_apart(tmp_path: Path) -> None:
    rows = [row("", "", **{"Star Rating": "5"}) for _ in range(3)]
    broken = row("", "lost", **{"Review Link": "https://play.google.com/console/"})
    found, problems = read(export(tmp_path / "r.csv", *rows, broken))
    assert len({one.external_id for one in found}) == 4
    assert all(one.external_id.startswith("r.csv#~") for one in found)
    assert problems == []


def test_a_review_that_stands_in_two_months_is_one(tmp_path: Path) -> None:
    export(tmp_path / "reviews_202601.csv", row("gp:1", "late"), row("gp:2", "cold"))
    export(
        tmp_path / "reviews_202602.csv",
        row("gp:1", "late, and rude", updated="2026-02-05T10:00:00Z"),
        row("gp:1", "late, rude and cold", updated="2026-02-06T10:00:00Z"),
    )
    context = Context("inbox", base_dir="/", now=lambda: datetime(2030, 1, 1, tzinfo=UTC))
    source = FileConnector(FileSettings(path=str(tmp_path)), context)
    found: dict[str, str] = {}
    problems: list[Problem] = []
    cursor: Any = {}
    try:
        while True:
            page = source.fetch(json.loads(json.dumps(cursor)))
            found.update({one.external_id: one.text for one in page.mentions})
            problems += page.problems
            cursor = page.next_cursor
            if not page.more:
                break
    finally:
        source.close()
    assert found == {"gp:1": "late, rude and cold", "gp:2": "cold"}
    assert [one.where for one in problems] == ["reviews_202602.csv:2"]


def test_other_exports_with_such_links_keep_their_own_ids(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"id,text,url\n7,late,{LINK.format('gp:1')}\n")
    [found], _ = read(path)
    assert found.external_id == "mine.csv#7"
