"""What customers and their platform do to us at random: one more complaint, one more fault."""

from __future__ import annotations

import random

from benchmarks.texts import COMPLAINT, DETAILS, NAMES
from tests.support.running import DemoProcess

FAULTS = (
    {"name": "rate_limited", "times": 3, "probability": 0.5, "retry_after": 1},
    {"name": "server_error", "times": 3, "probability": 0.5},
    {"name": "server_error", "times": 2, "written": True, "targets": ["write"]},
    {"name": "lost_response", "times": 2},
    {"name": "slow_body", "times": 2, "seconds": 1.5, "targets": ["write"]},
    {"name": "slow_body", "times": 2, "seconds": 1.0, "targets": ["list"]},
    {"name": "duplicates", "times": 4, "probability": 0.7},
    {"name": "out_of_order", "times": 4, "probability": 0.7},
    {"name": "truncated", "times": 2, "targets": ["list", "write", "read"]},
    {"name": "layout_change", "times": 1},
    {"name": "unauthorized", "times": 1, "targets": ["list"]},
)

REACTIONS = (
    {"do": "thanks", "text": "Thank you, that was kind."},
    {"do": "stay_angry", "text": "Words, words. I want my money back and I want it now!"},
    {"do": "ask_again", "text": "And when will that be?"},
    {"do": "raise_rating", "stars": 4},
    {"do": "delete"},
)


def complain(demo: DemoProcess, dice: random.Random) -> None:
    """Have one more customer say something, beside the script."""
    stars = {"stars": dice.randint(1, 2)} if (on_reviews := dice.random() < 0.4) else {}
    text = f"{dice.choice(COMPLAINT['en'])} {dice.choice(DETAILS['en'])}."
    reaction = {"after": "2h", **dice.choice(REACTIONS)}
    demo.ask(
        "POST",
        "/control/mentions",
        {
            "board": "reviews" if on_reviews else "feed",
            "author": dice.choice(NAMES),
            "text": text,
            "when_answered": [reaction] if dice.random() < 0.3 else [],
            **stars,
        },
    )


def break_something(demo: DemoProcess, dice: random.Random) -> None:
    demo.ask("DELETE", "/control/faults")
    for fault in dice.sample(FAULTS, dice.choice((0, 0, 1, 2, 3))):
        demo.ask.fault(**{**fault, "seed": dice.randrange(1_000_000)})
