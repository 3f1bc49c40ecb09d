"""The card of a case, redrawn whole from what the case is now. Pure: a view in, arguments out."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from responders.follow_up import follow_up_words
from responders.reply_words import going_on, obstacle_words
from responders.slack import buttons
from responders.slack.blocks import (
    Block,
    asked,
    bullets,
    button,
    context,
    glue,
    link,
    link_button,
    moment,
    overflow,
    paragraph,
    plain,
    quoted,
    rich,
    text_total,
    words,
)
from responders.slack.earlier_case import earlier_block
from responders.slack.happened import (
    approval_leaves,
    changes_block,
    state_leaves,
    state_line,
)
from responders.slack.standing import correcting_act, correction_block, menu
from responders.slack.text import escape, line, mrkdwn, when
from responders.views import CaseView, DraftView, ObstacleView

TEXT_BUDGET = 9000
REVIEW_BUDGET = 1500
DRAFT_BUDGET = 2500
COMPACT = 0.2

_NAMESPACE = uuid.UUID("b7c1c1de-64c0-5c8e-9a4e-6d1c3b1f7a20")


def case_card(
    view: CaseView, *, channel: str, post_key: str, now: datetime, compact: bool = False
) -> dict[str, Any]:
    """Return the arguments of ``chat.postMessage`` for the card (`as_update` for an update).

    The texts of all blocks stay under `TEXT_BUDGET`: long ones are cut and a button shows them
    whole. `compact` draws the smallest useful card, for when Slack found the full one too big.
    """
    blocks = case_blocks(view, now, compact=compact)
    return message(
        channel=channel,
        post_key=post_key,
        text=_summary(view),
        blocks=blocks,
        event_type="rapport_card",
        ids={"case": view.id, "revision": view.revision},
    )


def case_blocks(view: CaseView, now: datetime, *, compact: bool = False) -> list[Block]:
    """Return the blocks of the card, as large as may be."""
    scales = (COMPACT,) if compact else (1.0, 0.6, 0.4, COMPACT)
    blocks: list[Block] = []
    for scale in scales:
        blocks = _blocks(view, now, scale)
        if text_total(blocks) <= TEXT_BUDGET:
            break
    return blocks


def message(
    *,
    channel: str,
    post_key: str,
    text: str,
    blocks: list[Block],
    event_type: str,
    ids: dict[str, int] | None = None,
    thread_ts: str = "",
) -> dict[str, Any]:
    """Return the arguments of one post. `text` is escaped by the caller.

    The metadata finds the message again when the answer to its post was lost; every app in the
    workspace can read it, so it holds ids only.
    """
    made: dict[str, Any] = {
        "channel": channel,
        "text": text,
        "blocks": blocks,
        "parse": "none",
        "unfurl_links": False,
        "unfurl_media": False,
        "client_msg_id": str(uuid.uuid5(_NAMESPACE, post_key)),
        "metadata": {
            "event_type": event_type,
            "event_payload": {**(ids or {}), "post_key": post_key},
        },
    }
    if thread_ts:
        made["thread_ts"] = thread_ts
    return made


def as_update(post: dict[str, Any], ts: str) -> dict[str, Any]:
    """Turn the arguments of a post into those of ``chat.update`` for the message `ts`."""
    dropped = ("client_msg_id", "unfurl_links", "unfurl_media", "thread_ts")
    return {**{key: value for key, value in post.items() if key not in dropped}, "ts": ts}


def _blocks(view: CaseView, now: datetime, scale: float) -> list[Block]:
    # A block id is new with each revision: clients then forget what was selected before.
    mark = f"{view.id}:{view.revision}"
    made = [
        {"type": "header", "block_id": f"head:{mark}", "text": plain(_title(view), 140)},
        _facts(view, now, mark),
        _review(view, mark, scale),
    ]
    if view.reasons and scale > COMPACT:
        made.append(rich(f"why:{mark}", _label("Why this is here"), bullets(view.reasons[:6], 200)))
    if view.closest is not None and scale > COMPACT:
        made.append(earlier_block(f"closest:{mark}", view.closest, scale))
    if view.changes is not None:
        made.append(changes_block(f"changes:{mark}", view.changes, int(REVIEW_BUDGET * scale)))
    if view.correction is not None:
        limit = int(DRAFT_BUDGET * scale)
        made.append(correction_block(f"correction:{mark}", view.correction, limit))
    if view.obstacle is not None:
        made.append(_obstacle(view, view.obstacle, mark, scale))
    if view.draft is not None and (view.is_awaiting or not _is_manual(view)):
        made += _draft(view.draft, mark, scale)
    if view.approval is not None:
        made.append(rich(f"approval:{mark}", paragraph(*approval_leaves(view.approval))))
    told = state_leaves(view)
    if told:
        made.append(rich(f"state:{mark}", paragraph(*told)))
    if _is_manual(view):
        made.append(_copy_text(view, mark, scale))
    made.append({"type": "actions", "block_id": f"act:{mark}", "elements": _buttons(view)})
    made.append(context(f"foot:{mark}", f"{view.ref} · revision {view.revision}"))
    return made


def _title(view: CaseView) -> str:
    place = ", ".join(part for part in (view.brand, view.location) if part)
    stars = stars_of(view.mention.stars)
    return "  ".join(part for part in (stars, f"Complaint · {view.source} · {place}") if part)


def stars_of(stars: float | None) -> str:
    """Return a rating as five stars; empty where there is none."""
    if stars is None:
        return ""
    full = min(5, max(0, round(stars)))
    return "★" * full + "☆" * (5 - full)


def _facts(view: CaseView, now: datetime, mark: str) -> Block:
    author = mrkdwn(view.mention.author, 120, "(no name)")
    facts = [
        ("Author", author),
        ("Urgency", mrkdwn(view.urgency, 40)),
        ("Reply due", _due(view, now)),
        ("Assignee", mrkdwn(view.assignee, 120, "nobody yet")),
    ]
    if view.topics:
        facts.append(("About", mrkdwn(", ".join(view.topics), 120)))
    if view.history:
        facts.append(("Known", mrkdwn("; ".join(view.history), 200)))
    fields = [
        {"type": "mrkdwn", "verbatim": True, "text": f"*{label}*\n{value}"}
        for label, value in facts
    ]
    return {"type": "section", "block_id": f"facts:{mark}", "fields": fields}


def _due(view: CaseView, now: datetime) -> str:
    clock = view.next_clock
    if clock is not None:
        late = "*overdue since* " if clock.due_at < now else ""
        return late + when(clock.due_at)
    if any(clock.state == "paused" for clock in view.clocks):
        return "paused"
    return "nothing is due"


def _review(view: CaseView, mark: str, scale: float) -> Block:
    mention = view.mention
    leaves = [words(mention.title, 200, bold=True), glue("\n")] if mention.title.strip() else []
    leaves.append(words(mention.text, int(REVIEW_BUDGET * scale)))
    parts = [_label("What the customer wrote"), quoted(*leaves)]
    if view.earlier_texts:
        times = len(view.earlier_texts)
        told = f"Edited by the customer {times} {'time' if times == 1 else 'times'} since."
        parts.append(paragraph(words(told, 100, bold=True)))
    if view.follow_up is not None:
        parts.append(paragraph(words(f"{follow_up_words(view.follow_up)}.", 200, bold=True)))
    for word in view.later_words[-2:]:
        parts += [
            paragraph(words(f"Later, {word.author or 'the customer'}:", 150)),
            quoted(words(word.text, int(500 * scale))),
        ]
    shown = link(view.mention_url, f"Open at {line(view.source, 100, 'the source')}")
    if shown:
        parts.append(paragraph(*shown))
    return rich(f"review:{mark}", *parts)


def _draft(draft: DraftView, mark: str, scale: float) -> list[Block]:
    limit = f" of {draft.max_length:,}" if draft.max_length else ""
    title = (
        f"Suggested reply (version {draft.version}, {draft.length:,}{limit} {draft.length_unit})"
    )
    made = [
        rich(
            f"draft:{mark}",
            _label(title),
            *([paragraph(words(draft.warning, 200))] if draft.warning else []),
            quoted(words(draft.text, int(DRAFT_BUDGET * scale))),
        )
    ]
    if draft.findings:
        told = [
            f"{'Not allowed' if finding.severity == 'block' else 'Please check'}: {finding.message}"
            for finding in draft.findings[:6]
        ]
        made.append(rich(f"checks:{mark}", _label("Reply rules"), bullets(told, 300)))
    return made


def _obstacle(view: CaseView, obstacle: ObstacleView, mark: str, scale: float) -> Block:
    """What stands against answering; what somebody else has answered is quoted whole or cut."""
    parts = [paragraph(words(obstacle_words(obstacle), 600, bold=True))]
    if obstacle.answer:
        parts.append(quoted(words(obstacle.answer, int(REVIEW_BUDGET * scale))))
        if obstacle.answered_at is not None:
            parts.append(paragraph(glue("Given "), *moment(obstacle.answered_at), glue(".")))
    shown = link(view.answer_page, "Look there")
    if shown:
        parts.append(paragraph(*shown))
    return rich(f"obstacle:{mark}", *parts)


def _is_manual(view: CaseView) -> bool:
    return view.reply is not None and view.reply.state == "handed_over" and not view.is_awaiting


def _copy_text(view: CaseView, mark: str, scale: float) -> Block:
    assert view.reply is not None
    text = words(view.reply.text, int(DRAFT_BUDGET * scale))
    whole = {"type": "rich_text_preformatted", "elements": [text]}
    reason = view.reply.why_by_hand or "Rapport does not publish there"
    page = link(view.answer_page, "Open the page and post it there")
    where = page or [words(f"Post it on {view.platform}; no link to the page is known.", 200)]
    return rich(
        f"copy:{mark}",
        paragraph(words(f"By hand, because {reason}.", 600)),
        _label("Copy this text"),
        whole,
        paragraph(*where),
    )


def _buttons(view: CaseView) -> list[Block]:
    value = buttons.ticket_for(view).pack()
    made: list[Block] = []
    if view.is_awaiting and view.draft is not None:
        if view.obstacle is not None and view.obstacle.answer:
            made.append(_keep(value))
        if not view.draft.is_blocked:
            made.append(_approve(view, value))
            if view.refused_because and view.can_publish:
                made.append(_by_hand(view, value))
        made += [
            button(buttons.EDIT, "Edit…", value),
            button(buttons.OTHER, "Other draft…", value),
            button(buttons.REJECT, "Reject…", value, style="danger"),
        ]
    elif _may_be_taken_back(view):
        made.append(button(buttons.TAKE_BACK, "Take back", value, style="danger"))
    elif buttons.waits_for_a_word(view):
        assert view.reply is not None
        handed = view.reply.state == "handed_over"
        missing = "I could not post it…" if handed and not view.reply.is_unclear else None
        made += [
            button(buttons.POSTED, "I posted it…", value, style="primary")
            if handed
            else _seen(value),
            button(buttons.MISSING, missing or "It is not there…", value),
        ]
    if buttons.may_be_assigned(view):
        made += [_take(view, value), button(buttons.ASSIGN, "Assign…", value)]
    if view.is_awaiting:
        made.append(
            button(buttons.WAKE, "Wake", value)
            if view.snooze
            else button(buttons.SNOOZE, "Snooze…", value)
        )
    made += link_button(buttons.OPEN, "Open", view.mention_url)
    made.append(button(buttons.SHOW_ALL, "Show all", value))
    if view.is_awaiting:
        dismissals = {
            buttons.dismissal_value(view, reason): told
            for reason, told in buttons.DISMISSALS.items()
        }
        if view.correction is None:
            made.append(overflow(buttons.MORE, dismissals))
    elif view.has_standing_reply and not buttons.waits_for_a_word(view):
        made.append(menu(view))
    return made


def _may_be_taken_back(view: CaseView) -> bool:
    return not view.is_awaiting and view.reply is not None and view.reply.may_be_taken_back


def _take(view: CaseView, value: str) -> Block:
    if not view.assignee:
        return button(buttons.TAKE, "Take", value)
    told = f"{line(view.assignee, 120)} has this case. It is yours from then on."
    return button(
        buttons.TAKE, "Take over", value, confirm=asked("Take it over?", told, "Take over", "No")
    )


def _approve(view: CaseView, value: str) -> Block:
    where = line(view.publish_label, 250, f"Publish at {view.source}")
    if view.obstacle is not None:
        act = going_on(view)
        sure = asked(f"{act}?", f"{obstacle_words(view.obstacle)} {where}.", "Yes", "Not yet")
        style = "danger" if view.obstacle.answer else ""
        return button(buttons.APPROVE, act, value, style=style, confirm=sure)
    if view.can_publish:
        sure = asked("Publish this reply?", f"{where}.", "Publish", "Not yet")
        act = "Approve & publish" if view.correction is None else correcting_act(view.correction)
        return button(buttons.APPROVE, act, value, style="primary", confirm=sure)
    told = f"{where}. You will get the text to copy."
    sure = asked("Approve this reply?", told, "Approve", "Not yet")
    return button(buttons.APPROVE, "Approve", value, style="primary", confirm=sure)


def _by_hand(view: CaseView, value: str) -> Block:
    told = f"You post it on {line(view.platform, 200)} yourself; you will get the text to copy."
    sure = asked("Post it by hand?", told, "Approve", "Not yet")
    return button(buttons.BY_HAND, "Approve, post by hand", value, confirm=sure)


def _keep(value: str) -> Block:
    told = "The case is answered by what stands on the platform. Nothing is published."
    sure = asked("Leave that answer?", told, "Leave it", "Not yet")
    return button(buttons.KEEP, "Leave it", value, style="primary", confirm=sure)


def _seen(value: str) -> Block:
    told = "Press this only when you see the reply on the platform."
    sure = asked("Is it visible?", told, "I see it", "Not yet")
    return button(buttons.SEEN, "I see it there", value, style="primary", confirm=sure)


def _label(text: str) -> Block:
    return paragraph(words(text, 200, bold=True))


def _summary(view: CaseView) -> str:
    # The summary is what a phone shows; it is parsed like mrkdwn, so every part is disarmed.
    stars = f"{view.mention.stars:g}-star " if view.mention.stars is not None else ""
    told = mrkdwn(state_line(view), 200)
    who = mrkdwn(view.mention.author, 80, "somebody")
    source, brand = mrkdwn(view.source, 80), mrkdwn(view.brand, 80)
    excerpt = mrkdwn(view.mention.text, 240)
    return (
        f"{escape(view.ref)}: {told}. {stars}complaint at {source} for {brand} by {who}: {excerpt}"
    )
