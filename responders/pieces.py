"""Turns single rows into the pieces that views are made of."""

from __future__ import annotations

from monitor.intake.sighting import stars
from monitor.models import Clock, Mention
from responders.views import ClockView, WordView

EXCERPT = 160
_NOT_KEPT = {
    "deleted": "(deleted by the author)",
    "withheld": "The platform's terms do not let us keep the text; read it there.",
}


def word_view(mention: Mention, note: str) -> WordView:
    """Return what a face shows of one thing the customer said."""
    return WordView(
        at=mention.created_at or mention.first_seen_at,
        author=mention.author_name,
        title=mention.title,
        text=_NOT_KEPT.get(mention.state, mention.text),
        stars=stars(mention.rating, mention.rating_min, mention.rating_max),
        note=note,
    )


def clock_view(clock: Clock) -> ClockView:
    """Return what a face shows of one promise."""
    return ClockView(
        target=clock.target,
        state=clock.state,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        breached_at=clock.breached_at,
    )


def excerpt_of(mention: Mention) -> str:
    """Return the beginning of what was said, on one line."""
    said = _NOT_KEPT.get(mention.state) or f"{mention.title} {mention.text}"
    text = " ".join(said.split()) or "(no text)"
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def history_line(mention: Mention, case_id: int | None, state: str | None) -> str:
    """Return one line on another mention of the same author."""
    at = mention.first_seen_at.strftime("%Y-%m-%d")
    rated = stars(mention.rating, mention.rating_min, mention.rating_max)
    rating = "" if rated is None else f", {rated:g} of 5"
    case = "" if case_id is None else f", case C-{case_id} {state}"
    return f"{at}: {mention.kind}{rating}{case}"
