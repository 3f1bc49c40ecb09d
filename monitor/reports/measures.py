"""What is measured, and what each measure means: the definitions that stand beside the figures.

Pure. `docs/reference/reports.md` is made from these words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.sla import TARGETS

Part = Literal["all", "source", "brand", "location", "person", "topic", "language", "policy"]
PARTS: tuple[Part, ...] = (
    "all",
    "source",
    "brand",
    "location",
    "person",
    "topic",
    "language",
    "policy",
)
"""What cases are told apart by. A case of two topics counts under both."""

HEARD_PARTS: tuple[Part, ...] = ("all", "source", "brand", "location", "topic", "language")
"""What mentions are told apart by: nobody answers them yet, and no policy holds."""

Verdict = Literal["met", "missed", "open", "voided"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is counted for each case, clock or mention.

    `counted` says what each count is of, `met` what the better of them did; `time` what the
    times are of, empty where there are none.
    """

    key: str
    name: str
    counted: str
    met: str = ""
    time: str = ""


STAGES = ("heard", "drafted", "approved", "published", "visible")
AFTER = ("raised", "lowered", "raised_alone", "wrote_again", "returned", "silent")

MEASURES: dict[str, Measure] = {
    each.key: each
    for each in (
        Measure(
            "first_response",
            "First response",
            "cases, by the day they were received",
            "answered no later than the deadline",
            "from the start of the clock to the published answer of a person",
        ),
        Measure(
            "next_response",
            "Next response",
            "further words of customers on answered cases, by the day they were heard",
            "answered no later than the deadline",
            "from the word that waited longest to the published answer of a person",
        ),
        Measure(
            "resolution",
            "Resolution",
            "cases, by the day they were received or opened again",
            "closed no later than the deadline",
            "from the start of the clock to the close, without the time we waited for the customer",
        ),
        Measure(
            "heard",
            "Heard",
            "cases whose platform tells when it was written",
            time="from the time the platform gives to our first sight",
        ),
        Measure(
            "drafted",
            "Drafted",
            "answered cases",
            time="from our first sight to the first draft",
        ),
        Measure(
            "approved",
            "Approved",
            "answered cases",
            time="from the first draft to the approval of the first answer",
        ),
        Measure(
            "published",
            "Published",
            "answered cases",
            time="from the approval to when the platform had taken the answer",
        ),
        Measure(
            "visible",
            "Visible",
            "answered cases whose answer was seen on the page",
            time="from when the platform had taken the answer to when it was seen there",
        ),
        Measure("arrivals", "Cases that came in", "cases, by the hour they were opened"),
        Measure(
            "raised",
            "Rating raised",
            "answered cases with a rating",
            "their author raised the rating after our answer",
        ),
        Measure(
            "lowered",
            "Rating lowered",
            "answered cases with a rating",
            "their author lowered the rating after our answer",
        ),
        Measure(
            "raised_alone",
            "Raised unanswered",
            "cases with a rating that were never answered",
            "their author raised the rating all the same",
        ),
        Measure(
            "wrote_again",
            "Wrote again",
            "answered cases",
            "the customer wrote again on the case after our answer",
        ),
        Measure(
            "returned",
            "Came back",
            "answered cases whose customer is known",
            "the same customer had another case opened after our answer",
        ),
        Measure(
            "silent",
            "Silent since",
            "answered cases",
            "the customer did none of these things so far",
        ),
        Measure(
            "edited",
            "Drafts that were changed",
            "first answers that we published",
            "a person had changed the draft",
        ),
        Measure(
            "reopened",
            "Opened again",
            "answered cases",
            "the case was opened again after our answer",
        ),
        Measure(
            "mentions",
            "Mentions",
            "mentions, by the day they were heard, or written where they are history",
            "judged to be complaints, or marked so by staff",
        ),
        Measure("rating", "Rating", "mentions with a rating", time="stars from 1 to 5, times 100"),
        Measure(
            "sentiment", "Sentiment", "mentions", time="from -100 (dark) to 100 (bright), as judged"
        ),
    )
}

assert all(target in MEASURES for target in TARGETS), "each promise is a measure"
