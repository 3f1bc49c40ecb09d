"""The reports: for now, the digest by e-mail."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connectors.secrets import Secret
from monitor.config.digest import WeekMoment
from monitor.config.problems import Misfit, shown
from monitor.config.values import Line, Section, TimeZone, Whole, Words, YesNo

_ADDRESS = re.compile(r"[^\s<>,;:\"()@\\]{1,64}@[^\s<>,;:\"()@\\]{1,255}\Z")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}\Z|[0-9A-Fa-f:.]{2,45}\Z")


def _check_address(text: str) -> str:
    text = text.strip()
    expected = "one address such as mara@harbour.example"
    if not _ADDRESS.match(text) or not text.isprintable():
        raise Misfit(f"{shown(text)!r} is not a mail address", expected=expected)
    try:
        text.rpartition("@")[2].encode("idna")
    except UnicodeError:
        raise Misfit(f"{shown(text)!r} is not a mail address", expected=expected) from None
    if not text.rpartition("@")[0].isascii():
        raise Misfit("has letters before the @ that not every server takes", expected=expected)
    return text


def _check_host(text: str) -> str:
    text = text.strip().strip("[]")
    if not _HOST.match(text):
        raise Misfit("is not the name of a server", expected="a name such as smtp.example.com")
    return text


MailAddress = Annotated[
    str,
    AfterValidator(_check_address),
    Words("mail address", "mara@harbour.example", "mail addresses"),
]
Host = Annotated[str, AfterValidator(_check_host), Words("server", "smtp.example.com")]


class Smtp(Section):
    """The server that takes the mails."""

    host: Host = Field(description="Its name.", examples=["smtp.example.com"])
    port: Whole | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Its port. Without it 465, or 587 with `starttls`, or 25 with `plain`.",
        examples=[587],
    )
    security: Literal["tls", "starttls", "plain"] = Field(
        default="tls",
        description=(
            "`tls` from the first byte, `starttls`, or `plain` (only to an address that is not "
            "public)."
        ),
        examples=["starttls"],
    )
    username: Line | None = Field(
        default=None,
        description="The name to sign in with. Without it the server is not signed in to.",
        examples=["rapport@harbour.example"],
    )
    password: Secret | None = Field(
        default=None,
        description="Its password, as a reference.",
        examples=["env:REPORTS_SMTP_PASSWORD"],
    )


class Mail(Section):
    """The digest by e-mail: what Slack is told, for those who read mails."""

    to: tuple[MailAddress, ...] = Field(
        min_length=1,
        max_length=50,
        description="Who gets it. Each has a mail of their own.",
        examples=[["mara@harbour.example"]],
    )
    sender: MailAddress = Field(
        alias="from",
        description="The address that it comes from; the server must let it send.",
        examples=["rapport@harbour.example"],
    )
    name: Line = Field(
        default="Rapport",
        max_length=100,
        description="The name beside that address.",
        examples=["Rapport, Harbour Coffee"],
    )
    smtp: Smtp = Field(description="The server that takes the mails.")
    daily: WeekMoment | None = Field(
        default=None,
        description=(
            "When the daily digest is sent, on all days or on some. After days without one it "
            "covers them too."
        ),
        examples=["mon-fri 08:00"],
    )
    weekly: WeekMoment | None = Field(
        default=None,
        description=(
            "When the weekly digest is sent. It takes the place of a daily one at the same moment."
        ),
        examples=["mon 08:00"],
    )
    timezone: TimeZone | None = Field(
        default=None,
        description="Time zone of these times and of the days. Without it, the first brand's.",
        examples=["Europe/Berlin"],
    )
    pictures: YesNo = Field(
        default=True,
        description="Put the chart into the mail, where the extra `charts` is installed.",
        examples=[True],
    )
    attach_csv: YesNo = Field(
        default=False,
        description="Attach the chart's figures as CSV.",
        examples=[True],
    )


class Reports(Section):
    """How figures reach those who do not open the pages."""

    mail: Mail | None = Field(default=None, description="Send the digest by e-mail.")
