"""What the page of one case shows beyond its view: differences, times, what happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from monitor.incidents.views import IncidentLine, read_of_case
from monitor.intake.live import Live
from monitor.intake.sighting import stars
from monitor.web.site import Site
from monitor.web.words import Times
from responders.differences import Change, difference
from responders.escalation.words import call_words
from responders.follow_up import follow_up_words
from responders.handing import ASSIGNABLE
from responders.marks import Part, marked
from responders.phrases import languages
from responders.preparing import text_hash
from responders.reply_words import (
    approval_words,
    correction_words,
    going_on,
    obstacle_words,
    reply_words,
)
from responders.views import CallView, CaseLine, CaseView, WordView
from responders.wishes import TONES

CASE_STATES = {
    "opened": "draft being made",
    "drafted": "to approve",
    "approved": "approved, on its way",
    "answered": "answered",
    "closed": "closed",
    "dismissed": "dismissed",
}
SPANS = (
    ("1h", "1 hour"),
    ("4h", "4 hours"),
    ("tomorrow", "Until tomorrow morning"),
    ("3d", "3 days"),
    ("7d", "1 week"),
    ("customer", "Until the customer writes"),
)
"""How long a case may be put off: what is sent, and how the page says it."""

TARGETS = {
    "first_response": "First response",
    "next_response": "Next response",
    "resolution": "Resolution",
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier text with what became of it. `changes` is None where it is too long."""

    word: WordView
    changes: list[tuple[Change, str]] | None


@dataclass(frozen=True, slots=True)
class Banner:
    """What the page says on top of a case. `tone` is ``good``, ``note`` or ``bad``."""

    tone: str
    text: str
    following: CaseLine | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case as it is drawn.

    `kept` is what a person typed and what is not saved, by the name of its field: it fills the
    field again, or stands beside when the field is gone. `differs` tells that the draft is
    another one than they had before them. `asks_live`: the words are not kept, and may be read
    at the platform just for this page. `incidents` are those that it is part of.
    """

    view: CaseView
    times: Times
    earlier: tuple[Earlier, ...]
    banner: Banner | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    differs: bool = False
    asks_live: bool = False
    incidents: Sequence[IncidentLine] = ()

    @property
    def state_words(self) -> str:
        """The case's state for people."""
        if self.view.reply and self.view.reply.state == "handed_over":
            return "approved, to be posted"
        if self.view.snooze:
            return "put off"
        return CASE_STATES.get(self.view.state, self.view.state)

    @property
    def spans(self) -> tuple[tuple[str, str], ...]:
        """How long the case may be put off."""
        return SPANS

    @property
    def approval_words(self) -> str:
        """Whose word the draft needs, where one person's is not enough."""
        return approval_words(self.view.approval) if self.view.approval else ""

    @property
    def reply_words(self) -> str:
        """The reply's state for people."""
        assert self.view.reply is not None, "only asked where there is a reply"
        return reply_words(self.view.reply)

    @property
    def follow_up_words(self) -> str:
        """What the author did after our reply, for people; empty where they did nothing."""
        return follow_up_words(self.view.follow_up) if self.view.follow_up else ""

    @property
    def correction_words(self) -> str:
        """What becomes of the reply that is put right, for people."""
        return correction_words(self.view.correction) if self.view.correction else ""

    @property
    def obstacle_words(self) -> str:
        """What stands against answering, for people."""
        return obstacle_words(self.view.obstacle) if self.view.obstacle else ""

    @property
    def going_on(self) -> str:
        """The name of going on despite it."""
        return going_on(self.view)

    @property
    def likelihood(self) -> str:
        """How likely this is a complaint; never 0 or 100, for a judgement is never that sure."""
        share = self.view.complaint_probability or 0.0
        if share >= 0.995:
            return "over 99 % likely"
        return "under 1 % likely" if share < 0.005 else f"{share:.0%} likely".replace("%", " %")

    @staticmethod
    def call_words(call: CallView) -> str:
        """Return whom a call told, for people."""
        return call_words(call)

    @property
    def assignable(self) -> tuple[str, ...]:
        """The states in which somebody may look after a case."""
        return ASSIGNABLE

    @property
    def marked(self) -> tuple[Part, ...]:
        """The draft's text with the words that rules object to; empty where there are none."""
        draft = self.view.draft
        parts = marked(draft.text, draft.findings) if draft is not None else ()
        return parts if any(severity for _, severity in parts) else ()

    @property
    def tones(self) -> tuple[str, ...]:
        """The tones in which another draft can be asked for."""
        return TONES

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which another draft can be asked for, but for the draft's own."""
        shown = self.view.draft.language if self.view.draft else ""
        return tuple(code for code in languages() if code != shown)

    @property
    def place(self) -> str:
        """Where it was said, and of what: ``Review board · Quay Street``."""
        view = self.view
        return " · ".join(part for part in (view.source, view.location or view.brand) if part)

    @staticmethod
    def target_words(target: str) -> str:
        """Return a promise's name for people."""
        return TARGETS.get(target, target.replace("_", " "))


def shown_case(
    site: Site,
    view: CaseView,
    *,
    banner: Banner | None = None,
    kept: Mapping[str, str] | None = None,
    differs: bool = False,
) -> CasePage:
    """Prepare a case for drawing."""
    texts = [view.mention, *view.earlier_texts]
    with site.app.database.read() as session:
        incidents = read_of_case(session, view.id)
    return CasePage(
        view=view,
        times=site.times(view.brand, view.location),
        earlier=tuple(
            Earlier(older, difference(_whole(older), _whole(newer)))
            for newer, older in pairwise(texts)
        ),
        banner=banner,
        kept=kept or {},
        differs=differs,
        asks_live=view.is_withheld,
        incidents=incidents,
    )


def show_live(page: CasePage, live: Live) -> CasePage:
    """Put what the platform shows now on the page, and nowhere else."""
    found = live.found
    if found is None:
        banner = Banner("note", f"It cannot be shown here: {live.problem}.")
        return replace(page, banner=page.banner or banner)
    mention = replace(
        page.view.mention,
        title=found.title,
        text=found.text,
        author=found.author_name,
        stars=stars(found.rating, found.rating_min, found.rating_max),
        note="read just now, and not kept",
    )
    return replace(page, view=replace(page.view, mention=mention), asks_live=False)


def is_same_text(typed: str, shown_hash: str) -> bool:
    """Tell whether a text is the one with this hash, but for white space around it."""
    return text_hash(typed) == shown_hash or text_hash(typed.strip()) == shown_hash


def _whole(word: WordView) -> str:
    return f"{word.title}\n{word.text}" if word.title else word.text
