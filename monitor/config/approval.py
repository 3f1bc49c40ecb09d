"""Approving: how long a reply may be taken back, and what one person's word is not enough for."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from monitor.config.problems import Misfit
from monitor.config.sla import When
from monitor.config.values import Line, Section, Whole

Alarm = Literal["safety", "legal", "discrimination", "money", "press", "distress"]


class CaseWhen(When):
    """Conditions, all of which a case must meet; also by what called it urgent."""

    alarm: tuple[Alarm, ...] = Field(
        default=(),
        description="What it was called urgent for.",
        examples=[["safety", "legal"]],
    )


class ApprovalRule(Section):
    """What a reply needs beside one person's word, and for which cases."""

    when: CaseWhen = Field(
        default_factory=CaseWhen, description="Which cases it is for. Without it: every case."
    )
    needs: Literal["two_people", "manager"] = Field(
        description=(
            "`two_people`: two must approve the same text. `manager`: one who is marked as a "
            "manager under `people`."
        ),
        examples=["two_people"],
    )
    because: Line | None = Field(
        default=None,
        description="Why, in a few words for whoever is held up.",
        examples=["what is said of an injury may be read in court"],
    )


class Approval(Section):
    """How a reply is approved."""

    undo_seconds: Whole = Field(
        default=10,
        ge=0,
        le=600,
        description="Seconds in which an approved reply can be taken back before it leaves.",
        examples=[10],
    )
    rules: tuple[ApprovalRule, ...] = Field(
        default=(),
        description="Cases that need more than one person's word. Every rule that matches counts.",
    )


class Person(Section):
    """Somebody of the staff, under one name on every face."""

    name: Line = Field(description="Name, as it stands in trails and on cards.", examples=["Mara"])
    slack: str | None = Field(
        default=None,
        pattern=r"^[UW][A-Z0-9]{2,}$",
        description="Member id in Slack. Whoever is named here with it may decide there.",
        examples=["U0123456789"],
    )
    team: Line | None = Field(
        default=None, description="Team, by which reports may tell.", examples=["Quay Street"]
    )
    manager: bool = Field(
        default=False, description="May approve what needs a manager.", examples=[True]
    )

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if len(self.name) > 100:
            raise Misfit("is too long a name", expected="at most 100 characters")
        return self
