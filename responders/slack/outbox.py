"""Sends what staff are owed: posts cards, redraws them, adds lines and notices.

A post is committed as *started* before the call. When its answer is lost it is *unknown*, not
failed: the channel is searched for its key before anything is sent again. An update may simply
be repeated, so it has no such states.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from monitor import due
from monitor.clock import Clock
from monitor.db import Database
from monitor.due import Claim, ClaimLost
from monitor.incidents.walk import Walk
from monitor.models import Notification
from responders.slack.calling import Calling
from responders.slack.calls import CALL, CALLED_OFF, CARD_URL, card_of, holds
from responders.slack.calls import LOOK_AGAIN as LOOK_AT_CALL_AGAIN
from responders.slack.cards import as_update
from responders.slack.client import SlackClient
from responders.slack.conditions import AUTH, DOWN, Conditions, auth_key
from responders.slack.digests import DIGEST, PICTURE, YIELD, lets_cards_go_first, owe_picture
from responders.slack.incidents import INCIDENT, NUMBER
from responders.slack.letters import (
    Draughtsman,
    Letter,
    latest_revision,
    letter_key,
    tell_thread,
    told,
)
from responders.slack.lookup import BETWEEN_LOOKS, FIRST_LOOK, LOOKS, Forbidden, Found, find_post
from responders.slack.owed import BETWEEN_REDRAWS, CARD, LINE, SECOND_LOOKS
from responders.slack.pacing import Pacer
from responders.slack.patience import LONGEST_PAUSE, WAIT_FOR_CHANNEL, patience
from responders.slack.pictures import Pictures
from responders.slack.placing import ALONE, LOOK_AGAIN, THREAD, place_of
from responders.slack.port import LooksPort, QueuePort
from responders.slack.results import (
    CARD_GONE,
    CHANNEL_ERRORS,
    THREAD_GONE,
    TOO_BIG,
    Answer,
    AuthDead,
    Failure,
    Limited,
    Refused,
    Result,
    Unknown,
    Unreachable,
    describe,
)
from responders.slack.settings import SlackSettings

LOUD_AFTER = 3

Change = Callable[[Session, Notification], datetime | None]


class Outbox:
    """Handles due work of the kind ``notify``."""

    def __init__(
        self,
        db: Database,
        queue: QueuePort,
        looks: LooksPort,
        client: SlackClient,
        clock: Clock,
        conditions: Conditions,
        settings: SlackSettings,
    ) -> None:
        self._db = db
        self._client = client
        self._clock = clock
        self._conditions = conditions
        of_digest = settings.digest.queue_url if settings.digest is not None else ""
        queue_url = settings.queue_url or of_digest
        self._draughtsman = Draughtsman(db, queue, looks, queue_url)
        self._pictures = Pictures(db, client, conditions, settings.api_url)
        self._calling = Calling(settings.people, settings.mention_hours)
        self._walk = Walk(db, clock)
        self._pacer = Pacer()

    def handle(self, claim: Claim) -> None:
        """Do what this row owes now and say when it is due again; call it after `due.begin`.

        Raises `ClaimLost` when another worker took over meanwhile.
        """
        now = self._clock()
        with self._db.read() as session:
            row = session.get(Notification, claim.id)
            if row is None:
                return
            waits = lets_cards_go_first(session, row, now)
            session.expunge(row)  # it is read after this transaction has ended
        if row.kind == PICTURE:
            step = self._pictures.step(row, now)
            self._finish(claim, _set(step.next_at, step.detail, state=step.state))
            return
        if row.state in ("started", "unknown") and not row.message_ts:
            certainly_absent = self._look(claim, row, now)
            if not certainly_absent:
                return
        if not row.message_ts and row.kind == CALL and not self._holds(claim, row, now):
            return
        if not row.message_ts and row.kind == CARD and not self._is_placed(claim, row, now):
            return
        paced = row.kind not in (LINE, INCIDENT, CALL)
        if not row.message_ts and paced and self._waits_its_turn(claim, row, now):
            return  # before anything is drawn: hundreds may be owed, and a person waits
        letter = self._draughtsman.draw(row, now)
        if letter is None:
            self._wait_for_card(claim, row)
        elif waits:
            self._finish(claim, _set(now + YIELD))
        elif not row.message_ts:
            if row.kind != LINE or not self._waits_its_turn(claim, row, now):
                self._post(claim, row, letter, now)
        elif _redraw(row) != row.detail.get("redrawn", 0):
            self._update(claim, row, letter)
        elif row.shown_revision < letter.revision:
            earliest = (row.started_at or now) + BETWEEN_REDRAWS
            if row.kind == CARD and row.shown_revision and now < earliest:
                self._finish(claim, _set(earliest))
            else:
                self._update(claim, row, letter)
        else:
            # A person may have acted since the row was read.
            self._finish(claim, lambda _session, now_row: _again(row, now_row, now))

    def _is_placed(self, claim: Claim, row: Notification, now: datetime) -> bool:
        """Choose where a card goes that never left; tell whether that is known by now."""
        if row.state != "owed":
            return True  # it is sent again where it was sent before
        with self._db.read() as session:
            place = place_of(session, row, now)
        if place.waits:
            self._walk.run()  # what is new is held against open incidents now, not at the next look
            with self._db.read() as session:
                place = place_of(session, row, now)
        if place.waits:
            self._finish(claim, _set(now + LOOK_AGAIN, detail={"place": None}))
            return False
        row.detail = {**row.detail, THREAD: place.thread_ts}
        return True

    def _holds(self, claim: Claim, row: Notification, now: datetime) -> bool:
        """Tell whether a call is still to be given; learn where the card of its case stands."""
        with self._db.read() as session:
            answer = holds(session, row)
            card = "" if row.detail.get(THREAD) else card_of(session, row)
        if answer == "later":
            self._finish(claim, _set(now + LOOK_AT_CALL_AGAIN))
        elif answer == "never":
            self._finish(claim, _set(None, state=CALLED_OFF))
        elif card:
            place = {"channel": row.target, "message_ts": card}
            found = self._client.call("chat.getPermalink", place)
            # A call without the link is better than one that waits for it.
            link = str(found.data.get("permalink", "")) if isinstance(found, Answer) else ""
            row.detail = {**row.detail, CARD_URL: link}
        return answer == "now"

    def _waits_its_turn(self, claim: Claim, row: Notification, now: datetime) -> bool:
        """Take the row's place among the posts of its channel; tell whether it is a later one."""
        place = _time(row.detail.get("place")) or self._pacer.reserve(row.target, now)
        if place > now:
            self._finish(claim, _set(place, detail={"place": place.isoformat()}))
        return place > now

    def _post(self, claim: Claim, row: Notification, letter: Letter, now: datetime) -> None:
        with self._db.write() as session:
            started = _held(session, claim)
            started.state, started.started_at = "started", now
            since = started.detail.get("since") or now.isoformat()
            clean = {"since": since, "looks": 0, "look_after": None, "place": None}
            if row.kind == CARD:
                clean[THREAD] = letter.post.get("thread_ts", "")
            if row.kind == CALL:
                clean[CARD_URL] = row.detail.get(CARD_URL)
            started.detail = {**started.detail, **clean}
            if letter.view is not None and not started.shown_revision:
                # Should the answer be lost, what happens meanwhile is still told in the thread.
                told(started, letter.view)
        result = self._client.call("chat.postMessage", letter.post)
        if isinstance(result, Answer) and result.data.get("ts"):
            self._succeed(claim, row, letter, str(result.data["ts"]))
        elif isinstance(result, Answer | Unknown):
            self._finish(claim, _set(self._clock() + FIRST_LOOK, state="unknown"))
        else:
            self._fail(claim, row, result, state="owed")

    def _update(self, claim: Claim, row: Notification, letter: Letter) -> None:
        result = self._client.call("chat.update", as_update(letter.post, row.message_ts))
        if isinstance(result, Answer):
            self._succeed(claim, row, letter, row.message_ts)
        elif isinstance(result, Refused) and result.error in CARD_GONE:
            self._replace(claim, row, letter)
        else:
            self._fail(claim, row, result)

    def _replace(self, claim: Claim, row: Notification, letter: Letter) -> None:
        # Somebody deleted the message. Open work needs its card; anything else stays deleted.
        if not letter.is_open:
            self._succeed(claim, row, letter, row.message_ts)
            return
        generation = int(row.detail.get("generation", 0)) + 1
        fresh = {"generation": generation, "since": None}
        self._finish(claim, _set(self._clock(), state="owed", message_ts="", detail=fresh))

    def _succeed(self, claim: Claim, seen: Notification, letter: Letter, ts: str) -> None:
        self._conditions.clear(AUTH)
        self._conditions.clear(DOWN)
        self._conditions.clear(_channel_key(seen))
        if seen.failures:
            self._conditions.clear(_message_key(seen))

        def settle(session: Session, row: Notification) -> datetime | None:
            now = self._clock()
            row.state, row.message_ts, row.started_at = "sent", ts, now
            row.shown_revision = letter.revision
            row.detail = {**row.detail, "since": None, "looks": None, "redrawn": _redraw(seen)}
            if letter.view is not None:
                tell_thread(session, row, letter.view, now, self._calling)
            if row.kind == DIGEST:
                owe_picture(session, row, now)
            if _redraw(row) != _redraw(seen):
                # A person acted during the call; or an incident grew, which nobody waits for.
                return now + BETWEEN_REDRAWS if row.kind == INCIDENT else now
            if latest_revision(session, row) > letter.revision:
                return now + BETWEEN_REDRAWS
            if letter.view is not None and letter.view.editing is not None:
                # That somebody edits ends by itself, and the card must not say so for ever.
                row.detail = {**row.detail, "redraw": _redraw(row) + 1}
                return max(letter.view.editing.until, now)
            return None

        self._finish(claim, settle)

    def _look(self, claim: Claim, row: Notification, now: datetime) -> bool:
        """Search for a post whose answer was lost. True means: certainly not there, send it."""
        started = row.started_at or row.created_at
        earliest = _time(row.detail.get("look_after")) or started + FIRST_LOOK
        if now < earliest:
            self._finish(claim, _set(earliest, state="unknown"))
            return False
        since = _time(row.detail.get("since")) or started
        thread_ts = self._draughtsman.thread_ts(row)
        found = find_post(
            self._client, row.target, letter_key(row), since, thread_ts, until=started
        )
        if isinstance(found, Found) and found.timestamps:
            self._adopt(claim, row, found.timestamps)
            return False
        if isinstance(found, Found):
            looks = int(row.detail.get("looks") or 0) + 1
            if looks >= LOOKS:
                return True
            again = now + BETWEEN_LOOKS
            detail = {"looks": looks, "look_after": again.isoformat()}
            self._finish(claim, _set(again, state="unknown", detail=detail))
            return False
        if not isinstance(found, Forbidden):
            self._fail(claim, row, found)
            return False
        if row.kind not in (CARD, INCIDENT):
            return True  # a line or a notice said twice does less harm than one never said
        whose = f"case {row.case_id}" if row.kind == CARD else f"incident {row.detail[NUMBER]}"
        self._conditions.hold(
            _channel_key(row),
            f"Slack does not let us read the channel {row.target} ({found.error}), so it is not "
            f"known whether the card of {whose} was posted. Invite the bot there.",
        )
        self._delay(claim, f"cannot look: {found.error}", WAIT_FOR_CHANNEL)
        return False

    def _adopt(self, claim: Claim, row: Notification, timestamps: tuple[str, ...]) -> None:
        first, *doubled = timestamps
        for ts in doubled:
            result = self._client.call("chat.delete", {"channel": row.target, "ts": ts})
            if not isinstance(result, Answer | Refused):
                self._fail(claim, row, result)  # a card left behind would never be redrawn
                return
        # What it shows is not known, so whatever changes is drawn again.
        changes = row.kind in (CARD, SECOND_LOOKS, INCIDENT, CALL)
        shown = 0 if changes else 1
        next_at = self._clock() if changes else None
        gone = {"since": None, "looks": None}
        found = _set(next_at, state="sent", message_ts=first, shown_revision=shown, detail=gone)

        def adopt(session: Session, kept: Notification) -> datetime | None:
            due_at = found(session, kept)
            if kept.kind == DIGEST:
                owe_picture(session, kept, self._clock())
            return due_at

        self._finish(claim, adopt)

    def _fail(self, claim: Claim, row: Notification, result: Result, state: str = "") -> None:
        assert not isinstance(result, Answer)
        told = describe(result)
        too_big = isinstance(result, Refused) and result.error in TOO_BIG and row.kind == CARD
        if too_big and not row.detail.get("compact"):
            smaller = {"compact": True}
            self._finish(claim, _set(self._clock(), smaller, state=state or row.state))
            return
        in_thread = not row.message_ts and row.kind in (CARD, CALL) and row.detail.get(THREAD)
        if in_thread and isinstance(result, Refused) and result.error in THREAD_GONE:
            alone = {THREAD: "", ALONE: True}
            self._finish(claim, _set(self._clock(), alone, state="owed"))
            return
        if isinstance(result, Limited):
            # Slack is there and says when: no failure, after which the pauses would grow.
            again = self._clock() + max(result.retry_after, due.SOONEST)
            self._finish(claim, _set(again, state=state or row.state))
            return
        self._alert(row, result, told)
        self._delay(claim, told, patience(result, row.failures), state)

    def _alert(self, row: Notification, result: Failure, told: str) -> None:
        if isinstance(result, AuthDead):
            self._conditions.hold(
                auth_key(result), f"{told}. Run `rapport check`; nothing owed is lost."
            )
        elif isinstance(result, Refused) and result.error not in CHANNEL_ERRORS:
            self._conditions.hold(
                _message_key(row),
                f"{told}, {row.kind} {row.id}. It is tried again every 5 minutes.",
            )
        elif isinstance(result, Refused):
            self._conditions.hold(
                _channel_key(row),
                f"{told}, channel {row.target}. Is the bot a member there? Nothing owed is lost.",
            )
        elif isinstance(result, Unknown | Unreachable) and row.failures + 1 >= LOUD_AFTER:
            self._conditions.hold(DOWN, f"{told}. Messages to staff wait until it answers.")

    def _wait_for_card(self, claim: Claim, row: Notification) -> None:
        """Let a line wait for the card that it belongs to: no failure, ever less often."""
        if row.kind != LINE:
            self._finish(claim, lambda _session, _row: None)
            return
        now = self._clock()
        waited = now - row.created_at
        self._finish(claim, _set(now + min(max(waited / 2, BETWEEN_REDRAWS), LONGEST_PAUSE)))

    def _delay(self, claim: Claim, told: str, not_before: timedelta, state: str = "") -> None:
        with self._db.write() as session:
            row = _held(session, claim)
            if state:
                row.state = state
            session.flush()
            due.fail(session, claim, self._clock(), told, not_before=not_before)

    def _finish(self, claim: Claim, change: Change) -> None:
        with self._db.write() as session:
            next_at = change(session, _held(session, claim))
            session.flush()
            due.finish(session, claim, next_at)


def _set(next_at: datetime | None, detail: dict[str, Any] | None = None, **values: Any) -> Change:
    def change(_session: Session, row: Notification) -> datetime | None:
        for name, value in values.items():
            setattr(row, name, value)
        if detail:
            row.detail = {**row.detail, **detail}
        return next_at

    return change


def _held(session: Session, claim: Claim) -> Notification:
    row = session.get(Notification, claim.id, with_for_update=True)
    if row is None or row.claim_token != claim.token:
        raise ClaimLost(f"notify {claim.id} was taken over")
    return row


def _redraw(row: Notification) -> int:
    return int(row.detail.get("redraw", 0))


def _again(seen: Notification, row: Notification, now: datetime) -> datetime | None:
    return now if _redraw(row) != _redraw(seen) else None


def _channel_key(row: Notification) -> str:
    return f"slack:channel:{row.target}"


def _message_key(row: Notification) -> str:
    return f"slack:message:{row.id}"


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
