"""Proposed answers: facts in, text and reasons out.

A draft is put together from sentences of the template library (`responders/templates`), chosen by
what happened, filled with what may be said in public, varied by the seed and held against what was
answered lately. Nothing of the customer's own text is ever repeated: topics are named in our words,
and the only outside value in a draft is the author's first name, where it is plausibly one.

Pure: the same facts give the same draft, and neither database nor network is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from responders.composition import KINDS, Kind, Material
from responders.fitting import write
from responders.names import first_name, is_east_asian
from responders.phrases import (
    TEMPLATES,
    Language,
    Topics,
    languages,
    load_language,
    load_topics,
)
from responders.plain_text import contact_form, plain, plain_lines, plain_place
from responders.rules.base import ReplyFacts
from responders.wishes import NO_WISH, Wish

MOST_TOPICS = 2
"""More than two in a sentence read like a form; what is said most often is named."""

PRAISE_FROM = 0.7
LAST_RESORT_LANGUAGE = "en"


def _nothing(_text: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What may be known when an answer is written.

    `rating` is normalised to 0..1. `measure` counts in the unit of `max_length` (the connector's
    own). `previous_replies` are lately published texts on this source and to this person, newest
    first. `named` are those of the topics that the text complains of and that a draft may name,
    the strongest first; None stands for all of them. `seed` is stable for one case and version;
    another version is another wording. `languages` are the languages the brand answers in, the
    first being its own. Where not `may_use_ai`, the platform's terms keep its words from language
    models. `brand_key` and `source_key` are the configuration's; `checking` is what the reply
    rules know of the case. Where `doubtful`, it is open whether the text complains at all: an
    answer to one of no known topic then thanks and listens, and apologises for nothing. `wish` is
    what a person asked of this draft, and `refused` the text that they refused: one wished shorter
    is shorter. `is_forbidden` tells of a text whether a rule of the brand's own keeps it from being
    published.
    """

    text: str
    title: str = ""
    author_name: str = ""
    rating: float | None = None
    language: str = ""
    topics: tuple[str, ...] = ()
    named: tuple[str, ...] | None = None
    urgency: str = ""
    complaint: bool = True
    platform: str = ""
    brand_name: str = ""
    location_name: str = ""
    contact: str = ""
    signature: str = ""
    max_length: int | None = None
    measure: Callable[[str], int] = len
    is_follow_up: bool = False
    reply_is_public: bool = True
    previous_replies: tuple[str, ...] = ()
    seed: str = ""
    languages: tuple[str, ...] = ()
    may_use_ai: bool = True
    brand_key: str = ""
    source_key: str = ""
    checking: ReplyFacts | None = None
    doubtful: bool = False
    wish: Wish = NO_WISH
    refused: str = ""
    is_forbidden: Callable[[str], bool] = _nothing


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed answer. `template` names language and situation; `reasons` are for staff.

    `made_by` is who wrote it, where that is not simply the drafter that was asked.
    """

    text: str
    language: str
    template: str
    reasons: tuple[str, ...]
    made_by: str = ""


class Drafter(Protocol):
    """Anything that proposes answers; entry points of group `rapport.drafters` provide more."""

    name: str

    def draft(self, facts: DraftFacts) -> Draft:
        """Return a draft for any facts, however poor or hostile. Never raises for its input."""


class TemplateDrafter:
    """The default drafter: sentences from YAML, no network. A language is read on first use."""

    name = "templates"

    def __init__(self, directory: Path = TEMPLATES) -> None:
        """Raise `TemplateError` when `directory` holds no readable library."""
        self._directory = directory
        self._codes = languages(directory)
        self._topics = load_topics(directory)
        load_language(LAST_RESORT_LANGUAGE, directory)

    def draft(self, facts: DraftFacts) -> Draft:
        """Return the most personal draft that fits; see the module's docstring."""
        language, why_language = self._choose_language(facts)
        topics = self._topics.resolve(facts.topics)
        nameable = self._nameable(facts, topics)
        kind = _choose_kind(facts, topics, self._topics.careful)
        name = _name_to_use(facts, language.code)
        material = _gather(facts, language, kind, nameable, name)
        text, why_text = write(material, facts)
        reasons = (
            why_language,
            _describe(kind, topics, nameable, self._topics),
            _say_how_addressed(facts, name),
            f"{facts.wish.tone} in tone" if facts.wish.tone else "",
            *why_text,
        )
        return Draft(
            text=text,
            language=language.code,
            template=f"{language.code}/{kind.name}",
            reasons=tuple(reason for reason in reasons if reason),
        )

    def shortest(self, facts: DraftFacts) -> str:
        """Return the shortest text there is for these facts, in the unit of `facts.measure`."""
        language, _ = self._choose_language(facts)
        topics = self._topics.resolve(facts.topics)
        nameable = self._nameable(facts, topics)
        kind = _choose_kind(facts, topics, self._topics.careful)
        material = _gather(facts, language, kind, nameable, "")
        return min((text for tier in material.shorts() for text in tier), key=facts.measure)

    def _nameable(self, facts: DraftFacts, topics: tuple[str, ...]) -> tuple[str, ...]:
        """Return the topics that may be named: all of them, or those that were chosen."""
        if facts.named is None:
            return topics
        return tuple(each for each in self._topics.resolve(facts.named) if each in topics)

    def _choose_language(self, facts: DraftFacts) -> tuple[Language, str]:
        asked = _base(facts.wish.language)
        if asked in self._codes:
            language = load_language(asked, self._directory)
            return language, f"written in {language.name}, as asked"
        if not facts.wish.language:
            return self._language_of(facts)
        language, note = self._language_of(facts)
        return language, f"asked for “{facts.wish.language}”, where there are no templates; {note}"

    def _language_of(self, facts: DraftFacts) -> tuple[Language, str]:
        wanted = _base(facts.language)
        if wanted in self._codes:
            language = load_language(wanted, self._directory)
            ours = [_base(code) for code in facts.languages]
            note = f"written in {language.name}, the language of the mention"
            if ours and wanted not in ours:
                note += "; it is not among the brand's languages, so let someone who reads it check"
            return language, note
        for code in (*map(_base, facts.languages), LAST_RESORT_LANGUAGE):
            if code in self._codes:
                break
        language = load_language(code, self._directory)
        known = f"there are no templates in “{wanted}”" if wanted else "the language is unknown"
        return language, f"{known}: written in {language.name}, the brand's first language"


