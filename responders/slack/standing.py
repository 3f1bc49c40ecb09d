"""A published reply on its card: what may still be done with it, and what a correction replaces."""

from __future__ import annotations

import json

from responders.reply_words import correction_words
from responders.slack import buttons
from responders.slack.blocks import Block, overflow, paragraph, quoted, rich, words
from responders.views import CaseView, CorrectionView


def menu(view: CaseView) -> Block:
    """Return the menu of a card whose reply stands at its platform."""
    version = view.draft.version if view.draft is not None else 0

    def value(choice: str) -> str:
        packed = {"c": view.id, "r": view.revision, "v": version, "h": "", "m": choice}
        return json.dumps(packed, separators=(",", ":"))

    told = {"correct": "Correct…", "withdraw": "Withdraw…"}
    return overflow(buttons.STANDING, {value(choice): said for choice, said in told.items()})


def correction_block(block_id: str, correction: CorrectionView, limit: int) -> Block:
    """Return what stands there now and becomes of it when the draft is approved."""
    told = words(correction_words(correction), 400, bold=True)
    return rich(block_id, paragraph(told), quoted(words(correction.text, limit)))


def correcting_act(correction: CorrectionView) -> str:
    """Return the name of approving a correction."""
    return "Approve & replace it" if correction.replaces else "Approve & put it beside"
