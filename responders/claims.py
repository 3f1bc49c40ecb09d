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
from typing import Protocol

from monitor.assess import Assessor
from monitor.assess.base import CONTRADICTION
from monitor.assess.lexicon import LANGUAGES, load_lexicon
from monitor.assess.text import clean, words
from responders.phrases import load_topics


class Judged(Protocol):
    """What is asked of a judgement, fresh or out of the store."""

    @property
    def complaint(self) -> bool: ...
    @property
    def unsure(self) -> bool: ...
    @property
    def signals(self) -> Sequence[str]: ...


Judge = Callable[[str], tuple[bool, Sequence[str]]]
"""Tells of a piece of text whether it complains, and of which topics it speaks."""

LOW_RATING = 0.25
"""Two stars of five, and worse: who gives them complains."""

MOST_PIECES = 40
"""Pieces that are looked at; a complaint says what it is about before that."""

FEWEST_FOR_GRAVE = 2

LONGEST_PIECE = 14
"""Words. A longer piece is taken apart at its commas and conjunctions, or else by length."""

_ONLY_BY_ALARM = "billing"
"""A topic that swindlers and thieves are sorted under too, where no bill is spoken of."""

_ORDERED = ("order", "preorder", "bestel", "command", "pedi", "ordin", "encarg")
"""Beginnings of words for ordering, which tell of a delivery in a shop and of none at a table."""

_NO_WAIT = re.compile(
    r"\b(?:never|not|without|no|didn't|nie|nicht|kein\w*|ohne|jamais|pas|sans|nunca|sin|mai|non|"
    r"senza|nooit|niet|geen|zonder|não|sem)(?:[\s]+[\w'’]+){0,3}?[\s'’]+"
    r"(?:wait(?:ing|ed)?|queue|warten|gewartet|wartezeit|attendre|attendu|attente|esperar|esperado|"
    r"espera|aspettare|aspettato|attesa|wachten|gewacht|wachttijd)\b",
    re.IGNORECASE,
)
"""Says that there was no wait: "I never had to wait long here"."""

_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+|\s[-–—]\s|;\s")
# "The food was good, but ...": what stands before the turn is often praise. Where a word may mean
# something else ("ma", "mas", "mais"), the comma before it tells.
_CONTRASTS = re.compile(
    r",?\s(?=(?:but|however|aber|jedoch|pero|però|maar|porém)\s)|,\s(?=(?:ma|mas|mais|doch)\s)",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r",\s|\s(?=(?:but|and|although|however|aber|und|obwohl|jedoch|doch|pero|y|aunque|mais|et|"
    r"bien que|ma|e|anche se|maar|en|hoewel|mas|porém)\s)",
    re.IGNORECASE,
)


def judge_with(assessor: Assessor, language: str) -> Judge:
    """Return the judge that asks `assessor`, which is told the language of the whole text.

    Of the topics it tells, it leaves out a wait that is denied, and a bill that nobody mentions
    (words as "scam" are sorted under it), and a delivery of which only the ordering is said.
    """
    lexicon = load_lexicon(language) if language in LANGUAGES else None

    def judge(piece: str) -> tuple[bool, Sequence[str]]:
        judged = assessor.assess(piece, language=language)
        if not judged.complaint:
            return False, ()
        left_out = {"waiting"} if _NO_WAIT.search(piece) else set()
        if lexicon is not None and not {_ONLY_BY_ALARM, "delivery"}.isdisjoint(judged.topics):
            said = words(clean(piece))
            left_out |= {_ONLY_BY_ALARM}.difference(lexicon.read(said).topics)
            sent = [word for word in said if not word.startswith(_ORDERED)]
            left_out |= {"delivery"}.difference(lexicon.read(sent).topics)
        return True, [topic for topic in judged.topics if topic not in left_out]

    return judge


def is_doubtful(judged: Judged, rating: float | None) -> bool:
    """Tell whether it is open that a text complains at all.

    That is where the judgement is unsure of its words, and no low `rating` (0..1) speaks for a
    complaint; or where the words are kind whatever the stars say.
    """
    if not (judged.complaint and judged.unsure):
        return False
    return rating is None or rating > LOW_RATING or CONTRADICTION in judged.signals


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
        for side in _CONTRASTS.split(sentence):
            for clause in [side] if is_short else _CLAUSES.split(side):
                every = clause.split()
                for start in range(0, len(every), LONGEST_PIECE):
                    yield " ".join(every[start : start + LONGEST_PIECE])
