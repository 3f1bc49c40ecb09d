"""What a draft may name: only what the text complains of, not everything that it mentions.

"The room was clean, but the staff were rude" is about cleanliness and staff, and regret for the
cleanliness would be regret for the wrong thing. So each piece of a text is judged by itself, and a
topic is named where a piece that mentions it is a complaint.

Pure, but for the judge that is handed in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from monitor.assess import Assessor
from responders.phrases import load_topics

Judge = Callable[[str], tuple[bool, Sequence[str]]]
"""Tells of a piece of text whether it complains, and of which topics it speaks."""

MOST_PIECES = 40
"""Pieces that are looked at; a complaint says what it is about before that."""

FEWEST_FOR_GRAVE = 2

LONGEST_PIECE = 14
"""Words. A longer sentence is taken apart at its commas and conjunctions, or else by length."""

_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+|\s[-–—]\s|;\s")
_CLAUSES = re.compile(
    r",\s|\s(?=(?:but|and|although|however|aber|und|obwohl|jedoch|doch|pero|y|aunque|mais|et|"
    r"bien que|ma|e|anche se|maar|en|hoewel|mas|porém)\s)",
    re.IGNORECASE,
)


def judge_with(assessor: Assessor, language: str) -> Judge:
    """Return the judge that asks `assessor`, which is told the language of the whole text."""

    def judge(piece: str) -> tuple[bool, Sequence[str]]:
        judged = assessor.assess(piece, language=language)
        return judged.complaint, judged.topics

    return judge


def named_topics(topics: Sequence[str], text: str, judge: Judge) -> tuple[str, ...]:
    """Return those of `topics` that `text` complains of; what it says most often comes first.

    What it says less than half as often is left out: it was said in passing. What is grave is named
    only where two pieces say it: a single word may have been taken for more than it was, and the
    draft takes the matter seriously without its name too.
    """
    complained: Counter[str] = Counter()
    for number, piece in enumerate(_pieces(text)):
        if number >= MOST_PIECES:
            break
        complains, about = judge(piece)
        if complains:
            complained.update(set(about).intersection(topics))
    order = {topic: at for at, topic in enumerate(topics)}
    enough = max(complained.values(), default=0) / 2
    grave = load_topics().careful
    named = [
        topic
        for topic, count in complained.items()
        if count >= max(enough, FEWEST_FOR_GRAVE if topic in grave else 1)
    ]
    return tuple(sorted(named, key=lambda topic: (-complained[topic], order[topic])))


def _pieces(text: str) -> Iterator[str]:
    for sentence in _SENTENCES.split(text):
        is_short = len(sentence.split()) <= LONGEST_PIECE
        for clause in [sentence] if is_short else _CLAUSES.split(sentence):
            words = clause.split()
            for start in range(0, len(words), LONGEST_PIECE):
                yield " ".join(words[start : start + LONGEST_PIECE])
