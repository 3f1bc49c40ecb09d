"""Checks the template library before it speaks for anybody.

A fault here would stand in public under somebody's complaint, so the library is checked as a
whole: every language says everything, every sentence can be filled, and none promises, admits,
threatens or sells. The reply rules themselves are asked about each sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from responders.composition import KINDS
from responders.phrases import (
    CONTACT_FORMS,
    FIELDS,
    POOLS,
    TEMPLATES,
    Language,
    Sentence,
    TemplateError,
    Topics,
    languages,
    load_language,
    load_topics,
)
from responders.rules import ReplyFacts, check_reply
from responders.similarity import similarity
from responders.wishes import TONES

FEWEST_VARIANTS = 4
FEWEST_PHRASES = 2
TONED: Mapping[tuple[str, str], int] = {
    **{(pool, group): 2 for pool in ("open_complaint", "open_follow_up") for group in POOLS[pool]},
    **{(pool, group): 2 for pool in ("sorry", "follow_up_sorry") for group in POOLS[pool]},
    ("close_complaint", "plain"): 2,
    **{(pool, group): 1 for pool in ("open_praise", "open_neutral") for group in POOLS[pool]},
}
"""The groups that speak in every tone, with how many sentences each tone has at least. What is
grave is said in one way, and so is where to turn to."""
LONGEST_SENTENCE = 160
LONGEST_SHORT = 110
LONGEST_PHRASE = 60
NEEDED = frozenset({"en", "de", "es", "fr"})

_SAMPLE = {
    "name": "Kim",
    "topics": "",
    "praised": "",
    "matter": "",
    "place": "Quay Street",
    "contact": "hello@harbour.example",
}
_VARIANTS_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One fault; `where` reads like ``de.yaml: pools.sorry.topics[2]``."""

    where: str
    reason: str


def check_templates(directory: Path = TEMPLATES) -> list[TemplateProblem]:
    """Return every fault of the library in `directory`; an empty list means that it may speak."""
    problems: list[TemplateProblem] = []
    try:
        topics = load_topics(directory)
    except TemplateError as error:
        return [TemplateProblem("topics.yaml", str(error))]
    missing = NEEDED - set(languages(directory))
    problems += [TemplateProblem(f"{code}.yaml", "this language is missing") for code in missing]
    for code in languages(directory):
        try:
            language = load_language(code, directory)
        except TemplateError as error:
            problems.append(TemplateProblem(f"{code}.yaml", str(error)))
            continue
        problems += _check_language(language, topics)
    return problems


def _check_language(language: Language, topics: Topics) -> Iterator[TemplateProblem]:
    file = f"{language.code}.yaml"
    plain_topics = set(topics.aliases.values()) - topics.careful
    for name, phrases, wanted in (
        ("topics", language.topics, plain_topics),
        ("praised", language.praised, set()),
        ("matters", language.matters, set()),
    ):
        yield from _check_phrases(f"{file}: {name}", phrases, wanted)
        for unknown in set(phrases) - set(topics.aliases.values()):
            yield TemplateProblem(f"{file}: {name}.{unknown}", "topics.yaml knows no such topic")
    for form in CONTACT_FORMS:
        sentence = language.contact_forms.get(form)
        if sentence is None or sentence.fields != ("contact",):
            yield TemplateProblem(f"{file}: contact_forms.{form}", "must be there, with {contact}")
    for pool in sorted(set(POOLS) - set(language.pools)):
        yield TemplateProblem(f"{file}: pools.{pool}", "this pool is missing")
    for pool, groups in language.pools.items():
        where = f"{file}: pools.{pool}"
        if pool not in POOLS:
            yield TemplateProblem(where, "no such pool")
            continue
        for name in sorted(set(POOLS[pool]) ^ set(groups)):
            fault = "is missing" if name in POOLS[pool] else "is not a group of this pool"
            yield TemplateProblem(f"{where}.{name}", fault)
        for name, group in groups.items():
            if name in POOLS[pool]:
                yield from _check_group(f"{where}.{name}", language, pool, name, group.sentences)


