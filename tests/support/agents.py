"""People in Slack who press what they should and what they should not, all at once.

An agent reads the channel as it stands, presses buttons, twice, late, on cards that have changed
since, fills in modals and sends them off after somebody else was quicker. What each of them did
and what Slack told them of it is kept, to be held against the store afterwards.
"""

from __future__ import annotations

import copy
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from responders.slack import buttons, modals
from tests.support.slack_server import people
from tests.support.slack_server.server import SlackServer
from tests.support.slack_server.workspace import Message, View

CHANNEL = "C0CARDS"
ACK_SECONDS = 3.0
OTHER_TEAM = "T0OTHER"
DIRECT = (
    buttons.APPROVE,
    buttons.BY_HAND,
    buttons.KEEP,
    buttons.TAKE,
    buttons.SEEN,
    buttons.TAKE_BACK,
    buttons.WAKE,
    buttons.MORE,
)
WEIGHTS = {
    buttons.APPROVE: 50,
    buttons.EDIT: 14,
    buttons.REJECT: 9,
    buttons.TAKE: 8,
    buttons.ASSIGN: 6,
    buttons.SHOW_ALL: 2,
    buttons.POSTED: 5,
    buttons.MISSING: 3,
    buttons.KEEP: 3,
    buttons.BY_HAND: 3,
    buttons.SEEN: 3,
    buttons.OTHER: 4,
    buttons.TAKE_BACK: 12,
    buttons.SNOOZE: 4,
    buttons.WAKE: 10,
    buttons.MORE: 2,
}


@dataclass(frozen=True)
class Person:
    """Somebody in the channel. `may` is whether what they press counts."""

    id: str
    name: str
    may: bool = True
    listed: bool = True
    flags: tuple[str, ...] = ()
    team: str = ""


PEOPLE = (
    Person("U0MARA", "Mara"),
    Person("U0OTTO", "Otto"),
    Person("U0IDA", "Ida"),
    Person("U0NILS", "Nils"),
    Person("U0RUTH", "Ruth"),
    Person("U0TOMA", "Toma"),
    Person("U0EVE", "Eve", may=False, listed=False),
    Person("U0GUEST", "Gus", may=False, flags=("is_restricted",)),
    Person("U0ROBOT", "Robot", may=False, flags=("is_bot",)),
    Person("U0ALIEN", "Alien", may=False, team=OTHER_TEAM),
)
"""Six who may decide; one who is not on the list; a guest, a bot and a stranger who are."""

APPROVERS = [person.id for person in PEOPLE if person.listed]


@dataclass
class Press:
    """One thing that somebody pressed or sent off.

    `fate` is what Slack showed them: ``acknowledged``, ``unanswered`` (a warning after three
    seconds; it may have arrived), ``undelivered`` (a warning at once), ``conflict`` or ``errors``
    (the modal says so).
    """

    person: Person
    action: str
    case_id: int
    version: int
    text_hash: str
    fate: str = ""
    seconds: float = 0.0
    text: str = ""


@dataclass
class Record:
    """What all agents did. Appending is safe from several threads."""

    presses: list[Press] = field(default_factory=list)
    unopened: list[Press] = field(default_factory=list)
    """Acknowledged presses after which no modal appeared."""
    troubles: list[str] = field(default_factory=list)


def move_in(slack: SlackServer) -> None:
    """Add the channel and everybody in it."""
    slack.workspace.add_channel(CHANNEL)
    for person in PEOPLE:
        user = slack.workspace.add_user(person.id, person.name)
        user.update(dict.fromkeys(person.flags, True))
        if person.team:
            user["team_id"] = person.team


