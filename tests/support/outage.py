"""What many people say of one outage, each in words of their own; and what they say otherwise."""

from __future__ import annotations

BEGINNINGS = (
    "Stood at the counter for ages,",
    "Left without my lunch because of you,",
    "Wanted to buy two rolls today,",
    "Third time this week for me,",
    "With a queue behind me, imagine,",
    "Great start of the day,",
    "Nobody told us at the door,",
    "Cash only, it is 2026,",
)
MIDDLES = (
    "the card terminal refused every payment",
    "your terminal was dead again",
    "they said the terminal is broken",
    "and no payment went through the terminal",
    "because the terminal ate my card",
)
ENDS = (
    "and nobody could help me.",
    "please fix that at last!",
    "so I went across the road.",
    "what a poor show.",
    "while the manager just shrugged.",
    "I had no coins on me.",
    "which ruined our whole morning.",
)
ORDINARY = (
    "The soup came cold after half an hour",
    "No table was ready although we had booked one",
    "They forgot my order and laughed about it",
    "A queue to the door and one person serving",
    "My bread was burnt, twice in one month",
    "Music so loud that we had to shout",
    "Somebody took the last chair from under my coat",
    "An hour for two cups of tea, unbelievable",
    "The garden closed early and nobody had said so",
    "Sticky floor, grumpy waiter, watery juice",
)


def outage_text(number: int) -> str:
    """Return one of 35 texts of which none is nearly a copy of another; then they recur."""
    return f"{BEGINNINGS[number % 8]} {MIDDLES[number % 5]} {ENDS[number % 7]}"
