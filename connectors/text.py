"""Turns what platforms send into plain text that every database and terminal can hold."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

# Kept as words, because a list of forty strings would be forty lines.
_BREAKING = frozenset(
    "address article aside blockquote br dd div dl dt figcaption footer h1 h2 h3 h4 h5 h6 header "  # noqa: SIM905
    "hr li main nav ol p pre section table td th tr ul".split()
)
_PARAGRAPH = frozenset(["p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"])
_HIDDEN = frozenset(["script", "style", "template", "noscript", "iframe", "svg", "head", "title"])
_TAG_OR_ENTITY = re.compile(r"<[a-zA-Z/!?]|&[a-zA-Z#]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")
_WORDS = re.compile(r"[^\W_]+")


def clean(text: str) -> str:
    """Return `text` without control characters and lone surrogates, with plain line ends.

    PostgreSQL refuses U+0000 and no encoder writes a lone surrogate, so neither may pass.
    """
    # Neither controls nor surrogates are printable; this is the usual case, and quick.
    if text.isprintable() or text.replace("\n", " ").isprintable():
        return text
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def tidy(text: str) -> str:
    """Return cleaned `text` with runs of blanks made one, at most one empty line, trimmed."""
    if text.isprintable() and "  " not in text:
        return text.strip()  # one line, and nothing to mend
    text = _BLANKS.sub(" ", clean(text))
    text = "\n".join(line.strip() for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", text).strip()


def one_line(text: str) -> str:
    """Return `text` on one line, for names and titles."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(clean(text).split())


def unescape(text: str) -> str:
    """Replace HTML entities, also where somebody escaped them twice (``&amp;#39;``)."""
    for _ in range(2):
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


class _Stripper(HTMLParser):
    """Collects the visible text of a fragment; flat, so nesting depth cannot hurt it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag in _BREAKING:
            self.parts.append("\n\n" if tag in _PARAGRAPH else "\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            if tag in self._hidden:
                del self._hidden[self._hidden.index(tag) :]
        elif tag in _BREAKING:
            self.parts.append("\n\n" if tag in _PARAGRAPH else "\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(_BLANKS.sub(" ", data.replace("\n", " ")))


def html_to_text(fragment: str) -> str:
    """Return the text of an HTML fragment; plain text passes through tidied.

    Scripts and styles are dropped, paragraphs and line breaks are kept. Any input gives some
    text: broken markup is read as far as it goes.
    """
    if not _TAG_OR_ENTITY.search(fragment):
        return tidy(fragment)
    stripper = _Stripper()
    stripper.feed(clean(fragment))
    stripper.close()
    return tidy("".join(stripper.parts))


def normalised(text: str) -> str:
    """Return only the words of `text`, folded: two renderings of one text become equal."""
    return " ".join(_WORDS.findall(unescape(text).casefold()))


def same_text(first: str, second: str) -> bool:
    """Tell whether two renderings are one text: mentions, markup and punctuation do not count."""
    mine, theirs = (_without_mentions(text) for text in (first, second))
    return bool(mine) and mine == theirs


def _without_mentions(text: str) -> str:
    return normalised(" ".join(word for word in text.split() if not word.startswith("@")))


def clip(text: str, length: int) -> str:
    """Return `text`, cut to `length` characters with an ellipsis where it was longer."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
