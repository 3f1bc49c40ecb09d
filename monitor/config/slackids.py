"""Ids of Slack's channels, members and workspaces, as kinds of value."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from monitor.config.problems import Misfit
from monitor.config.values import Words

CHANNEL_PATTERN = r"^[CGD][A-Z0-9]{2,}$"
PERSON_PATTERN = r"^[UW][A-Z0-9]{2,}$"
TEAM_PATTERN = r"^[TE][A-Z0-9]{2,}$"


def _check_channel(text: str) -> str:
    if not re.fullmatch(CHANNEL_PATTERN, text):
        raise Misfit(
            "is not a channel's id",
            expected="an id such as C0123456789, from the end of the channel's details in Slack",
        )
    return text


def _check_person(text: str) -> str:
    if not re.fullmatch(PERSON_PATTERN, text):
        raise Misfit(
            "is not a member's id",
            expected="an id such as U0123456789, from the member's profile in Slack",
        )
    return text


def _check_team(text: str) -> str:
    if not re.fullmatch(TEAM_PATTERN, text):
        raise Misfit("is not a workspace's id", expected="an id such as T0123456789")
    return text


Channel = Annotated[
    str,
    AfterValidator(_check_channel),
    WithJsonSchema({"type": "string", "pattern": CHANNEL_PATTERN}),
    Words("channel id", "C0123456789"),
]
Person = Annotated[
    str,
    AfterValidator(_check_person),
    WithJsonSchema({"type": "string", "pattern": PERSON_PATTERN}),
    Words("member id", "U0123456789"),
]
Team = Annotated[
    str,
    AfterValidator(_check_team),
    WithJsonSchema({"type": "string", "pattern": TEAM_PATTERN}),
    Words("workspace id", "T0123456789"),
]
