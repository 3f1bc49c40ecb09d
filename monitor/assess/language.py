"""Which language a text is in: a hint, the script, everyday words, and py3langid for the rest.

The cheap and sure ways come first; py3langid costs about as much as all the rest of an
assessment, and half a second and some tens of megabytes when it is first needed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from functools import cache
from typing import Any

from monitor.assess import lexicon
from monitor.assess.text import fold

# What py3langid chooses between unless told otherwise: the languages with a lexicon and their
# neighbours, so that a Danish text is not called Dutch for want of a better choice.
WANTED = (
    *lexicon.LANGUAGES,
    *("ca", "cs", "da", "fi", "hr", "hu", "id", "no", "pl", "ro", "sk", "sv", "tr", "vi"),
)
_LOOKED_AT = 150
_LONG_ENOUGH = 20
_TRUSTED = 0.75
_WORDS_LOOKED_AT = 80
_PLAINLY = 3  # so many English words for each word of another language
_SURE_OF_VOTE = 0.8
_FEW_KNOWN = 3
_MANY_KNOWN = 6
_MOSTLY = 0.5
_LONG = 8
_NEARLY_ALL = 0.9  # of a long text's words: no other language shares so many with English
_SURE_OF_TWO = 0.6  # "great charger": two words, both English ones, none of another language
_ENGLISH_HINTS = frozenset(["", "en"])

_HINT = re.compile(r"^([a-z]{2,3})(?:[-_.@].*)?$")
_ISO3 = {
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "spa": "es",
    "fra": "fr",
    "fre": "fr",
    "ita": "it",
    "nld": "nl",
    "dut": "nl",
    "por": "pt",
}
_NOT_LATIN = re.compile("[\u0370-\u1fff\u2e80-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufeff]")
_SCRIPTS = {
    "ja": "[\u3040-\u30ff]",
    "ko": "[\uac00-\ud7a3\u1100-\u11ff]",
    "zh": "[\u3400-\u9fff\uf900-\ufaff]",
    "el": "[\u0370-\u03ff]",
    "he": "[\u0590-\u05ff\ufb1d-\ufb4f]",
    "th": "[\u0e00-\u0e7f]",
    "hy": "[\u0530-\u058f]",
    "ka": "[\u10a0-\u10ff]",
    "ta": "[\u0b80-\u0bff]",
    "te": "[\u0c00-\u0c7f]",
    "bn": "[\u0980-\u09ff]",
    "cyrillic": "[\u0400-\u04ff]",
    "arabic": "[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]",
    "devanagari": "[\u0900-\u097f]",
}
# Everyday words of neighbours without a lexicon: a vote for none of those that have one.
_NEIGHBOURS = """
og jeg ikke det er på pa til af av som har var med meget veldig mycket så för inte jag är ar att
ett fra från fran hade vid efter jest nie się sie na że ze bardzo tak jak za przez byl byla było
bylo bir ve çok cok bu için icin değil degil nu foarte pentru sunt nem egy hogy az és igen není
neni jsem velmi ei ole oli hyvä tapi yang dan tidak untuk saya ini itu dengan
"""
# Scripts of several languages: only py3langid tells them apart.
_SHARED = {
    "cyrillic": ("ru", "uk", "bg", "sr", "mk", "be"),
    "arabic": ("ar", "fa", "ur"),
    "devanagari": ("hi", "mr", "ne"),
}

_lock = threading.Lock()


def normalise(hint: str) -> str:
    """``en_US``, ``de-AT`` and ``fra`` as ``en``, ``de`` and ``fr``; anything else as empty."""
    match = _HINT.match(hint.strip().lower())
    if match is None:
        return ""
    code = match.group(1)
    code = _ISO3.get(code, code)
    return code if len(code) == 2 else ""


Votes = Mapping[str, tuple[str, ...]]


def _votes_of(words: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    # Words of more than two languages say little.
    votes: dict[str, tuple[str, ...]] = {}
    for language, own in words.items():
        for word in own:
            votes[word] = (*votes.get(word, ()), language)
    return {
        word: languages
        for word, languages in votes.items()
        if len(languages) <= 2 and word.isalpha()
    }


@cache
def _everyday_votes() -> Votes:
    """The languages that have each everyday word."""
    return _votes_of({code: lexicon.everyday_words(code) for code in lexicon.LANGUAGES})


@cache
def _wider_votes() -> Votes:
    """The same with the words that patterns are looked for by: more, and slower to read."""
    words = {}
    for code in lexicon.LANGUAGES:
        words[code] = lexicon.everyday_words(code) | lexicon.load_lexicon(code).words()
    return _votes_of(words)


@cache
def _model() -> Any:
    # Loaded on first use: NumPy and the model are only needed for texts that are hard to tell.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    identifier = copy(_model())  # shares the tables; only the choice is its own
    known = frozenset(identifier.labels)
    identifier.set_languages([code for code in languages if code in known] or None)
    return identifier


def _identify(text: str, languages: tuple[str, ...]) -> tuple[str, float]:
    with _lock:  # the model is loaded once, also when many threads start at once
        identifier = _identifier(languages)
    language, confidence = identifier.classify(text[:_LOOKED_AT])
    return str(language), round(min(1.0, max(0.0, float(confidence))), 3)


class LanguageJudge:
    """Tells languages apart; ``languages`` limits the choice (ISO 639-1 codes)."""

    def __init__(self, languages: Sequence[str] | None = None) -> None:
        wanted = [code for code in map(normalise, languages or ()) if code]
        self._wanted = tuple(dict.fromkeys(wanted)) or WANTED
        self._choice = frozenset(self._wanted)
        self._english = "en" in self._choice
        english = lexicon.everyday_words("en")
        stops = english.union(*map(lexicon.everyday_words, lexicon.LANGUAGES))
        self._neighbours = frozenset(map(fold, _NEIGHBOURS.split())) - stops
        self._foreign = frozenset(
            word for word in self._neighbours.union(stops - english) if len(word) > 1
        )

    def chooses(self, language: str) -> bool:
        """Whether a language is among those to choose between."""
        return language in self._choice

    def judge(self, text: str, tokens: Sequence[str], hint: str = "") -> tuple[str, float, str]:
        """The language, the confidence in it, and the best guess for choosing word lists.

        The first is ``und`` when nothing is sure; the guess may name a language even then, or be
        empty. ``text`` is cleaned, ``tokens`` are its folded words.
        """
        hinted = normalise(hint) if hint else ""
        latin = text.isascii() or _NOT_LATIN.search(text) is None
        if not latin and (script := self._by_script(text)) is not None:
            return (*script, script[0] if script[0] != "und" else "")
        voted, confidence = self._vote(tokens, _everyday_votes())
        if confidence < _SURE_OF_VOTE:
            voted, confidence = self._vote(tokens, _wider_votes())
        if hinted:
            # People write in another language than their profile says: believe clear words.
            if voted and voted != hinted and confidence >= 0.9 and len(tokens) >= 8:
                return voted, confidence, voted
            return hinted, 0.95 if voted == hinted else 0.8, hinted
        if voted and confidence >= _SURE_OF_VOTE:
            return voted, confidence, voted
        letters = sum(map(len, tokens))
        if letters >= _LONG_ENOUGH and len(tokens) > 2:
            found, sure = _identify(text, self._wanted)
            if found == voted:
                return found, max(sure, confidence), found
            if sure >= _TRUSTED:
                return found, sure, found
            return "und", round(sure, 3), voted or found
        return "und", round(confidence / 2, 3), voted

    def is_plainly_english(
        self, text: str, tokens: Sequence[str], known: int, hint: str = ""
    ) -> float:
        """How sure a text is English that nobody needs to look at twice; 0.0 where it is not.

        ``known`` counts the tokens that are English words. The common case, settled in a
        microsecond: nearly all words are English, and hardly any is another language's.
        """
        if hint and normalise(hint) not in _ENGLISH_HINTS:
            return 0.0
        size = len(tokens)
        if known < _MOSTLY * size or (known < _FEW_KNOWN and known < size) or not self._english:
            return 0.0
        if not text.isascii() and _NOT_LATIN.search(text) is not None:
            return 0.0
        if (size < _LONG or known < _NEARLY_ALL * size) and (
            known < _PLAINLY * self._foreign_among(tokens)
        ):
            return 0.0
        if known >= _FEW_KNOWN:
            return 0.97 if known >= _MANY_KNOWN else 0.85
        return _SURE_OF_TWO if known == 2 else 0.0

    def _foreign_among(self, tokens: Sequence[str]) -> int:
        return 0 if self._foreign.isdisjoint(tokens) else len(self._foreign.intersection(tokens))

    def _vote(self, tokens: Sequence[str], votes: Votes) -> tuple[str, float]:
        look_up = votes.get
        looked_at = tokens[:_WORDS_LOOKED_AT]
        counts: dict[str, int] = {}
        for word in looked_at:
            for code in look_up(word, ()):
                if code in self._choice:
                    counts[code] = counts.get(code, 0) + 1
        if not counts:
            return "", 0.0
        # Ties go to the language that came first, so that equal input gives equal output.
        best = max(counts, key=counts.__getitem__)
        top = counts.pop(best)
        second = max(counts.values()) if counts else 0
        if top == second:
            return best, 0.3
        # A language with no word list here shares a few words with one that has: in a text that
        # is really in the language, every fifth word at least is an everyday one.
        if top * 5 < len(looked_at) or (
            not self._neighbours.isdisjoint(looked_at)
            and sum([word in self._neighbours for word in looked_at]) > top
        ):
            return best, 0.4
        if top >= 3 and top >= 2 * second:
            return best, round(0.97 - 0.15 * second / top, 3)
        if second:
            return best, 0.4
        return best, 0.8 if top == 2 else 0.6

    def _by_script(self, text: str) -> tuple[str, float] | None:
        text = text[:_LOOKED_AT]
        foreign = len(_NOT_LATIN.findall(text))
        letters = sum(map(str.isalpha, text))
        if not letters or foreign * 2 < letters:
            return None
        counts = {name: len(re.findall(script, text)) for name, script in _SCRIPTS.items()}
        if counts["ja"] * 10 >= foreign:
            return "ja", 0.95
        best = max(counts, key=lambda name: counts[name])
        if counts[best] * 2 < foreign:
            return "und", 0.0
        shared = _SHARED.get(best)
        if shared is None:
            return best, 0.9
        if letters < _LONG_ENOUGH:
            return "und", 0.3
        found, sure = _identify(text, shared)
        return (found, sure) if sure >= 0.6 else ("und", round(sure, 3))
