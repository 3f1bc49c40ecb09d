"""Rules of form: whether the text can stand there at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from responders.plain_text import PLACEHOLDER
from responders.rules.base import Finding, Reply, Rule, shorten
from responders.rules.function_words import FUNCTION_WORDS
from responders.similarity import TOO_SIMILAR, similarity

_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHOUTED_RUN = 4
_WORD = re.compile(r"[^\W\d_]{2,}")
_LISTED = re.compile(r"[,;/()&+]")
_SHOUTED_SHARE = 0.6
_FEWEST_LETTERS = 15
_FEWEST_WORDS = 12


def _empty(reply: Reply) -> Iterator[Finding]:
    if not any(char.isalnum() for char in reply.text):
        yield Finding("empty", "block", "There is nothing to publish. Write an answer")


def _length(reply: Reply) -> Iterator[Finding]:
    limit = reply.facts.max_length
    if limit is None:
        return
    size = reply.facts.measure(reply.text)
    if size > limit:
        message = (
            f"{size} {reply.facts.length_unit} where the platform takes {limit}. "
            f"Shorten it by {size - limit}; it will not be cut off for you"
        )
        yield Finding("length", "block", message, "The platform's limit")


def _objections(reply: Reply) -> Iterator[Finding]:
    for objection in reply.facts.objections(reply.text):
        message = f"The platform would refuse it: {shorten(objection, 200)}. Change that"
        yield Finding("objection", "block", message, "The platform's own rules")


def _placeholder(reply: Reply) -> Iterator[Finding]:
    match = PLACEHOLDER.search(reply.plain)
    if match:
        said = match.group()
        message = f"A placeholder was left over: {shorten(said)}. Fill it in or take it out"
        yield Finding("placeholder", "block", message, "", said)


def _characters(reply: Reply) -> Iterator[Finding]:
    for char in dict.fromkeys(reply.text):
        category = unicodedata.category(char)
        bad = category in {"Cs", "Co", "Cn"} or (category == "Cc" and char not in "\n\r\t")
        if bad or char in _DIRECTION or char == "\ufffd":
            message = (
                f"An invisible or broken sign (U+{ord(char):04X}) that platforms refuse. "
                "Type the passage again"
            )
            yield Finding("characters", "block", message, "", f"U+{ord(char):04X}")
            return


def _html(reply: Reply) -> Iterator[Finding]:
    match = _TAG.search(reply.plain)
    if match:
        stripped = reply.platform.strips_html
        how = "strips it" if stripped else "shows it as it stands"
        message = f"HTML: {shorten(match.group())}. The platform {how}; write plain text"
        yield Finding("html", "warn", message, reply.platform.source, match.group())


def _emoji(reply: Reply) -> Iterator[Finding]:
    if not reply.platform.refuses_emoji:
        return
    for char in reply.text:
        if unicodedata.category(char) == "So" or "\U0001f000" <= char <= "\U0001faff":
            message = f"An emoji ({char}), and the platform refuses them. Take it out"
            yield Finding("emoji", "block", message, reply.platform.source, char)
            return


def _shouting(reply: Reply) -> Iterator[Finding]:
    ours = set(re.findall(r"\w+", reply.ours))
    found = [m for m in _WORD.finditer(reply.unlinked) if m.group().casefold() not in ours]
    words = [match.group() for match in found]
    letters = sum(map(len, words))
    loud = [word for word in words if word.isupper() and word.lower() != word]
    run = longest = end = 0
    for match in found:
        if match.group() not in loud:
            run = 0
        elif run and _LISTED.search(reply.unlinked, end, match.start()):
            run = 1  # "OS, CPU, RAM" is a list of short forms, and no raised voice
        else:
            run += 1
        end = match.end()
        longest = max(longest, run)
    whole = letters >= _FEWEST_LETTERS and sum(map(len, loud)) / letters >= _SHOUTED_SHARE
    if whole or longest >= _SHOUTED_RUN:
        message = "Capitals read as shouting. Write it in small letters"
        yield Finding("shouting", "block", message, "Instagram and others refuse all capitals")


def _similar(reply: Reply) -> Iterator[Finding]:
    best = max(
        ((similarity(reply.text, old), old) for old in reply.facts.previous_replies),
        default=(0.0, ""),
    )
    if best[0] < TOO_SIMILAR:
        return
    refused = reply.platform.refuses_similar
    message = (
        f"{best[0]:.0%} alike with a recent answer (“{shorten(best[1], 60)}”). "
        "Say it in other words" + ("; the platform refuses look-alikes" if refused else "")
    )
    yield Finding("similar", "block" if refused else "warn", message, reply.platform.source)


def _language(reply: Reply) -> Iterator[Finding]:
    wanted = reply.facts.language.casefold().replace("_", "-").split("-")[0]
    words = re.findall(r"[^\W\d_]+", reply.plain.casefold())
    if wanted not in FUNCTION_WORDS or len(words) < _FEWEST_WORDS:
        return
    counts = {code: sum(w in known for w in words) for code, known in FUNCTION_WORDS.items()}
    likeliest = max(counts, key=lambda code: counts[code])
    if counts[likeliest] >= 2 * counts[wanted] + 3:
        message = (
            f"It seems to be written in “{likeliest}”, the mention in “{wanted}”. "
            "Answer in the author's language where you can"
        )
        yield Finding("language", "warn", message)


FORM_RULES: tuple[Rule, ...] = (
    Rule("empty", "block", "There is nothing to publish", "", _empty),
    Rule(
        "length",
        "block",
        "It is longer than the platform takes, in the platform's unit",
        "The platform's limit",
        _length,
    ),
    Rule(
        "objection",
        "block",
        "The platform would refuse it, by what its connector knows",
        "The platform's own rules",
        _objections,
    ),
    Rule("placeholder", "block", "A placeholder was left over", "", _placeholder),
    Rule("characters", "block", "It holds signs that platforms refuse", "", _characters),
    Rule("shouting", "block", "It is written in capitals", "Instagram and others", _shouting),
    Rule("html", "warn", "It holds HTML", "Google Play and App Store: plain text", _html),
    Rule(
        "emoji",
        "block on Yelp",
        "It holds an emoji where the platform refuses them",
        "Yelp, create-review-response",
        _emoji,
    ),
    Rule(
        "similar",
        "block on Yelp, else warn",
        "It is too similar to a recent answer",
        "Yelp, create-review-response",
        _similar,
    ),
    Rule("language", "warn", "It is written in another language than the mention", "", _language),
)
