"""CSV and NDJSON files: every row is found once, or reported with its line."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Context, FoundMention, Problem
from connectors.errors import BadSettings, Unavailable
from connectors.file import FileConnector, FileSettings, read_file
from connectors.file.reading import KEPT_BYTES
from connectors.file.table import LONGEST

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def read(path: Path, **said: Any) -> tuple[list[FoundMention], list[Problem]]:
    pages = list(read_file(path, FileSettings(path=str(path), **said)))
    return [m for p in pages for m in p.mentions], [q for p in pages for q in p.problems]


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    settle(path)
    return path


def settle(path: Path, seconds_ago: float = 3600) -> None:
    moment = NOW.timestamp() - seconds_ago
    os.utime(path, (moment, moment))


OPENED: list[FileConnector] = []


@pytest.fixture(autouse=True)
def _close_what_was_opened() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def connector(path: Path, now: datetime = NOW, **said: Any) -> FileConnector:
    context = Context("inbox", base_dir="/", now=lambda: now)
    OPENED.append(FileConnector(FileSettings(path=str(path), **said), context))
    return OPENED[-1]


def poll(source: FileConnector, cursor: Any) -> tuple[dict[str, FoundMention], list[Problem], Any]:
    """Fetch until there is no more, as the core does, with the cursor stored as JSON."""
    found: dict[str, FoundMention] = {}
    problems: list[Problem] = []
    for _ in range(200):
        page = source.fetch(json.loads(json.dumps(cursor)))
        for mention in page.mentions:
            assert mention.external_id not in found, "handed out twice in one round"
            found[mention.external_id] = mention
        problems += page.problems
        cursor = page.next_cursor
        if not page.more:
            return found, problems, cursor
    raise AssertionError("the file never ends")


HEADER = "id,author,text,rating,date\n"


def test_a_plain_file_is_read_field_by_field(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", HEADER + '7,Ada,"Cold, and late",2,2026-02-01 10:00:00\n')
    [found], problems = read(path)
    assert problems == []
    assert found == FoundMention(
        external_id="r.csv#7",
        text="Cold, and late",
        author_name="Ada",
        rating=2.0,
        created_at=datetime(2026, 2, 1, 10, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Größe"),
        ("utf-8-sig", "Größe 🙂"),
        ("utf-16", "Größe 🙂"),
        ("utf-16-le", "Grosse"),
        ("utf-16-be", "Grosse"),
        ("utf-32", "Größe"),
    ],
)
def test_the_encoding_is_recognised(tmp_path: Path, encoding: str, text: str) -> None:
    path = write(tmp_path, "r.csv", HEADER + f"1,Ada,{text} reicht nicht,2,\n", encoding)
    [found], problems = read(path)
    assert (found.text, problems) == (f"{text} reicht nicht", [])


def test_what_is_no_utf8_is_read_as_windows_with_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", HEADER + "1,A,fine,5,\n2,B,“Größe” – naïve €,2,\n", "cp1252")
    found, problems = read(path)
    assert found[1].text == "“Größe” – naïve €"
    assert [p.where for p in problems] == ["r.csv:3"]
    assert "Windows-1252" in problems[0].reason


def test_one_odd_byte_does_not_spoil_a_utf8_file(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(HEADER.encode() + "1,A,Größe,5,\n".encode() + b"2,B,caf\xe9,2,\n")
    found, problems = read(path)
    assert [m.text for m in found] == ["Größe", "café"]
    assert [p.where for p in problems] == ["r.csv:3"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    head = delimiter.join(["id", "text", "stars"])
    body = delimiter.join(["1", '"one, two; three | four\tfive"', "3"])
    [found], _ = read(write(tmp_path, "r.csv", f"{head}\n{body}\n"))
    assert (found.text, found.rating) == ("one, two; three | four\tfive", 3.0)


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Review Text,Star Rating,Reviewer Language", "x y,4,de_DE", ("x y", 4.0, "de-DE")),
        ("Kommentar,Sterne,Sprache", "x y,4,de", ("x y", 4.0, "de")),
        ("Comentario,Calificación,Idioma", "x y,4,es", ("x y", 4.0, "es")),
        ("Avis,Note,Langue", "x y,4,fr", ("x y", 4.0, "fr")),
        ("REVIEW,REVIEWER_SCORE,lang", "x y,4,en", ("x y", 4.0, "en")),
        ("Bewertung,Note,Sprache", "x y,4,de", ("x y", 4.0, "de")),
        ("Bewertung,Text,Sprache", "4,x y,de", ("x y", 4.0, "de")),
    ],
)
def test_usual_column_names_are_recognised(
    tmp_path: Path, header: str, row: str, expected: tuple[Any, ...]
) -> None:
    [found], problems = read(write(tmp_path, "r.csv", f"{header}\n{row}\n"))
    assert problems == []
    assert (found.text, found.rating, found.language) == expected


def test_texts_of_numbers_are_texts_where_nothing_else_is(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,text,stars\n1,7,x\n2,0,y\n")
    found, problems = read(path)
    assert ([mention.text for mention in found], problems) == (["7", "0"], [])


def test_sentences_in_a_column_of_ratings_are_not_lost_without_a_word(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,title,note\n1,Bad,They shouted at me and left\n")
    _found, problems = read(path)
    assert "name them under `columns`" in problems[0].reason


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", "Nr,Wie war es?,Punkte,text\n1,gut so,3,intern\n")
    [found], _ = read(path, columns={"id": "Nr", "text": "wie war es", "rating": "Punkte"})
    assert (found.external_id, found.text, found.rating) == ("r.csv#1", "gut so", 3.0)


def test_a_named_column_that_is_missing_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    found, [problem] = read(write(tmp_path, "r.csv", "a,b\n1,2\n"), columns={"text": "c"})
    assert found == []
    assert "'c'" in problem.reason
    assert "'a', 'b'" in problem.reason


def test_a_header_without_text_or_rating_is_told(tmp_path: Path) -> None:
    found, [problem] = read(write(tmp_path, "r.csv", "foo,bar\n1,2\n"))
    assert found == []
    assert "'foo', 'bar'" in problem.reason


def test_ragged_rows_are_reported_with_their_line_and_skipped(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "r.csv",
        HEADER + '1,A,"two\nlines",5,\n2,B\n\n3,C,ok,4,\n4,D,a,1,,too,many\n5,E,empty tail,1,,,\n',
    )
    found, problems = read(path)
    assert [m.external_id for m in found] == ["r.csv#1", "r.csv#3", "r.csv#5"]
    assert [p.where for p in problems] == ["r.csv:4", "r.csv:7"]
    assert "2 fields where the header has 5" in problems[0].reason


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    rows = "".join(f"{n},N,fine {n},4,\n" for n in range(3, 60))
    found, problems = read(write(tmp_path, "r.csv", HEADER + '1,A,ok,5,\n2,B,"never,1,\n' + rows))
    assert [p.where for p in problems] == ["r.csv:3"]
    assert [m.external_id for m in found] == ["r.csv#1", *(f"r.csv#{n}" for n in range(3, 60))]


def test_a_field_over_the_limit_is_reported_and_the_rest_read(tmp_path: Path) -> None:
    huge = '2,B,"' + "x" * (LONGEST + 10) + '",1,\n'
    found, problems = read(write(tmp_path, "r.csv", HEADER + "1,A,ok,5,\n" + huge + "3,C,ok,4,\n"))
    assert [m.external_id for m in found] == ["r.csv#1", "r.csv#3"]
    assert [p.where for p in problems] == ["r.csv:3"]


def test_zero_bytes_and_controls_are_removed(tmp_path: Path) -> None:
    [found], _ = read(write(tmp_path, "r.csv", HEADER + "1,A\0da,be\0ll\x07,5,\n"))
    assert (found.author_name, found.text) == ("Ada", "bell")


def test_a_row_with_neither_text_nor_rating_is_reported(tmp_path: Path) -> None:
    found, [problem] = read(write(tmp_path, "r.csv", HEADER + "1,Ada,,,2026-01-01\n,,,,\n"))
    assert (found, problem.where) == ([], "r.csv:2")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("r.csv", b"PK\x03\x04rest", "Excel"),
        ("r.csv", b"", "empty"),
        ("r.csv", b"\n\n", "empty"),
        ("r.csv", b"%PDF-1.7", "PDF"),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found, [problem] = read(path)
    assert found == []
    assert words in problem.reason


def test_ratings_on_other_scales_keep_their_scale(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", 'id,text,score\n1,a b,9.6\n2,c d,"4,2"\n')
    found, _ = read(path)
    assert [(m.rating, m.rating_max) for m in found] == [(9.6, 10.0), (4.2, 10.0)]
    path = write(tmp_path, "s.csv", "id,text,score,out of\n1,a b,4/5,\n2,c d,3,7\n3,e f,★★☆☆☆,\n")
    found, _ = read(path)
    assert [(m.rating, m.rating_max) for m in found] == [(4.0, 5.0), (3.0, 7.0), (2.0, 5.0)]


def test_a_rating_outside_its_scale_is_reported(tmp_path: Path) -> None:
    found, [problem] = read(write(tmp_path, "r.csv", HEADER + "1,A,x,8,\n"), rating_max=5)
    assert (found, problem.where) == ([], "r.csv:2")


def test_dates_in_many_forms_and_zones(tmp_path: Path) -> None:
    dates = [
        ("2026-02-01T10:00:00+02:00", datetime(2026, 2, 1, 8, tzinfo=UTC)),
        ("31-10-2017 22.10", datetime(2017, 10, 31, 21, 10, tzinfo=UTC)),
        ("Tue Oct 31 22:10:47 +0000 2017", datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC)),
        ("1486482936525", datetime(2017, 2, 7, 15, 55, 36, 525000, tzinfo=UTC)),
        ("2026-07-01 12:00:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("3 months ago", None),
        ("vor 10 Monaten", None),
        ("nonsense", None),
    ]
    rows = "".join(f"{n},A,t,3,{text}\n" for n, (text, _) in enumerate(dates))
    found, problems = read(write(tmp_path, "r.csv", HEADER + rows), timezone="Europe/Berlin")
    assert [m.created_at for m in found] == [moment for _, moment in dates]
    assert problems == []


def test_month_first_dates_are_recognised_by_their_column(tmp_path: Path) -> None:
    found, _ = read(write(tmp_path, "r.csv", HEADER + "1,A,t,3,03/04/2026\n2,A,u,3,03/25/2026\n"))
    assert [m.created_at for m in found] == [
        datetime(2026, 3, 4, tzinfo=UTC),
        datetime(2026, 3, 25, tzinfo=UTC),
    ]


def test_a_copy_under_another_name_is_told_and_left_out(tmp_path: Path) -> None:
    text = "id,text\n1,cold soup\n2,warm bread\n"
    write(tmp_path, "a.csv", text)
    source = connector(tmp_path)
    found, _, cursor = poll(source, {})
    assert set(found) == {"a.csv#1", "a.csv#2"}
    write(tmp_path, "b.csv", text)
    again, problems, cursor = poll(source, cursor)
    assert again == {}
    assert [(each.where, "same as a.csv" in each.reason) for each in problems] == [("b.csv", True)]
    changed = text.replace("warm", "stale")
    write(tmp_path, "b.csv", changed)
    once_changed, problems, _ = poll(source, cursor)
    assert set(once_changed) == {"b.csv#1", "b.csv#2"}
    assert problems == []


def test_a_file_that_was_renamed_is_not_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,text\n1,cold soup\n")
    source = connector(tmp_path)
    _, _, cursor = poll(source, {})
    path.rename(tmp_path / "done.csv")
    found, problems, _ = poll(source, cursor)
    assert found == {}
    assert len(problems) == 1


def test_two_files_with_the_same_ids_are_two_different_things(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path, name, HEADER + "".join(f"{n},A,{name} {n},3,\n" for n in range(1, 5)))
    found, _, _ = poll(connector(tmp_path), {})
    assert len(found) == 8
    assert {found["a.csv#1"].text, found["b.csv#1"].text} == {"a.csv 1", "b.csv 1"}


def test_rows_without_an_id_are_told_apart_and_stay_the_same(tmp_path: Path) -> None:
    body = "author,text\nAda,late\nAda,late\nBen,late\nAda,cold\n"
    first, _ = read(write(tmp_path, "r.csv", body))
    again, _ = read(write(tmp_path, "r.csv", "author,text\nEve,new\n" + body.split("\n", 1)[1]))
    ids = [m.external_id for m in first]
    assert len(set(ids)) == 4
    assert set(ids) < {m.external_id for m in again}
    assert first[1].external_id == first[0].external_id + ".2"


def test_an_edited_row_without_an_id_is_an_edit_where_author_and_time_tell(tmp_path: Path) -> None:
    body = "author,text,rating,date\nAda,{},2,2026-02-01 10:15:00\nBen,ok,4,2026-02-01 10:15:00\n"
    first, _ = read(write(tmp_path, "r.csv", body.format("late")))
    edited, _ = read(write(tmp_path, "r.csv", body.format("late but mended")))
    assert [m.external_id for m in first] == [m.external_id for m in edited]
    assert [m.text for m in edited] == ["late but mended", "ok"]


def test_an_edit_in_a_file_without_dates_leaves_the_other_rows_as_they_were(tmp_path: Path) -> None:
    """The closest peer takes the file's time for a missing date, and so re-sends every row."""
    rows = [f"{n},A,text {n},3\n" for n in range(60)]
    path = write(tmp_path, "r.csv", "id,author,text,rating\n" + "".join(rows))
    source = connector(tmp_path)
    before, _, cursor = poll(source, {})
    rows[17] = "17,A,text 17 edited,3\n"
    path.write_text("id,author,text,rating\n" + "".join(rows))
    settle(path, 60)
    after, _, _ = poll(source, cursor)
    assert [key for key in before if before[key] != after[key]] == ["r.csv#17"]


