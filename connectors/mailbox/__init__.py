"""E-mail: reads a mailbox by IMAP, and answers by SMTP."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.budgets import Budget
from connectors.checklist import checked
from connectors.mailbox.settings import MailboxSettings
from connectors.mailbox.source import REPLIES, MailboxConnector

__all__ = ["KIND", "MailboxConnector", "MailboxSettings"]


def _build(settings: MailboxSettings, context: Context) -> Connector:
    return MailboxConnector(settings, context)


def _capabilities_of(settings: MailboxSettings) -> Capabilities:
    """Answers need an SMTP server; only a server that keeps the copies itself can be asked."""
    if settings.smtp_host is None:
        return Capabilities(reply_mode="manual", reply_is_public=False)
    return Capabilities(
        can_reply=True,
        can_find_reply=bool(settings.sent_folder) and settings.sent_copies == "server",
        reply_mode="append",
        reply_is_public=False,
    )


def _budgets_of(settings: MailboxSettings) -> tuple[Budget, ...]:
    return (Budget(REPLIES, settings.replies_a_day, timedelta(days=1), unit="mails"),)


KIND = ConnectorKind(
    name="mailbox",
    title="E-mail",
    category="mail",
    summary="Reads the mails of a mailbox by IMAP and answers them by SMTP",
    reply_needs="an SMTP server",
    settings=MailboxSettings,
    capabilities=Capabilities(reply_mode="manual", reply_is_public=False),
    capabilities_of=_capabilities_of,
    budgets_of=_budgets_of,
    build=_build,
    docs_url="https://www.rfc-editor.org/rfc/rfc3501",
    default_every=timedelta(minutes=2),
    advice={
        "AuthFailed": "Check `user` and `password`. Google wants an app password (Account, "
        "Security, App passwords), Microsoft OAuth with IMAP.AccessAsUser.All and SMTP.Send.",
        "BadSettings": "Check the folder's name and `security`; names are as the server has them.",
        "NotSupported": "Without a server that sends, Rapport only reads; name one under "
        "`smtp_host`.",
        "LayoutChanged": "Check host, port and `security`: something else than IMAP answers there.",
        "RateLimited": "Nothing to do; it goes on when the server allows it.",
        "Rejected": "Read the code: 550 is an address that does not exist, 554 a refused text.",
        "Unavailable": "Nothing to do; it is asked again later.",
    },
    setup=(
        "Google: switch 2-step verification on and make an app password; host imap.gmail.com, "
        "smtp_host smtp.gmail.com, sent_folder '[Gmail]/Sent Mail', sent_copies server.",
        "Microsoft 365: register an application in Entra ID with IMAP.AccessAsUser.All, SMTP.Send "
        "and offline_access, sign in once, and name its refresh token; host "
        "outlook.office365.com, smtp_host smtp.office365.com with smtp_security starttls, "
        "sent_folder 'Sent Items', sent_copies server.",
        "Other servers: the name and password of the mailbox; sent_folder is often 'Sent'.",
        "Where customers write to a group, name its List-Id under `own_lists`.",
    ),
    cost="Nothing beyond the mailbox.",
    limits="The server's own; Google sends 500 mails a day (2,000 in Workspace), which "
    "`replies_a_day` keeps below.",
    terms="It is your own mail; answers are private.",
    tested="Recorded mails of many programs; our own IMAP and SMTP servers.",
    checklist=checked(
        edits="a sent mail cannot be changed",
        deletions="a sent mail cannot be taken back",
        moderation="a mail is delivered or returned",
    ),
)
