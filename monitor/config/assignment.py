"""Giving new cases to people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from monitor.config.approval import CaseWhen
from monitor.config.values import Line, Section


class Turn(Section):
    """How some of the new cases are given away."""

    when: CaseWhen = Field(
        default_factory=CaseWhen, description="Which cases it is for. Without it: every case."
    )
    how: Literal["round_robin", "load"] = Field(
        description="`round_robin`: by turns. `load`: to who has fewest open cases.",
        examples=["load"],
    )
    among: tuple[Line, ...] = Field(
        default=(),
        description="Names, as they stand under `people`. Empty: all of them.",
        examples=[["Mara", "Otto"]],
    )
    duty: str | None = Field(
        default=None,
        pattern=r"^S[A-Z0-9]{2,}$",
        description=(
            "Id of a Slack user group: of those named, who is in it gets cases. While it is empty, "
            "or Slack cannot tell, all of those named do."
        ),
        examples=["S0123456789"],
    )
