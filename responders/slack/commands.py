"""Answers the commands that only read, in the acknowledgement itself; the store alone is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.clock import Clock
from monitor.config.durations import parse_duration
from monitor.db import Database
from monitor.overview import overview
from monitor.reports import kept_report
from monitor.reports.period import Period
from responders.slack.blocks import Block
from responders.slack.cards import case_blocks
from responders.slack.lists import case_rows, titled
from responders.slack.orders import ACTING, COMMAND, READING, Order, case_of, nearest_verb
from responders.slack.port import QueuePort
from responders.slack.text import mrkdwn
from responders.slack.told import report_lines, status_lines, story_blocks, why_lines
from responders.views import CaseLine

SHOWN = 10
"""Cases that an answer lists at most."""

LONGEST = timedelta(days=366)


class Commands:
    """Answers readers. Rights were checked by the caller."""

    def __init__(
        self,
        db: Database,
        queue: QueuePort,
        clock: Clock,
        zone: str,
        duty_lines: Callable[[], list[str]],
    ) -> None:
        self._db = db
        self._queue = queue
        self._duty_lines = duty_lines
        self._clock = clock
        self._zone = zone

    def answer(self, order: Order, name: str) -> dict[str, Any]:
        """Return the body of the acknowledgement; `name` is who asks, as far as it is known."""
        try:
            return _said(*self._blocks(order, name))
        except ValueError as error:
            told = str(error)
            return _said(told[:1].upper() + told[1:], [titled("told", told[:1].upper() + told[1:])])

    def _blocks(self, order: Order, name: str) -> tuple[str, list[Block]]:
        match order.verb:
            case "queue":
                return self._list("To approve", "drafted", search=order.rest)
            case "mine":
                return self._list("With you", "open", assignee=name)
            case "late":
                return self._list("Overdue", "open", late=True)
            case "find":
                if not order.rest:
                    raise ValueError(f"say what to look for: `{COMMAND} find cold tea`")
                return self._list(f"With “{order.rest[:60]}”", "all", search=order.rest)
            case "show":
                return self._show(order)
            case "why":
                view = self._case(order)
                title, blocks = _told(f"{view.ref}, why", why_lines(view))
                return title, [*blocks, *story_blocks(view)]
            case "report":
                return self._report(order)
            case "duty":
                return self._duty()
            case "status":
                return self._status()
        return help_on(order.verb)

    def _list(
        self,
        title: str,
        state: str,
        *,
        search: str = "",
        assignee: str | None = None,
        late: bool = False,
    ) -> tuple[str, list[Block]]:
        now = self._clock()
        lines = self._queue.lines(state=state, search=search, limit=200, assignee=assignee)
        if late:
            lines = [line for line in lines if line.overdue]
        head = f"{title}: {_counted(lines)}"
        if not lines:
            return head, [titled("list", head, "Nothing here.")]
        more = f"{SHOWN} of them, what is due first on top." if len(lines) > SHOWN else ""
        return head, [titled("list", head, more), *case_rows(lines[:SHOWN], now)]

    def _show(self, order: Order) -> tuple[str, list[Block]]:
        view = self._case(order)
        return view.ref, case_blocks(view, self._clock())

    def _case(self, order: Order) -> Any:
        number, _ = case_of(order.rest)
        view = self._queue.view(number)
        if view is None:
            raise ValueError(f"there is no case C-{number}")
        return view

    def _report(self, order: Order) -> tuple[str, list[Block]]:
        written = order.rest.split()[0] if order.rest else "7d"
        try:
            back = min(parse_duration(written), LONGEST)
        except ValueError as error:
            raise ValueError(f"{written[:40]!r} {error}; try `{COMMAND} report 7d`") from error
        now = self._clock()
        with self._db.read() as session:
            days = max(1, back // timedelta(days=1))
            made = kept_report(session, Period.back(now, days, ZoneInfo(self._zone)), now)
        return _told(f"How promises fared, {written}", report_lines(made))

    def _duty(self) -> tuple[str, list[Block]]:
        told = self._duty_lines() or ["Whoever takes one: nobody is given any by itself."]
        return _told("Who gets new cases", told)

    def _status(self) -> tuple[str, list[Block]]:
        with self._db.read() as session:
            lines = status_lines(session, overview(session, self._clock()))
        return _told("How Rapport is", lines)


def help_on(verb: str) -> tuple[str, list[Block]]:
    """Return the list of what can be typed; an unknown verb is named, with the nearest."""
    unknown = verb not in READING | ACTING
    near = nearest_verb(verb) if unknown else ""
    title = f"There is no “{verb[:40]}”." if unknown else "What can be typed"
    if near:
        title += f" Did you mean “{near}”?"
    lines = [f"{COMMAND} {form}: {does}" for form, does in (READING | ACTING).values()]
    return title, [titled("help", title, "\n".join(lines[:10]), "\n".join(lines[10:]))]


def _told(title: str, lines: list[str]) -> tuple[str, list[Block]]:
    return title, [titled("told", title, *lines)]


def _said(title: str, blocks: list[Block]) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": mrkdwn(title, 300), "blocks": blocks}


def _counted(lines: list[CaseLine]) -> str:
    count = len(lines)
    return f"{count} or more" if count >= 200 else f"{count} case{'' if count == 1 else 's'}"