def test_an_id_that_stands_twice_counts_once_and_is_reported(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", HEADER + "1,A,old,3,\n2,B,x,3,\n1,A,new,4,\n")
    for _ in range(2):
        found, [problem] = read(path)
        assert [(m.external_id, m.text) for m in found] == [("r.csv#2", "x"), ("r.csv#1", "new")]
        assert problem.where == "r.csv:2"
        assert "line 4" in problem.reason


def test_the_latest_update_counts_among_repeated_ids(tmp_path: Path) -> None:
    body = "id,text,updated_at\n1,newest,2026-02-02\n1,older,2026-01-01\n"
    [found], [problem] = read(write(tmp_path, "r.csv", body))
    assert (found.text, problem.where) == ("newest", "r.csv:3")


def test_an_event_log_tells_edits_and_deletions(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "text": "late", "action": "created"},
        {"id": 2, "text": "cold", "action": "created"},
        {"id": 1, "text": "late, mended", "action": "edited"},
        {"id": 2, "action": "deleted"},
    ]
    found, _ = read(write(tmp_path, "e.ndjson", "\n".join(map(json.dumps, lines))))
    assert [(m.external_id, m.text, m.deleted) for m in found] == [
        ("e.ndjson#1", "late, mended", False),
        ("e.ndjson#2", "", True),
    ]


