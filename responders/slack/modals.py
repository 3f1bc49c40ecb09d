"""The modals: edit, reject, assign, posted, not there, show all, and those that say why not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from responders.slack import buttons
from responders.slack.blocks import (
    Block,
    chunks,
    glue,
    moment,
    paragraph,
    plain,
    quoted,
    rich,
    words,
)
from responders.slack.cards import case_blocks
from responders.slack.happened import changes_block, state_line
from responders.slack.text import clean, leaf, utc, width
from responders.views import CaseView, DraftView, WordView

INPUT_LIMIT = 3000
NOTE_LIMIT = 1000
LINK_LIMIT = 2000
SHOWN_LIMIT = 20_000
VIEW_BYTES = 200_000

TEXT_BLOCK, TEXT_ACTION = "text", "value"
REASON_BLOCK, REASON_ACTION = "reason", "value"
NOTE_BLOCK, NOTE_ACTION = "note", "value"
LINK_BLOCK, LINK_ACTION = "link", "value"
PERSON_BLOCK, PERSON_ACTION = "person", "value"
SPAN_BLOCK, SPAN_ACTION = "span", "value"
UNTIL_BLOCK, UNTIL_ACTION = "until", "value"

TONE_BLOCK, TONE_ACTION = "tone", "value"
SHORTER_BLOCK, SHORTER_ACTION = "shorter", "value"
LANGUAGE_BLOCK, LANGUAGE_ACTION = "language", "value"

TONE_NAMES = {
    "warm": "Warmer: as one person to another",
    "plain": "Plainer: few simple words",
    "formal": "More formal: as in a letter",
}
LANGUAGE_NAMES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
}
"""What another draft may be like, and how Slack says it."""

UNTIL_CUSTOMER = "customer"
SPANS = {
    "3600": "1 hour",
    "14400": "4 hours",
    "86400": "1 day",
    "259200": "3 days",
    "604800": "1 week",
    UNTIL_CUSTOMER: "Until the customer writes",
}
"""How long a case may be put off, in seconds, and how Slack says it."""

REASONS = {
    "another_draft": "Write another draft",
    "no_answer": "No answer needed",
    "not_a_complaint": "Not a complaint",
    "spam": "Spam",
}

OF_CORRECTION = {
    "keep_reply": "Keep what stands there",
    "another_draft": REASONS["another_draft"],
}
"""Why a correction is given up: the customer has an answer."""


def fits_editing(draft: DraftView) -> bool:
    """Tell whether Slack's text input can hold the draft whole."""
    return width(draft.text) <= INPUT_LIMIT


def edit_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal in which a person changes the draft. The caller checked `fits_editing`."""
    assert view.draft is not None
    draft = view.draft
    hint = f"Saving publishes nothing. {view.publish_label} is the next step."
    if draft.max_length:
        hint += f" At most {draft.max_length:,} {draft.length_unit}."
    entry: Block = {
        "type": "plain_text_input",
        "action_id": TEXT_ACTION,
        "multiline": True,
        "min_length": 1,
        "max_length": INPUT_LIMIT,
        "focus_on_load": True,
    }
    if text := clean(draft.text):
        entry["initial_value"] = text  # an empty one is nothing to begin with
    asks = {
        "type": "input",
        "block_id": TEXT_BLOCK,
        "label": plain("Reply", 100),
        "hint": plain(hint, 500),
        "element": entry,
    }
    blocks = [_quote_of(view), asks]
    if view.editing is not None:
        told = f"{view.editing.by} may be editing this text, too. Who saves first wins."
        blocks.insert(0, rich("editing", paragraph(words(told, 300, bold=True))))
    return {
        **_modal("Edit the reply", blocks, buttons.EDIT_VIEW, submit="Save"),
        "private_metadata": ticket.pack(),
        "notify_on_close": True,
    }


def reject_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal that asks why a draft is refused."""
    reasons = REASONS if view.correction is None else OF_CORRECTION
    options = [{"text": plain(told, 75), "value": code} for code, told in reasons.items()]
    why = {
        "type": "input",
        "block_id": REASON_BLOCK,
        "label": plain("Why?", 100),
        "element": {
            "type": "static_select",
            "action_id": REASON_ACTION,
            "options": options,
            "placeholder": plain("Choose a reason", 100),
        },
    }
    note = {
        "type": "input",
        "block_id": NOTE_BLOCK,
        "optional": True,
        "label": plain("Note", 100),
        "hint": plain("What should be different? The team sees this; the customer does not.", 200),
        "element": {
            "type": "plain_text_input",
            "action_id": NOTE_ACTION,
            "multiline": True,
            "max_length": NOTE_LIMIT,
        },
    }
    return {
        **_modal("Reject the draft", [_quote_of(view), why, note], buttons.REJECT_VIEW, "Reject"),
        "private_metadata": ticket.pack(),
    }


