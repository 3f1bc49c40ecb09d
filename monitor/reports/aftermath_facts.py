"""Reads what customers did after our answers, and what became of our drafts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from monitor.cases.replies import ELSEWHERE
from monitor.models import Case, Event
from monitor.reports.case_facts import Cases, name_of
from monitor.reports.fact import Fact, Stretch

_AFTER = ("rating_raised", "edited", "customer_wrote", "reopened")


def read_aftermath(
    session: Session, stretch: Stretch, cases: Cases, measures: Sequence[str] = ()
) -> Iterator[Fact]:
    """Yield what happened after the answers to the cases that were opened in this time.

    Of the measures named, or of all; what only others need is not read.
    """
    happened = _Aftermath(session, cases)
    wanted = [each for each in _IS_SO if not measures or each in measures]
    for case in cases.opened_within(stretch):
        answer = cases.first_answer(case)
        if answer is not None:
            parts = cases.parts(case, name_of(answer.approved_by))
            for measure in wanted:
                if _counts(measure, case, answer):
                    is_so = _IS_SO[measure](happened, case, answer)
                    yield Fact(measure, parts, "met" if is_so else "open", case_id=case.id)
        elif case.rating is not None and (not measures or "raised_alone" in measures):
            parts = cases.parts(case, case.assignee)
            is_so = happened.raised_alone(case)
            yield Fact("raised_alone", parts, "met" if is_so else "open", case_id=case.id)


class _Aftermath:
    """What is known of the time after the answers to some cases, read when first asked for."""

    def __init__(self, session: Session, cases: Cases) -> None:
        self._session = session
        self._cases = cases

    def raised_alone(self, case: Row[Any]) -> bool:
        return any(event.kind == "rating_raised" for event in self._events.get(case.id, ()))

    def raised(self, case: Row[Any], answer: Row[Any]) -> bool:
        return any(self._after("rating_raised", case, answer))

    def lowered(self, case: Row[Any], answer: Row[Any]) -> bool:
        return any(_is_lower(event.detail) for event in self._after("edited", case, answer))

    def wrote_again(self, case: Row[Any], answer: Row[Any]) -> bool:
        return any(self._after("customer_wrote", case, answer))

    def reopened(self, case: Row[Any], answer: Row[Any]) -> bool:
        return any(self._after("reopened", case, answer))

    def returned(self, case: Row[Any], answer: Row[Any]) -> bool:
        return any(
            at > answer.submitted_at
            for case_id, at in self._opened.get(case.customer_id, ())
            if case_id != case.id
        )

    def silent(self, case: Row[Any], answer: Row[Any]) -> bool:
        did = (self.raised, self.lowered, self.wrote_again, self.returned)
        return not any(each(case, answer) for each in did)

    def edited(self, case: Row[Any], answer: Row[Any]) -> bool:
        return (case.id, answer.version) in self._changed_drafts

    def _after(self, kind: str, case: Row[Any], answer: Row[Any]) -> Iterator[Row[Any]]:
        for event in self._events.get(case.id, ()):
            if event.kind == kind and event.at >= answer.submitted_at:
                yield event

    @cached_property
    def _events(self) -> Mapping[int, Sequence[Row[Any]]]:
        found: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in self._session.execute(
            select(Event.case_id, Event.kind, Event.at, Event.detail).where(
                Event.kind.in_(_AFTER), Event.case_id.in_(self._cases.ids)
            )
        ):
            found[row.case_id].append(row)
        return found

    @cached_property
    def _opened(self) -> Mapping[int, Sequence[tuple[int, datetime]]]:
        """Which cases the same customers have, and when those were opened."""
        found: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
        theirs = select(Case.customer_id).where(
            Case.id.in_(self._cases.ids), Case.customer_id.is_not(None)
        )
        for case_id, customer_id, at in self._session.execute(
            select(Case.id, Case.customer_id, Case.opened_at).where(Case.customer_id.in_(theirs))
        ):
            found[customer_id or 0].append((case_id, at))
        return found

    @cached_property
    def _changed_drafts(self) -> set[tuple[int, int]]:
        """Case and version of the drafts that a person made of another one."""
        found = select(Event.case_id, Event.detail).where(
            Event.kind == "draft_edited", Event.case_id.in_(self._cases.ids)
        )
        return {(row.case_id, row.detail.get("version", 0)) for row in self._session.execute(found)}


_IS_SO: Mapping[str, Callable[[_Aftermath, Row[Any], Row[Any]], bool]] = {
    "wrote_again": _Aftermath.wrote_again,
    "silent": _Aftermath.silent,
    "reopened": _Aftermath.reopened,
    "raised": _Aftermath.raised,
    "lowered": _Aftermath.lowered,
    "returned": _Aftermath.returned,
    "edited": _Aftermath.edited,
}
"""What each measure asks of an answered case."""


def _counts(measure: str, case: Row[Any], answer: Row[Any]) -> bool:
    """Tell whether a measure can be asked of a case at all."""
    if measure in ("raised", "lowered"):
        return case.rating is not None
    if measure == "returned":
        return case.customer_id is not None
    return measure != "edited" or bool(answer.made_by != ELSEWHERE)


def _is_lower(detail: Mapping[str, Any]) -> bool:
    before, now = detail.get("stars_before"), detail.get("stars_now")
    return before is not None and now is not None and now < before
