"""How mentions are judged, and how the log is written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from monitor.config.values import Language, Number, Section, Whole


class Assessment(Section):
    """How mentions are judged."""

    missed_costs: Number = Field(
        default=1.2,
        ge=0.01,
        le=100,
        description=(
            "What a missed complaint costs, in false alarms. It sets the threshold: with 1 a "
            "mention opens a case from a complaint probability of 0.5 on, with 3 from 0.25 on."
        ),
        examples=[1.2],
    )
    unsure_within: Number = Field(
        default=0.12,
        ge=0,
        le=0.5,
        description=(
            "How near to the threshold a complaint probability is too close to call. Such mentions "
            "are put before a person; 0 asks about none."
        ),
        examples=[0.12],
    )
    sample_per_week: Whole = Field(
        default=20,
        ge=0,
        le=1000,
        description=(
            "How many mentions a week, drawn at random among those taken for no complaint, a "
            "person is asked about, to learn how many complaints are missed."
        ),
        examples=[20],
    )
    languages: tuple[Language, ...] = Field(
        default=(),
        description="Languages that mentions come in; helps with short texts. Empty: any.",
        examples=[["en", "de", "es", "fr"]],
    )

    @property
    def threshold(self) -> float:
        """The complaint probability from which opening a case costs less than not opening it."""
        return 1.0 / (1.0 + self.missed_costs)


class Log(Section):
    """What the daemon writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important lines to write.", examples=["info"]
    )
