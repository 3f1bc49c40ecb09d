"""Judge a stream of lines: NDJSON in, judgements out, in the same order.

One line that cannot be read spoils nothing: it is answered with what is wrong with it, and the
next one follows. Nothing is kept, so that memory stays constant however long the stream is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

from monitor.assess.base import Assessment, Assessor, Utterance
from monitor.assess.chunks import LONGEST_LINE, Chunk

ANSWERED = ("id", *Assessment.FIELDS)
"""The keys of an answer, in order."""

_judgement = attrgetter(*Assessment.FIELDS)

_LONGEST_NUMBER = 32
_TOO_LONG = f"longer than {LONGEST_LINE:,} bytes, and not read"
_MARK = b"\xef\xbb\xbf"

_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(ensure_ascii=False).encode

# What is spelled out as \uXXXX: half characters, which UTF-8 cannot carry, and what some readers
# take for the end of a line or some terminals for a command. All other text stays readable.
_SPELLED = re.compile(r"[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_HALF = re.compile(r"[\ud800-\udfff]")


class Answers(NamedTuple):
    """The answers to a chunk of lines: NDJSON in UTF-8, and how many lines could not be read."""

    data: bytes
    failed: int


class _Broken(Exception):
    """A line that cannot be read: why, and its id if that could be read."""

    def __init__(self, error: str, key: Any = None) -> None:
        super().__init__(error)
        self.key = key


def classify_lines(lines: Iterable[str | bytes], assessor: Assessor) -> Iterator[dict[str, Any]]:
    """Judge NDJSON lines ``{"id", "text"}`` as they come, one at a time.

    A line may also hold ``title``, ``rating`` (1 to 5, as a number or a numeric string),
    ``language``, ``kind`` and ``share``, as `Utterance` has them; null is as good as absent, and
    other keys are ignored. Yields for each line the fields of `Assessment` after its ``id``, or,
    for a line that cannot be read, ``{"id", "line", "error"}`` with the line's number from 1 on
    (``id`` is null when even that is unknown), and goes on. Blank lines are skipped.
    """
    for number, line in enumerate(lines, start=1):
        data = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        if not data or data.isspace():
            continue
        try:
            key, utterance = _read(data)
        except _Broken as broken:
            yield _refusal(number, broken)
            continue
        (judged,) = assessor.assess_many([utterance])
        answer = _answer(key, judged)
        yield {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in answer.items()
        }


def judge_chunk(chunk: Chunk, assessor: Assessor) -> Answers:
    """Judge the lines of a chunk at once; the answers are those of `classify_lines`."""
    if chunk.too_long:
        return refuse_too_long(chunk)
    read: list[tuple[Any, Utterance] | dict[str, Any]] = []
    utterances: list[Utterance] = []
    for number, line in enumerate(chunk.data.split(b"\n"), start=chunk.first):
        if not line or line.isspace():
            continue
        try:
            key, utterance = _read(line)
        except _Broken as broken:
            read.append(_refusal(number, broken))
        else:
            read.append((key, utterance))
            utterances.append(utterance)
    judged = iter(assessor.assess_many(utterances))
    answers = [each if isinstance(each, dict) else _answer(each[0], next(judged)) for each in read]
    return _written(answers, len(read) - len(utterances))


def refuse_too_long(chunk: Chunk) -> Answers:
    """Answer a line that is too long; it was not kept, so that its id is not known."""
    return _written([_refusal(chunk.first, _Broken(_TOO_LONG))], 1)


def _answer(key: Any, judged: Assessment) -> dict[str, Any]:
    return dict(zip(ANSWERED, (key, *_judgement(judged)), strict=True))


def _refusal(number: int, broken: _Broken) -> dict[str, Any]:
    return {"id": broken.key, "line": number, "error": str(broken)}


def _written(answers: list[dict[str, Any]], failed: int) -> Answers:
    if not answers:
        return Answers(b"", failed)
    text = "\n".join(map(_encode, answers)) + "\n"
    if not text.isascii():
        text = _SPELLED.sub(_spell, text)
    return Answers(text.encode("utf-8"), failed)


def _spell(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _read(line: bytes) -> tuple[Any, Utterance]:
    item = _item(line)
    key = item.get("id")
    if key is not None and (not isinstance(key, (str, int)) or isinstance(key, bool)):
        raise _Broken("id: expected a string or a whole number")
    try:
        if "text" not in item:
            raise ValueError("text: missing")
        text, title = item["text"], item.get("title")
        language, kind = item.get("language"), item.get("kind")
        if not isinstance(text, str):
            raise ValueError("text: expected a string")
        if b"\\ud" in line or b"\\uD" in line:
            _refuse_halves(id=key, text=text, title=title, language=language, kind=kind)
        return key, Utterance(
            text,
            _words("title", title),
            _rating(item.get("rating")),
            _words("language", language),
            _words("kind", kind),
            _share(item.get("share")),
        )
    except ValueError as error:
        raise _Broken(str(error), key) from None


def _item(line: bytes) -> dict[str, Any]:
    if line.startswith(_MARK):
        line = line[len(_MARK) :]
    try:
        item = _decode(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _Broken(f"not UTF-8: byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise _Broken(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except (RecursionError, ValueError) as error:
        # Nested a thousand deep, or a number of thousands of digits.
        raise _Broken(f"not JSON that can be read: {error}") from None
    if not isinstance(item, dict):
        raise _Broken("expected an object with id and text")
    return item


def _words(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected a string")
    return value


def _refuse_halves(**values: Any) -> None:
    # JSON can spell half of a character: a text was cut in the middle of an emoji, or its encoding
    # was mistaken before it came here.
    for name, value in values.items():
        found = _HALF.search(value) if isinstance(value, str) else None
        if found is not None:
            raise ValueError(
                f"{name}: character {found.start() + 1} is half of a surrogate pair "
                f"({_spell(found)})"
            )


def _rating(value: Any) -> float | None:
    if value is None or value == "":
        return None
    stars = math.nan
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
        try:
            stars = float(value.strip().replace(",", "."))
        except ValueError:
            stars = math.nan
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        stars = float(value) if -100 < value < 100 else math.nan
    if not 1 <= stars <= 5:
        raise ValueError("rating: expected a number from 1 to 5")
    return (stars - 1) / 4


def _share(value: Any) -> float | None:
    if value is None:
        return None
    # The comparison refuses NaN, and numbers too large for a float.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError("share: expected a number from 0 to 1")
    return float(value)
