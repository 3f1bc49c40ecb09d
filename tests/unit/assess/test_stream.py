from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pytest

from monitor.assess import Assessment, Utterance, make_assessor
from monitor.assess.chunks import Chunk, Chunker
from monitor.assess.stream import classify_lines, judge_chunk

ASSESSOR = make_assessor()


def classify(*lines: str | bytes) -> list[dict]:
    return list(classify_lines(lines, ASSESSOR))


def test_a_line_is_answered_with_its_id_and_the_whole_assessment() -> None:
    (found,) = classify('{"id": "a1", "text": "Never again, the soup was cold", "rating": 1}')
    assert tuple(found) == ("id", *Assessment.FIELDS)
    judged = ASSESSOR.assess("Never again, the soup was cold", rating=0.0)
    assert found["id"] == "a1"
    assert found["complaint"] is True
    assert found["language"] == "en"
    assert found["reasons"] == list(judged.reasons)
    assert found == json.loads(json.dumps({"id": "a1", **judged.as_dict()}))


class Echo:
    """Judges nothing, and keeps what it was given."""

    version = "echo"

    def __init__(self) -> None:
        self.given: list[Utterance] = []

    def assess(self, text: str, **known: Any) -> Assessment:
        return self.assess_many([Utterance(text, **known)])[0]

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        self.given += utterances
        return [ASSESSOR.assess("fine")] * len(utterances)


def test_all_that_a_line_holds_reaches_the_assessor() -> None:
    echo = Echo()
    line = {
        "id": 1,
        "text": "cold",
        "title": "Soup",
        "rating": 2,
        "language": "en",
        "kind": "review",
        "share": 0.25,
        "brand": "not ours to say",
    }
    list(classify_lines([json.dumps(line), '{"text": "warm", "title": null, "share": null}'], echo))
    assert echo.given == [
        Utterance("cold", "Soup", 0.25, "en", "review", 0.25),
        Utterance("warm"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("id", "1.5", "id: expected a string or a whole number"),
        ("id", "true", "id: expected a string or a whole number"),
        ("id", "NaN", "id: expected a string or a whole number"),
        ("text", "null", "text: expected a string"),
        ("title", "[]", "title: expected a string"),
        ("title", "0", "title: expected a string"),
        ("language", "false", "language: expected a string"),
        ("kind", "{}", "kind: expected a string"),
        ("share", '"0.5"', "share: expected a number from 0 to 1"),
        ("share", "1.01", "share: expected a number from 0 to 1"),
        ("share", "true", "share: expected a number from 0 to 1"),
        ("share", "NaN", "share: expected a number from 0 to 1"),
        ("share", "-Infinity", "share: expected a number from 0 to 1"),
        ("share", "9" * 400, "share: expected a number from 0 to 1"),
    ],
)
def test_what_is_of_the_wrong_kind_is_reported(name: str, value: str, expected: str) -> None:
    line = f'{{"id": 1, "text": "so so", "{name}": {value}}}'  # of two equal keys the last counts
    (found,) = classify(line)
    assert found == {"id": None if name == "id" else 1, "line": 1, "error": expected}


@pytest.mark.parametrize("name", ["text", "title", "language", "kind"])
def test_half_a_character_is_reported(name: str) -> None:
    (found,) = classify(f'{{"id": 1, "text": "so so", "{name}": "cut \\uD83D"}}')
    assert found["error"] == f"{name}: character 5 is half of a surrogate pair (\\ud83d)"


def test_a_whole_character_of_two_halves_is_judged() -> None:
    (found,) = classify(r'{"id": "\ud83d\ude21", "text": "cold soup \ud83d\ude21"}')
    assert found["id"] == "😡"
    assert "complaint" in found


def test_lines_come_back_in_order_and_broken_ones_are_reported() -> None:
    found = classify(
        '{"id": 1, "text": "great"}',
        "",
        "   \n",
        "{broken",
        b'{"id": 2, "text": "bad"}\n',
        b"\xff\xfe{",
        '["a", "list"]',
        '{"id": 3}',
        '{"id": 4, "text": 5}',
        '{"id": 5, "text": "ok", "rating": 9}',
        '{"text": "no id"}',
    )
    assert [(each["id"], each.get("line")) for each in found] == [
        (1, None),
        (None, 4),
        (2, None),
        (None, 6),
        (None, 7),
        (3, 8),
        (4, 9),
        (5, 10),
        (None, None),
    ]
    assert [each["error"].partition(":")[0] for each in found if "error" in each] == [
        "not JSON",
        "not UTF-8",
        "expected an object with id and text",
        "text",
        "text",
        "rating",
    ]


