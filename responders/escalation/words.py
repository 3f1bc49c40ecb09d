"""Says in words who was told of a case and who is next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from responders.views import CallView, EscalationView

Say = Callable[[datetime], str]
"""Writes a time for the face that asks."""


def escalation_lines(seen: EscalationView, say: Say) -> list[str]:
    """Return a line for each call, whether it is acknowledged, and what comes next and when."""
    lines = [f"{say(call.at)}: {call_words(call)}" for call in seen.calls]
    if seen.missed:
        count = "1 call was" if seen.missed == 1 else f"{seen.missed} calls were"
        lines.append(f"{count} due while nobody looked; a later one stood for them")
    if seen.held_until is not None:
        lines.append(f"acknowledged by {seen.acknowledged_by}, until {say(seen.held_until)}")
    lines.append(next_words(seen, say))
    return lines


def call_words(call: CallView) -> str:
    """Return whom one call told."""
    if call.state == "nobody":
        return f"there was nobody to tell, meant for {call.instead_of}"
    instead = f", instead of {call.instead_of}" if call.instead_of else ""
    return f"told {call.who}{instead}"


def next_words(seen: EscalationView, say: Say) -> str:
    """Return who is told next, and when; or that nobody is."""
    if seen.next_who and seen.next_at is not None:
        return f"next: {seen.next_who}, {say(seen.next_at)}"
    if seen.held_until is not None:
        return f"next: whoever was told last, once more, {say(seen.held_until)}"
    return "next: nobody, the ladder has ended"
