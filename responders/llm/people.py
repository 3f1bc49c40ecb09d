"""Finds people's names in a customer's text: the author's own, and others as far as can be told."""

from __future__ import annotations

import re
from collections.abc import Iterator

from responders.name_words import GIVEN_NAMES, TITLES
from responders.names import first_name, full_name

Span = tuple[int, int]

_ALSO_WORDS = """
will may mark grace hope joy faith rose bill art sue pat rich drew rob june april august max dawn
jack angel christian pia sole alba mar luz sol paz rocio iris claire pascal noel marine aurore
prudence constant page wolf ernst frank viola heide erika jo bo
"""
ALSO_WORDS = frozenset(_ALSO_WORDS.split())
"""First names that are also words: alone, at the head of a sentence, they are taken for words."""

_NAME = r"(?-i:[^\W\d_a-zà-öø-ÿ])(?:[^\W\d_]|['’-]){1,30}"
_TITLED = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, TITLES), key=len, reverse=True))})\.?\s+"
    rf"(?:(?:{'|'.join(map(re.escape, TITLES))})\.?\s+)?(?P<name>{_NAME}(?:[ -]{_NAME}){{0,2}})",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"(?<!\w)(?:my name is|name's|called|i am|i'm|ich heiße|ich bin|mein name ist|namens|"
    r"me llamo|mi nombre es|soy|je m'appelle|mon nom est|je suis|mi chiamo|sono|me chamo|"
    r"meu nome é|ik heet|mijn naam is|ik ben)\s+"
    rf"(?P<name>{_NAME}(?:\s{_NAME})?)",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?:^|[\n.!?,])\s*(?:(?:kind |best |warm |many )?(?:regards|wishes|thanks)|yours \w+|cheers|"
    r"(?:mit )?(?:freundlichen?|beste[nr]?|viele[n]?|liebe[n]?) grüße?n?|mfg|lg|gruß|saludos|"
    r"atentamente|un saludo|cordialement|bien à vous|cordiali saluti|saluti|atenciosamente|"
    r"cumprimentos|groet(?:en|jes)?|met vriendelijke groet)[\s,.!-]+(?P<name>[^\n]{2,40})\s*$|"
    r"(?:\n|\s)[—–~-]{1,2}\s?(?P<dashed>[^\W\d_][\w'’. -]{1,30})\s*$",
    re.IGNORECASE,
)
_RUN = re.compile(rf"{_NAME}(?:[ ]{_NAME})+")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_HEAD = re.compile(r"(?:[.!?:;\n…«»“”\"(])\s*$")


def authors_own(text: str, author_name: str) -> Iterator[tuple[Span, bool]]:
    """Yield where the author's own name stands, and whether it is the first name alone."""
    whole = author_name.strip()
    if not whole:
        return
    first = first_name(whole)
    for match in re.finditer(rf"(?<!\w){re.escape(whole)}(?!\w)", text, re.IGNORECASE):
        yield match.span(), whole.casefold() == first.casefold()
    if not (first or full_name(whole)):
        return
    for word in _WORD.findall(whole):
        if len(word) > 1:
            for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
                yield match.span(), word.casefold() == first.casefold()


def others(text: str) -> Iterator[Span]:
    """Yield where somebody else's name seems to stand. Spans may overlap."""
    for pattern in (_TITLED, _INTRODUCED):
        for match in pattern.finditer(text):
            yield match.span("name")
    for match in _SIGNED.finditer(text):
        yield match.span("name" if match.group("name") else "dashed")
    for match in _RUN.finditer(text):
        start, end = match.span()
        if _is_head(text, start) and first_word(match.group()) not in GIVEN_NAMES:
            # The first word of a sentence is written large whatever it is.
            start += len(match.group().split(" ")[0]) + 1
            if " " not in text[start:end]:
                continue
        yield start, end
    yield from known_names(text)


def known_names(text: str) -> Iterator[Span]:
    """Yield where a first name stands that we know."""
    for match in _WORD.finditer(text):
        word = match.group().removesuffix("'s").removesuffix("’s")
        if not word[0].isupper() or word.casefold() not in GIVEN_NAMES:
            continue
        if word.casefold() in ALSO_WORDS and _is_head(text, match.start()):
            continue
        yield match.start(), match.start() + len(word)


def _is_head(text: str, start: int) -> bool:
    """Tell whether a sentence begins at `start`; a few signs before it tell."""
    return start == 0 or _HEAD.search(" " + text[max(0, start - 6) : start]) is not None


def first_word(words: str) -> str:
    """Return the first of several words in small letters."""
    return words.split(" ", 1)[0].casefold()
