"""Opens the two servers of a mailbox, signed in with its password or an OAuth token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from connectors import dates
from connectors.base import Context
from connectors.errors import AuthFailed, BadSettings, NotSupported
from connectors.http import Http
from connectors.mailbox.imap import Imap, SignIn
from connectors.mailbox.sending import Smtp
from connectors.mailbox.settings import MailboxSettings, ascii_address
from connectors.oauth import Grant, Tokens, ask_token
from connectors.secrets import Secret

Opened = TypeVar("Opened", Imap, Smtp)


class Access:
    """One account's way to its servers."""

    def __init__(self, settings: MailboxSettings, context: Context) -> None:
        self._settings = settings
        self._http = Http(
            user_agent=context.user_agent,
            allow_private=settings.allow_private_addresses,
            now=context.now,
        )
        self._tokens = Tokens("oauth", context.vault, context.now or dates.utc_now, self._ask_token)

    def imap(self, lasts: float) -> Imap:
        """Return a signed-in connection for a conversation of at most `lasts` seconds."""
        settings = self._settings
        port = settings.port or (993 if settings.security == "tls" else 143)

        def opened(sign_in: SignIn) -> Imap:
            return Imap(
                settings.host,
                port,
                settings.security,
                allow_private=settings.allow_private_addresses,
                sign_in=sign_in,
                lasts=lasts,
            )

        user = settings.user or settings.address
        return self._signed_in(opened, user, settings.password)

    def smtp(self) -> Smtp:
        """Return a signed-in connection for one answer. Raises `NotSupported` without a server."""
        settings = self._settings
        host, security = settings.smtp_host, settings.smtp_security
        if host is None:
            raise NotSupported("no SMTP server is configured, so answers are sent by hand")
        port = settings.smtp_port or {"tls": 465, "starttls": 587, "plain": 25}[security]

        def opened(sign_in: SignIn) -> Smtp:
            return Smtp(
                host,
                port,
                security,
                allow_private=settings.allow_private_addresses,
                sign_in=sign_in,
                called=ascii_address(settings.address).rpartition("@")[2],
            )

        user = settings.smtp_user or settings.user or settings.address
        return self._signed_in(opened, user, settings.smtp_password or settings.password)

    def close(self) -> None:
        """Close the connection to the token endpoint."""
        self._http.close()

    def _signed_in(
        self, opened: Callable[[SignIn], Opened], user: str, password: Secret | None
    ) -> Opened:
        if password is not None:
            return opened(SignIn(user, password=password.reveal()))
        return self._tokens.use(lambda token: opened(SignIn(user, token=token)))

    def _ask_token(self, kept: Grant | None) -> Grant:
        settings = self._settings
        if settings.token_url is None or settings.refresh_token is None:
            raise BadSettings("no OAuth is configured")
        told = settings.refresh_token.reveal()
        if kept is None or kept.refresh_token in ("", told):
            return self._ask(settings.token_url, told)
        try:
            return self._ask(settings.token_url, kept.refresh_token)
        except AuthFailed:
            # The one that rotated has ended; a person may have put a new one in the settings.
            return self._ask(settings.token_url, told)

    def _ask(self, url: str, refresh_token: str) -> Grant:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._settings.client_id,
            "refresh_token": refresh_token,
        }
        if self._settings.client_secret is not None:
            form["client_secret"] = self._settings.client_secret.reveal()
        return ask_token(self._http, url, form)
