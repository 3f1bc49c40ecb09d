"""Has the secrets of the Slack app: found, or asked for and kept where only their owner reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from monitor.cli.say import FAILED, fail, say

TRIES = 3
TOKENS = {
    "bot_token": (
        "SLACK_BOT_TOKEN",
        "xoxb-",
        "the Bot User OAuth Token, under OAuth & Permissions",
    ),
    "app_token": (
        "SLACK_APP_TOKEN",
        "xapp-",
        "an app-level token: Basic Information, App-Level Tokens, Generate, with connections:write",
    ),
    "signing_secret": (
        "SLACK_SIGNING_SECRET",
        "",
        "the Signing Secret, under Basic Information, App Credentials",
    ),
}
"""Where each secret is looked for, how it begins, and where it is found in the app's settings."""


Proof = Callable[[str], str]
"""Takes a reference and says something of it; raises `NotFound` when it does not work."""


class Tokens:
    """The secrets of one configuration. Those that are pasted are kept in files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, configured: str, prove: Proof) -> tuple[str, str]:
        """Return a reference that works, and what its proof said; ask where there is none."""
        from responders.slack.directory import NotFound

        variable, begins, place = TOKENS[name]
        known = self.found(name, configured)
        if known:
            try:
                return known, prove(known)
            except NotFound as error:
                say(f"   {name}: {known} does not work: {error}")
        say(f"   {name}: {place}")
        for _try in range(TRIES):
            answer = ask(f"   paste it (or a reference such as env:{variable})", str, hidden=True)
            reference = self._keep(name, answer, begins)
            if reference:
                try:
                    return reference, prove(reference)
                except NotFound as error:
                    say(f"   that does not work: {error}")
        return fail(f"{name} was refused {TRIES} times; the configuration is as it was", FAILED)

    def found(self, name: str, configured: str) -> str:
        """Return a reference to a secret that is there: configured, in the environment, kept."""
        from monitor.config.presence import why_missing

        places = (configured, f"env:{TOKENS[name][0]}", f"file:{self._file(name)}")
        return next((one for one in places if one and not why_missing(one, os.environ)), "")

    def _keep(self, name: str, answer: str, begins: str) -> str:
        """Return a reference to what was pasted; empty, with the reason told, if it is none."""
        from connectors.secrets import REFERENCE
        from monitor.config.presence import why_missing

        if REFERENCE.match(answer):
            missing = why_missing(answer, os.environ)
            if missing:
                say(f"   {missing}")
            return "" if missing else answer
        if not answer.startswith(begins) or not answer.isascii() or " " in answer:
            say(f"   that is not it: it begins with {begins or 'a letter or digit'}")
            return ""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        (self._folder / ".gitignore").write_text("*\n", encoding="utf-8")
        file = self._file(name)
        file.touch(mode=0o600)
        file.chmod(0o600)  # it may have been there before
        file.write_text(answer + "\n", encoding="utf-8")
        return f"file:{file}"

    def _file(self, name: str) -> Path:
        return self._folder / f"slack-{name.replace('_', '-')}"


def ask(question: str, read: Callable[[str], Any], *, hidden: bool = False) -> Any:
    """Ask until `read` takes the answer; end after `TRIES` answers that it does not."""
    from responders.slack.directory import NotFound

    for _try in range(TRIES):
        answer = str(click.prompt(question, type=str, hide_input=hidden and _at_terminal())).strip()
        try:
            meant = read(answer)
        except NotFound as error:
            say(f"   {error}")
        else:
            if meant:
                return meant
    return fail(f"no usable answer to: {question.strip()}", FAILED)


def _at_terminal() -> bool:
    """Tell whether somebody types: what is piped in cannot be hidden."""
    try:
        return os.isatty(sys.stdin.fileno())
    except (OSError, ValueError):
        return False
