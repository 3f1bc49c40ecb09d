"""Judges what a model answered, as if the customer had written it: a hijacked model may have.

Only an answer that nothing objects to becomes a draft. Here a warning of a reply rule weighs as
much as a block: a person may know better than a rule, a model may not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from responders.drafts import DraftFacts
from responders.llm import patterns, people
from responders.llm.brief import Case, finished
from responders.llm.forbidden_words import MARKDOWN, QUOTED, wording
from responders.llm.masking import PUBLISHABLE
from responders.llm.tongue import is_in
from responders.llm.trouble import Unusable
from responders.llm.vocabulary import STEM, stems, unusual, words_of
from responders.rules import Finding, ReplyFacts, check_reply
from responders.similarity import shingles

FEWEST_WORDS = 5
LONGEST_RUN = 6
"""So many words in a row out of the customer's text, or our rules, are no wording of its own."""

MOST_SHARED = 0.3
"""The share of an answer's word triples that may also stand in the customer's text."""

MOST_STRANGE, WORDS_FOR_ONE_MORE = 3, 25
"""How many words may lie outside the vocabulary at most: one, and one more for so many words."""

MOST_ECHOED = 3
"""How many words outside the vocabulary may come out of the customer's text."""

_NEVER = {
    "lure": "it asks for secrets or money, or to follow or install something",
    "offer": "it speaks of money or of a gift",
    "unkind": "it sends the customer away, or is unkind",
    "inside": "it speaks of what does not belong into an answer",
}
"""What each part of `words.yaml` means where it is found."""

_COMMON = """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july
august september october november december english german french spanish italian dutch portuguese
google
"""
_NO_NAMES = frozenset(_COMMON.split())


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as far as judging the answer needs it. `rules` is our own message."""

    facts: DraftFacts
    case: Case
    language: str
    rules: str
    fence: str


def accepted(answer: str, asked: Question) -> str:
    """Return the whole reply made of a model's answer; raise `Unusable` with the first reason."""
    body = _tidied(answer, asked.case)
    for objection in _objections(body, asked):
        raise Unusable(objection)
    reply = finished(body, asked.case)
    for finding in check_reply(reply, _checking(asked)):
        if not _is_promised(finding, asked.case):
            raise Unusable(f"the reply rule “{finding.rule}” objects")
    return reply


def _objections(body: str, asked: Question) -> Iterator[str]:
    case = asked.case
    words = _words(body)
    if len(words) < FEWEST_WORDS:
        yield "it is empty or too short"
    if len(body) > max(case.brief.max_characters, 1) * 1.15:
        yield "it is too long"
    if any(unicodedata.category(char)[0] == "C" for char in body if char != "\n"):
        yield "it holds signs that nobody sees"
    if wording("refusal").search(body):
        yield "the model refused"
    if MARKDOWN.search(body) or QUOTED.search(body):
        yield "it is not plain text"
    bare = _without(body, tuple(case.values))
    if re.search(r"[\[\]{}<>]", bare):
        yield "a mask was left in it"
    bare = _without(bare, (*case.ours, *case.brief.may_promise))
    rules = _words(_without(asked.rules, case.brief.may_promise))
    if (
        asked.fence.strip("~") in body
        or wording("itself").search(bare)
        or _share_a_run(_words(bare), rules, LONGEST_RUN)
    ):
        yield "it speaks of its instructions or of itself"
    if any(pattern.search(bare) for pattern in (patterns.LINK, patterns.EMAIL)) or "@" in bare:
        yield "it holds a link or an address that is not in the facts"
    if any(unicodedata.category(char)[0] == "N" for char in bare):
        yield "it holds a number that is not in the facts"
    if patterns.SPELLED_NUMBER.search(bare):
        yield "it spells out a number"
    for what, words_for_it in _NEVER.items():
        if wording(what).search(bare):
            yield words_for_it
    if asked.facts.complaint and not wording("regret").search(bare):
        yield "it has no word of regret for a complaint"
    if not is_in(asked.language, bare):
        yield f"it is not all in {case.brief.language}"
    theirs = f"{case.title.text}\n{case.text.text}"
    if _repeats(bare, theirs):
        yield "it repeats the customer's words"
    yield from _strange_words(bare, theirs, asked.language)
    if any(people.known_names(bare)):
        yield "it names somebody"
    if asked.language != "de" and _names_of(bare) & _names_of(theirs):
        yield "it repeats a name out of the customer's text"


