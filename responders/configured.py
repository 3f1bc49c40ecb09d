"""Makes what the configuration says of people, approval and conditions into what the core uses."""

from __future__ import annotations

from datetime import timedelta

from monitor.calendars import calendar_of as calendar_of
from monitor.config import Config
from monitor.config.approval import CaseWhen
from monitor.config.escalation import Ladder as ToldLadder
from monitor.config.escalation import Step as ToldStep
from monitor.hours import ALWAYS
from monitor.sla import Conditions
from monitor.sla.ladder import Rung
from responders.approval import Approval, Rule
from responders.assignment import Assignment, OnDuty, Turn
from responders.criteria import Criteria
from responders.escalation.ladders import URGENT, Ladder, Step, in_order
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


def ladders_of(config: Config) -> list[Ladder]:
    """Return who is told that a promise is in danger, in the order that they are asked."""
    usual = config.slack.mention_hours if config.slack is not None else ALWAYS.key
    return [
        Ladder(
            key=told.key,
            steps=in_order([_step_of(step, told.hours or usual) for step in told.steps]),
            criteria=criteria_of(told.when),
            excepted=_excepted(told),
            acknowledge_within=int(told.acknowledge_within.total_seconds()),
        )
        for told in config.escalation
    ]


def _step_of(told: ToldStep, hours: str) -> Step:
    if not isinstance(told.at, timedelta):
        return Step(Rung(None), told.notify, told.hours or hours)
    after = int(told.at.total_seconds())
    if told.repeat is None:
        return Step(Rung(after), told.notify, told.hours or hours)
    repeat = max(1, int(told.repeat.total_seconds()))
    return Step(Rung(after, repeat, told.times), told.notify, told.hours or hours)


def _excepted(told: ToldLadder) -> Criteria | None:
    if told.except_ is None:
        return URGENT
    # Conditions that are all empty would be met by every case, which is not what `{}` says.
    return None if told.except_ == CaseWhen() else criteria_of(told.except_)


def criteria_of(when: CaseWhen) -> Criteria:
    """Return the conditions of a rule or a route."""
    told = when.model_dump(exclude_defaults=True)
    topics, alarms = told.pop("topic", ()), told.pop("alarm", ())
    return Criteria(Conditions.of(told), frozenset(topics), frozenset(alarms))
