"""The card of an incident, redrawn whole from what the incident is now. Pure: facts in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.incidents.words import topic_words
from responders.slack.blocks import (
    Block,
    bullets,
    context,
    glue,
    moment,
    paragraph,
    plain,
    rich,
    text_total,
    words,
)
from responders.slack.cards import TEXT_BUDGET, message
from responders.slack.incidents import IncidentFacts
from responders.slack.lists import case_rows
from responders.slack.text import line, mrkdwn

STATE_WORDS = {
    "waits": ("opened", "drafted"),
    "on the way": ("approved",),
    "answered": ("answered", "closed"),
    "dismissed": ("dismissed",),
}
"""What is said of the cases, and the states that each of these is."""

SIGNS_SHOWN = 6


def incident_card(
    facts: IncidentFacts, *, channel: str, post_key: str, now: datetime
) -> dict[str, Any]:
    """Return the arguments of ``chat.postMessage`` for the card of an incident.

    The list of cases is cut so that the texts of all blocks stay under `TEXT_BUDGET`; what is not
    listed is counted.
    """
    shown = len(facts.lines)
    blocks = _blocks(facts, shown, now)
    while text_total(blocks) > TEXT_BUDGET and shown:
        shown -= 1
        blocks = _blocks(facts, shown, now)
    about = facts.line
    return message(
        channel=channel,
        post_key=post_key,
        text=(
            f"{about.ref}: {mrkdwn(about.kind_words, 40)} at {mrkdwn(about.brand, 80)}, "
            f"{mrkdwn(about.title, 200)}. {_counted(about.size, 'mention')}, {_state_words(facts)}"
        ),
        blocks=blocks,
        event_type="rapport_incident",
        ids={"incident": about.id},
    )


def _blocks(facts: IncidentFacts, shown: int, now: datetime) -> list[Block]:
    about = facts.line
    kind = about.kind_words[:1].upper() + about.kind_words[1:]
    title = f"{'Over' if about.ended_at else 'Incident'} · {kind} · {line(about.brand, 60)}"
    made: list[Block] = [
        {"type": "header", "block_id": "head", "text": plain(title, 140)},
        rich(
            "what",
            paragraph(words(line(about.title, 200), 200, bold=True)),
            paragraph(words(_size_words(facts), 400)),
            paragraph(words(_state_words(facts), 200)),
            paragraph(*_since(facts)),
        ),
    ]
    if facts.signs:
        label = paragraph(words("Recognised by", bold=True))
        made.append(rich("signs", label, bullets(facts.signs[:SIGNS_SHOWN], 200)))
    made += case_rows(facts.lines[:shown], now)
    rest = facts.cases - shown
    if rest > 0 and shown:
        more = f"{_counted(rest, 'more case')}: rapport incidents show {about.ref}"
        made.append(context("rest", more))
    told = "Cards of further cases stand in this thread" if about.ended_at is None else "Over"
    made.append(context("foot", f"{about.ref} · {told}"))
    return made


def _size_words(facts: IncidentFacts) -> str:
    about = facts.line
    parts = [
        _counted(about.size, "mention"),
        _counted(facts.cases, "case"),
        _counted(facts.sources, "source"),
    ]
    if about.topic:
        parts.append(f"about {topic_words(about.topic).lower()}")
    if facts.stars is not None:
        parts.append(f"{facts.stars:.1f} stars on average of {facts.rated:,}")
    return " · ".join(parts)


def _state_words(facts: IncidentFacts) -> str:
    counts = {
        told: sum(facts.states.get(state, 0) for state in states)
        for told, states in STATE_WORDS.items()
    }
    always = ("waits", "answered")
    said = [
        f"{count:,} {'wait' if told == 'waits' and count != 1 else told}"
        for told, count in counts.items()
        if count or told in always
    ]
    return f"Of {_counted(facts.cases, 'case')}: {', '.join(said)}"


def _since(facts: IncidentFacts) -> list[dict[str, Any]]:
    about = facts.line
    leaves = [glue("Since "), *moment(about.began_at)]
    leaves += [glue("; last heard of "), *moment(about.last_at)]
    if about.ended_at is not None:
        leaves += [glue("; over since "), *moment(about.ended_at)]
    return leaves


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
