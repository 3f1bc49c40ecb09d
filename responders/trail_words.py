"""Puts the lines of a case's trail into words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from responders.follow_up import EDITS, edit_words
from responders.spans import span

WORDS = {
    "opened": "opened the case",
    "drafted": "drafted an answer (version {version})",
    "called_complaint": "said that it is a complaint",
    "taken": "took the case",
    "assigned": "gave the case to {to}",
    "released": "let go of the case, which {held} had",
    "snoozed": "put the case off until {until}",
    "woken": "brought the case back into the queue",
    "noted": "noted: {text}",
    "noted_in_thread": "noted: {text}",
    "taken_back": "took the approved reply back before it left",
    "topics_corrected": "said what it is about: {topics}",
    "draft_edited": "edited the draft (version {from_version} → {version})",
    "approved": "approved version {version}",
    "approved_first": "approved version {version}; a second person must do so too",
    "rejected": "rejected version {version}: {words}",
    "reply_withdrawn": "took the approved reply back before it left: {reason}",
    "publishing": "sent the reply (try {attempt})",
    "published": "published the reply",
    "accepted": "handed the reply to the platform, which has not shown it yet",
    "not_found": "did not find the reply there; looks once more before it sends again",
    "found_there": "found the reply standing there already",
    "seen": "saw the reply on the platform",
    "seen_by": "saw the reply on the platform",
    "not_seen": "stopped looking: the reply is not visible after {days} days; look yourself",
    "not_told": "cannot tell whether the reply is visible: the platform does not say",
    "set_aside": "did not send the reply, and put it on the table again: {reason}",
    "answered_elsewhere": "saw that somebody has answered on the platform",
    "answer_kept": "left the answer that somebody gave on the platform",
    "publish_waits": "waits for the platform's limit ({error}); the reply goes out about {until}",
    "publish_failed": "could not publish yet, and will try again: {error}",
    "publish_unknown": "sent the reply and got no answer; looking before sending again",
    "publish_refused": "the platform refused the reply: {error}",
    "correcting": "put the published reply on the table, to correct it (version {version})",
    "kept_standing": "gave up the correction: what stands there stays",
    "correction_moot": "what was to be corrected never stood there: the text is the answer now",
    "withdrawal_asked": "wants the reply taken down: {reason}",
    "withdrawal_ended": "no longer takes the earlier reply down: another takes its place",
    "removing": "asked the platform to take the reply down",
    "removal_failed": "could not take the reply down yet, and will try again: {error}",
    "not_removed": "the reply still stands there: {error}",
    "removed": "took the reply down: it stands there no more",
    "handed_over": "handed the reply over to be posted by hand: {reason}",
    "posted_by_hand": "posted the reply by hand",
    "not_posted": "could not post the reply: {reason}",
    "warned": "warned: {target} is due {due}",
    "breached": "missed the deadline: {target} was due {due}",
    "kept_after_all": "met the deadline after all, as was heard late: {target} was due {due}",
    "policy_applied": (
        'applied policy "{policy}" (version {version}) in the place of "{policy_before}" '
        "({version_before}): {told}"
    ),
    "tier_set": "said which tier the customer has: {tier}",
    "escalated": "told {who}: {target} {tense} due {due}",
    "escalated_to_nobody": "found nobody to tell: {target} {tense} due {due}",
    "acknowledged": "acknowledged the call; nobody else is called until {until}",
    "acknowledgement_ended": "calls again: the acknowledgement of {by} ran out",
    "edited": "edited the text",
    "rating_raised": "raised the rating: {stars_before} → {stars_now} stars after your reply",
    "customer_wrote": "wrote again",
    "reopened": "reopened the case",
    "deleted": "deleted what was said",
    "word_deleted": "deleted a later word",
    "closed": "closed the case: {reason}",
}


def delay_words(written_at: str, seen_at: datetime) -> str:
    """Say how long after it was written something was seen; nothing where that is no time."""
    written = datetime.fromisoformat(written_at)
    late = (seen_at - written).total_seconds()
    if late < 1:
        return ""
    return f"; written {written:%Y-%m-%d %H:%M} UTC, seen {span(late)} later"


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def summary(kind: str, detail: Mapping[str, Any], at: datetime | None = None) -> str:
    """Return the words for one event, without the actor: ``approved version 2``.

    `at` is when it happened: an edit tells how long after our reply that was.

    Only our own words are formatted; what people wrote stands in as it is.
    """
    if kind == "opened" and at is not None and "written_at" in detail:
        return WORDS[kind] + delay_words(detail["written_at"], at)
    if kind in EDITS:
        return edit_words(detail, at)
    said = WORDS.get(kind, kind.replace("_", " ")).format_map(_Blank(detail))
    return "; ".join([said, *_also(kind, detail)])


def _also(kind: str, detail: Mapping[str, Any]) -> list[str]:
    """Return what is said further of a warning or a call: not all of them have it."""
    more = []
    if kind == "warned" and detail.get("which"):
        more.append(str(detail["which"]))
    if kind == "escalated" and detail.get("instead_of"):
        more.append(f"instead of {detail['instead_of']}")
    if kind in ("warned", "escalated") and detail.get("missed"):
        missed = detail["missed"]
        earlier = f"{missed} earlier ones were" if missed > 1 else "an earlier one was"
        more.append(f"{earlier} missed while nobody looked")
    return more
