"""Proves that Slack is set up, without sending anything, and tells what to mend."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from connectors.errors import AuthFailed
from connectors.secrets import Secret
from responders.slack.cards import case_card
from responders.slack.client import SlackClient
from responders.slack.message_action import MAKE_CASE
from responders.slack.orders import COMMAND
from responders.slack.proofs import (
    Finding,
    Places,
    learn_places,
    prove_duty,
    prove_pictures,
    prove_reading,
    told_of,
)
from responders.slack.results import Answer, AuthDead, Refused, Result, describe
from responders.slack.settings import SlackSettings
from responders.views import CaseView, DraftView, WordView

SCOPES = (
    "chat:write",
    "commands",
    "users:read",
    "channels:read",
    "groups:read",
    "channels:history",
    "groups:history",
)
DUTY_SCOPE = "usergroups:read"
PICTURE_SCOPE = "files:write"
"""Asked for only where digests have pictures: an app has no right that it does not use."""

EVENTS = (
    "app_uninstalled",
    "tokens_revoked",
    "channel_archive",
    "group_archive",
    "channel_left",
    "group_left",
    "message.channels",
    "message.groups",
    "app_home_opened",
)


def manifest(
    name: str = "Rapport", request_url: str = "", *, pictures: bool = False, duty: bool = False
) -> dict[str, Any]:
    """Return the app manifest to paste at api.slack.com/apps, with the scopes that are used.

    With a `request_url`, Slack sends signed HTTP there; without one, Socket Mode is on. `pictures`
    adds the scope that charts in digests need, `duty` the one for reading user groups.
    """
    made = _over_socket(name)
    if pictures:
        made["oauth_config"]["scopes"]["bot"].append(PICTURE_SCOPE)
    if duty:
        made["oauth_config"]["scopes"]["bot"].append(DUTY_SCOPE)
    return _over_http(made, request_url) if request_url else made


def creation_link(made: dict[str, Any]) -> str:
    """Return the link that opens Slack's own dialog for making an app, with the manifest in it."""
    return "https://api.slack.com/apps?" + urlencode(
        {"new_app": "1", "manifest_json": json.dumps(made, separators=(",", ":"))},
        quote_via=quote,
    )


def _over_http(made: dict[str, Any], request_url: str) -> dict[str, Any]:
    settings = made["settings"]
    settings["socket_mode_enabled"] = False
    settings["interactivity"]["request_url"] = request_url
    settings["event_subscriptions"]["request_url"] = request_url
    for command in made["features"].get("slash_commands", ()):
        command["url"] = request_url
    return made


