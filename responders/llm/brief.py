"""The facts record: everything about a case that may leave for a language model, and nothing else.

This is the one place where `DraftFacts` become something that is sent. A fact that is not taken up
here stays at home.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from responders.drafts import DraftFacts
from responders.llm.masking import CONTACT, FIRST_NAME, Masked, mask
from responders.llm.settings import ModelSettings
from responders.names import first_name, is_east_asian
from responders.phrases import load_language
from responders.plain_text import plain, plain_lines, plain_place

LONGEST_ANSWER = 1200
"""Characters an answer may have where the platform allows more: a public answer is no letter."""

SHORTEST_ANSWER = 60
SHORTER = 0.6
"""Of the refused answer's length: what is wished shorter shall be felt to be so."""

TONES = {
    "warm": "warm and personal, as one person to another",
    "plain": "plain: few simple words, short sentences",
    "formal": "formal, as in a letter; formal address where the language has one",
}
"""What a person may wish, in words for the model."""

MOST_TOPICS = 5


@dataclass(frozen=True, slots=True)
class Brief:
    """What a model is told of one case. `stars` are of five; empty texts mean not known.

    `greet` and `contact` are masks or empty: the model never sees what they stand for.
    `max_characters` leaves room for the signature.
    """

    language: str
    stars: float | None
    situation: str
    topics: tuple[str, ...]
    platform: str
    brand: str
    location: str
    tone: str
    greet: str
    contact: str
    everyone_can_read_it: bool
    max_characters: int
    may_promise: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Return it as plain values, without what is not known."""
        return {k: v for k, v in asdict(self).items() if v not in ("", (), None)}


@dataclass(frozen=True, slots=True)
class Case:
    """A brief with the masked text, and what stays at home to finish the answer.

    `values` are what the publishable masks stand for; `ours` are the names that an answer may hold.
    """

    brief: Brief
    title: Masked
    text: Masked
    values: Mapping[str, str]
    signature: str
    ours: tuple[str, ...]


def case_of(facts: DraftFacts, language: str, settings: ModelSettings) -> Case:
    """Return what a model is told for an answer in `language`, and what finishes its answer."""
    brand, location = plain_place(facts.brand_name), plain_place(facts.location_name)
    platform = plain(facts.platform, 60)
    name = first_name(facts.author_name, avoid=facts.brand_name)
    name = "" if is_east_asian(name) else name
    contact = plain(facts.contact).rstrip(".,;:")
    values = {mark: value for mark, value in ((FIRST_NAME, name), (CONTACT, contact)) if value}
    signature = plain_lines(facts.signature) or brand
    ours = tuple(each for each in (brand, location, platform) if each)
    brief = Brief(
        language=load_language(language).name,
        stars=None if facts.rating is None else round(1 + 4 * facts.rating, 1),
        situation=_situation(facts),
        topics=tuple(filter(None, map(_topic, facts.topics)))[:MOST_TOPICS],
        platform=platform,
        brand=brand,
        location=location,
        tone=TONES.get(facts.wish.tone) or plain(settings.tone),
        greet=FIRST_NAME if name else "",
        contact=CONTACT if contact else "",
        everyone_can_read_it=facts.reply_is_public,
        max_characters=_wished(facts, _room(facts, signature, values)),
        may_promise=tuple(filter(None, (plain(each, 500) for each in settings.may_promise))),
    )
    return Case(
        brief=brief,
        title=mask(facts.title, author_name=facts.author_name, keep=ours),
        text=mask(facts.text, author_name=facts.author_name, keep=ours),
        values=values,
        signature=signature,
        ours=ours,
    )


def finished(body: str, case: Case) -> str:
    """Return the answer as it would stand there: publishable masks filled in, signed."""
    for mark, value in case.values.items():
        body = body.replace(mark, value)
    return f"{body}\n\n{case.signature}" if case.signature else body


def _situation(facts: DraftFacts) -> str:
    what = "complaint" if facts.complaint else "no complaint"
    return f"{what}; the customer writes again after our answer" if facts.is_follow_up else what


def _topic(name: str) -> str:
    """Return a topic's name in words; they are the classifier's or the configuration's."""
    return plain(re.sub(r"[\W_]+", " ", name).strip(), 40)


def _wished(facts: DraftFacts, room: int) -> int:
    """Return the room for an answer that a person wants shorter than the one they refused."""
    if not facts.wish.shorter:
        return room
    refused = len(facts.refused) or LONGEST_ANSWER
    return min(room, max(SHORTEST_ANSWER, int(SHORTER * refused)))


def _room(facts: DraftFacts, signature: str, values: Mapping[str, str]) -> int:
    """Return the characters left for the answer itself, with a margin for other units."""
    if facts.max_length is None:
        return LONGEST_ANSWER
    taken = facts.measure(f"\n\n{signature}") + sum(facts.measure(v) for v in values.values())
    room = int(0.85 * (facts.max_length - taken))
    return max(0, min(LONGEST_ANSWER, room))