def _check_phrases(
    where: str, phrases: Mapping[str, tuple[str, ...]], wanted: set[str]
) -> Iterator[TemplateProblem]:
    for topic in sorted(wanted - set(phrases)):
        yield TemplateProblem(f"{where}.{topic}", "this topic has no wording")
    for topic, choices in phrases.items():
        if len(set(choices)) < FEWEST_PHRASES:
            yield TemplateProblem(f"{where}.{topic}", f"fewer than {FEWEST_PHRASES} wordings")
        for phrase in choices:
            if not 2 <= len(phrase) <= LONGEST_PHRASE or phrase != phrase.strip():
                yield TemplateProblem(f"{where}.{topic}", f"too long or too short: {phrase}")
            if re.search(r"[{}<>!?.,:;\d]", phrase):
                yield TemplateProblem(f"{where}.{topic}", f"not a bare phrase: {phrase}")


def _check_group(
    where: str, language: Language, pool: str, name: str, sentences: tuple[Sentence, ...]
) -> Iterator[TemplateProblem]:
    if len({sentence.source for sentence in sentences}) < FEWEST_VARIANTS:
        yield TemplateProblem(where, f"fewer than {FEWEST_VARIANTS} different sentences")
    for tone in TONES:
        has = sum(sentence.tone == tone for sentence in sentences)
        if has < TONED.get((pool, name), 0):
            yield TemplateProblem(where, f"has {has} sentences that are {tone} in tone: too few")
    needed = (name,) if name in FIELDS else ()
    for number, sentence in enumerate(sentences):
        at = f"{where}[{number}]"
        if sentence.fields != needed:
            what = ", ".join(f"{{{field}}}" for field in sentence.fields) or "no field"
            expected = "".join(f"{{{field}}}" for field in needed) or "no field"
            yield TemplateProblem(at, f"has {what}, the group takes {expected}")
            continue
        yield from _check_sentence(at, language, pool, sentence)
        for other in sentences[:number]:
            if similarity(sentence.source, other.source) >= _VARIANTS_ALIKE:
                yield TemplateProblem(at, f"says the same as: {other.source}")


def _check_sentence(
    at: str, language: Language, pool: str, sentence: Sentence
) -> Iterator[TemplateProblem]:
    source = sentence.source
    longest = LONGEST_SHORT if pool.startswith("short_") else LONGEST_SENTENCE
    if not 8 <= len(source) <= longest:
        yield TemplateProblem(at, f"{len(source)} characters, allowed are 8 to {longest}")
    if source[-1] not in ".?" or "!" in source or "¡" in source:
        yield TemplateProblem(at, "must end with a full stop or question mark, and never shout")
    if re.search(r"\s{2}|\s[,.;]|[<>]|\d|'", source):
        yield TemplateProblem(at, "holds a typing slip, a digit, markup or a straight apostrophe")
    if not (source[0].isupper() or source[0] in "{¿"):
        yield TemplateProblem(at, "must begin with a capital letter or a field")
    if not sentence.telling:
        yield TemplateProblem(at, "has no words by which it could be recognised in an old reply")
    sample = dict(_SAMPLE)
    sample["topics"] = language.join([choices[0] for choices in language.topics.values()][:3])
    sample["praised"] = next(iter(language.praised.values()))[0]
    sample["matter"] = next(iter(language.matters.values()))[0]
    facts = ReplyFacts(contact=_SAMPLE["contact"], sensitive=True, platform="yelp")
    for finding in check_reply(sentence.fill(sample, elides=language.elides), facts):
        yield TemplateProblem(at, f"{finding.rule}: {finding.message}")


def unused_pools() -> set[str]:
    """Return the pools that no kind of draft uses; there should be none."""
    used = {pool for kind in KINDS.values() for pool in (*kind.slots.values(), kind.short)}
    return set(POOLS) - used
