"""Puts second looks into words, the same ones in every face."""

from __future__ import annotations

from monitor.cases.looks import COMPLAINT, NO_COMPLAINT, SKIPPED
from monitor.cases.trail import DAEMON
from responders.views import LookView

REASONS = {
    "unsure": "too close to call",
    "sample": "drawn at random, to learn what is missed",
    "changed": "a later model judges otherwise",
}
VERDICTS = {COMPLAINT: "a complaint", NO_COMPLAINT: "no complaint", SKIPPED: "skipped"}


def why_words(look: LookView) -> str:
    """Return why a person is asked: ``Too close to call: 47 % likely a complaint, …``."""
    why = REASONS.get(look.reason, look.reason)
    likely, from_ = _percent(look.likelihood), _percent(look.threshold)
    return f"{why[:1].upper()}{why[1:]}: {likely} likely a complaint; cases open from {from_}"


def verdict_words(look: LookView) -> str:
    """Return what was said of it, by whom, and the case that came of it."""
    if look.by == DAEMON:
        return "edited or deleted since; there is nothing to judge"
    case = f"; {look.case_ref}" if look.case_ref and look.verdict == COMPLAINT else ""
    return f"{VERDICTS.get(look.verdict, look.verdict)}, says {look.by}{case}"


def _percent(share: float) -> str:
    """Return a share for people; never 0 or 100, for no judgement is ever that sure."""
    return f"{min(99, max(1, round(share * 100)))} %"