class Agent(threading.Thread):
    """Presses at random until `stop` is set. Everything random follows `seed`."""

    def __init__(
        self,
        person: Person,
        slack: SlackServer,
        record: Record,
        stop: threading.Event,
        *,
        seed: int,
        pause: float,
        most: int | None = None,
    ) -> None:
        super().__init__(name=f"agent-{person.name}", daemon=True)
        self._person = person
        self._slack = slack
        self._record = record
        self._stopping = stop
        self._dice = random.Random(f"{seed}:{person.id}")
        self._pause = pause
        self._most = most
        self._old: deque[dict[str, Any]] = deque(maxlen=60)

    def run(self) -> None:
        done = 0
        while not self._stopping.is_set() and (self._most is None or done < self._most):
            try:
                done += self._do_something()
            except Exception as error:  # a thread must not end unheard
                self._record.troubles.append(f"{self._person.name}: {error!r}")
            self._stopping.wait(self._dice.uniform(0, 2 * self._pause))

    def _do_something(self) -> int:
        if self._old and self._dice.random() < 0.15:
            self._press(self._again(self._dice.choice(self._old)))
            return 1
        message = self._card()
        if message is None:
            return 0
        try:
            payload = self._button(message)
        except LookupError:
            return 0  # redrawn between looking and pressing
        if payload is None:
            return 0
        self._old.append(payload)
        if self._dice.random() < 0.1:
            self._stopping.wait(self._dice.uniform(0.2, 2.0))  # pressed late
        again = self._again(payload) if self._dice.random() < 0.12 else None
        self._press(payload)
        if again is not None:
            self._press(again)
        return 1

    def _card(self) -> Message | None:
        """Choose a card, in a thread too: the oldest that wait are looked at by several."""
        cards = self._slack.workspace.messages(CHANNEL, threads=True)
        if not cards:
            return None
        waiting = [one for one in cards[-200:] if buttons.APPROVE in people.buttons(one.blocks)]
        if waiting and self._dice.random() < 0.8:
            return self._dice.choice(waiting[: 3 + len(waiting) // 8])
        return self._dice.choice(cards)

    def _button(self, message: Message) -> dict[str, Any] | None:
        shown = [one for one in people.buttons(message.blocks) if one != buttons.OPEN]
        if not shown:
            return None
        weights = [WEIGHTS.get(one, 1) for one in shown]
        action = self._dice.choices(shown, weights)[0]
        choice = self._dice.choice([*buttons.DISMISSALS.values()])
        place = (CHANNEL, message.ts)
        return people.click(self._slack.workspace, *place, action, self._person.id, choice)

    def _again(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return another press of what was shown then, whatever the card shows now."""
        action = {**payload["actions"][0], "action_ts": f"{time.time():.6f}"}
        trigger = self._slack.workspace.new_trigger(self._person.id)
        return {**payload, "actions": [action], "trigger_id": trigger}

    def _press(self, payload: dict[str, Any]) -> None:
        if self._person.team:
            payload = copy.copy(payload)
            payload["team"] = {"id": self._person.team, "domain": "elsewhere"}
            payload["user"] = {**payload["user"], "team_id": self._person.team}
        action = payload["actions"][0]
        value = action.get("value") or action["selected_option"]["value"]
        ticket = buttons.Ticket.unpack(value)
        press = self._noted(action["action_id"], ticket)
        earlier = {view.id for view in self._views()}
        self._deliver(press, payload)
        if action["action_id"] not in DIRECT and press.fate == "acknowledged":
            self._fill_in(press, earlier)

    def _noted(self, action: str, ticket: buttons.Ticket, text: str = "") -> Press:
        press = Press(
            self._person, action, ticket.case_id, ticket.version, ticket.text_hash, text=text
        )
        self._record.presses.append(press)
        return press

    def _deliver(self, press: Press, payload: dict[str, Any]) -> dict[str, Any]:
        begun = time.monotonic()
        try:
            delivery = self._slack.hub.send(self._slack.hub.envelope("interactive", payload))
            answer = delivery.wait(ACK_SECONDS)
        except RuntimeError:
            press.fate = "undelivered"
            return {}
        except TimeoutError:
            press.fate = "unanswered"
            return {}
        press.seconds = time.monotonic() - begun
        told = {"update": "conflict", "errors": "errors"}
        press.fate = told.get(str(answer.get("response_action")), "acknowledged")
        return answer

    def _views(self) -> list[View]:
        with self._slack.workspace.lock:
            views = list(self._slack.workspace.views.values())
        return [view for view in views if view.user == self._person.id and view.is_open]

    def _fill_in(self, press: Press, earlier: set[str]) -> None:
        """Fill in the modal that appears, now or late, and send it off."""
        until = time.monotonic() + 2.0
        view = None
        while view is None and time.monotonic() < until:
            view = next((one for one in self._views() if one.id not in earlier), None)
            time.sleep(0.01)
        if view is None:
            self._record.unopened.append(press)
            return
        if view.body.get("callback_id") in (None, buttons.PLAIN_VIEW):
            view.is_open = False
            return
        if self._dice.random() < 0.3:
            self._stopping.wait(self._dice.uniform(0.2, 3.0))
        values = self._entered(view)
        fate = self._submit(view, values)
        if fate in ("undelivered", "unanswered") and self._dice.random() < 0.7:
            self._stopping.wait(self._dice.uniform(0.2, 2.0))
            if modals.TEXT_BLOCK in values and self._dice.random() < 0.5:
                values[modals.TEXT_BLOCK] += "\nAnd one thing more."
            self._submit(view, values)
        view.is_open = False

    def _submit(self, view: View, values: dict[str, Any]) -> str:
        payload = people.submission(self._slack.workspace, view.id, values, self._person.id)
        if self._person.team:
            payload["user"]["team_id"] = self._person.team
        ticket = buttons.Ticket.unpack(view.body["private_metadata"])
        text = str(values.get(modals.TEXT_BLOCK, ""))
        press = self._noted(view.body["callback_id"], ticket, text)
        answer = self._deliver(press, payload)
        if answer:
            checker = self._slack.checker
            faults = people.apply(self._slack.workspace, view.id, answer, checker)
            self._slack.workspace.violations += faults
        return press.fate

    def _entered(self, view: View) -> dict[str, Any]:
        entered: dict[str, Any] = {}
        for block in view.body["blocks"]:
            if block["type"] != "input":
                continue
            element, name = block["element"], block["block_id"]
            if name == modals.TEXT_BLOCK:
                number = self._dice.randrange(10_000)
                entered[name] = (
                    f"{element['initial_value']}\nP.S. Come and see us, number {number}."
                )
            elif name == modals.REASON_BLOCK:
                reasons = [one["value"] for one in element["options"]]
                weights = [8 if one == "another_draft" else 1 for one in reasons]
                entered[name] = self._dice.choices(reasons, weights)[0]
            elif name == modals.PERSON_BLOCK:
                entered[name] = self._dice.choice([*APPROVERS[:6], None])
            elif element["type"] == "static_select":
                codes = [one["value"] for one in element["options"]]
                entered[name] = self._dice.choice(codes)
            elif element["type"] == "checkboxes":
                entered[name] = self._dice.choice(([], ["shorter"]))
            elif element["type"] == "datetimepicker":
                entered[name] = None
            elif name == modals.NOTE_BLOCK:
                entered[name] = "The page does not let me."
            else:
                entered[name] = ""
        return entered
