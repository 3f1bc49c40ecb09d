"""An assessor that a text tells what to judge, and that remembers what it was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.assess import Assessment, Details, Utterance

_TOLD = re.compile(r"\b(\d+) %")


class ToldAssessor:
    """Judges by the first number of percent in a text: ``the tea is 70 % bad``; else 10 %.

    Other words that it knows: ``unsure``, ``spam`` and ``Welsh``, which it cannot read.
    """

    def __init__(self, version: str = "told-1", shift: float = 0.0) -> None:
        self.version = version
        self.shift = shift
        self.asked: list[Utterance] = []

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
        self.asked.append(Utterance(text, title, rating, language, kind, share, brand))
        told = _TOLD.search(text)
        percent = float(told[1]) if told else 10.0
        probability = min(1.0, max(0.0, percent / 100 + self.shift))
        complaint = probability >= 0.5
        return Assessment(
            language="und" if "Welsh" in text else language or "en",
            language_confidence=1.0,
            complaint_probability=probability,
            threshold=0.5,
            complaint=complaint,
            unsure="unsure" in text,
            spam="spam" in text,
            model=self.version,
            details=Details(
                sentiment=0.0,
                urgency="normal",
                urgency_score=0.3,
                topics=(),
                intent="complaint" if complaint else "other",
                signals=(),
                reasons=(f'words: "{text}"',),
            ),
        )

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        return [
            self.assess(
                each.text,
                title=each.title,
                rating=each.rating,
                language=each.language,
                kind=each.kind,
                share=each.share,
                brand=each.brand,
            )
            for each in utterances
        ]
