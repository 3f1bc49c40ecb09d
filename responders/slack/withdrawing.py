"""Taking a published reply down from Slack: the choice in the menu, and the modal that asks why."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from responders.slack import buttons, modals
from responders.slack.blocks import paragraph, plain, quoted, rich, words
from responders.slack.payloads import Click
from responders.views import CaseView

CHOICES = {"correct": buttons.CORRECT, "withdraw": buttons.WITHDRAW}
"""What is chosen in the menu, and the button that it stands for."""

THEN = {"answer": "Owe the customer another answer", "close": "Close the case"}
"""What follows a withdrawal, and how Slack says it."""


def chosen(click: Click) -> Click:
    """Return a choice in the menu as the press of the button that it stands for."""
    if click.action_id != buttons.STANDING:
        return click
    try:
        act = CHOICES[json.loads(click.value)["m"]]
    except (TypeError, KeyError, ValueError):
        return click  # not one of ours: told so where it is done
    return replace(click, action_id=act)


def withdraw_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal that asks why a reply shall be taken down, and what follows."""
    where = view.platform
    told = (
        f"It is taken down on {where}."
        if view.can_withdraw
        else f"Rapport cannot take it down on {where}. Remove it there yourself, then send this."
    )
    reply = view.reply.text if view.reply is not None else ""
    options = [{"text": plain(said, 75), "value": code} for code, said in THEN.items()]
    then = {
        "type": "input",
        "block_id": modals.REASON_BLOCK,
        "label": plain("And then?", 100),
        "element": {
            "type": "static_select",
            "action_id": modals.REASON_ACTION,
            "options": options,
            "initial_option": options[0],
        },
    }
    why = {
        "type": "input",
        "block_id": modals.NOTE_BLOCK,
        "label": plain("Why shall it not stand there?", 100),
        "hint": plain("What you write stands in the trail; the customer does not see it.", 200),
        "element": {
            "type": "plain_text_input",
            "action_id": modals.NOTE_ACTION,
            "multiline": True,
            "max_length": modals.NOTE_LIMIT,
        },
    }
    quote = rich("reply", paragraph(words(told, 300, bold=True)), quoted(words(reply, 1500)))
    return {
        "type": "modal",
        "callback_id": buttons.WITHDRAW_VIEW,
        "title": plain("Withdraw the reply", 24),
        "close": plain("Cancel", 24),
        "submit": plain("Withdraw" if view.can_withdraw else "It is removed", 24),
        "blocks": [quote, then, why],
        "private_metadata": ticket.pack(),
    }


def faults_of_withdrawal(reason: str, note: str) -> dict[str, str]:
    """Return what is wrong with what was entered, by the block that it stands in."""
    if reason not in THEN:
        return {modals.REASON_BLOCK: "Please choose what follows."}
    return {} if note.strip() else {modals.NOTE_BLOCK: "Please say why in a few words."}
