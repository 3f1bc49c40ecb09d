"""Puts what was judged too close to call before a person, a page at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from monitor.assess import Assessment
from monitor.cases.looks import WAITING, end_looks
from monitor.models import SecondLook

UNSURE = "unsure"
_PRESSING = ("high", "urgent")


class Doubts:
    """Collects the second looks that one page calls for, and writes them at its end.

    A page without any costs no statement.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._edited: list[int] = []
        self._unsure: list[tuple[int, int]] = []

    def edited(self, mention_id: int) -> None:
        """Note that a mention reads otherwise now: a look at its earlier text is past."""
        self._edited.append(mention_id)

    def weigh(self, mention_id: int, revision: int, judged: Assessment) -> None:
        """Note a mention for which no case was opened, if its judgement was too close.

        What speaks of danger, threats or distress is looked at, however calmly it is said.
        """
        if judged.complaint or judged.spam:
            return
        if judged.unsure or judged.urgency in _PRESSING:
            self._unsure.append((mention_id, revision))

    def write(self) -> None:
        """End the looks at what was edited, and add those that are new."""
        end_looks(self._session, self._edited, self._now)
        if self._unsure:
            self._session.execute(
                insert(SecondLook.__table__),  # type: ignore[arg-type]  # a Table
                [
                    {
                        "mention_id": mention_id,
                        "revision": revision,
                        "reason": UNSURE,
                        "chance": 1.0,
                        "drawn_at": self._now,
                        "verdict": WAITING,
                        "by": "",
                    }
                    for mention_id, revision in self._unsure
                ],
            )
