"""Turns what platforms send into plain text that every database and terminal can hold."""

from __future__ import annotations

import html
import re

# Kept as words, because a list of forty strings would be forty lines.
_BREAKING = frozenset(
    "address article aside blockquote br dd div dl dt figcaption footer h1 h2 h3 h4 h5 h6 header "  # noqa: SIM905
    "hr li main nav ol p pre section table td th tr ul".split()
)
_PARAGRAPH = frozenset(["p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"])
_HIDDEN = frozenset(["script", "style", "template", "noscript", "iframe", "svg", "head", "title"])
_TAG_OR_ENTITY = re.compile(r"<[a-zA-Z/!?]|&[a-zA-Z#]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_NAME = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,60})")
_COMMENT = re.compile(r"<[!?]|</[^A-Za-z]")
_TAG_MARK = re.compile(r">|=\s{0,20}([\"'])")
_ENDS = {tag: re.compile(rf"</{tag}\b", re.I) for tag in ("script", "style")}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")
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


class _Stripper:
    """Collects the visible text of a fragment in one walk over it.

    The parser of the standard library looks for the end of each broken tag anew, which takes
    minutes for what a hostile page fits into a megabyte. Here a mark that is not found once is
    not looked for again.
    """

    def __init__(self, fragment: str) -> None:
        self.parts: list[str] = []
        self._text = fragment
        self._hidden = ""
        self._absent: set[str] = set()

    def walk(self) -> str:
        """Return the text."""
        at = 0
        while (begin := self._text.find("<", at)) >= 0:
            self._say(self._text[at:begin])
            at = self._markup(begin)
        self._say(self._text[at:])
        return "".join(self.parts)

    def _find(self, mark: str, start: int) -> int:
        if mark in self._absent:
            return -1
        found = self._text.find(mark, start)
        if found < 0:
            self._absent.add(mark)
        return found

    def _markup(self, begin: int) -> int:
        """Take what begins at a ``<``, and return where to go on; a lone one is text."""
        name = _NAME.match(self._text, begin)
        if name is not None:
            end = self._end_of_tag(name.end())
            if end >= 0:
                return self._tag(name, end)
        elif _COMMENT.match(self._text, begin):
            for opening, closing in (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<", ">")):
                if self._text.startswith(opening, begin):
                    end = self._find(closing, begin + len(opening))
                    if end >= 0:
                        return end + len(closing)
        self._say("<")
        return begin + 1

    def _end_of_tag(self, start: int) -> int:
        """Return where a tag ends; a ``>`` within quotation marks does not end it."""
        at = start
        while self._find(">", at) >= 0 and (found := _TAG_MARK.search(self._text, at)):
            at = found.end()
            if found[0] == ">":
                return found.start()
            # A quotation mark counts only where a value begins.
            closing = self._find(found[1], at)
            if closing >= 0:
                at = closing + 1
        return self._find(">", start)

    def _tag(self, name: re.Match[str], end: int) -> int:
        closing, tag = name[1], name[2].lower()
        if self._hidden:
            if closing and tag == self._hidden:
                self._hidden = ""
        elif tag in _HIDDEN:
            if not closing and self._text[end - 1] != "/":
                self._hidden = tag
                if tag in ("script", "style"):
                    return self._behind(tag, end + 1)
        elif tag in _BREAKING:
            paragraph = tag in _PARAGRAPH and self._text[end - 1] != "/"
            self.parts.append("\n\n" if paragraph else "\n")
        return end + 1

    def _behind(self, tag: str, start: int) -> int:
        """Return where a script or style ends: no ``<`` in it means anything else."""
        found = _ENDS[tag].search(self._text, start)
        return found.start() if found is not None else len(self._text)

    def _say(self, data: str) -> None:
        if data and not self._hidden:
            self.parts.append(_BLANKS.sub(" ", html.unescape(data).replace("\n", " ")))


def html_to_text(fragment: str) -> str:
    """Return the text of an HTML fragment; plain text passes through tidied.

    Scripts and styles are dropped, paragraphs and line breaks are kept. Any input gives some
    text: broken markup is read as far as it goes.
    """
    if not _TAG_OR_ENTITY.search(fragment):
        return tidy(fragment)
    return tidy(_Stripper(clean(fragment)).walk())


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
