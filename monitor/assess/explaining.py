"""What stands behind a decision: urgency, topics, intent, sentiment, signals and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.assess.alarm import load_alarm
from monitor.assess.base import CONTRADICTION, MIXED, TOPICS, Assessment, Details
from monitor.assess.calibration import probability
from monitor.assess.features import SHOUTING, features
from monitor.assess.intent import judge_intent
from monitor.assess.lexicon import LANGUAGES, Lexicon, Told, load_lexicon
from monitor.assess.mixed import speaks_clearly
from monitor.assess.model import Model
from monitor.assess.patterns import Patterns
from monitor.assess.reasons import rating_reason, telling_phrases
from monitor.assess.spam import signs_of_fake
from monitor.assess.text import HEAD, TAIL
from monitor.assess.urgency import RULES, judge_urgency, reasons_of
from monitor.assess.weights import NOTHING, Said

_TOPIC_OF = {"money": "billing"}  # rules of urgency that are called otherwise as a topic
NO_KNOWN_WORDS = "no_known_words"
_SURELY_KIND = 0.15  # below, words that nobody listed alarm nobody
_CLEAR = 250  # hundredths of log-odds from which a single word is kind or unkind
_NOTHING_TOLD = Told({}, [], set())
_DULL = "the words taken together read like a complaint"


class Judged(Assessment):
    """An assessment that still knows the text it was made of, until it is explained.

    One object and not two, because one is made for every text.
    """

    __slots__ = (
        "_explained",
        "by_words",
        "disagrees",
        "evidence",
        "further_topics",
        "guess",
        "left_out",
        "marks",
        "mood",
        "said",
        "sign",
        "stars",
        "text",
        "unhappy",
        "why_spam",
        "word_model",
        "words",
    )

    text: str
    words: list[str]
    left_out: int
    guess: str
    mood: float
    unhappy: Sequence[str]
    marks: list[str]
    sign: str
    why_spam: str
    further_topics: tuple[Patterns, ...]
    word_model: Model | None
    said: Said
    by_words: float
    evidence: float
    stars: float | None
    disagrees: str

    def __init__(self) -> None:  # the other fields are set by who reads and judges
        self._explained: Details | None = None

    @property
    def details(self) -> Details:
        """Everything that explains the decision, worked out when it is first read."""
        if self._explained is None:
            self._explained = explain(self)
        return self._explained

    @property
    def lexicon(self) -> Lexicon | None:
        """The word lists of the text's language; the English ones where nothing is known."""
        if not self.guess or self.guess in LANGUAGES:
            return load_lexicon(self.guess or "en")
        return None

    def is_pressing(self) -> bool:
        """Whether a pattern of urgency is found; what was learned of it is not asked."""
        return self.lexicon is not None and self.lexicon.is_urgent(self.words)

    def features(self) -> list[str]:
        """The features of the text, as words; none where there is no model for its language."""
        if self.word_model is None:
            return []
        model = self.word_model
        return features(self.words, self.marks, model.negations, model.stems)


def explain(judged: Judged) -> Details:
    """Work out everything that explains a decision. Depends on nothing else."""
    model = judged.word_model
    kind = NOTHING if model is None else model.praise.weigh(judged.words, judged.marks)
    sentiment = _sentiment(judged, kind)
    told = judged.lexicon.read(judged.words) if judged.lexicon is not None else _NOTHING_TOLD
    urgent = _urgent(judged, told)
    urgency, score = judge_urgency(
        urgent, judged.complaint, judged.complaint_probability, judged.stars, judged.evidence
    )
    mixed = _is_mixed(judged, kind)
    return Details(
        sentiment=sentiment,
        urgency=urgency,
        urgency_score=score,
        topics=_topics(judged, told.topics, urgent),
        intent=judge_intent(
            complaint=judged.complaint,
            spam=judged.spam,
            cues=told.intents,
            asks="?" in judged.text,
            sentiment=sentiment,
            stars=judged.stars,
            size=len(judged.words),
        ),
        signals=_signals(judged, mixed, urgent),
        reasons=tuple(_reasons(judged, mixed, urgent)),
    )