@pytest.mark.parametrize("rating", ["1", '"1"', '"1.0"', '" 1 "', '"1,0"', "1.0"])
def test_a_rating_may_be_a_number_or_a_numeric_string(rating: str) -> None:
    (found,) = classify(f'{{"id": 1, "text": "so so", "rating": {rating}}}')
    assert "rated 1 of 5" in found["reasons"]


@pytest.mark.parametrize("rating", ["null", '""'])
def test_no_rating_is_no_rating(rating: str) -> None:
    assert classify(f'{{"id": 1, "text": "so so", "rating": {rating}}}') == classify(
        '{"id": 1, "text": "so so"}'
    )


@pytest.mark.parametrize(
    "rating", ["0", "6", "true", "[]", '"five"', "NaN", '"nan"', "1e400", "9" * 400]
)
def test_other_ratings_are_reported(rating: str) -> None:
    (found,) = classify(f'{{"id": 1, "text": "so so", "rating": {rating}}}')
    assert found == {"id": 1, "line": 1, "error": "rating: expected a number from 1 to 5"}


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"id": 1, "text": "a", "n": ' + "9" * 9_000 + "}"]
)
def test_hostile_json_is_reported(line: str) -> None:
    (found,) = classify(line)
    assert found["line"] == 1
    assert "error" in found


def test_a_byte_order_mark_is_no_error() -> None:
    (found,) = classify(b'\xef\xbb\xbf{"id": 1, "text": "great"}')
    assert found["id"] == 1


def test_the_stream_is_read_no_further_than_asked() -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield '{"id": 1, "text": "great"}'

    assert len(list(islice(classify_lines(endless(), ASSESSOR), 3))) == 3
    assert read == 3


def test_a_chunk_is_answered_as_its_lines_are() -> None:
    data = (
        b'{"id": 1, "text": "great"}\r\n\n{broken\n'
        b'{"id": "\\ud800", "text": "bad"}\n{"id": 2, "text": "Die Suppe war kalt"}'
    )
    answers = judge_chunk(Chunk(7, data), ASSESSOR)
    found = [json.loads(line) for line in answers.data.splitlines()]
    expected = classify(*[""] * 6, *data.split(b"\n"))
    assert found == expected
    assert [each.get("line") for each in found] == [None, 9, 10, None]
    assert answers.failed == 2


def test_a_chunk_of_blank_lines_is_answered_with_nothing() -> None:
    assert judge_chunk(Chunk(1, b"\n  \n"), ASSESSOR) == (b"", 0)


def test_a_line_too_long_is_answered() -> None:
    answers = judge_chunk(Chunk(3, b"", too_long=True), ASSESSOR)
    assert json.loads(answers.data) == {
        "id": None,
        "line": 3,
        "error": "longer than 10,000,000 bytes, and not read",
    }
    assert answers.failed == 1


@pytest.mark.parametrize("char", ["\ud800", "\u2028", "\x85", "\x9b", "\u202e"])
def test_what_would_break_a_line_or_a_terminal_is_spelled_out(char: str) -> None:
    line = json.dumps({"id": f"ä{char}", "text": "so so"})
    answers = judge_chunk(Chunk(1, line.encode()), ASSESSOR)
    assert f'"ä\\u{ord(char):04x}"'.encode() in answers.data
    assert json.loads(answers.data)["id"] == f"ä{char}"


def test_however_many_lines_there_are_memory_stays_the_same() -> None:
    line, echo = b'{"id": 1, "text": "The soup was cold"}\n', Echo()

    def peak(blocks: int) -> int:
        chunker = Chunker()
        tracemalloc.start()
        try:
            for _ in range(blocks):
                for chunk in chunker.feed(line * 200):
                    assert judge_chunk(chunk, echo).failed == 0
                echo.given.clear()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(100) < 1.5 * peak(5)
