"""What a person may say about a mailbox."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connectors.addresses import WebAddress, WebSettings
from connectors.secrets import Secret

Security = Literal["tls", "starttls", "plain"]
_ADDRESS = re.compile(r"^[^\s<>,;:\"()@\\]{1,64}@[^\s<>,;:\"()@\\]{1,255}\Z")
_HOST = re.compile(r"^[A-Za-z0-9._-]{1,253}\Z|^\[?[0-9A-Fa-f:.]{2,45}\]?\Z")


def is_address(text: str) -> bool:
    """Tell whether `text` is one plain mail address, without a name, a comment or a line break."""
    return bool(_ADDRESS.match(text)) and text.isprintable()


def ascii_address(address: str) -> str:
    """Return `address` as every server understands it, its domain in ASCII; or nothing."""
    local, _, domain = address.rpartition("@")
    try:
        bare = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return ""
    return bare if bare.isascii() and is_address(bare) else ""


def _address(text: str) -> str:
    text = text.strip()
    if not is_address(text) or not ascii_address(text):
        raise ValueError("expected a mail address such as hello@harbour.example")
    return text


def _host(text: str) -> str:
    text = text.strip()
    if not _HOST.match(text):
        raise ValueError("expected the name of a server such as imap.example.com")
    return text.strip("[]")


def _line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected one line without control characters")
    return text


Address = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, AfterValidator(_host)]
Line = Annotated[str, AfterValidator(_line)]
Port = Annotated[int, Field(ge=1, le=65535)]


class MailboxSettings(WebSettings):
    """One folder of a mailbox, read by IMAP and answered by SMTP."""

    address: Address = Field(
        description="The address that customers write to, and that answers come from",
        examples=["hello@harbour.example"],
    )
    name: Line = Field(
        default="",
        max_length=100,
        description="The name beside that address in answers",
        examples=["Harbour Coffee"],
    )
    aliases: tuple[Address, ...] = Field(
        default=(),
        max_length=50,
        description="Further addresses that are yours; mails from them are no mentions",
        examples=[["office@harbour.example"], []],
    )
    host: Host = Field(
        description="The IMAP server",
        examples=["imap.gmail.com", "outlook.office365.com", "imap.example.com"],
    )
    port: Port | None = Field(
        default=None,
        description="The IMAP server's port; empty: 993, or 143 without `tls`",
        examples=[993],
    )
    security: Security = Field(
        default="tls",
        description="`tls` from the first byte, `starttls`, or `plain` (only to a private address)",
        examples=["tls", "starttls"],
    )
    user: Line | None = Field(
        default=None,
        max_length=300,
        description="The name to sign in with; empty: the address",
        examples=["hello@harbour.example"],
    )
    password: Secret | None = Field(
        default=None,
        description="Reference to the password; Google wants an app password",
        examples=["env:MAILBOX_PASSWORD", "file:/run/secrets/mailbox"],
    )
    token_url: WebAddress | None = Field(
        default=None,
        description="Where OAuth tokens are renewed, for servers that take no password (XOAUTH2)",
        examples=[
            "https://oauth2.googleapis.com/token",
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        ],
    )
    client_id: Line = Field(
        default="",
        max_length=500,
        description="The id of your OAuth application",
        examples=["4711.apps.googleusercontent.com"],
    )
    client_secret: Secret | None = Field(
        default=None,
        description="Reference to the secret of your OAuth application, where it has one",
        examples=["env:MAILBOX_CLIENT_SECRET"],
    )
    refresh_token: Secret | None = Field(
        default=None,
        description="Reference to the OAuth refresh token of the mailbox",
        examples=["env:MAILBOX_REFRESH_TOKEN"],
    )
    folder: Line = Field(
        default="INBOX",
        min_length=1,
        max_length=200,
        description="The folder to read; it is opened read-only and nothing in it is marked",
        examples=["INBOX", "Support"],
    )
    first_days: int | None = Field(
        default=None,
        ge=1,
        description="How many days back the first reading goes; empty: all there is",
        examples=[30],
    )
    own_lists: tuple[Line, ...] = Field(
        default=(),
        max_length=50,
        description="List-Ids of your own groups that customers write to (a shared inbox); mails "
        "from other lists are no mentions",
        examples=[["support.harbour.example"], []],
    )
    authentication_server: Line = Field(
        default="",
        max_length=253,
        description="How your mail server calls itself in Authentication-Results; with it, review "
        "notices of Google, Yelp, Tripadvisor and Booking that carry its dkim=pass are shown",
        examples=["mx.google.com", "mx.harbour.example"],
    )
    smtp_host: Host | None = Field(
        default=None,
        description="The SMTP server that sends answers; empty: answers are sent by hand",
        examples=["smtp.gmail.com", "smtp.office365.com"],
    )
    smtp_port: Port | None = Field(
        default=None,
        description="The SMTP server's port; empty: 465, or 587 with `starttls`, or 25",
        examples=[465, 587],
    )
    smtp_security: Security = Field(
        default="tls",
        description="`tls` from the first byte, `starttls`, or `plain` (only to a private address)",
        examples=["tls", "starttls"],
    )
    smtp_user: Line | None = Field(
        default=None,
        max_length=300,
        description="The name to sign in with there; empty: the same as for reading",
        examples=["hello@harbour.example"],
    )
    smtp_password: Secret | None = Field(
        default=None,
        description="Reference to the password there; empty: the same as for reading",
        examples=["env:MAILBOX_SMTP_PASSWORD"],
    )
    sent_folder: Line = Field(
        default="",
        max_length=200,
        description="The folder of sent mails, in which a lost answer is looked for",
        examples=["[Gmail]/Sent Mail", "Sent"],
    )
    sent_copies: Literal["server", "us"] = Field(
        default="us",
        description="Who puts sent mails there: the `server` by itself (Google, Microsoft), or "
        "`us`, after sending",
        examples=["server", "us"],
    )
    replies_a_day: int = Field(
        default=400,
        ge=1,
        description="How many answers a day at most; Google allows 500, Workspace 2,000",
        examples=[400, 1500],
    )

    @model_validator(mode="after")
    def _can_sign_in(self) -> MailboxSettings:
        with_oauth = self.token_url is not None or self.refresh_token is not None
        if with_oauth == (self.password is not None):
            raise ValueError("give either `password`, or `token_url` with `refresh_token`")
        if with_oauth and not (self.token_url and self.refresh_token and self.client_id):
            raise ValueError("OAuth needs `token_url`, `client_id` and `refresh_token`")
        return self

    @property
    def own_addresses(self) -> frozenset[str]:
        """The addresses that are ours, in lower case."""
        return frozenset(address.lower() for address in (self.address, *self.aliases))
