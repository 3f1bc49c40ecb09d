"""A platform that plays by a script, at the connector's boundary: no sockets, all its state open.

A `Board` is the platform: what it lists, what a direct read tells, which replies stand there.
`kind_of` makes the catalogue entry through which the core speaks to it.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.base import (
    BaseConnector,
    Capabilities,
    ConnectorKind,
    ConnectorSettings,
    Context,
    Cursor,
    FoundMention,
    Health,
    MentionRef,
    Page,
    Problem,
    Receipt,
    ReplyMode,
)
from connectors.errors import Gone, NotSupported, UnknownOutcome

Call = Literal["fetch", "read", "reply", "find_reply", "withdraw"]


class Killed(BaseException):
    """The process died here. No handler catches it, as none would catch a kill -9."""


@dataclass(slots=True)
class Written:
    """One reply that stands at the platform."""

    external_id: str
    under: str
    text: str
    key: str
    at: datetime
    visible: bool = True
    turned_down: str = ""


@dataclass(slots=True)
class Board:
    """One platform. Times are its own; it gives ids to replies in order: r1, r2, …"""

    now: Callable[[], datetime]
    mode: ReplyMode = "append"
    can_find: bool = True
    can_read: bool = True
    can_withdraw: bool = True
    moderated: bool = False
    max_length: int | None = None
    needs_summons: bool = False
    shows_replies: bool = False
    """A direct read tells what stands under an item as the brand's answer."""
    unfound: int = 0
    """So many looks in a row miss what stands there: the listing lags."""
    refuses: str = ""
    """A word that the platform refuses, as the connector knows without asking."""
    overwritten: list[str] = field(default_factory=list)
    """Answers of others that a reply of ours has replaced, or a withdrawal of ours has removed."""
    key_remembered: timedelta | None = timedelta(minutes=45)
    shift: timedelta = timedelta()
    """How far the platform's own clock is off."""
    items: dict[str, FoundMention] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    given: int = 0
    """How many replies ever stood there."""
    calls: list[Call] = field(default_factory=list)
    faults: dict[str, deque[BaseException]] = field(default_factory=lambda: defaultdict(deque))
    broken: dict[str, Exception] = field(default_factory=dict)
    before_write: deque[BaseException] = field(default_factory=deque)
    after_write: deque[BaseException] = field(default_factory=deque)
    during: dict[str, Callable[[], Any]] = field(default_factory=dict)
    """Called once in the middle of the next call of that name, as another process would act."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def list_page(
        self, *found: FoundMention, problems: tuple[Problem, ...] = (), **values: Any
    ) -> None:
        """Have the listing tell one page, next. It also becomes what a direct read tells."""
        for each in found:
            if not each.deleted:
                self.items[each.external_id] = replace(each)
        self.pages.append(Page(tuple(found), {}, problems=problems, **values))

    def edit(self, external_id: str, *, listed: bool = True, **changes: Any) -> FoundMention:
        """Change an item as its author would; the listing tells it, unless told otherwise."""
        found = replace(self.items[external_id], **changes)
        self.items[external_id] = found
        if listed:
            self.list_page(replace(found))
        return found

    def delete(self, external_id: str, *, listed: bool = True, truly: bool = True) -> None:
        """Delete an item. Not `truly`: the listing is wrong, and a direct read still finds it."""
        if truly:
            self.items.pop(external_id, None)
        if listed:
            self.list_page(FoundMention(external_id, "", deleted=True))

    def fail(self, call: Call, *errors: BaseException) -> None:
        """Have the next calls of this name raise these, one each, before anything happens."""
        self.faults[call].extend(errors)

    def break_down(self, call: Call, error: Exception) -> None:
        """Have every call of this name raise, until `mend`."""
        self.broken[call] = error

    def mend(self, *calls: Call) -> None:
        """End what `break_down` began."""
        for call in calls or tuple(self.broken):
            self.broken.pop(call, None)

    def lose_answers(self, count: int = 1) -> None:
        """Take the next replies and lose the answers on the way back."""
        self.after_write.extend(UnknownOutcome("no answer came back") for _ in range(count))

    def standing(self, external_id: str) -> list[str]:
        """Return the texts of the replies that stand under an item."""
        return [each.text for each in self.written if each.under == external_id]

    def count(self, call: Call) -> int:
        """Return how often a call was made."""
        return self.calls.count(call)


class ScriptedSettings(ConnectorSettings):
    """A scripted platform has none."""


class ScriptedConnector(BaseConnector):
    """Speaks to a `Board`. The cursor counts the pages read."""

    name = "scripted"

    def __init__(self, board: Board) -> None:
        self.board = board

    def fetch(self, cursor: Cursor) -> Page:
        self._call("fetch")
        at = int(cursor.get("at", 0))
        pages = self.board.pages
        if at >= len(pages):
            return Page((), {"at": at}, unchanged=True)
        page = pages[at]
        return replace(
            page,
            mentions=tuple(replace(each) for each in page.mentions),
            next_cursor={"at": at + 1},
            more=at + 1 < len(pages),
        )

    def read(self, ref: MentionRef) -> FoundMention | None:
        if not self.board.can_read:
            return super().read(ref)
        self._call("read")
        found = self.board.items.get(ref.external_id)
        if found is None:
            return None
        standing = [each for each in self.board.written if each.under == ref.external_id]
        if self.board.shows_replies and standing and not found.our_reply and standing[-1].visible:
            return replace(found, our_reply=standing[-1].text, our_reply_at=standing[-1].at)
        return replace(found)

    def reply(self, ref: MentionRef, text: str, key: str) -> Receipt:
        board = self.board
        if board.mode in ("manual", "none"):
            raise NotSupported("a person posts here")
        self._call("reply")
        if board.before_write:
            raise board.before_write.popleft()
        with board.lock:
            row = self._write(ref, text, key)
        if board.after_write:
            raise board.after_write.popleft()
        return self._receipt(row)

    def find_reply(self, ref: MentionRef, text: str, key: str) -> Receipt | None:
        if not self.board.can_find:
            return super().find_reply(ref, text, key)
        self._call("find_reply")
        if self.board.unfound:
            self.board.unfound -= 1
            return None
        for row in self.board.written:
            if row.under == ref.external_id and row.text == text:
                return self._receipt(row)
        return None

    def withdraw(self, ref: MentionRef, receipt_external_id: str) -> None:
        board = self.board
        if not board.can_withdraw:
            super().withdraw(ref, receipt_external_id)
        self._call("withdraw")
        if board.before_write:
            raise board.before_write.popleft()
        gone = [
            row
            for row in board.written
            if row.under == ref.external_id
            and (board.mode == "replace" or row.external_id == receipt_external_id)
        ]
        board.written = [row for row in board.written if row not in gone]
        theirs = self._overwrite(ref)
        if board.after_write:
            raise board.after_write.popleft()
        if not gone and not theirs:
            raise Gone("it is not there")

    def objections(self, text: str) -> tuple[str, ...]:
        word = self.board.refuses
        return (f"the word “{word}”",) if word and word in text else ()

    def verify(self) -> Health:
        return Health(True, "plays its script")

    def _call(self, name: Call) -> None:
        board = self.board
        board.calls.append(name)
        act = board.during.pop(name, None)
        if act is not None:
            act()
        if board.faults[name]:
            raise board.faults[name].popleft()
        if name in board.broken:
            raise board.broken[name]

    def _overwrite(self, ref: MentionRef) -> bool:
        """Lose the answer of somebody else where there is room for one; tell whether it stood."""
        board = self.board
        item = board.items.get(ref.external_id)
        if board.mode != "replace" or item is None or not item.our_reply:
            return False
        board.overwritten.append(item.our_reply)
        item.our_reply = ""
        return True

    def _write(self, ref: MentionRef, text: str, key: str) -> Written:
        board = self.board
        self._overwrite(ref)
        for row in board.written:
            if board.mode == "keyed" and row.key == key:
                return row
            if board.mode == "replace" and row.under == ref.external_id:
                row.text, row.key = text, key
                return row
        board.given += 1
        row = Written(
            external_id=f"r{board.given}",
            under=ref.external_id,
            text=text,
            key=key,
            at=board.now() + board.shift,
            visible=not board.moderated,
        )
        board.written.append(row)
        return row

    @staticmethod
    def _receipt(row: Written) -> Receipt:
        if row.turned_down:
            return Receipt("rejected", external_id=row.external_id, reason=row.turned_down)
        return Receipt(
            "visible" if row.visible else "accepted",
            external_id=row.external_id,
            url=f"https://board.example/{row.external_id}",
            at=row.at,
            text=row.text,
        )


def kind_of(board: Board) -> ConnectorKind:
    """Return the catalogue entry of a board as it is now; its capabilities may change later."""

    def build(settings: Any, context: Context) -> ScriptedConnector:
        return ScriptedConnector(board)

    def able(settings: Any) -> Capabilities:
        return Capabilities(
            can_reply=board.mode not in ("manual", "none"),
            can_find_reply=board.can_find,
            reply_mode=board.mode,
            max_length=board.max_length,
            key_remembered=board.key_remembered,
            needs_summons=board.needs_summons,
            can_withdraw=board.can_withdraw and board.mode not in ("manual", "none"),
        )

    return ConnectorKind(
        name="scripted",
        title="Scripted board",
        category="tests",
        summary="A platform that plays by a script.",
        settings=ScriptedSettings,
        capabilities=Capabilities(can_reply=True, reply_mode="append"),
        capabilities_of=able,
        build=build,
        advice={"AuthFailed": "renew the token"},
    )