def _base(code: str) -> str:
    """Return "de" for "de-AT"; "" for anything that is no language code."""
    base = code.strip().replace("_", "-").split("-")[0].casefold()
    return base if base.isascii() and base.isalpha() and base not in {"und", "unknown"} else ""


def _choose_kind(facts: DraftFacts, topics: Sequence[str], careful: frozenset[str]) -> Kind:
    praised = not facts.complaint and facts.rating is not None and facts.rating >= PRAISE_FROM
    # Only safety, distress and discrimination make a complaint urgent, so urgent asks for care.
    grave = facts.complaint and facts.urgency.casefold() == "urgent"
    asks_for_care = grave or (not praised and any(topic in careful for topic in topics))
    asked = any(mark in facts.text or mark in facts.title for mark in "?？؟")
    if facts.is_follow_up:
        if asks_for_care:
            return KINDS["follow-up, careful"]
        calm = KINDS["follow-up, question" if asked else "follow-up, calm"]
        return KINDS["follow-up"] if facts.complaint else calm
    if asks_for_care:
        return KINDS["careful"]
    if facts.complaint:
        return KINDS["doubtful" if facts.doubtful and not topics else "complaint"]
    if praised:
        return KINDS["praise"]
    return KINDS["question"] if asked else KINDS["neutral"]


def _name_to_use(facts: DraftFacts, language: str) -> str:
    """Return the name to greet, or "".

    "M. Meier" is a title in French and an initial everywhere else.

    East Asian names come family name first and want a form of address that none of our
    languages has: the bare name, as in "Hello 山田", is ruder than none.
    """
    name = first_name(facts.author_name, avoid=facts.brand_name)
    is_initial = name.startswith("M. ") and language != "fr"
    return "" if is_initial or is_east_asian(name) else name


def _gather(
    facts: DraftFacts, language: Language, kind: Kind, topics: Sequence[str], name: str
) -> Material:
    contact = plain(facts.contact).rstrip(".,;:")
    brand = plain_place(facts.brand_name)
    values = {"name": name, "place": plain_place(facts.location_name) or brand, "contact": ""}
    if contact:
        form = language.contact_forms[contact_form(contact)]
        values["contact"] = form.fill({"contact": contact})
    return Material(
        language=language,
        kind=kind,
        seed=facts.seed,
        values=values,
        phrases={
            "topics": [language.topics[t] for t in topics if t in language.topics][:MOST_TOPICS],
            "praised": [language.praised[t] for t in topics if t in language.praised][:1],
            "matter": [language.matters[t] for t in topics if t in language.matters][:1],
        },
        signature=plain_lines(facts.signature) or brand,
        private=not facts.reply_is_public,
        urgent=facts.urgency.casefold() in {"high", "urgent"},
        previous=facts.previous_replies,
        tone=facts.wish.tone,
        is_forbidden=facts.is_forbidden if facts.is_forbidden is not _nothing else None,
    )


def _describe(kind: Kind, topics: Sequence[str], nameable: Sequence[str], known: Topics) -> str:
    named = [topic.replace("_", " ") for topic in nameable]
    careful = [topic.replace("_", " ") for topic in topics if topic in known.careful]
    if "careful" in kind.name:
        grave = ", ".join(careful) or "something urgent"
        return f"{kind.name}: it touches on {grave}; nothing admitted or promised"
    if named:
        return f"{kind.name} about {', '.join(named)}"
    if kind.name == "doubtful":
        return "doubtful; it is open whether it complains, so the wording regrets nothing"
    if kind.name in {"complaint", "follow-up"}:
        why = "it complains plainly of no topic" if topics else "no known topic"
        return f"{kind.name}; {why}, so the wording is neutral"
    return kind.name


def _say_how_addressed(facts: DraftFacts, name: str) -> str:
    if name:
        return f"addressed as {name}"
    if facts.author_name.strip():
        if is_east_asian(facts.author_name):
            return "no name used: we have no fitting form of address for it"
        return "no name used: the display name shows no first name"
    return "no name used: the author's name is not known"
