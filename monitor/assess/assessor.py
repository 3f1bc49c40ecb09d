"""The shipped assessor: a learned model, word lists, signs and the rating, weighed.

Everything is added up as evidence in log-odds and turned into a probability at the end, so each
part can be read, tested and shown as a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.assess import lexicon
from monitor.assess.base import (
    DEFAULT_THRESHOLD,
    DEFAULT_UNSURE,
    Assessment,
    Utterance,
)
from monitor.assess.calibration import prior_shift, probability, sound
from monitor.assess.explaining import Judged
from monitor.assess.features import marks_of
from monitor.assess.language import LanguageJudge
from monitor.assess.layer import LocalLayer
from monitor.assess.model import Model, load_model
from monitor.assess.patterns import Patterns
from monitor.assess.signs import emoji_mood, shouting
from monitor.assess.spam import sign_of_spam
from monitor.assess.text import clean, shorten, words
from monitor.assess.weights import NOTHING

_SPAM = -4.0
# What nearly complains and speaks of danger or of a lawyer does complain.
_OPEN = 0.2
_PRESSING = 1.2
_SHORT = 3  # words, up to which each language is asked whether it knows them
_BY_VOCABULARY = 0.5
_FIRM = 2.0  # evidence from which words contradict a rating
_EMOJI = 2.0  # how much the emoji say where there is no model for the language


class WordsAssessor:
    """Judges by learned weights and rules. Pure and safe to share between threads.

    Raises ValueError for a threshold outside 0..1 and for topics that cannot be read.
    """

    def __init__(
        self,
        threshold: float = DEFAULT_THRESHOLD,
        languages: Sequence[str] | None = None,
        *,
        unsure_within: float = DEFAULT_UNSURE,
        layer: LocalLayer | None = None,
        topics: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    ) -> None:
        if not 0.0 < threshold < 1.0:
            raise ValueError(f"a complaint threshold lies between 0 and 1, not at {threshold}")
        self._english = _english()
        self.version = self._english.version + (f"+{layer.version}" if layer else "")
        self._threshold = threshold
        self._unsure_within = unsure_within
        self._layer = layer
        self._language = LanguageJudge(languages)
        learned = (lexicon.topics_of(layer.topics),) if layer and layer.topics else ()
        self._learned_topics: tuple[Patterns, ...] = learned
        self._topics: dict[str, tuple[Patterns, ...]] = {
            brand: (lexicon.topics_of(own), *learned)
            for brand, own in (topics or {}).items()
            if own
        }

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        judge = self._judge
        return [judge(*each) for each in utterances]

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
        return self._judge(text, title, rating, language, kind, share, brand)

    def evidence(self, said: Utterance) -> tuple[float, list[str]]:
        """The shipped model's evidence for a text, and its features: what a layer learns from."""
        judged = self._read(said.text, said.title, said.language, said.kind)
        return judged.evidence, judged.features()

    def topics_found(self, said: Utterance) -> tuple[list[str], frozenset[str]]:
        """The words of a text and the topics found in it: what words of topics are learned from."""
        judged = self._judge(*said)
        return judged.words, frozenset(judged.topics)

    def _judge(
        self,
        text: str,
        title: str,
        rating: float | None,
        language: str,
        kind: str,
        share: float | None,
        brand: str,
    ) -> Judged:
        judged = self._read(text, title, language, kind)
        evidence = judged.evidence
        if self._layer is not None:
            evidence = self._layer.evidence(evidence, judged.features())
        if share is not None:
            evidence += prior_shift(share, self._english.prior)
        stars = None if rating is None else sound(rating)
        disagrees = "" if stars is None else _disagreement(stars, evidence)
        chance = probability(evidence, stars)
        threshold = self._threshold
        if _OPEN < chance < threshold and judged.is_pressing():
            evidence += _PRESSING
            chance = probability(evidence, stars)
        judged.evidence, judged.stars, judged.disagrees = evidence, stars, disagrees
        judged.complaint_probability = chance
        judged.threshold = threshold
        judged.complaint = chance >= threshold
        judged.unsure = (
            abs(chance - threshold) < self._unsure_within
            or disagrees != ""
            or (stars is None and not any(judged.said.words) and bool(judged.words))
        )
        judged.model = self.version
        judged.further_topics = self._topics.get(brand, self._learned_topics)
        return judged

    def _read(self, text: str, title: str, language: str, kind: str) -> Judged:
        """All that is told by the text itself."""
        judged = Judged()
        raw, judged.left_out = shorten(_join(title, text) if title else text)
        judged.text = text = clean(raw)
        judged.words = tokens = words(text)
        judged.mood, judged.unhappy = mood, _ = emoji_mood(raw)
        judged.marks = marks = marks_of(text, mood, shouting(text))
        judged.sign, judged.why_spam = sign, _ = sign_of_spam(raw, tokens)
        judged.spam = sign != ""
        # Most texts are English: they are read so first, and that tells whether they are.
        model: Model | None = self._english
        said = self._english.complaint.weigh(tokens, marks)
        known = len(tokens) - said.words.count(0)
        sure = self._language.is_plainly_english(text, tokens, known, language)
        if sure:
            judged.language, judged.language_confidence, judged.guess = "en", sure, "en"
        else:
            judged.language, judged.language_confidence, guess = self._language.judge(
                text, tokens, language
            )
            if not guess and tokens:
                guess = self._by_vocabulary(tokens, known)
                if guess:
                    judged.language, judged.language_confidence = guess, _BY_VOCABULARY
            judged.guess = guess
            if guess not in _LIKE_ENGLISH:
                model = load_model(guess)
                said = NOTHING if model is None else model.complaint.weigh(tokens, marks)
        judged.word_model, judged.said = model, said
        evidence = -_EMOJI * mood if model is None else model.evidence(said)
        if kind and model is not None:
            evidence += model.kinds.get(kind, 0.0)
        judged.by_words = evidence
        judged.evidence = evidence + _SPAM if sign else evidence
        return judged

    def _by_vocabulary(self, tokens: Sequence[str], known: int) -> str:
        """The language that knows more of a short text's words than English; often none.

        "Waardeloos" is no everyday word, but one that speaks for itself.
        """
        if len(tokens) > _SHORT:
            return ""
        most, best = known, ""
        for language in lexicon.LANGUAGES:
            if language != "en" and self._language.chooses(language):
                model = load_model(language)
                theirs = 0 if model is None else model.complaint.knows(tokens)
                if theirs > most:
                    most, best = theirs, language
        return best


_LIKE_ENGLISH = frozenset(["en", ""])


def _english() -> Model:
    model = load_model("en")
    assert model is not None, "the English model is shipped"
    return model


def _join(title: str, text: str) -> str:
    # Platforms often make the title from the beginning of the text.
    title = title.strip()
    if not title or text.startswith(title.rstrip("….")):
        return text
    return f"{title}\n{text}"


def _disagreement(stars: float, evidence: float) -> str:
    """What the words say where a rating says the opposite: ``complain``, ``kind`` or nothing."""
    if stars >= 0.75 and evidence > _FIRM:
        return "complain"
    return "kind" if stars <= 0.25 and evidence < -_FIRM else ""
