"""An assessor that looks at the stars alone: what a store costs without any judging."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.assess import Assessment, Utterance
from monitor.assess.base import Details

_COMPLAINT = Details(
    sentiment=-0.8,
    urgency="high",
    urgency_score=0.6,
    topics=("waiting", "staff"),
    intent="complaint",
    signals=(),
    reasons=("rated 1 of 5 stars", "words: never again, cold"),
)
_PRAISE = Details(
    sentiment=0.7,
    urgency="normal",
    urgency_score=0.1,
    topics=(),
    intent="praise",
    signals=(),
    reasons=(),
)


class StarsAssessor:
    """Calls up to two stars of five a complaint, at next to no cost a text."""

    version = "stars"

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
        complaint = rating is not None and rating <= 0.25
        return Assessment(
            language="en",
            language_confidence=0.9,
            complaint_probability=0.93 if complaint else 0.04,
            threshold=0.5,
            complaint=complaint,
            unsure=False,
            spam=False,
            model=self.version,
            details=_COMPLAINT if complaint else _PRAISE,
        )

    def assess_many(self, utterances: Sequence[Utterance]) -> list[Assessment]:
        return [self.assess(each.text, rating=each.rating) for each in utterances]
