"""Who may decide in Slack. Fails closed: no list, an unknown person or any doubt means no."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from responders.slack.client import SlackClient
from responders.slack.results import Answer, Failure, Refused
from responders.slack.settings import SlackSettings
from responders.views import Actor

KEEP_PERSON_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a person may not decide, in words for that person."""

    told: str


@dataclass(frozen=True, slots=True)
class NotSure:
    """Slack could not say who this is just now; nothing is decided, ask again."""

    failure: Failure


class Rights:
    """Checks people against the list of approvers and against what Slack says of them."""

    def __init__(
        self,
        settings: SlackSettings,
        client: SlackClient,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._client = client
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._team = settings.team
        self._people: dict[str, tuple[float, Actor | Denied]] = {}

    def listed(self, user: str, team: str) -> Denied | None:
        """Check the list and the workspace, without the network: fit for a click's 3 seconds."""
        allowed = self._settings.people.in_slack.union(self._settings.approvers)
        if not allowed:
            return Denied(
                "Nobody may decide in Slack yet: the list slack.approvers in config.yaml is empty, "
                "and people names nobody's id. The web queue works."
            )
        if user not in allowed:
            return Denied(
                "You are not on the list of people who may decide here (slack.approvers or people "
                "in config.yaml). Ask whoever runs Rapport."
            )
        known_team = self.known_team
        if known_team and team and team != known_team:
            return Denied("Only people of this workspace may decide here.")
        return None

    @property
    def known_team(self) -> str:
        """The workspace's id, as far as it is known; empty before the first answer of Slack."""
        with self._lock:
            return self._team

    def learn_team(self) -> str | Failure:
        """Return the workspace's id, asking Slack once."""
        if self.known_team:
            return self.known_team
        result = self._client.call("auth.test", {})
        if not isinstance(result, Answer):
            return result
        with self._lock:
            self._team = self._team or str(result.data.get("team_id", ""))
            return self._team

    def name_of(self, user: str) -> str:
        """Return a person's name as far as it is known without the network; empty if not."""
        named = self._settings.people.at_slack(user)
        if named is not None:
            return named.name
        with self._lock:
            kept = self._people.get(user)
        return kept[1].name if kept is not None and isinstance(kept[1], Actor) else ""

    def admit(self, user: str, team: str) -> Actor | Denied | NotSure:
        """Check everything, with Slack's own word on the account; return who acts."""
        own_team = self.learn_team()
        if not isinstance(own_team, str):
            return NotSure(own_team)
        denied = self.listed(user, team)
        return denied if denied is not None else self._account(user, own_team)

    def known(self, user: str, team: str) -> Actor | Denied | NotSure:
        """Return who somebody of this workspace is, whether they may decide or not."""
        own_team = self.learn_team()
        if not isinstance(own_team, str):
            return NotSure(own_team)
        if team and own_team and team != own_team:
            return Denied("Only people of this workspace are heard here.")
        return self._account(user, own_team)

    def _account(self, user: str, own_team: str) -> Actor | Denied | NotSure:
        now = self._monotonic()
        with self._lock:
            kept = self._people.get(user)
        if kept is not None and now < kept[0]:
            return kept[1]
        result = self._client.call("users.info", {"user": user})
        if isinstance(result, Refused):
            return Denied(f"Slack does not show Rapport your account ({result.error}).")
        if not isinstance(result, Answer):
            return NotSure(result)
        judged = _judge(user, own_team, result.data.get("user"))
        named = self._settings.people.at_slack(user)
        if named is not None and isinstance(judged, Actor):
            judged = replace(judged, name=named.name)
        with self._lock:
            self._people[user] = (now + KEEP_PERSON_SECONDS, judged)
        return judged


def _judge(user: str, own_team: str, told: object) -> Actor | Denied:
    if not isinstance(told, dict) or told.get("id") != user:
        return Denied("Slack did not tell who you are.")
    barred = {
        "deleted": "This account is deactivated.",
        "is_bot": "A bot may not decide.",
        "is_restricted": "Guests may not decide.",
        "is_ultra_restricted": "Guests may not decide.",
        "is_stranger": "Only people of this workspace may decide here.",
    }
    for flag, words in barred.items():
        if told.get(flag):
            return Denied(words)
    team = told.get("team_id")
    if own_team and team and team != own_team and not told.get("enterprise_user"):
        return Denied("Only people of this workspace may decide here.")
    profile = told.get("profile") if isinstance(told.get("profile"), dict) else {}
    assert isinstance(profile, dict)
    names = (profile.get("display_name"), profile.get("real_name"), told.get("real_name"))
    name = next((str(one) for one in names if one), str(told.get("name") or user))
    return Actor("slack", user, name)
