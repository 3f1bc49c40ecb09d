"""The closest earlier case on a card: what was said then, and what was answered."""

from __future__ import annotations

from responders.slack.blocks import Block, glue, moment, paragraph, quoted, rich, words
from responders.views import EarlierView

SAID = 200
ANSWERED = 600


def earlier_block(block_id: str, earlier: EarlierView, scale: float) -> Block:
    """Return the block; what was said and answered is quoted, and cut by `scale`."""
    return rich(
        block_id,
        paragraph(words("The closest earlier case", 100, bold=True)),
        paragraph(
            words(f"{earlier.ref}, {earlier.similarity:.0%} alike:", 100),
        ),
        quoted(words(earlier.excerpt, int(SAID * scale))),
        paragraph(
            words(f"Answered by {earlier.answered_by}", 150),
            glue(", "),
            *moment(earlier.answered_at),
            glue(":"),
        ),
        quoted(words(earlier.answer, int(ANSWERED * scale))),
    )