def other_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal that asks what another draft shall be like; nothing chosen is fine too."""
    shorter = {
        "type": "input",
        "block_id": SHORTER_BLOCK,
        "optional": True,
        "label": plain("Length", 100),
        "element": {
            "type": "checkboxes",
            "action_id": SHORTER_ACTION,
            "options": [{"text": plain("Shorter than this one", 75), "value": "shorter"}],
        },
    }
    blocks = [
        _draft_of(view),
        _choice(TONE_BLOCK, TONE_ACTION, "Tone", TONE_NAMES, "As it is"),
        shorter,
        _choice(
            LANGUAGE_BLOCK, LANGUAGE_ACTION, "Language", LANGUAGE_NAMES, "The customer's language"
        ),
    ]
    return {
        **_modal("Another draft", blocks, buttons.OTHER_VIEW, "Write it"),
        "private_metadata": ticket.pack(),
    }


def assign_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal that asks who shall look after a case."""
    held = f"{view.assignee} has it now." if view.assignee else "Nobody has it yet."
    who = {
        "type": "input",
        "block_id": PERSON_BLOCK,
        "optional": True,
        "label": plain("Who looks after it?", 100),
        "hint": plain(f"{held} Left empty, nobody does. Only who may decide can be chosen.", 500),
        "element": {
            "type": "users_select",
            "action_id": PERSON_ACTION,
            "placeholder": plain("Choose a person", 100),
        },
    }
    return {
        **_modal("Assign the case", [_quote_of(view), who], buttons.ASSIGN_VIEW, "Assign"),
        "private_metadata": ticket.pack(),
    }


def snooze_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal that asks how long a case is put off."""
    due = view.next_clock
    hint = "Clocks run on. The case comes back sooner when the customer writes or edits."
    if due is not None:
        hint += f" The answer is due {utc(due.due_at)}."
    span = _choice(SPAN_BLOCK, SPAN_ACTION, "How long?", SPANS, "Choose a time")
    span["hint"] = plain(hint, 500)
    until = {
        "type": "input",
        "block_id": UNTIL_BLOCK,
        "optional": True,
        "label": plain("Or until", 100),
        "element": {"type": "datetimepicker", "action_id": UNTIL_ACTION},
    }
    return {
        **_modal("Put it off", [_quote_of(view), span, until], buttons.SNOOZE_VIEW, "Snooze"),
        "private_metadata": ticket.pack(),
    }


def posted_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal in which a person says that a reply is posted, and where."""
    told = f"Press this only when the reply stands on {view.platform}. The response clock stops."
    asks = {
        "type": "input",
        "block_id": LINK_BLOCK,
        "optional": True,
        "label": plain("Where it stands now", 100),
        "hint": plain("A link to the reply, if there is one.", 200),
        "element": {
            "type": "plain_text_input",
            "action_id": LINK_ACTION,
            "max_length": LINK_LIMIT,
            "placeholder": plain("https://", 100),
        },
    }
    blocks = [rich("sure", paragraph(words(told))), asks]
    return {
        **_modal("Is it posted?", blocks, buttons.POSTED_VIEW, submit="It is posted"),
        "private_metadata": ticket.pack(),
    }


def missing_modal(view: CaseView, ticket: buttons.Ticket) -> dict[str, Any]:
    """Return the modal that asks why a reply is not there."""
    assert view.reply is not None
    handed = view.reply.state == "handed_over"
    told = "The text comes back as a draft." if handed else "The case is open again."
    asks = {
        "type": "input",
        "block_id": NOTE_BLOCK,
        "label": plain("Why is it not there?", 100),
        "hint": plain(f"{told} What you write stands in the trail.", 200),
        "element": {
            "type": "plain_text_input",
            "action_id": NOTE_ACTION,
            "multiline": True,
            "max_length": NOTE_LIMIT,
        },
    }
    return {
        **_modal("It is not there", [asks], buttons.MISSING_VIEW, submit="Send"),
        "private_metadata": ticket.pack(),
    }


def conflict_view(view: CaseView | None, told: str, kept_text: str = "") -> dict[str, Any]:
    """Return what a person sees who came too late, with their own text kept for copying."""
    leaves = [glue(leaf(told, 1000))]
    if view is not None:
        leaves.append(glue(f"\nNow: {leaf(state_line(view), 300)}."))
        if view.reply is not None and not view.is_awaiting:
            leaves += [glue("\n"), *moment(view.reply.approved_at)]
    blocks = [rich("what", paragraph(*leaves))]
    if kept_text.strip():
        title = "Your text was not saved. Copy it if you need it:"
        blocks.append(_long("mine", title, kept_text, INPUT_LIMIT))
    return _modal("This has changed", blocks, buttons.PLAIN_VIEW)


def not_allowed_view(told: str) -> dict[str, Any]:
    """Return what a person sees who may not decide."""
    return _modal("Not allowed", [rich("why", paragraph(words(told)))], buttons.PLAIN_VIEW)


def plain_view(title: str, told: str) -> dict[str, Any]:
    """Return a modal with nothing but words."""
    return _modal(title, [rich("told", paragraph(words(told)))], buttons.PLAIN_VIEW)