def _over_socket(name: str) -> dict[str, Any]:
    return {
        "display_information": {
            "name": name,
            "description": "Complaints, drafted replies, and a person's approval",
            "background_color": "#1a1d21",
        },
        "features": {
            "bot_user": {"display_name": name.lower(), "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Cases: list, show, take, put off, approve, report",
                    "usage_hint": "queue | mine | show C-12 | help",
                    "should_escape": True,
                }
            ],
            "shortcuts": [
                {
                    "name": "Make this a case",
                    "type": "message",
                    "callback_id": MAKE_CASE,
                    "description": "Open a case on what a customer says in this message",
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "interactivity": {"is_enabled": True},
            "event_subscriptions": {"bot_events": list(EVENTS)},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def verify(client: SlackClient, settings: SlackSettings) -> list[Finding]:
    """Check tokens, scopes, the channel, the approvers and a card. Sends no message.

    What only reads is proven by doing it; that messages may be written is read from the token's
    scopes (`responders.slack.proofs.prove_writing` proves it by a call).
    """
    return list(_findings(client, settings))


def _findings(client: SlackClient, settings: SlackSettings) -> Iterator[Finding]:
    who = client.call("auth.test", {})
    places = Places()
    if not isinstance(who, Answer):
        yield Finding("the bot token", False, _advice(who, "slack.bot_token"))
    else:
        yield Finding(
            f"the bot token is {who.data.get('user')} at {who.data.get('team')}", True, ""
        )
        team = str(who.data.get("team_id", ""))
        if settings.team and settings.team != team:
            yield Finding("the workspace", False, f"slack.team says {settings.team}, it is {team}")
        places = learn_places(client, str(who.data.get("bot_id", "")))
        yield _scopes(who, places, settings)
        yield from _channel(client, settings, places)
        yield from _other_channels(client, settings, places)
        if _has_pictures(settings):
            yield prove_pictures(client, places)
        for group in _rosters(settings):
            yield prove_duty(client, places, group)
        yield from _approvers(client, settings)
        checked = _card(client, settings)
        if checked is not None:
            yield checked
    if settings.signing_secret is not None:
        yield _signing_secret(settings.signing_secret, places)
        return
    opened = client.open_connection()
    if isinstance(opened, Answer):
        yield Finding("the app token opens Socket Mode", True, "")
    else:
        told = _advice(opened, "slack.app_token")
        made = f"Make one in {places.general()}, App-Level Tokens, with connections:write."
        yield Finding("Socket Mode", False, f"{told} {made}")


def _signing_secret(secret: Secret, places: Places) -> Finding:
    """Look at the form alone: whether it is the right one shows with Slack's first request."""
    try:
        usable = re.fullmatch(r"[0-9a-zA-Z]{20,64}", secret.reveal()) is not None
    except AuthFailed as error:
        return Finding("the signing secret", False, str(error))
    told = f"copy it from {places.general()}, Signing Secret; it is no token (xoxb-, xapp-)"
    return Finding("the signing secret has its form", usable, "" if usable else told)


def _rosters(settings: SlackSettings) -> list[str]:
    """Return the user groups that say who is on duty."""
    return sorted({turn.duty for turn in settings.turns if turn.duty})


def _scopes(who: Answer, places: Places, settings: SlackSettings) -> Finding:
    granted = {one.strip() for one in who.headers.get("x-oauth-scopes", "").split(",")}
    wanted = (
        *SCOPES,
        *((PICTURE_SCOPE,) if _has_pictures(settings) else ()),
        *((DUTY_SCOPE,) if _rosters(settings) else ()),
    )
    missing = [scope for scope in wanted if scope not in granted]
    if "x-oauth-scopes" not in who.headers:
        return Finding("the bot's scopes: Slack did not tell them", True, "")
    if not missing:
        return Finding("the bot has the scopes it needs", True, "")
    return Finding("the bot's scopes", False, places.permissions(", ".join(missing)))


def _channel(client: SlackClient, settings: SlackSettings, places: Places) -> Iterator[Finding]:
    what = f"the channel {settings.channel}"
    info = client.call("conversations.info", {"channel": settings.channel})
    if not isinstance(info, Answer):
        yield Finding(what, False, _no_channel(info, places))
        return
    channel = told_of(info, "channel")
    if channel.get("is_archived"):
        yield Finding(what, False, "the channel is archived: choose another")
    elif not channel.get("is_member"):
        yield Finding(what, False, "the bot is not a member: /invite it there")
    else:
        yield Finding(f"the bot is a member of #{channel.get('name')}", True, "")
        private = bool(channel.get("is_private"))
        yield from prove_reading(client, settings, places, private=private)


def _other_channels(
    client: SlackClient, settings: SlackSettings, places: Places
) -> Iterator[Finding]:
    digest = (settings.digest.channel,) if settings.digest is not None else ()
    others = dict.fromkeys((*digest, *(route.channel for route in settings.routes)))
    for channel in others:
        if channel != settings.channel:
            yield from _channel(client, replace(settings, channel=channel), places)


def _has_pictures(settings: SlackSettings) -> bool:
    return settings.digest is not None and settings.digest.pictures


def _no_channel(info: Result, places: Places) -> str:
    if isinstance(info, Refused) and info.error == "channel_not_found":
        return "take the id (C…) from the channel's details, and /invite the bot if it is private"
    if isinstance(info, AuthDead) and info.error == "missing_scope":
        return places.permissions(info.needed or "channels:read")
    return _advice(info, "slack.bot_token")


def _approvers(client: SlackClient, settings: SlackSettings) -> Iterator[Finding]:
    approvers = sorted(settings.people.in_slack.union(settings.approvers))
    if not approvers:
        told = "slack.approvers is empty, so nobody may decide in Slack; add user ids (U…)"
        yield Finding("the approvers", False, told)
    for user in approvers:
        result = client.call("users.info", {"user": user})
        if not isinstance(result, Answer):
            told = "no such person; copy the member id from their profile"
            known = isinstance(result, Refused)
            yield Finding(f"the approver {user}", False, told if known else describe(result))
            continue
        person = result.data.get("user")
        flags = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted")
        barred = [flag for flag in flags if isinstance(person, dict) and person.get(flag)]
        told = f"may not decide: {', '.join(barred)}" if barred else ""
        yield Finding(f"the approver {user}", not barred, told)


def _card(client: SlackClient, settings: SlackSettings) -> Finding | None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    card = case_card(_sample(now), channel=settings.channel, post_key="check", now=now)
    result = client.call("blocks.validate", {"blocks": json.dumps(card["blocks"])})
    if isinstance(result, Answer):
        return Finding("Slack accepts our cards", True, "")
    if isinstance(result, Refused) and result.error in ("invalid_blocks", "invalid_view"):
        return Finding("our cards", False, f"{describe(result)}; please report this")
    return None  # not offered there, or no answer: nothing is known either way


def _sample(now: datetime) -> CaseView:
    draft = DraftView(
        1, "Thank you for telling us.", "0" * 16, "en", "check", (), (), 25, None, "characters"
    )
    return CaseView(
        id=1,
        ref="C-1",
        revision=1,
        state="drafted",
        urgency="normal",
        brand="Sample",
        location="",
        source="Sample",
        platform="Sample",
        assignee="",
        opened_at=now,
        mention=WordView(now, "A. Sample", "", "A sample.", 1.0, ""),
        mention_url="https://example.com/",
        mention_language="en",
        earlier_texts=(),
        later_words=(),
        reasons=("a sample",),
        topics=(),
        complaint_probability=None,
        history=(),
        clocks=(),
        why_due=(),
        draft=draft,
        reply=None,
        events=(),
        can_publish=True,
        publish_label="Publish on Sample",
    )


def _advice(result: Result, setting: str) -> str:
    if isinstance(result, AuthDead):
        return f"{describe(result)}. Check {setting}; install the app again if it was removed."
    return f"{describe(result)}."
