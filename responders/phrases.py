"""The template library: sentences as data, one YAML file a language in `responders/templates`.

A language file holds `pools`: what a sentence does (open, apologise, next step, ...), then the
groups of a pool, named for the one value that each of its sentences needs (`plain` needs none),
then the sentences, some under the tone that they have (`- warm: ...`). A sentence is parsed once
into literals and fields; filling it joins them, so that a brace in an outside value is a brace and
nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from responders.wishes import TONES

TEMPLATES = Path(__file__).parent / "templates"
FIELDS = ("name", "topics", "praised", "matter", "place", "contact")

POOLS: Mapping[str, tuple[str, ...]] = {
    "open_complaint": ("name", "plain"),
    "sorry": ("topics", "plain"),
    "next": ("place", "plain"),
    "contact": ("private", "contact", "plain"),
    "close_complaint": ("urgent", "plain"),
    "careful": ("matter", "plain"),
    "careful_next": ("place", "plain"),
    "close_careful": ("plain",),
    "open_praise": ("name", "plain"),
    "praise": ("praised", "plain"),
    "close_praise": ("place", "plain"),
    "open_neutral": ("name", "plain"),
    "neutral": ("place", "plain"),
    "question": ("plain",),
    "open_follow_up": ("name", "plain"),
    "follow_up_sorry": ("topics", "plain"),
    "follow_up_next": ("place", "plain"),
    "follow_up_calm": ("plain",),
    "short_complaint": ("contact", "plain"),
    "short_careful": ("contact", "plain"),
    "short_praise": ("plain",),
    "short_neutral": ("contact", "plain"),
}
"""Every pool with its groups, the most personal first. `private` and `urgent` need no value."""

CONTACT_FORMS = ("email", "link", "phone", "other")

_FIELD = re.compile(r"\{([a-z_]*)\}")
_SHORTEST_TELLING_LITERAL = 4
_MOST_TEXTS_REMEMBERED = 2048


class TemplateError(Exception):
    """A template file cannot be read at all. `check_templates` names lesser faults."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the library, `parts` alternating between literals and field names.

    `tone` is empty for a sentence that fits every tone.
    """

    source: str
    parts: tuple[str, ...]
    telling: tuple[str, ...]
    tone: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        return self.parts[1::2]

    def fill(self, values: Mapping[str, str], *, elides: bool = False) -> str:
        """Return the sentence with `values` inserted as plain text, never looked at again."""
        if len(self.parts) == 1:
            return self.parts[0]
        filled = list(self.parts)
        for index in range(1, len(filled), 2):
            value = values[filled[index]]
            filled[index] = value
            before = filled[index - 1]
            if elides and before.endswith(" de ") and _starts_with_vowel(value):
                filled[index - 1] = before[:-2] + "’"
        return "".join(filled)

    def was_used_in(self, text: str) -> bool:
        """Tell whether `text` was written with this sentence, whatever filled its fields."""
        at = 0
        for literal in self.telling:
            found = text.find(literal, at)
            if found < 0:
                return False
            at = found + len(literal)
        return bool(self.telling)


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that may stand for each other, and a memory of who used which."""

    sentences: tuple[Sentence, ...]
    _used: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def used_in(self, text: str) -> tuple[int, ...]:
        """Return the numbers of the sentences that `text` was written with."""
        numbers = self._used.get(text)
        if numbers is None:
            if len(self._used) >= _MOST_TEXTS_REMEMBERED:
                self._used.clear()
            numbers = tuple(n for n, s in enumerate(self.sentences) if s.was_used_in(text))
            self._used[text] = numbers
        return numbers


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the library."""

    code: str
    name: str
    joined_by: str
    joined_before_i: str
    elides: bool
    contact_forms: Mapping[str, Sentence]
    topics: Mapping[str, tuple[str, ...]]
    praised: Mapping[str, tuple[str, ...]]
    matters: Mapping[str, tuple[str, ...]]
    pools: Mapping[str, Mapping[str, Group]]

    def join(self, phrases: Sequence[str]) -> str:
        """Return "a", "a and b" or "a, b and c" as the language writes it."""
        if len(phrases) < 2:
            return "".join(phrases)
        last, word = phrases[-1], self.joined_by
        sounds_like_i = re.match(r"h?i(?!e)", last.casefold()) is not None
        if self.joined_before_i and sounds_like_i:
            word = self.joined_before_i
        return f"{', '.join(phrases[:-1])} {word} {last}"


@dataclass(frozen=True, slots=True)
class Topics:
    """What the classifier's topic names mean here."""

    aliases: Mapping[str, str]
    careful: frozenset[str]

    def resolve(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return our topics for the classifier's, each once and in order; unknown ones drop."""
        found: dict[str, None] = {}
        for name in names:
            key = re.sub(r"[\W_]+", "_", name.casefold()).strip("_")
            topic = self.aliases.get(key)
            if topic is not None:
                found[topic] = None
        return tuple(found)


def parse_sentence(source: str, tone: str = "") -> Sentence:
    """Split a template sentence into literals and fields."""
    parts = tuple(_FIELD.split(source))
    telling = tuple(
        literal for literal in parts[::2] if len(literal.strip(" ,.")) >= _SHORTEST_TELLING_LITERAL
    )
    return Sentence(source, parts, telling, tone)


def languages(directory: Path = TEMPLATES) -> tuple[str, ...]:
    """Return the codes of the languages that have a template file, sorted."""
    return tuple(sorted(path.stem for path in directory.glob("??.yaml")))


@lru_cache(maxsize=64)
def load_language(code: str, directory: Path = TEMPLATES) -> Language:
    """Read one language file. Raises `TemplateError` when it has not the shape of one."""
    path = directory / f"{code}.yaml"
    data = read_yaml(path)
    try:
        return Language(
            code=code,
            name=str(data["name"]),
            joined_by=str(data["joined_by"]),
            joined_before_i=str(data.get("joined_before_i", "")),
            elides=bool(data.get("elides", False)),
            contact_forms={k: parse_sentence(v) for k, v in data["contact_forms"].items()},
            topics=_phrases(data["topics"]),
            praised=_phrases(data["praised"]),
            matters=_phrases(data["matters"]),
            pools={
                pool: {
                    group: Group(tuple(_read_sentence(entry) for entry in sentences))
                    for group, sentences in groups.items()
                }
                for pool, groups in data["pools"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TemplateError(f"{path.name}: not a language file, {error!r}") from error


@lru_cache(maxsize=8)
def load_topics(directory: Path = TEMPLATES) -> Topics:
    """Read `topics.yaml`: which names mean which topic, and which topics ask for care."""
    data = read_yaml(directory / "topics.yaml")
    try:
        aliases = {topic: topic for topic in data["aliases"]}
        for topic, names in data["aliases"].items():
            aliases.update(dict.fromkeys(names, topic))
        return Topics(aliases=aliases, careful=frozenset(data["careful"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise TemplateError(f"topics.yaml: not a list of topics, {error!r}") from error


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping. Raises `TemplateError` naming the file and, where known, the line."""
    # The C loader is ten times faster where it was compiled in; both are safe loaders.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TemplateError(f"{path.name}: {error}") from error
    if not isinstance(data, dict):
        raise TemplateError(f"{path.name}: a mapping was expected")
    return data


def _read_sentence(entry: str | Mapping[str, str]) -> Sentence:
    """Read one entry of a group: a sentence, or a tone with its sentence."""
    if isinstance(entry, str):
        return parse_sentence(entry)
    ((tone, source),) = entry.items()
    if tone not in TONES or not isinstance(source, str):
        raise TypeError(f"no tone with a sentence: {entry}")
    return parse_sentence(source, tone)


def _phrases(data: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(str(phrase) for phrase in phrases) for key, phrases in data.items()}


def _starts_with_vowel(value: str) -> bool:
    return value[:1].casefold() in set("aàâeéèêëiîïoôuùûyœæ")