def test_ndjson_reports_each_bad_line_and_reads_the_others(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "text": "ok", "rating": 2, "created_at": 1767225600}',
        "{broken",
        "[1, 2]",
        "",
        "[" * 5000,
        '{"id": "b", "foo": 1}',
        '{"id": "c", "text": "' + "x" * LONGEST + '"}',
        '{"id": "d", "text": "lone \\ud83d surrogate", "rating": "4,5"}',
        '{"id": "e", "text": "nested", "author": {"name": "Eve"}, "rating": NaN}',
    ]
    found, problems = read(write(tmp_path, "r.jsonl", "\n".join(lines)))
    assert [m.external_id for m in found] == ["r.jsonl#a", "r.jsonl#d", "r.jsonl#e"]
    assert [p.where for p in problems] == [f"r.jsonl:{n}" for n in (2, 3, 5, 6, 7)]
    assert found[0].created_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert found[1].text.encode() == "lone � surrogate".encode()
    assert (found[2].author_name, found[2].rating) == ("Eve", None)


def test_ndjson_fields_are_found_by_json_pointer(tmp_path: Path) -> None:
    line = json.dumps({"data": {"note/x": "so so", "who": [{"n": "Ada"}]}, "key": 5})
    [found], _ = read(
        write(tmp_path, "r.ndjson", line),
        columns={"text": "/data/note~1x", "author": "/data/who/0/n", "id": "key"},
    )
    assert (found.external_id, found.text, found.author_name) == ("r.ndjson#5", "so so", "Ada")


