"""Cases and questions for the tests of the language-model drafter. All names are invented."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from responders.drafts import DraftFacts, TemplateDrafter
from responders.llm.answers import Question
from responders.llm.brief import case_of
from responders.llm.prompt import rules
from responders.llm.settings import ModelSettings

DATA = Path(__file__).resolve().parents[2] / "data/llm"
FENCE = "~~~0123456789abcdef~~~"
SETTINGS = ModelSettings(url="http://127.0.0.1:9/v1", model="small", tone="calm")


@cache
def templates() -> TemplateDrafter:
    return TemplateDrafter()


def facts_of(text: str, language: str = "en", **values: Any) -> DraftFacts:
    given: dict[str, Any] = {
        "author_name": "Kim Alder",
        "rating": 0.0,
        "topics": ("waiting",),
        "platform": "Review board",
        "brand_name": "Harbour Coffee",
        "location_name": "Quay Street",
        "contact": "hello@harbour.example",
        "signature": "Mara, Harbour Coffee",
        "seed": "7:1",
        "languages": ("en", "de", "es", "fr", "it", "nl", "pt"),
    }
    return DraftFacts(text=text, language=language, **(given | values))


def question_of(
    facts: DraftFacts, language: str = "", settings: ModelSettings = SETTINGS
) -> Question:
    chosen = language or templates().draft(facts).language
    case = case_of(facts, chosen, settings)
    return Question(facts, case, chosen, rules(case, FENCE), FENCE)


def data(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return found
