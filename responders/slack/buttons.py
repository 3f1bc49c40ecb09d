"""What the buttons carry and are called. Only ids travel, never a text or a name."""

from __future__ import annotations

import json
from dataclasses import dataclass

from responders.views import CaseView

OURS = "rapport_"
"""What every action of ours begins with."""

APPROVE = "rapport_approve"
EDIT = "rapport_edit"
REJECT = "rapport_reject"
OTHER = "rapport_other"
KEEP = "rapport_keep"
BY_HAND = "rapport_by_hand"
POSTED = "rapport_posted"
MISSING = "rapport_missing"
SEEN = "rapport_seen"
TAKE = "rapport_take"
TAKE_CALL = "rapport_take_call"
ACKNOWLEDGE = "rapport_acknowledge"
ASSIGN = "rapport_assign"
SNOOZE = "rapport_snooze"
WAKE = "rapport_wake"
TAKE_BACK = "rapport_take_back"
MORE = "rapport_more"
STANDING = "rapport_standing"
CORRECT = "rapport_correct"
WITHDRAW = "rapport_withdraw"
OPEN = "rapport_open"
OPENED = "rapport_edit_opened"
CLOSED = "rapport_edit_closed"
SHOW = "rapport_show"
SHOW_ALL = "rapport_show_all"
COMPLAINT = "rapport_look_complaint"
NO_COMPLAINT = "rapport_look_no_complaint"
SKIP = "rapport_look_skip"

OF_CALLS = frozenset({ACKNOWLEDGE, TAKE_CALL})
"""What stands under a call, which is no card."""

VERDICTS = {COMPLAINT: "complaint", NO_COMPLAINT: "no_complaint", SKIP: "skipped"}
"""What each button under a second look says of it."""

EDIT_VIEW = "rapport_edit_submit"
REJECT_VIEW = "rapport_reject_submit"
OTHER_VIEW = "rapport_other_submit"
POSTED_VIEW = "rapport_posted_submit"
MISSING_VIEW = "rapport_missing_submit"
ASSIGN_VIEW = "rapport_assign_submit"
SNOOZE_VIEW = "rapport_snooze_submit"
WITHDRAW_VIEW = "rapport_withdraw_submit"
CASE_VIEW = "rapport_case"
PLAIN_VIEW = "rapport_read"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a button or a modal acts on: the case and the exact draft that was shown.

    `despite` names the obstacle that was shown with it. `channel` and `message_ts` say which
    card a modal was opened from.
    """

    case_id: int
    revision: int
    version: int = 0
    text_hash: str = ""
    channel: str = ""
    message_ts: str = ""
    despite: str = ""

    def pack(self) -> str:
        """Return the ticket as JSON for a button's value or a modal's private metadata."""
        packed: dict[str, object] = {
            "c": self.case_id,
            "r": self.revision,
            "v": self.version,
            "h": self.text_hash,
        }
        if self.channel:
            packed |= {"ch": self.channel, "ts": self.message_ts}
        if self.despite:
            packed["d"] = self.despite
        return json.dumps(packed, separators=(",", ":"))

    @classmethod
    def unpack(cls, value: str) -> Ticket:
        """Read a ticket; raise `ValueError` when it is not one of ours."""
        try:
            packed = json.loads(value)
            return cls(
                int(packed["c"]),
                int(packed["r"]),
                int(packed["v"]),
                str(packed["h"]),
                str(packed.get("ch", "")),
                str(packed.get("ts", "")),
                str(packed.get("d", "")),
            )
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise ValueError("this button is not one of ours") from error

    def is_current(self, view: CaseView) -> bool:
        """Tell whether the draft that was shown is still the one on the table."""
        draft = view.draft
        return (
            view.is_awaiting
            and draft is not None
            and draft.version == self.version
            and draft.text_hash == self.text_hash
        )

    def is_of_reply(self, view: CaseView) -> bool:
        """Tell whether the text that was shown is the one that was approved last."""
        draft = view.draft
        return draft is None or not self.version or draft.version == self.version


def case_of(value: str) -> int:
    """Return the number of the case that a button or a modal is about; 0 where there is none."""
    try:
        return Ticket.unpack(value).case_id
    except ValueError:
        return 0


DISMISSALS = {"not_a_complaint": "Not a complaint", "spam": "Spam"}
"""What is chosen under `MORE`: a reason to dismiss the case, and its words."""


def dismissal_value(view: CaseView, reason: str) -> str:
    """Return what a choice under `MORE` carries; Slack lets a choice carry 75 characters."""
    version = view.draft.version if view.draft is not None else 0
    packed = {"c": view.id, "r": view.revision, "v": version, "h": "", "m": reason}
    return json.dumps(packed, separators=(",", ":"))


def dismissal_of(value: str) -> str:
    """Return the reason in a choice under `MORE`; raise `ValueError` when it is none of ours."""
    try:
        reason = json.loads(value)["m"]
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError("this choice is not one of ours") from error
    if reason not in DISMISSALS:
        raise ValueError("this choice is not one of ours")
    return str(reason)


def look_value(look_id: int) -> str:
    """Return what a button under a second look carries: its number stands for one exact text."""
    return json.dumps({"l": look_id}, separators=(",", ":"))


def look_of(value: str) -> int:
    """Read the number of a second look; raise `ValueError` when it is not one of ours."""
    try:
        number = json.loads(value)["l"]
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError("this button is not one of ours") from error
    if not isinstance(number, int) or not 0 < number < 2**63:
        raise ValueError("this button is not one of ours")
    return number


def ticket_for(view: CaseView) -> Ticket:
    """Return the ticket of the case as it is now."""
    draft = view.draft
    despite = view.obstacle.key if view.obstacle is not None else ""
    if draft is None:
        return Ticket(view.id, view.revision, despite=despite)
    return Ticket(view.id, view.revision, draft.version, draft.text_hash, despite=despite)


def waits_for_a_word(view: CaseView) -> bool:
    """Tell whether a person is to say of the reply that it is posted, visible or missing."""
    reply = view.reply
    if reply is None or view.is_awaiting:
        return False
    return reply.state == "handed_over" or (reply.is_unseen and not reply.looks_on)


def may_be_assigned(view: CaseView) -> bool:
    """Tell whether a person has to do something with the case, and it may be said who."""
    return view.state in ("opened", "drafted") or waits_for_a_word(view)