def _tidied(answer: str, case: Case) -> str:
    """Return an answer without the harmless habits of models: outer quotes, our signature."""
    body = answer.replace("\r\n", "\n").strip()
    if len(body) > 2 and body[0] in '"“„' and body[-1] in '"”“':
        inner = body[1:-1]
        body = inner.strip() if not set(inner) & set('"“”„') else body
    for mark in PUBLISHABLE:
        name = mark.strip("[]").replace("_", "[_ ]?")
        body = re.sub(rf"\[\s*{name}\s*\]", mark, body, flags=re.IGNORECASE)
    lines = [line.rstrip() for line in body.split("\n")]
    signed = {line.casefold() for line in (*case.signature.split("\n"), case.brief.brand) if line}
    while lines and (not lines[-1] or lines[-1].strip(" -–—").casefold() in signed):
        lines.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _repeats(body: str, theirs: str) -> bool:
    mine, said = _words(body), _words(theirs)
    if _share_a_run(mine, said, LONGEST_RUN):
        return True
    triples = shingles(" ".join(mine))
    shared = triples & shingles(" ".join(said))
    return len(shared) > MOST_SHARED * len(triples)


def _strange_words(body: str, theirs: str, language: str) -> Iterator[str]:
    """Object to words that no polite answer needs: a few may come out of the customer's text."""
    words = unusual(language, body)
    said = stems(words_of(theirs))
    echoed = sum(word[:STEM] in said for word in words)
    strange = len(words) - echoed
    if strange > min(1 + len(words_of(body)) // WORDS_FOR_ONE_MORE, MOST_STRANGE):
        yield "it says things that no answer of ours says"
    if echoed > MOST_ECHOED:
        yield "it repeats too many of the customer's words"


def _share_a_run(mine: list[str], theirs: list[str], length: int) -> bool:
    def runs(words: list[str]) -> set[tuple[str, ...]]:
        return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}

    return not runs(mine).isdisjoint(runs(theirs))


def _names_of(text: str) -> frozenset[str]:
    """Return the words written large within a sentence, in small letters."""
    found = re.findall(r"(?<=[^\W\d_,;][ ,])[^\W\d_a-zà-öø-ÿ][^\W\d_]{2,}", text)
    return frozenset(word.casefold() for word in found if not word.isupper()) - _NO_NAMES


def _without(text: str, parts: tuple[str, ...]) -> str:
    for part in sorted(filter(None, parts), key=len, reverse=True):
        # Whole words only: a platform called X stands in no other word.
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return text


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _checking(asked: Question) -> ReplyFacts:
    """Return what the reply rules know of this case, for the language that was asked for."""
    facts = asked.facts
    known = facts.checking or ReplyFacts(
        platform=facts.platform,
        contact=facts.contact,
        max_length=facts.max_length,
        measure=facts.measure,
        reply_is_public=facts.reply_is_public,
        previous_replies=facts.previous_replies,
        brand_name=facts.brand_name,
        signature=facts.signature,
        author_name=facts.author_name,
        mention_text=facts.text,
    )
    return replace(known, language=asked.language)


def _is_promised(finding: Finding, case: Case) -> bool:
    """Tell whether a rule found only what the operator lets answers promise."""
    said = finding.words.casefold()
    promised = (each.casefold() for each in case.brief.may_promise)
    return finding.rule == "promise" and bool(said) and any(said in each for each in promised)