def test_an_unchanged_folder_costs_no_reading(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", HEADER + "1,A,x,3,\n")
    found, _, cursor = poll(connector(tmp_path), {})
    assert len(found) == 1
    (tmp_path / "a.csv").chmod(0o600)
    source = connector(tmp_path)
    _, _, cursor = poll(source, cursor)
    page = source.fetch(cursor)
    assert (page.unchanged, page.mentions, page.next_cursor) == (True, (), cursor)


def test_pages_hold_a_thousand_rows_and_survive_a_restart(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", HEADER + "".join(f"{n},A,t{n},3,\n" for n in range(2500)))
    source = connector(tmp_path)
    first = source.fetch({})
    assert (len(first.mentions), first.more) == (1000, True)
    source.close()
    resumed, _, cursor = poll(connector(tmp_path), first.next_cursor)
    assert [len(first.mentions) + len(resumed), "a.csv#1000" in resumed] == [2500, True]
    assert "a.csv#999" not in resumed
    repeated = connector(tmp_path).fetch({})
    assert repeated.mentions == first.mentions
    assert poll(connector(tmp_path), cursor)[0] == {}


def test_a_file_changed_between_two_pages_is_read_again_from_its_start(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", HEADER + "".join(f"{n},A,t{n},3,\n" for n in range(1500)))
    first = connector(tmp_path).fetch({})
    write(tmp_path, "a.csv", HEADER + "".join(f"{n},A,u{n},3,\n" for n in range(1200)))
    settle(path, 30)
    found, _, _ = poll(connector(tmp_path), first.next_cursor)
    assert len(found) == 1200
    assert found["a.csv#0"].text == "u0"


def test_a_vanished_file_says_nothing_about_its_mentions(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", HEADER + "1,A,x,3,\n")
    _, _, cursor = poll(connector(tmp_path), {})
    path.unlink()
    page = connector(tmp_path).fetch(cursor)
    assert (page.mentions, page.problems, page.unchanged) == ((), (), True)


def test_a_row_still_being_written_waits(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", HEADER + "1,A,done,3,\n2,B,half of th")
    settle(path, 0.5)
    source = connector(tmp_path)
    found, problems, cursor = poll(source, {})
    assert (list(found), problems) == (["a.csv#1"], [])
    assert source.fetch(cursor).unchanged, "it is not read over and over"
    path.write_text(HEADER + "1,A,done,3,\n2,B,half of the cup,2,\n")
    settle(path, 0.4)
    found, _, cursor = poll(source, cursor)
    assert found["a.csv#2"].text == "half of the cup"


def test_a_last_row_without_line_end_is_read_once_the_file_rests(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", HEADER + "1,A,done,3,\n2,B,whole,2,")
    settle(path, 0.5)
    found, _, cursor = poll(connector(tmp_path), {})
    assert list(found) == ["a.csv#1"]
    found, _, _ = poll(connector(tmp_path, NOW + timedelta(seconds=9)), cursor)
    assert set(found) == {"a.csv#1", "a.csv#2"}


def test_an_empty_file_that_was_just_made_is_not_reported(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "")
    settle(path, 0.1)
    _, problems, cursor = poll(connector(tmp_path), {})
    assert problems == []
    settle(path, 500)
    _, [problem], _ = poll(connector(tmp_path), cursor)
    assert problem.reason == "the file is empty"


def test_one_bad_file_does_not_stop_the_others_and_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "PK\x03\x04")
    write(tmp_path, "b.xlsx", "PK\x03\x04")
    write(tmp_path, "c.csv", HEADER + "1,A,x,3,\n")
    write(tmp_path, "README.md", "put files here")
    write(tmp_path, ".hidden.csv", HEADER + "9,A,x,3,\n")
    found, problems, cursor = poll(connector(tmp_path), {})
    assert list(found) == ["c.csv#1"]
    assert [p.where for p in problems] == ["a.csv", "b.xlsx"]
    assert poll(connector(tmp_path), cursor)[1] == []


def test_other_settings_read_the_files_again(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,foo\n1,hello there\n")
    _, [_], cursor = poll(connector(tmp_path), {})
    found, _, _ = poll(connector(tmp_path, columns={"text": "foo"}), cursor)
    assert found["a.csv#1"].text == "hello there"


def test_a_single_file_is_a_source_too(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", HEADER + "1,A,x,3,\n")
    found, _, cursor = poll(connector(path), {})
    assert list(found) == ["a.csv#1"]
    path.unlink()
    with pytest.raises(Unavailable):
        connector(path).fetch(cursor)
    with pytest.raises(BadSettings):
        connector(path).fetch({})


def test_a_file_larger_than_what_is_kept_is_streamed_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEPT_BYTES > 1_000_000
    rows = "".join(f'{n % 50},A,"x ""{n}""\n{n}",9,\n' for n in range(60)) + "2,B\n"
    path = write(tmp_path, "a.csv", HEADER + rows)
    kept = read(path)
    monkeypatch.setattr("connectors.file.reading.KEPT_BYTES", 10)
    assert read(path) == kept
    path.write_text(HEADER + rows + '77,A,"open,1,\n')
    streamed = read(path)
    monkeypatch.undo()
    assert read(path) == streamed


def test_progress_counts_bytes_up_to_the_size(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", HEADER + "".join(f"{n},A,t{n},3,\n" for n in range(3000)))
    told: list[tuple[int, int]] = []
    list(read_file(path, on_progress=lambda done, size: told.append((done, size))))
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


ROWS = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
        st.sampled_from(["", "1", "4,5", "x", "5 stars", "99"]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, cut=st.integers(0, 400))
def test_no_file_crashes_and_written_rows_are_all_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], cut: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "r.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "text", "stars"])
        writer.writerows(rows)
    found, problems = read(path)
    filled = [row for row in rows if any(row)]
    assert len(found) + len(problems) == len(filled)
    assert len({m.external_id for m in found}) == len(found)
    path.write_bytes(path.read_bytes()[cut:])
    read(path)


@pytest.mark.parametrize(
    "name",
    [
        "app_reviews_fampay/Fampay__app_reviews_3.csv",
        "app_reviews_fampay/com.phonepe.app__app_reviews_5.csv",
        "banking77/train.csv",
        "cfpb/Consumer_Complaints.csv",
        "google_maps_dhl_de/berlin_google_reviews.csv",
        "google_maps_dhl_de/google_reviews.csv",
        "hotel_sample_ashima/hotel_reviews_sample.csv",
        "pt_complaint_tickets/app_reviews.csv",
        "pt_complaint_tickets/tickets_reclamacoes_classificados_one_line_generative.csv",
        "trustpilot_rental_2026/trustpilot_reviews.csv",
    ],
)
def test_every_row_of_real_exports_is_found_or_reported(name: str) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip("the shared data folder is not here")
    delimiter = {"pt_complaint_tickets/app_reviews.csv": "|"}.get(name, ",")
    if "tickets" in path.name:
        delimiter = ";"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = sum(1 for row in csv.reader(file, delimiter=delimiter) if any(row)) - 1
    found, problems = read(path)
    assert len(found) + len(problems) == rows
    assert len(problems) <= rows // 100
    assert len({m.external_id for m in found}) == len(found)
    assert all(m.text or m.rating is not None for m in found)
