"""From labelled texts to examples: what is trained on, set by set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.assess import signs
from monitor.assess.features import features, marks_of, negations_of
from monitor.assess.text import clean, shorten, words
from monitor.assess.training.fit import Example
from monitor.assess.training.sets import SETS, Item, load
from monitor.assess.training.written import Written, urgent, written

LIMIT = 8_000
"""Texts of a set at most."""

EQUAL = 6_000
"""Bigger sets weigh no more than one of this size."""

MIXED = 0.5
"""How much a text counts that praises and complains."""

_LEAST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Text:
    """One text made ready: its features, and what is known of it."""

    features: Sequence[str]
    complaint: bool
    praise: bool
    weight: float = 1.0
    judges: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """The texts of one set or of one written file."""

    name: str
    texts: Sequence[Text]
    kind: str
    kin: Sequence[str] = ()
    trains: bool = True
    invented: bool = False


def licence_of(name: str) -> str:
    """Under which licence a group's texts are, and whose they are."""
    return SETS[name].licence if name in SETS else "written for Rapport, MIT"


def features_of(text: str, language: str, stems: bool, title: str = "") -> list[str]:
    """The features of a raw text, as the assessor sees them."""
    part = shorten(f"{title}\n{text}" if title else text)[0]
    mood = signs.emoji_mood(part)[0]
    marks = marks_of(part, mood, signs.shouting(part))
    negations = negations_of(language)
    return features(words(clean(part)), marks, negations, stems)


def groups(language: str, data: Path, stems: bool) -> list[Group]:
    """Every set and written file of a language, in a fixed order."""
    return [
        *_found(language, data, stems),
        *_invented(language, stems),
        Group(f"written: {language}_urgent", list(_urgent(language, stems)), "post", invented=True),
    ]


def _found(language: str, data: Path, stems: bool) -> Iterator[Group]:
    for name, labelled in SETS.items():
        if labelled.language != language:
            continue
        items = load(data, name, LIMIT, middling=True)
        texts = [_text(item, features_of(item.text, language, stems, item.title)) for item in items]
        yield Group(name, texts, labelled.kind, labelled.kin, bool(labelled.licence))


def _text(item: Item, found: Sequence[str]) -> Text:
    praise = item.praise and not item.complaint and not item.middling
    return Text(found, item.complaint, praise, judges=not item.middling)


def _invented(language: str, stems: bool) -> Iterator[Group]:
    files: dict[str, list[Written]] = {}
    for each in written(language):
        files.setdefault(each.file, []).append(each)
    for file, texts in files.items():
        yield Group(
            f"written: {file}",
            [
                Text(
                    features_of(each.text, language, stems),
                    each.label in {"complaint", "mixed"},
                    each.label == "praise",
                    MIXED if each.label == "mixed" else 1.0,
                    judges=each.label != "mixed",
                )
                for each in texts
            ],
            texts[0].kind,
            invented=True,
        )


def _urgent(language: str, stems: bool) -> Iterator[Text]:
    # Whether the harmless ones complain nobody said; the others do.
    for rules, text in urgent(language):
        if rules:
            yield Text(features_of(text, language, stems), True, False, judges=False)


def for_complaints(chosen: Sequence[Group]) -> list[Example]:
    """Examples that teach complaints; both classes of a set weigh alike."""
    return _examples(chosen, [[(text, text.complaint) for text in g.texts] for g in chosen])


def for_praise(chosen: Sequence[Group]) -> list[Example]:
    """Examples that teach praise, from the sets that hold any."""
    kept = []
    for group in chosen:
        pairs = [(text, text.praise) for text in group.texts]
        kept.append(pairs if any(praise for _, praise in pairs) else [])
    return _examples(chosen, kept)


def _examples(
    chosen: Sequence[Group], kept: Sequence[Sequence[tuple[Text, bool]]]
) -> list[Example]:
    examples = []
    for number, (group, pairs) in enumerate(zip(chosen, kept, strict=True)):
        if not pairs:
            continue
        share = sum(wanted for _, wanted in pairs) / len(pairs)
        size = min(1.0, EQUAL / len(pairs))
        for text, wanted in pairs:
            balance = 0.5 / max(share if wanted else 1 - share, _LEAST_SHARE)
            weight = text.weight * size * balance
            examples.append(Example(text.features, wanted, weight, number, group.invented))
    return examples
