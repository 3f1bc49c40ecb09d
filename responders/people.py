"""The staff, under one name on every face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from responders.views import Actor


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff: `slack` is their member id there, empty when they have none."""

    name: str
    slack: str = ""
    manager: bool = False


class People:
    """Finds who somebody is, by the id of a face or by name."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._all = tuple(people)
        self._by_slack = {each.slack: each for each in self._all if each.slack}
        self._by_name = {each.name.casefold(): each for each in self._all}

    @property
    def in_slack(self) -> frozenset[str]:
        """The member ids of those who may decide in Slack because they are named."""
        return frozenset(self._by_slack)

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody's name."""
        return tuple(each.name for each in self._all)

    @property
    def managers(self) -> tuple[str, ...]:
        """The names of the managers."""
        return tuple(each.name for each in self._all if each.manager)

    def at_slack(self, user: str) -> Person | None:
        """Return who the member `user` is; None when nobody named them."""
        return self._by_slack.get(user)

    def slack_id(self, name: str) -> str:
        """Return the member id of the person called `name`; empty when none is known."""
        found = self._by_name.get(name.casefold())
        return found.slack if found is not None else ""

    def behind(self, actor: Actor) -> Person | None:
        """Return who acts: in Slack known by id, at the other faces by name."""
        if actor.surface == "slack":
            return self._by_slack.get(actor.id)
        return self._by_name.get(actor.name.casefold())
