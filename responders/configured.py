"""Makes what the configuration says of people, approval and conditions into what the core uses."""

from __future__ import annotations

from datetime import timedelta

from monitor.calendars import calendar_of as calendar_of
from monitor.config import Config
from monitor.config.approval import CaseWhen
from monitor.sla import Conditions
from responders.approval import Approval, Rule
from responders.assignment import Assignment, OnDuty, Turn
from responders.criteria import Criteria
from responders.people import People, Person


def people_of(config: Config) -> People:
    """Return the staff as the core knows them."""
    return People(Person(each.name, each.slack or "", each.manager) for each in config.people)


def approval_of(config: Config, people: People) -> Approval:
    """Return whose word replies need, and how long they may be taken back."""
    told = config.approval
    rules = [Rule(each.needs, criteria_of(each.when), each.because or "") for each in told.rules]
    return Approval(rules, people, timedelta(seconds=told.undo_seconds))


def assignment_of(config: Config, on_duty: OnDuty) -> Assignment:
    """Return who gets new cases."""
    return Assignment(turns_of(config), on_duty)


def turns_of(config: Config) -> list[Turn]:
    """Return how new cases are given away, in the order that they are asked."""
    return [
        Turn(
            each.how,
            each.among or tuple(person.name for person in config.people),
            each.duty or "",
            criteria_of(each.when),
        )
        for each in config.assignment
    ]


def criteria_of(when: CaseWhen) -> Criteria:
    """Return the conditions of a rule or a route."""
    told = when.model_dump(exclude_defaults=True)
    topics, alarms = told.pop("topic", ()), told.pop("alarm", ())
    return Criteria(Conditions.of(told), frozenset(topics), frozenset(alarms))
