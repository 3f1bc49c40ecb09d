from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

import pytest

from monitor.assess import make_assessor
from monitor.assess.stream import classify_lines

ASSESSOR = make_assessor()


def classify(*lines: str | bytes) -> list[dict]:
    return list(classify_lines(lines, ASSESSOR))


def test_a_line_is_judged() -> None:
    (found,) = classify('{"id": "a1", "text": "Never again, the soup was cold", "rating": 1}')
    assert set(found) == {
        "id",
        "language",
        "sentiment",
        "complaint_probability",
        "complaint",
        "urgency",
        "reasons",
    }
    assert found["id"] == "a1"
    assert found["complaint"] is True
    assert found["language"] == "en"
    assert "rated 1 of 5" in found["reasons"]
    json.dumps(found)


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