def case_modal(view: CaseView, now: datetime) -> dict[str, Any]:
    """Return a case with everything that may be done to it, as its card shows it."""
    blocks = case_blocks(view, now)
    return _modal(view.ref, blocks, buttons.CASE_VIEW)


def show_all_view(view: CaseView) -> dict[str, Any]:
    """Return everything about a case that the card had to cut, as far as one modal holds it."""
    made: dict[str, Any] = {}
    for limit in (SHOWN_LIMIT, 5000, 1000):
        made = _modal(view.ref, _everything(view, limit), buttons.PLAIN_VIEW)
        if len(json.dumps(made)) <= VIEW_BYTES:
            break
    return made


def ticket_from_card(ticket: buttons.Ticket, channel: str, message_ts: str) -> buttons.Ticket:
    """Return `ticket` with the card that its modal belongs to."""
    return replace(ticket, channel=channel, message_ts=message_ts)


def _modal(title: str, blocks: list[Block], callback_id: str, submit: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, 24),
        "close": plain("Cancel" if submit else "Close", 24),
        "blocks": blocks,
    }
    if submit:
        made["submit"] = plain(submit, 24)
    return made


def _everything(view: CaseView, limit: int) -> list[Block]:
    blocks = [_word("review", "What the customer wrote", view.mention, limit)]
    blocks += [
        _word(f"earlier:{number}", f"Before the edit of {utc(word.at)}", word, limit)
        for number, word in enumerate(view.earlier_texts[:5])
    ]
    blocks += [
        _word(f"later:{number}", f"{word.author or 'The customer'}, {utc(word.at)}", word, limit)
        for number, word in enumerate(view.later_words[-10:])
    ]
    if view.changes is not None:
        blocks.append(changes_block("changes", view.changes, limit))
    if view.obstacle is not None and view.obstacle.answer:
        blocks.append(_long("theirs", "What stands there", view.obstacle.answer, limit))
    if view.draft is not None:
        title = f"Suggested reply, version {view.draft.version}"
        blocks.append(_long("draft", title, view.draft.text, limit))
        if view.draft.reasons:
            blocks.append(_list("because", "Why it reads like this", view.draft.reasons))
    if view.reply is not None and view.reply.state == "handed_over":
        blocks.append(_copy("reply", "Copy this text", view.reply.text, limit))
    elif view.reply is not None:
        blocks.append(_long("reply", "Approved reply", view.reply.text, limit))
    if view.reasons:
        blocks.append(_list("reasons", "Why this is here", view.reasons))
    if view.why_due:
        blocks.append(_list("due", "Why it is due then", view.why_due))
    if view.stories:
        went = [
            f"{story.target.replace('_', ' ')}: {' '.join(story.ending) or story.state}"
            for story in view.stories
        ]
        blocks.append(_list("promises", "What came of its promises", went))
    if view.events:
        told = [f"{utc(event.at)} · {event.summary} — {event.actor}" for event in view.events[-20:]]
        blocks.append(_list("trail", "What happened", told))
    return blocks


def _choice(
    block_id: str, action_id: str, label: str, choices: dict[str, str], otherwise: str
) -> Block:
    """A field in which one of a few may be chosen, or none."""
    options = [{"text": plain(told, 75), "value": code} for code, told in choices.items()]
    return {
        "type": "input",
        "block_id": block_id,
        "optional": True,
        "label": plain(label, 100),
        "element": {
            "type": "static_select",
            "action_id": action_id,
            "options": options,
            "placeholder": plain(otherwise, 100),
        },
    }


def _draft_of(view: CaseView) -> Block:
    return _long("draft", "The draft now", view.draft.text if view.draft else "", 1500)


def _quote_of(view: CaseView) -> Block:
    return _long("review", "What the customer wrote", view.mention.text, 1500)


def _word(block_id: str, title: str, word: WordView, limit: int) -> Block:
    text = f"{word.title}\n{word.text}" if word.title.strip() else word.text
    return _long(block_id, title, text, limit)


def _long(block_id: str, title: str, text: str, limit: int) -> Block:
    pieces = [piece for piece in chunks(clean(text), limit) if piece.strip()] or [""]
    quotes = [quoted(glue(piece) if piece else words("")) for piece in pieces]
    return rich(block_id, paragraph(words(title, 200, bold=True)), *quotes)


def _copy(block_id: str, title: str, text: str, limit: int) -> Block:
    """A text to be copied as it stands, in as many pieces as Slack needs."""
    pieces = [piece for piece in chunks(clean(text), limit) if piece.strip()] or ["(no text)"]
    whole = [{"type": "rich_text_preformatted", "elements": [glue(piece)]} for piece in pieces]
    return rich(block_id, paragraph(words(title, 200, bold=True)), *whole)


def _list(block_id: str, title: str, items: tuple[str, ...] | list[str]) -> Block:
    told = "\n".join(f"• {leaf(item, 400)}" for item in items[:20])
    return rich(
        block_id, paragraph(words(title, 200, bold=True)), paragraph(words(told, SHOWN_LIMIT))
    )
