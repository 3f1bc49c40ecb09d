"""What a face shows: everything a person needs to decide, read in one go.

Slack, the web queue and the terminal draw these and nothing else, so that they always agree.
Outside text in them is raw: each face escapes it in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from responders.differences import Change
from responders.made_by import warning_of

Surface = Literal["slack", "web", "terminal", "daemon"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a named person at one face, or the daemon itself."""

    surface: Surface
    id: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.surface})"


@dataclass(frozen=True, slots=True)
class DraftView:
    """The draft on the table. `text_hash` travels with every button that acts on it."""

    version: int
    text: str
    text_hash: str
    language: str
    made_by: str
    reasons: tuple[str, ...]
    findings: tuple[FindingView, ...]
    length: int
    max_length: int | None
    length_unit: str

    @property
    def warning(self) -> str:
        """What to say beside the draft because of who wrote it; mostly nothing."""
        return warning_of(self.made_by)

    @property
    def is_blocked(self) -> bool:
        """Tell whether a reply rule forbids publishing this text."""
        return any(finding.severity == "block" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class FindingView:
    """What a reply rule says of the draft; ``block`` forbids publishing.

    `words` are the offending words as they stand in the draft; empty where there are none to show.
    """

    rule: str
    severity: str
    message: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class ClockView:
    """One promise: `due_at` is the deadline; `state` is running, paused or stopped."""

    target: str
    state: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryView:
    """How one promise went, in the numbers that were counted with, and in words.

    `due_at` is the deadline as it is stored. `spans` are the stretches that count towards it,
    `pauses` those that do not, with their reason; an open one has no end. `counted_in` is
    ``open time`` or ``wall time``. `deadline` tells in words how the deadline came about,
    `ending` what came of it.
    """

    target: str
    state: str
    policy: str
    version: str
    holds_for: str
    calendar: str
    timezone: str
    counted_in: str
    promised_seconds: int
    written_at: datetime | None
    seen_at: datetime | None
    started_at: datetime
    start_reason: str
    spans: tuple[tuple[datetime, datetime], ...]
    holidays: tuple[str, ...]
    pauses: tuple[tuple[datetime, datetime | None, str], ...]
    due_at: datetime
    warned_at: datetime | None
    breached_at: datetime | None
    noticed_at: datetime | None
    stopped_at: datetime | None
    stopped_by: str
    visible_at: datetime | None
    business_seconds: float | None
    deadline: tuple[str, ...]
    ending: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The whole story."""
        return (*self.deadline, *self.ending)


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the trail, in words ready to show. `id` rises in the order of writing."""

    at: datetime
    actor: str
    kind: str
    summary: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class WordView:
    """Something the customer said: the mention, an earlier text of it, or a later comment."""

    at: datetime
    author: str
    title: str
    text: str
    stars: float | None
    note: str


@dataclass(frozen=True, slots=True)
class ReplyView:
    """The approved answer and how far it is.

    `by_hand` tells that a person posts it, or has posted it, and `why_by_hand` why.
    `is_unclear`: it may stand there already, so look before posting it. `looks_on`: Rapport
    still asks the platform whether it is visible. `goes_out_at` is when it is tried again.
    `may_be_taken_back`: it has certainly not left yet.
    """

    state: str
    text: str
    approved_by: str
    approved_at: datetime
    submitted_at: datetime | None
    visible_at: datetime | None
    url: str
    by_hand: bool = False
    why_by_hand: str = ""
    is_unclear: bool = False
    looks_on: bool = True
    goes_out_at: datetime | None = None
    waits_for: str = ""
    may_be_taken_back: bool = False

    @property
    def is_unseen(self) -> bool:
        """Tell whether it was submitted and nobody has seen it there yet."""
        return self.state in ("accepted", "published") and self.visible_at is None


@dataclass(frozen=True, slots=True)
class ObstacleView:
    """What stands against answering now. `key` goes with the act of a person who goes on.

    `answer` is what somebody else has answered on the platform; publishing `replaces` it or
    puts ours beside it. `locked` says why the platform takes no answer there.
    """

    key: str
    locked: str
    answer: str
    answered_at: datetime | None
    replaces: bool


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """The published reply that the draft on the table is to put right.

    `replaces`: publishing puts the new text in its place; else both will stand there.
    """

    text: str
    url: str
    approved_by: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """What the author did to their review after we replied: `after` so long, at the time `at`.

    Stars are on 1..5, and None where there is no rating. `replied_by` is whose reply it was.
    """

    stars_before: float | None
    stars_now: float | None
    at: datetime
    replied_by: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class ChangesView:
    """How the text to answer differs from the one that a draft answered.

    `words` is None where the texts are too long to compare; then `before` is all there is.
    """

    version: int
    before: str
    words: tuple[tuple[Change, str], ...] | None


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """What a draft needs beside one person's word, and why.

    `given_by` is who has given the first of two approvals of exactly this version, or empty.
    """

    two_people: bool
    manager: bool
    because: str = ""
    given_by: str = ""


@dataclass(frozen=True, slots=True)
class EditingView:
    """Who is changing the draft just now, and until when that holds at most."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class EarlierView:
    """The closest earlier case: what was said, what was answered, by whom and when.

    `similarity` lies in 0..1 and counts shared topics and words. Both texts are cut.
    """

    case_id: int
    ref: str
    excerpt: str
    answer: str
    answered_by: str
    answered_at: datetime
    similarity: float


@dataclass(frozen=True, slots=True)
class CallView:
    """One call that was given: when, to whom, and for whom it was meant where nobody is that.

    `state` is ``told``, or ``nobody`` where there was nobody at all.
    """

    at: datetime
    state: str
    who: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class EscalationView:
    """Who was told that one promise is in danger, and who is next.

    `missed` calls were due while nobody looked, and a later one stood for them. `next_at` is when
    the ladder goes on, with `next_who` in words; both are empty at its end. Until `held_until`
    the acknowledgement of a person holds it.
    """

    target: str
    ladder: str
    calls: tuple[CallView, ...]
    missed: int
    next_at: datetime | None
    next_who: str
    acknowledged_by: str
    held_until: datetime | None

    @property
    def may_be_acknowledged(self) -> bool:
        """Tell whether somebody was called and nobody has said yet that they see to it."""
        return self.held_until is None and any(call.state == "told" for call in self.calls)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One row of the queue. `escalated`: somebody was called for it, and its clock still runs."""

    id: int
    ref: str
    state: str
    urgency: str
    brand: str
    location: str
    source: str
    author: str
    stars: float | None
    excerpt: str
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    assignee: str
    draft_version: int | None
    snooze: str = ""
    snoozed_until: datetime | None = None
    escalated: bool = False


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, whole. `revision` rises with every change a person may see.

    `why_by_hand` is why approving hands the text to a person (empty: Rapport publishes it), and
    `refused_because` the platform's word on the last reply: posting by hand may help then.
    `answer_page` is where to post. `topics` are a person's where one corrected them, out of the
    `known_topics`. `changes` tells what the customer edited since the last draft
    that a person had before them. `snooze` is ``until`` (the time `snoozed_until`) or ``customer``
    (their next word) where the case is put off, else empty. `approval` is what the draft needs
    where one person's word is not enough, `editing` who is changing it just now. `closest` is the
    closest earlier case while a person is to decide. `correction` is the published reply that the
    draft is to put right. `can_withdraw`: Rapport can take a reply down there. `follow_up` is what
    the author did to their review after the newest reply. `escalations` are the ladders of the
    clocks that run.
    """

    id: int
    ref: str
    revision: int
    state: str
    urgency: str
    brand: str
    location: str
    source: str
    platform: str
    assignee: str
    opened_at: datetime
    mention: WordView
    mention_url: str
    mention_language: str
    earlier_texts: tuple[WordView, ...]
    later_words: tuple[WordView, ...]
    reasons: tuple[str, ...]
    topics: tuple[str, ...]
    complaint_probability: float | None
    history: tuple[str, ...]
    clocks: tuple[ClockView, ...]
    why_due: tuple[str, ...]
    draft: DraftView | None
    reply: ReplyView | None
    events: tuple[EventView, ...]
    can_publish: bool
    publish_label: str
    why_by_hand: str = ""
    refused_because: str = ""
    answer_page: str = ""
    obstacle: ObstacleView | None = None
    changes: ChangesView | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    known_topics: tuple[str, ...] = ()
    approval: ApprovalView | None = None
    editing: EditingView | None = None
    snooze: str = ""
    snoozed_until: datetime | None = None
    closest: EarlierView | None = None
    correction: CorrectionView | None = None
    can_withdraw: bool = False
    follow_up: FollowUpView | None = None
    stories: tuple[StoryView, ...] = ()
    escalations: tuple[EscalationView, ...] = ()

    @property
    def may_be_acknowledged(self) -> bool:
        """Tell whether a person may say that they see to what somebody was called for."""
        return any(each.may_be_acknowledged for each in self.escalations)

    @property
    def has_standing_reply(self) -> bool:
        """Tell whether a published reply may be corrected or withdrawn now."""
        said = self.reply is not None and self.reply.state in ("accepted", "published")
        return said and self.state in ("answered", "closed")

    @property
    def is_withheld(self) -> bool:
        """Tell whether the platform's terms keep the customer's words out of the store."""
        return bool(self.detail.get("withheld"))

    @property
    def is_awaiting(self) -> bool:
        """Tell whether a person may approve, edit or reject now."""
        return self.state == "drafted" and self.draft is not None

    @property
    def next_clock(self) -> ClockView | None:
        """The running clock that is due first."""
        running = [clock for clock in self.clocks if clock.state == "running"]
        return min(running, key=lambda clock: clock.due_at, default=None)


@dataclass(frozen=True, slots=True)
class LookView:
    """A mention that a person should look at, or has looked at, although it opened no case.

    `id` stands for exactly the text that is shown. `reason` is why it waits and `reasons` are
    those of the judgement; `likelihood` and `threshold` lie in 0..1. `case_ref` is the case it
    has by now, if it has one.
    """

    id: int
    mention_id: int
    reason: str
    word: WordView
    url: str
    language: str
    source: str
    brand: str
    location: str
    reasons: tuple[str, ...]
    likelihood: float
    threshold: float
    drawn_at: datetime
    verdict: str
    by: str
    at: datetime | None
    case_ref: str

    @property
    def ref(self) -> str:
        """The name people use for this look, as in ``L-3``."""
        return f"L-{self.id}"

    @property
    def mention_ref(self) -> str:
        """The name people use for the mention, as in ``M-12``."""
        return f"M-{self.mention_id}"

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody has judged it yet."""
        return not self.verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act: done or not, in words for the person, and the case as it is now.

    `code` is ``done``, ``stale`` (something changed since it was shown), ``taken`` (someone
    else decided first), ``blocked`` (a reply rule), ``refused`` (no right) or ``missing``.
    """

    done: bool
    code: str
    message: str
    case: CaseView | None