def _sentiment(judged: Judged, kind: Said) -> float:
    """How likely the words praise less how likely they complain; the emoji have a share."""
    mood, model = judged.mood, judged.word_model
    if model is None or not judged.words:
        return round(mood, 4)
    praise = probability(model.kindness(kind), None)
    complaint = probability(judged.by_words, None)
    said = praise - complaint
    if mood:
        said = 0.7 * said + 0.3 * mood
    return round(said, 4)


def _urgent(judged: Judged, told: Told) -> dict[str, str]:
    """The rules of urgency that fire, by the word lists or by what was learned."""
    fired = told.urgent
    if judged.word_model is not None and judged.complaint_probability >= _SURELY_KIND:
        alarm = load_alarm(judged.word_model.language)
        fired = alarm.fired(judged.words) | fired if alarm is not None else fired
    return {rule: fired[rule] for rule in RULES if rule in fired} if fired else fired


def _is_mixed(judged: Judged, kind: Said) -> bool:
    model, words = judged.word_model, judged.words
    if model is None or not words:
        return False
    if max(kind.words) < _CLEAR or max(judged.said.words) < _CLEAR:
        return False  # most texts: not even one clear word on either side
    return speaks_clearly(judged.said.by_word()) and speaks_clearly(kind.by_word())


def _topics(judged: Judged, found: list[str], urgent: Mapping[str, str]) -> tuple[str, ...]:
    """What it is about, urgent matters included: an answer must know of them."""
    own = [
        match.name for patterns in judged.further_topics for match in patterns.find(judged.words)
    ]
    matters = [_TOPIC_OF.get(rule, rule) for rule in urgent]
    matters = [name for name in matters if name in TOPICS]
    every = tuple(dict.fromkeys((*own, *found, *matters)))
    return every or (("other",) if judged.complaint else ())


def _signals(judged: Judged, mixed: bool, urgent: Mapping[str, str]) -> tuple[str, ...]:
    named = [f"urgent:{rule}" for rule in urgent]
    if mixed:
        named.append(MIXED)
    if judged.disagrees:
        named.append(CONTRADICTION)
    if judged.spam:
        named.append(f"spam:{judged.sign}")
    if judged.words and judged.word_model is not None and not any(judged.said.words):
        named.append(NO_KNOWN_WORDS)
    named += [f"fake:{sign}" for sign in signs_of_fake(judged.words, judged.stars)]
    return tuple(named)


def _reasons(judged: Judged, mixed: bool, urgent: Mapping[str, str]) -> list[str]:
    reasons: list[str] = []
    if judged.spam:
        reasons.append(f"looks like spam: {judged.why_spam}")
    reasons += rating_reason(judged.stars, judged.complaint, judged.disagrees)
    if judged.complaint:
        reasons += _words(judged)
    reasons += reasons_of(urgent)
    if judged.evidence > 0 and SHOUTING in judged.marks:
        reasons.append("written in capitals")
    if mixed and judged.complaint:
        reasons.append("praise and grievance in one text")
    if judged.left_out:
        reasons.append(
            f"long text: judged by its first {HEAD} and last {TAIL} of "
            f"{judged.left_out + HEAD + TAIL} characters"
        )
    if judged.word_model is None:
        reasons.append(f"no model for the language {judged.guess}: judged by rating and emoji")
    if judged.complaint and not reasons:
        reasons.append(_DULL)
    return reasons


def _words(judged: Judged) -> list[str]:
    """The words that decided, and the unhappy emoji."""
    reasons = []
    model = judged.word_model
    if model is not None:
        weights = judged.said.by_word()
        phrases = telling_phrases(judged.words, weights)
        if phrases:
            reasons.append("words: " + ", ".join(f'"{phrase}"' for phrase in phrases))
    if judged.unhappy:
        reasons.append("signs: " + " ".join(judged.unhappy[:4]))
    return reasons
