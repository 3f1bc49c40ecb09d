from __future__ import annotations

from pathlib import Path

import pytest

from monitor.assess import TOPICS, URGENCIES, Assessment, make_assessor
from monitor.assess.urgency import RULES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "assessment.md"
SAID = (
    *(f"`{name}`" for name in Assessment.FIELDS),
    *TOPICS,
    *URGENCIES,
    *(f"| {meaning} |" for meaning, _, _ in RULES.values()),
    f"Model card of `{make_assessor().version}`",
)


@pytest.mark.parametrize("said", SAID)
def test_the_reference_tells_each_field_topic_and_rule(said: str) -> None:
    assert said in PAGE.read_text(encoding="utf-8")
