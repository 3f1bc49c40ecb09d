"""How mentions are judged, and how the log is written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from monitor.config.values import Language, Number, Section


class Assessment(Section):
    """How mentions are judged."""

    complaint_threshold: Number = Field(
        default=0.5,
        gt=0,
        lt=1,
        description=(
            "From which complaint probability on a mention opens a case. "
            "Lower: fewer complaints missed, more praise to sort out."
        ),
        examples=[0.5],
    )
    languages: tuple[Language, ...] = Field(
        default=(),
        description="Languages that mentions come in; helps with short texts. Empty: any.",
        examples=[["en", "de", "es", "fr"]],
    )


class Log(Section):
    """What the daemon writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important lines to write.", examples=["info"]
    )
