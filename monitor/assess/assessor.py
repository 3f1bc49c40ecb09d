"""The shipped assessor: word lists, word weights, signs, TextBlob and the rating, weighed.

Everything is added up as evidence in log-odds and turned into a probability at the end, so each
part can be read, tested and shown as a reason. The rating is one addend that only falls as the
rating rises: a lower rating can never make a complaint less probable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from monitor.assess import lexicon, sentiment, signs
from monitor.assess.base import TOPICS, Assessment, Utterance
from monitor.assess.language import LanguageJudge
from monitor.assess.lexicon import Findings
from monitor.assess.text import HEAD, TAIL, clean, fold, shorten, words
from monitor.assess.urgency import judge_urgency
from monitor.assess.weights import PLAIN, Signs, load_weights

# Log-odds of the rating alone, at the five stars: certain at the ends, open in the middle.
_RATING = ((0.0, 4.2), (0.25, 3.0), (0.5, 0.5), (0.75, -2.2), (1.0, -3.3))
# Beside a rating the words are one voice of two: they overrule it only when they are very clear.
_WORDS_BESIDE_RATING = 3.9
_SPAM = -4.0
_DULL = "the words taken together read like a complaint"


class WordsAssessor:
    """Judges by rules, TextBlob and word weights. Pure and safe to share between threads."""

    def __init__(self, threshold: float = 0.5, languages: Sequence[str] | None = None) -> None:
        if not 0.0 < threshold < 1.0:
            raise ValueError(f"a complaint threshold lies between 0 and 1, not at {threshold}")
        self.version = load_weights("en").version
        self._threshold = threshold
        self._language = LanguageJudge(languages)

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        return [
            self.assess(each.text, title=each.title, rating=each.rating, language=each.language)
            for each in utterances
        ]

    def assess(
        self,
        text: str,
        *,
        title: str = "",
        rating: float | None = None,
        language: str = "",
        kind: str = "",
        share: float | None = None,
        brand: str = "",
    ) -> Assessment:
        reasons: list[str] = []
        whole = _join(title, text)
        part, shortened = shorten(whole)
        part = clean(part)
        folded = fold(part)
        tokens = words(folded)
        code, confidence, guess = self._language.judge(part, tokens, language)
        mood, unhappy = signs.emoji_mood(part)

        findings = Findings()
        if guess in lexicon.LANGUAGES or not guess:
            findings = lexicon.load_lexicon(guess or "en").find(tokens)
        balance = findings.against - findings.praise
        feeling = math.tanh(-balance / 4)
        polarity = sentiment.polarity(tokens) if tokens and guess in {"en", ""} else 0.0

        seen = Signs(
            against=findings.against,
            praise=findings.praise,
            polarity=polarity,
            mood=mood,
            shouting=signs.shouting(part),
        )
        weights = load_weights(guess or "en") if tokens else PLAIN
        evidence = weights.evidence(tokens, seen)
        if seen.shouting and evidence > 0:
            reasons.append("written in capitals")
        spam = signs.is_spam(part, folded, tokens)
        if spam:
            evidence += _SPAM
            reasons.insert(0, f"looks like spam: {spam}")

        stars = _sound(rating)
        probability = _probability(evidence, stars)
        complaint = probability >= self._threshold
        urgency, urgent = judge_urgency(findings.urgent, complaint, probability, stars, evidence)
        reasons = [
            *_rating_reasons(stars, evidence, complaint),
            *_word_reasons(findings, unhappy, complaint),
            *urgent,
            *reasons,
        ]
        if shortened:
            reasons.append(
                f"long text: judged by its first {HEAD} and last {TAIL} of {len(whole)} characters"
            )
        if complaint and not reasons:
            telling = ", ".join(f'"{each}"' for each in weights.strongest(tokens, 3))
            reasons.append(f"the words taken together, most of all {telling}" if telling else _DULL)
        if not reasons and guess and guess not in lexicon.LANGUAGES:
            reasons.append(f"no word list for the language {guess}")
        return Assessment(
            language=code,
            language_confidence=confidence,
            sentiment=_feeling(polarity, feeling, mood),
            complaint_probability=probability,
            threshold=self._threshold,
            complaint=complaint,
            unsure=False,
            urgency=urgency,
            urgency_score=0.0,
            topics=_topics(findings) or (("other",) if complaint else ()),
            intent="complaint" if complaint else "other",
            spam=bool(spam),
            signals=(),
            reasons=tuple(reasons),
            model=self.version,
        )


def _topics(findings: Findings) -> tuple[str, ...]:
    """What it is about, urgent matters included: an answer must know of them."""
    urgent = (name for name in findings.urgent if name in TOPICS)
    return tuple(dict.fromkeys((*findings.topics, *urgent)))


def _join(title: str, text: str) -> str:
    # Platforms often make the title from the beginning of the text.
    title = title.strip()
    if not title or text.startswith(title.rstrip("….")):
        return text
    return f"{title}\n{text}"


def _sound(rating: float | None) -> float | None:
    if rating is None or not math.isfinite(rating):
        return None
    return min(1.0, max(0.0, float(rating)))


def _probability(evidence: float, stars: float | None) -> float:
    if stars is not None:
        limit = _WORDS_BESIDE_RATING
        evidence = min(limit, max(-limit, evidence)) + _rating_evidence(stars)
    evidence = min(30.0, max(-30.0, evidence))
    return round(1.0 / (1.0 + math.exp(-evidence)), 4)


def _rating_evidence(stars: float) -> float:
    for (low, at_low), (high, at_high) in pairwise(_RATING):
        if stars <= high:
            return at_low + (at_high - at_low) * (stars - low) / (high - low)
    return _RATING[-1][1]


def _feeling(polarity: float, feeling: float, mood: float) -> float:
    """TextBlob's word first, then the word lists; emoji take a share, or all without words.

    Where TextBlob and the word list contradict each other ("rude, and laughed at us" is kind to
    TextBlob, because of the laughing), they meet in the middle.
    """
    spoken = polarity or feeling
    if polarity * feeling < 0:
        spoken = (polarity + feeling) / 2
    if mood and spoken:
        spoken = 0.7 * spoken + 0.3 * mood
    return round(min(1.0, max(-1.0, spoken or mood)), 4)


def _rating_reasons(stars: float | None, evidence: float, complaint: bool) -> list[str]:
    if stars is None:
        return []
    given = f"{1 + 4 * stars:.1f}".removesuffix(".0")
    if stars >= 0.75 and evidence > 2.0:
        return [f"stars and words disagree: rated {given} of 5, but the words complain"]
    if stars <= 0.25 and evidence < -2.0:
        return [f"stars and words disagree: rated {given} of 5, but the words are kind"]
    if stars <= 0.5 or (complaint and stars < 0.75):
        return [f"rated {given} of 5"]
    return []


def _word_reasons(findings: Findings, unhappy: list[str], complaint: bool) -> list[str]:
    reasons: list[str] = []
    if findings.phrases:
        strongest = sorted(findings.phrases, key=lambda each: -each[0])
        said = dict.fromkeys(phrase for weight, phrase in strongest if weight >= 0.9)
        shown = [f'"{phrase}"' for phrase in said if phrase.strip("?! ")][:4]
        if shown and (complaint or findings.against > findings.praise):
            reasons.append("words: " + ", ".join(shown))
    if unhappy and complaint:
        reasons.append("signs: " + " ".join(unhappy[:4]))
    return reasons
