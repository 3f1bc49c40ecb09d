"""Says in words what became of a case, for the card and for whoever came too late."""

from __future__ import annotations

from responders.differences import Change
from responders.reply_words import approval_words, reply_words
from responders.slack.blocks import (
    Block,
    Leaf,
    glue,
    link,
    moment,
    paragraph,
    quoted,
    rich,
    words,
)
from responders.slack.text import clean, cut, leaf, utc, width
from responders.views import ApprovalView, CaseView, ChangesView, EventView, ReplyView

OPEN_STATES = frozenset({"opened", "drafted", "approved"})

NEAR = 60
"""Characters of what stayed the same that are shown beside a change."""

MOST_CHANGES = 80

_ON_ITS_WAY = {
    "owed": "Being published now.",
    "started": "Being published now.",
    "unknown": "The answer of the platform was lost. Rapport is looking whether the reply is "
    "there before it sends again.",
    "accepted": "The platform took it; it is not visible yet.",
    "refused": "The platform refused it.",
    "withdrawn": "It was taken back before it was sent.",
    "replaced": "A later answer took its place.",
    "withdrawing": "It is being taken down, and stands there until then.",
    "removed": "It was taken down again.",
    "handed_over": "A person has to post it; the text is below.",
}


def last_event(view: CaseView) -> EventView | None:
    """Return the latest line of the trail."""
    in_order = sorted(view.events, key=lambda event: event.at)
    return in_order[-1] if in_order else None


def state_leaves(view: CaseView) -> list[Leaf]:
    """Return what happened as leaves of rich text; empty while a person may decide."""
    if view.is_awaiting:
        return [*_editing(view), *_asleep(view), *_setback(view)]
    reply = view.reply
    if view.state == "dismissed":
        return [words("Dismissed: nothing will be published.", bold=True), *_last(view)]
    if view.state == "drafted" or view.state == "opened":
        return [words("A draft is being prepared.", bold=True)]
    if reply is None:
        return [words(view.state.capitalize() + ".", 100, bold=True), *_last(view)]
    if reply.state == "published" and not reply.is_unseen:
        return _published(view, reply)
    waits = [glue(" It goes out about "), *moment(reply.goes_out_at)] if reply.goes_out_at else []
    return [words("Approved", bold=True), *_by(reply), glue(" "), words(_way(reply), 400), *waits]


def changes_block(block_id: str, changes: ChangesView, limit: int) -> Block:
    """Return what an edit took away, struck out, and what it added, in bold."""
    title = words(f"What changed since version {changes.version} of the draft", 200, bold=True)
    if changes.words is None:
        return rich(block_id, paragraph(title), quoted(words(changes.before, limit)))
    leaves: list[Leaf] = []
    for kind, said in _around(changes.words)[:MOST_CHANGES]:
        text = cut(clean(said), max(0, limit))
        if limit <= 0 or not text:
            continue
        limit -= width(text)
        style = {"gone": {"strike": True}, "new": {"bold": True}}.get(kind)
        leaves.append({**glue(text), "style": style} if style else glue(text))
    legend = words("Struck out: taken away by the customer. Bold: added.", 100)
    return rich(block_id, paragraph(title), quoted(*(leaves or [words("")])), paragraph(legend))


def _around(changes: tuple[tuple[Change, str], ...]) -> list[tuple[Change, str]]:
    """Leave out the middle of long stretches that stayed the same."""
    return [
        (kind, f"{said[:NEAR]} … {said[-NEAR:]}")
        if kind == "same" and len(said) > 3 * NEAR
        else (kind, said)
        for kind, said in changes
    ]


def _way(reply: ReplyView) -> str:
    """Return how far a reply is that is not known to be visible."""
    if reply.may_be_taken_back and not reply.waits_for:
        return "It leaves in a few seconds, and can be taken back until then."
    special = (
        reply.waits_for
        or reply.is_unclear
        or (reply.is_unseen and (reply.by_hand or not reply.looks_on))
    )
    if special:
        return reply_words(reply) + "."
    return _ON_ITS_WAY.get(reply.state, reply.state)


def state_line(view: CaseView) -> str:
    """Return what happened in one line of plain words."""
    reply = view.reply
    if view.is_awaiting and view.snoozed_until is not None:
        return f"Put off until {utc(view.snoozed_until)}"
    if view.is_awaiting:
        return "Put off until the customer writes" if view.snooze else "Waiting for a decision"
    if view.state == "dismissed":
        return "Dismissed"
    if reply is None:
        return "A draft is being prepared" if view.state != "closed" else "Closed"
    if reply.state == "withdrawing":
        return "The reply is being taken down"
    if reply.state == "removed":
        return "The reply was taken down"
    if reply.state == "published":
        return f"Published, approved by {reply.approved_by}"
    if reply.state == "handed_over":
        return f"Approved by {reply.approved_by}, to be posted by hand"
    return f"Approved by {reply.approved_by}"


def _published(view: CaseView, reply: ReplyView) -> list[Leaf]:
    at = reply.visible_at or reply.submitted_at
    shown = link(reply.url, "See the reply")
    return [
        words("Published", bold=True),
        *([glue(" "), *moment(at)] if at else []),
        glue(", approved"),
        *_by(reply),
        *([glue(" "), *shown] if shown else []),
        *([glue(" The case is closed.")] if view.state == "closed" else []),
    ]


def approval_leaves(approval: ApprovalView) -> list[Leaf]:
    """Return whose word a draft needs, where one person's is not enough."""
    return [words(f"{approval_words(approval)}.", 600, bold=True)]


def _editing(view: CaseView) -> list[Leaf]:
    if view.editing is None:
        return []
    by = words(f"{leaf(view.editing.by, 100)} is editing it", bold=True)
    return [by, glue(", until "), *moment(view.editing.until), glue(" at most. ")]


def _asleep(view: CaseView) -> list[Leaf]:
    if view.snoozed_until is not None:
        return [
            words("Put off until", bold=True),
            glue(" "),
            *moment(view.snoozed_until),
            glue("."),
        ]
    if view.snooze:
        return [words("Put off until the customer writes.", bold=True)]
    return []


def _setback(view: CaseView) -> list[Leaf]:
    if view.refused_because:
        told = f"The platform refused it: {view.refused_because}"
        return [words("Not published.", bold=True), glue(" "), words(told, 400)]
    if view.reply is not None and view.reply.state == "removed":
        return [words("The last reply was taken down.", bold=True)]
    if view.reply is None or view.reply.state not in ("refused", "withdrawn"):
        return []
    return [words("Not published.", bold=True), glue(" "), glue(_ON_ITS_WAY[view.reply.state])]


def _by(reply: ReplyView) -> list[Leaf]:
    return [
        glue(" by " + leaf(reply.approved_by, 100) + ", "),
        *moment(reply.approved_at),
        glue("."),
    ]


def _last(view: CaseView) -> list[Leaf]:
    event = last_event(view)
    if event is None:
        return []
    told = leaf(f"{event.summary} — {event.actor}", 400)
    return [glue(" " + told + ", "), *moment(event.at), glue(".")]
