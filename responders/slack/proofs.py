"""Proves each permission by a call that needs it, and says where to click for what is missing.

None of the calls is seen by anybody: what would change something names a message that is not
there, and Slack looks at the permission first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from responders.slack.client import SlackClient
from responders.slack.results import Answer, AuthDead, Refused, Result, describe
from responders.slack.settings import SlackSettings

NOWHERE = "0000000001.000001"
"""The timestamp of no message."""


class Finding(NamedTuple):
    """One thing that was looked at. `advice` says what to do when it is not `ok`."""

    what: str
    ok: bool
    advice: str


class Places:
    """The pages of the app's own settings, as links where the app's id is known."""

    def __init__(self, app_id: str = "") -> None:
        self._root = f"https://api.slack.com/apps/{app_id}" if app_id.isalnum() else ""

    def permissions(self, scope: str) -> str:
        """Say where a scope is added."""
        place = f" ({self._root}/oauth)" if self._root else ""
        return (
            f"open OAuth & Permissions{place}, add {scope} under Bot Token Scopes, then "
            "Reinstall to Workspace at the top of the page"
        )

    def general(self) -> str:
        """Say where the app-level token and the signing secret are."""
        place = f" ({self._root}/general)" if self._root else ""
        return f"Basic Information{place}"


def learn_places(client: SlackClient, bot_id: str) -> Places:
    """Return where to click; without links when Slack does not tell the app's id."""
    told = client.call("bots.info", {"bot": bot_id}) if bot_id else None
    bot = told.data.get("bot") if isinstance(told, Answer) else None
    return Places(str(bot.get("app_id", "")) if isinstance(bot, dict) else "")


def prove_reading(
    client: SlackClient, settings: SlackSettings, places: Places, *, private: bool = False
) -> Iterator[Finding]:
    """Prove that the channel may be read, which finds a card whose posting was interrupted.

    A public channel needs ``channels:history``, a private one ``groups:history``.
    """
    scope = "groups:history" if private else "channels:history"
    result = client.call("conversations.history", {"channel": settings.channel, "limit": 1})
    if isinstance(result, Refused):
        what = f"reading the channel ({scope})"
        yield Finding(what, False, f"{describe(result)}; /invite the bot in the channel")
    else:
        yield _judged(scope, "reading the channel", result, places)


def prove_writing(client: SlackClient, settings: SlackSettings) -> Finding:
    """Prove that messages may be written, without writing one."""
    nothing = {"channel": settings.channel, "ts": NOWHERE, "text": "-"}
    result = client.call("chat.update", nothing)
    places = Places()
    if isinstance(result, AuthDead):
        who = client.call("auth.test", {})
        bot_id = str(who.data.get("bot_id", "")) if isinstance(who, Answer) else ""
        places = learn_places(client, bot_id)
    return _judged("chat:write", "writing messages", result, places)


def prove_pictures(client: SlackClient, places: Places) -> Finding:
    """Prove that files may be uploaded, by asking where to and sending none."""
    result = client.call("files.getUploadURLExternal", {"filename": "check.png", "length": 1})
    return _judged("files:write", "uploading pictures", result, places)


def prove_duty(client: SlackClient, places: Places, group: str) -> Finding:
    """Prove that a user group can be read, and is there."""
    result = client.call("usergroups.users.list", {"usergroup": group})
    if isinstance(result, Refused):
        told = f"{describe(result)}: copy the id (S…) of the group under `assignment`"
        return Finding(f"the user group {group}", False, told)
    return _judged("usergroups:read", f"reading the user group {group}", result, places)


def _judged(scope: str, doing: str, result: Result, places: Places) -> Finding:
    """Tell what a call says of its scope: any answer about the thing itself proves it."""
    what = f"{doing} ({scope})"
    if isinstance(result, Answer | Refused):
        return Finding(what, True, "")
    if isinstance(result, AuthDead) and result.error == "missing_scope":
        return Finding(what, False, places.permissions(result.needed or scope))
    return Finding(what, False, f"could not be asked: {describe(result)}")


def told_of(answer: Answer, key: str) -> dict[str, Any]:
    """Return the object under `key` of an answer; empty when there is none."""
    found = answer.data.get(key)
    return found if isinstance(found, dict) else {}
