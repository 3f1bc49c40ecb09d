"""Puts the drafter together from its settings."""

from __future__ import annotations

from monitor.clock import Clock
from monitor.db import Database
from responders.drafts import TemplateDrafter
from responders.llm.allowance import DayAllowance
from responders.llm.drafter import LanguageModelDrafter
from responders.llm.endpoint import Endpoint
from responders.llm.rest import Alarm, Rest
from responders.llm.settings import ModelSettings


def make_drafter(
    settings: ModelSettings, database: Database, clock: Clock, user_agent: str, alarm: Alarm
) -> LanguageModelDrafter:
    """Return a drafter that asks the model and falls back to templates. Opens no connection yet."""
    return LanguageModelDrafter(
        TemplateDrafter(),
        settings,
        Endpoint(settings, user_agent),
        DayAllowance(database, clock, settings.calls_per_day, settings.tokens_per_day),
        Rest(clock, alarm),
    )
