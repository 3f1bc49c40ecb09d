"""The mail section of the configuration, as the sender wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.secrets import Secret
from monitor.config import Config
from monitor.config.digest import Moment

PORTS = {"tls": 465, "starttls": 587, "plain": 25}


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Who is written to, from where, through which server, and when.

    `queue_url` is the address of the pages for staff, which makes links of cases; it may be empty.
    """

    to: tuple[str, ...]
    sender: str
    name: str
    host: str
    port: int
    security: Literal["tls", "starttls", "plain"]
    username: str
    password: Secret | None
    daily: Moment | None
    weekly: Moment | None
    zone: str
    pictures: bool
    attach_csv: bool
    queue_url: str


def settings_of(config: Config) -> MailSettings | None:
    """Return what the configuration says of mail; None where it says nothing."""
    told = config.reports.mail
    if told is None:
        return None
    return MailSettings(
        to=tuple(dict.fromkeys(told.to)),
        sender=told.sender,
        name=told.name,
        host=told.smtp.host,
        port=told.smtp.port or PORTS[told.smtp.security],
        security=told.smtp.security,
        username=told.smtp.username or "",
        password=told.smtp.password,
        daily=told.daily,
        weekly=told.weekly,
        zone=told.timezone or config.brands[0].timezone,
        pictures=told.pictures,
        attach_csv=told.attach_csv,
        queue_url=(config.web.base_url or "").rstrip("/"),
    )
