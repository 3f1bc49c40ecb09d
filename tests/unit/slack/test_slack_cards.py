"""Cards and modals: Slack's schema, the budgets, and outside text that stays powerless."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from responders.slack import buttons, modals
from responders.slack.blocks import text_total
from responders.slack.cards import TEXT_BUDGET, as_update, case_blocks, case_card
from responders.slack.notices import notice, private, thread_line
from responders.views import (
    ApprovalView,
    CaseView,
    ChangesView,
    ClockView,
    CorrectionView,
    DraftView,
    EarlierView,
    EventView,
    FindingView,
    FollowUpView,
    ObstacleView,
    ReplyView,
    StoryView,
    WordView,
)
from tests.support.slack_server.checks import Checker, texts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHECKER = Checker()

HOSTILE = [
    "<!channel>",
    "<!here>",
    "<!everyone>",
    "<@U0123456>",
    "<#C0123456>",
    "<!subteam^S0123456>",
    "<https://evil.example|Your bank>",
    "<!date^1764579600^{date}|now>",
    "<mailto:a@b.example|mail>",
    "*bold* _i_ ~s~ `code`",
    "> quote",
    "&lt;!here&gt;",
    "@channel #general",
    ":white_check_mark: Published",
    "\u202eright to left\u202c",
    "zero\u200bwidth",
    "\x00\x07\x1b[31m",
    "\ud800 half a pair",
    "line\nbreak\r\nand more",
    "",
    "   ",
    "👩‍🍳" * 1000,
    "x" * 40_000,
    "&<>" * 20_000,
]

outside = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=300),
    st.lists(st.sampled_from(HOSTILE), max_size=4).map(" ".join),
)


def word(text: str, author: str = "Dana P.", title: str = "") -> WordView:
    return WordView(NOW, author, title, text, 1.0, "")


def draft(text: str = "Dear Dana, sorry.", **changes: Any) -> DraftView:
    made = DraftView(
        3, text, "e56d4ec3fc470011", "en", "templates", ("it thanks",), (), len(text), 2000, "bytes"
    )
    return replace(made, **changes)


def reply(state: str, **changes: Any) -> ReplyView:
    made = ReplyView(state, "Dear Dana, sorry.", "Mara (slack)", NOW, NOW, NOW, "")
    return replace(made, **changes)


def case(**changes: Any) -> CaseView:
    made = CaseView(
        id=42,
        ref="C-42",
        revision=5,
        state="drafted",
        urgency="high",
        brand="Harbour Coffee",
        location="Quay Street",
        source="Harbour board",
        platform="Marmalade",
        assignee="",
        opened_at=NOW,
        mention=word("Waited 50 minutes for cold tea."),
        mention_url="https://board.example/1",
        mention_language="en",
        earlier_texts=(),
        later_words=(),
        reasons=("one star", "the text complains"),
        topics=("wait",),
        complaint_probability=0.9,
        history=("2nd complaint",),
        clocks=(ClockView("first_response", "running", NOW, NOW + timedelta(hours=2), None, None),),
        why_due=("2 h of office time",),
        draft=draft(),
        reply=None,
        events=(EventView(NOW, "Rapport", "drafted", "drafted an answer"),),
        can_publish=True,
        publish_label="Publish on Marmalade as Harbour Coffee",
        stories=(story("first_response"), story("resolution", deadline=("<&>" * 400,) * 30)),
    )
    return replace(made, **changes)


def story(target: str, **changes: Any) -> StoryView:
    made = StoryView(
        target=target,
        state="running",
        policy="standard",
        version="0a1b2c3d",
        holds_for="every case",
        calendar="office",
        timezone="Europe/Berlin",
        counted_in="open time",
        promised_seconds=7200,
        written_at=NOW,
        seen_at=NOW,
        started_at=NOW,
        start_reason="",
        spans=((NOW, NOW + timedelta(hours=2)),),
        holidays=(),
        pauses=(),
        due_at=NOW + timedelta(hours=2),
        warned_at=None,
        breached_at=None,
        noticed_at=None,
        stopped_at=None,
        stopped_by="",
        visible_at=None,
        business_seconds=None,
        deadline=("2 h of office time",),
        ending=("It runs, with 2 h of open time left.",),
    )
    return replace(made, **changes)


STATES = {
    "opened": case(state="opened", draft=None),
    "drafted": case(),
    "blocked": case(draft=draft(findings=(FindingView("refund", "block", "promises money"),))),
    "by hand": case(can_publish=False),
    "approved": case(state="approved", reply=reply("owed")),
    "just approved": case(state="approved", reply=replace(reply("owed"), may_be_taken_back=True)),
    "put off": case(snooze="until", snoozed_until=NOW + timedelta(hours=2)),
    "put off for the customer": case(snooze="customer"),
    "two people": case(approval=ApprovalView(True, False, "health <b>", "Otto (slack)")),
    "a manager": case(approval=ApprovalView(False, True)),
    "unknown": case(state="approved", reply=reply("unknown")),
    "accepted": case(state="approved", reply=reply("accepted")),
    "handed over": case(state="approved", reply=reply("handed_over")),
    "published": case(state="answered", reply=reply("published", url="https://board.example/2")),
    "closed": case(state="closed", reply=reply("published")),
    "closed without": case(state="closed", draft=None),
    "dismissed": case(state="dismissed", draft=None),
    "refused": case(reply=reply("refused")),
    "edited since": case(earlier_texts=(word("Lovely."),), later_words=(word("Still cold."),)),
    "overdue": case(
        clocks=(ClockView("first_response", "running", NOW, NOW - timedelta(hours=1), None, None),)
    ),
    "locked": case(obstacle=ObstacleView("ab.", "comments are off", "", None, False)),
    "answered": case(
        obstacle=ObstacleView(".cd", "", "We have called you.", NOW, True),
        answer_page="https://board.example/1/answer",
    ),
    "answered beside": case(obstacle=ObstacleView("ab.cd", "closed", "Hello.", None, False)),
    "edited meanwhile": case(
        changes=ChangesView(
            2, "It was cold.", (("same", "It was "), ("gone", "cold."), ("new", "ice."))
        )
    ),
    "edited at length": case(changes=ChangesView(2, "cold " * 4000, None)),
    "edited everywhere": case(
        changes=ChangesView(2, "", (("gone", "a "), ("new", "b "), ("same", "c " * 500)) * 200)
    ),
    "turned down": case(reply=reply("refused"), refused_because="no thanks in replies"),
    "waits": case(
        state="approved",
        reply=reply("owed", waits_for="5 replies a day are used up", goes_out_at=NOW),
    ),
    "unclear": case(state="approved", reply=reply("handed_over", is_unclear=True, by_hand=True)),
    "by hand because": case(
        state="approved",
        reply=reply("handed_over", by_hand=True, why_by_hand="partner access is missing"),
        answer_page="https://biz.example/1",
    ),
    "looked for": case(state="answered", reply=reply("accepted", by_hand=True, visible_at=None)),
    "never shown": case(state="answered", reply=reply("accepted", visible_at=None, looks_on=False)),
    "cannot be seen": case(
        state="answered", reply=reply("published", by_hand=True, visible_at=None, looks_on=False)
    ),
    "like another": case(
        closest=EarlierView(7, "C-7", "Cold <tea>.", "We are *sorry*.", "Otto (web)", NOW, 0.62)
    ),
    "like a long one": case(
        closest=EarlierView(7, "C-7", "é<&>" * 50, "*_`~" * 250, "@here " * 40, NOW, 0.62)
    ),
    "paused": case(clocks=(ClockView("first_response", "paused", NOW, NOW, None, None),)),
}


def card(view: CaseView, **changes: Any) -> dict[str, Any]:
    return case_card(view, channel="C0CARDS", post_key="card:42:C0CARDS", now=NOW, **changes)


def all_modals(view: CaseView) -> list[dict[str, Any]]:
    ticket = modals.ticket_from_card(buttons.ticket_for(view), "C0CARDS", "1.2")
    made = [
        modals.reject_modal(view, ticket),
        modals.assign_modal(view, ticket),
        modals.show_all_view(view),
        modals.conflict_view(view, "Changed.", view.mention.text),
        modals.not_allowed_view(view.mention.author),
        modals.case_modal(view, NOW),
        modals.snooze_modal(view, ticket),
        modals.other_modal(view, ticket),
    ]
    if view.draft is not None and modals.fits_editing(view.draft):
        made.append(modals.edit_modal(view, ticket))
    if buttons.waits_for_a_word(view):
        made += [modals.posted_modal(view, ticket), modals.missing_modal(view, ticket)]
    return made


def actions(post: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        one for block in post["blocks"] if block["type"] == "actions" for one in block["elements"]
    ]


def said(post: dict[str, Any]) -> str:
    return "\n".join(reversed(texts(post["blocks"])))


def test_slacks_published_schema_is_at_hand() -> None:
    if not CHECKER.has_reference:
        pytest.skip("Slack's published types are not beside the repository")
    assert CHECKER.message({"blocks": [{"type": "nonsense"}]})


@pytest.mark.parametrize("view", STATES.values(), ids=STATES)
def test_every_state_is_a_card_that_slack_takes(view: CaseView) -> None:
    post = card(view)
    assert CHECKER.message(post) == []
    assert CHECKER.arguments("chat.postMessage", post) == []
    assert CHECKER.arguments("chat.update", as_update(post, "1.2")) == []
    for modal in all_modals(view):
        assert CHECKER.modal(modal) == []


@pytest.mark.parametrize("view", STATES.values(), ids=STATES)
def test_every_card_keeps_a_rich_text_block(view: CaseView) -> None:
    assert any(block["type"] == "rich_text" for block in card(view)["blocks"])


ASSIGN = ["Take", "Assign…"]
DECIDE = ["Edit…", "Other draft…", "Reject…", *ASSIGN, "Snooze…"]


@pytest.mark.parametrize(
    ("state", "pressable"),
    [
        ("opened", [*ASSIGN]),
        ("drafted", ["Approve & publish", "Edit…", "Other draft…", "Reject…", *ASSIGN, "Snooze…"]),
        ("by hand", ["Approve", "Edit…", "Other draft…", "Reject…", *ASSIGN, "Snooze…"]),
        ("blocked", ["Edit…", "Other draft…", "Reject…", *ASSIGN, "Snooze…"]),
        ("approved", []),
        ("just approved", ["Take back"]),
        ("put off", ["Approve & publish", "Edit…", "Other draft…", "Reject…", *ASSIGN, "Wake"]),
        ("handed over", ["I posted it…", "I could not post it…", *ASSIGN]),
        ("unclear", ["I posted it…", "It is not there…", *ASSIGN]),
        ("locked", ["Try all the same", *DECIDE]),
        (
            "answered",
            [
                "Leave it",
                "Replace it with ours",
                "Edit…",
                "Other draft…",
                "Reject…",
                *ASSIGN,
                "Snooze…",
            ],
        ),
        (
            "answered beside",
            [
                "Leave it",
                "Put ours beside it",
                "Edit…",
                "Other draft…",
                "Reject…",
                *ASSIGN,
                "Snooze…",
            ],
        ),
        (
            "turned down",
            [
                "Approve & publish",
                "Approve, post by hand",
                "Edit…",
                "Other draft…",
                "Reject…",
                *ASSIGN,
                "Snooze…",
            ],
        ),
        ("looked for", []),
        ("never shown", ["I see it there", "It is not there…", *ASSIGN]),
        ("cannot be seen", ["I see it there", "It is not there…", *ASSIGN]),
        ("waits", []),
        ("published", []),
        ("dismissed", []),
    ],
)
def test_buttons_are_there_only_while_they_do_something(state: str, pressable: list[str]) -> None:
    elements = actions(card(STATES[state]))
    shown = [one["text"]["text"] for one in elements if one["type"] == "button"]
    assert shown == [*pressable, "Open", "Show all"]
    further = [one["options"] for one in elements if one["type"] == "overflow"]
    stands = state in ("looked for", "published")
    assert len(further) == ("Edit…" in pressable or stands)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("opened", "A draft is being prepared."),
        ("approved", "Being published now."),
        ("just approved", "can be taken back until then."),
        ("put off", "Put off until"),
        ("put off for the customer", "Put off until the customer writes."),
        ("two people", "Otto (slack) has approved it; a second person must do so too"),
        ("a manager", "A manager must approve this."),
        ("unknown", "looking whether the reply is there"),
        ("accepted", "not visible yet"),
        ("handed over", "Copy this text"),
        ("published", "See the reply"),
        ("closed", "The case is closed."),
        ("dismissed", "Dismissed"),
        ("refused", "The platform refused it."),
        ("blocked", "Not allowed: promises money"),
        ("edited since", "Edited by the customer 1 time since."),
        ("overdue", "overdue since"),
        ("paused", "paused"),
        ("locked", "The platform takes no answer there: comments are off."),
        ("answered", "Somebody has answered on the platform."),
        ("answered", "We have called you."),
        ("edited meanwhile", "What changed since version 2 of the draft"),
        ("edited at length", "cold cold"),
        ("turned down", "The platform refused it: no thanks in replies"),
        ("waits", "it waits and goes out by itself: 5 replies a day are used up."),
        ("waits", "It goes out about"),
        ("unclear", "look before you post it by hand"),
        ("by hand because", "By hand, because partner access is missing."),
        ("looked for", "Rapport looks until it sees it there"),
        ("never shown", "look there yourself"),
        ("cannot be seen", "does not tell Rapport whether it is visible"),
    ],
)
def test_a_card_says_what_happened(state: str, told: str) -> None:
    assert told in said(card(STATES[state]))


def test_the_confirmation_names_where_it_is_published() -> None:
    confirm = actions(card(case()))[0]["confirm"]
    assert confirm["text"]["text"] == "Publish on Marmalade as Harbour Coffee."


def test_a_button_carries_ids_and_the_hash_of_the_shown_draft_only() -> None:
    ticket = buttons.Ticket.unpack(actions(card(case()))[0]["value"])
    assert ticket == buttons.Ticket(42, 5, 3, "e56d4ec3fc470011")


@pytest.mark.parametrize("value", ["", "[]", "null", "{}", '{"c":"x"}', "{]", '{"c":1,"r":2}'])
def test_a_forged_ticket_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not one of ours"):
        buttons.Ticket.unpack(value)


@pytest.mark.parametrize(
    ("view", "current"),
    [
        (case(), True),
        (case(draft=draft(version=4)), False),
        (case(draft=draft(text_hash="other")), False),
        (case(state="approved"), False),
        (case(draft=None), False),
    ],
)
def test_a_ticket_is_current_only_for_the_draft_it_was_made_for(
    view: CaseView, current: bool
) -> None:
    assert buttons.ticket_for(case()).is_current(view) is current


def test_the_due_time_carries_its_zone() -> None:
    told = said(card(case()))
    stamp = int((NOW + timedelta(hours=2)).timestamp())
    assert f"<!date^{stamp}^{{date_short_pretty}} {{time}}|2026-03-02 11:00 UTC>" in told
    assert "(2026-03-02 11:00 UTC)" in told


def test_the_same_key_makes_the_same_message_id() -> None:
    one, two = card(case()), card(case(revision=6))
    assert one["client_msg_id"] == two["client_msg_id"]
    assert one["metadata"]["event_payload"]["post_key"] == "card:42:C0CARDS"


def test_metadata_holds_no_names_and_no_words() -> None:
    assert set(card(case())["metadata"]["event_payload"]) == {"case", "revision", "post_key"}


def test_a_draft_too_long_for_slacks_input_is_not_offered_for_editing() -> None:
    assert not modals.fits_editing(draft("x" * 3001))
    assert not modals.fits_editing(draft("👩" * 1501))
    assert modals.fits_editing(draft("x" * 3000))


def test_the_edit_modal_starts_with_the_draft_and_remembers_the_card() -> None:
    ticket = modals.ticket_from_card(buttons.ticket_for(case()), "C0CARDS", "1.2")
    modal = modals.edit_modal(case(), ticket)
    entry = modal["blocks"][-1]["element"]
    assert entry["initial_value"] == "Dear Dana, sorry."
    assert buttons.Ticket.unpack(modal["private_metadata"]) == ticket


# -- outside text ----------------------------------------------------------------------------------

CONTROL_TOKEN = re.compile(r"<[^>]*>")
OURS = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[0-9: -]+UTC>")


def parsed_texts(node: object) -> list[str]:
    """Every string that Slack parses: mrkdwn objects and the top-level text."""
    found: list[str] = []
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            found.append(node["text"])
        for value in node.values():
            found += parsed_texts(value)
    elif isinstance(node, list):
        for value in node:
            found += parsed_texts(value)
    return found


def plain_texts(node: object) -> list[dict[str, Any]]:
    found = []
    if isinstance(node, dict):
        if node.get("type") == "plain_text":
            found.append(node)
        for value in node.values():
            found += plain_texts(value)
    elif isinstance(node, list):
        for value in node:
            found += plain_texts(value)
    return found


def links(node: object) -> list[str]:
    found = []
    if isinstance(node, dict):
        if node.get("type") == "link":
            found.append(node["url"])
        for value in node.values():
            found += links(value)
    elif isinstance(node, list):
        for value in node:
            found += links(value)
    return found


def assert_powerless(post: dict[str, Any]) -> None:
    for text in [*parsed_texts(post), post.get("text", "")]:
        text = OURS.sub("", text)
        assert not CONTROL_TOKEN.search(text), text
        assert "<" not in text
        assert ">" not in text
        assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    for one in plain_texts(post):
        assert "\n" not in one["text"]
        assert one["emoji"] is False
    for url in links(post):
        assert url.startswith(("http://", "https://"))
    assert post.get("parse", "none") == "none"
    assert "link_names" not in post


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    text=outside,
    author=outside,
    title=outside,
    url=st.one_of(
        outside, st.sampled_from(["javascript://x/%0aalert(1)", "http://a b", "http://[x"])
    ),
    drafted=outside,
    name=outside,
    state=st.sampled_from(sorted(STATES)),
)
def test_outside_text_has_no_power_anywhere(
    text: str, author: str, title: str, url: str, drafted: str, name: str, state: str
) -> None:
    said_by = word(text, author, title)
    base = STATES[state]
    view = replace(
        base,
        mention=said_by,
        mention_url=url,
        draft=draft(drafted) if base.draft else None,
        reply=replace(base.reply, text=drafted, url=url, approved_by=name) if base.reply else None,
        earlier_texts=(said_by,) * 3,
        later_words=(said_by,) * 3,
        reasons=(text, author) * 5,
        topics=(title,),
        history=(text,),
        brand=name,
        location=name,
        source=name,
        platform=name,
        publish_label=name,
        assignee=author,
        urgency=title,
        events=(EventView(NOW, name, "drafted", text),),
        why_due=(text,),
        obstacle=replace(base.obstacle, locked=title, answer=text) if base.obstacle else None,
        changes=(
            ChangesView(1, text, (("same", author), ("gone", text), ("new", title), ("same", "")))
            if base.changes
            else None
        ),
        refused_because=text if base.refused_because else "",
        answer_page=url,
    )
    post = card(view)
    assert CHECKER.message(post) == []
    assert text_total(post["blocks"]) <= TEXT_BUDGET
    assert len(post["text"]) <= 4000
    assert_powerless(post)
    for modal in all_modals(view):
        assert CHECKER.modal(modal) == []
        assert_powerless(modal)


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(text=outside, title=outside)
def test_notices_lines_and_private_answers_are_powerless_too(text: str, title: str) -> None:
    for post in (
        notice(channel="C0CARDS", post_key="k", title=title, text=text),
        thread_line(channel="C0CARDS", thread_ts="1.2", post_key="k", text=text, case_id=1),
    ):
        assert CHECKER.message(post) == []
        assert CHECKER.arguments("chat.postMessage", post) == []
        assert_powerless(post)
    answer = private(channel="C0CARDS", user="U0MARA", text=text)
    assert CHECKER.message(answer) == []
    assert CHECKER.arguments("chat.postEphemeral", answer) == []
    assert_powerless(answer)


def test_the_customers_words_stand_in_a_quote_as_they_are() -> None:
    text = "<!channel> & *bold* <https://evil.example|click>"
    post = card(case(mention=word(text)))
    leaves = [
        leaf["text"]
        for block in post["blocks"]
        if block["type"] == "rich_text"
        for element in block["elements"]
        if element["type"] == "rich_text_quote"
        for leaf in element["elements"]
    ]
    assert text in leaves


def test_the_whole_draft_is_shown_when_it_fits() -> None:
    text = "Dear Dana. " * 200
    assert text.strip() in said(card(case(draft=draft(text))))


def test_long_texts_are_cut_with_a_way_to_see_them_whole() -> None:
    post = card(case(mention=word("word " * 5000), draft=draft("answer " * 2000)))
    assert text_total(post["blocks"]) <= TEXT_BUDGET
    assert buttons.SHOW_ALL in [each["action_id"] for each in actions(post)]
    modal = modals.show_all_view(case(mention=word("word " * 3000)))
    assert sum(text.count("word") for text in texts(modal["blocks"])) == 3000


def test_the_compact_card_is_small_and_still_decides() -> None:
    post = card(case(mention=word("x" * 9000), draft=draft("y" * 9000)), compact=True)
    assert text_total(post["blocks"]) < 2000
    assert actions(post)[0]["action_id"] == buttons.APPROVE


def test_an_edit_is_marked_by_words_and_taken_literally() -> None:
    words = (("same", "I <b>"), ("gone", "*hate*"), ("new", "<!here> like "), ("same", "it"))
    post = card(case(changes=ChangesView(1, "I <b>*hate*it", words)))
    (block,) = [one for one in post["blocks"] if one["block_id"].startswith("changes")]
    leaves = block["elements"][1]["elements"]
    assert [(leaf["text"], leaf.get("style")) for leaf in leaves] == [
        ("I <b>", None),
        ("*hate*", {"strike": True}),
        ("<!here> like ", {"bold": True}),
        ("it", None),
    ]


def test_going_on_asks_once_more_and_carries_what_was_shown() -> None:
    post = card(STATES["answered"])
    leave, replace_it = actions(post)[:2]
    assert "Somebody has answered" in replace_it["confirm"]["text"]["text"]
    for one in (leave, replace_it):
        assert buttons.Ticket.unpack(one["value"]).despite == ".cd"


def test_the_page_to_post_on_is_a_link() -> None:
    assert "https://biz.example/1" in links(card(STATES["by hand because"]))


def test_the_closest_earlier_case_is_quoted_as_it_was() -> None:
    (block,) = [
        each
        for each in case_blocks(STATES["like another"], NOW)
        if each["block_id"].startswith("closest")
    ]
    quotes = [each for each in block["elements"] if each["type"] == "rich_text_quote"]
    said = [leaf["text"] for quote in quotes for leaf in quote["elements"]]
    assert said == ["Cold <tea>.", "We are *sorry*."]
    told = str(block)
    assert "C-7, 62% alike" in told
    assert "Answered by Otto (web)" in told


def test_the_smallest_card_leaves_the_earlier_case_out() -> None:
    blocks = case_blocks(STATES["like another"], NOW, compact=True)
    assert not any(each.get("block_id", "").startswith("closest") for each in blocks)


def test_a_card_says_what_the_author_did_after_the_reply() -> None:
    told = FollowUpView(2.0, 4.0, NOW, "Mara", timedelta(hours=3))
    shown = str(card(replace(STATES["published"], follow_up=told)))
    assert "2 → 4 stars after your reply (Mara replied 3 h before)." in shown


@pytest.mark.parametrize(
    ("replaces", "act", "words"),
    [
        (True, "Approve & replace it", "takes its place"),
        (False, "Approve & put it beside", "will stand beside it"),
    ],
)
def test_a_correction_shows_what_stands_and_says_what_becomes_of_it(
    replaces: bool, act: str, words: str
) -> None:
    stands = CorrectionView("We open at nine.", "", "Otto (slack)", replaces)
    made = card(replace(STATES["drafted"], correction=stands))
    shown = [one["text"]["text"] for one in actions(made) if one["type"] == "button"]
    assert act in shown
    assert words in str(made)
    assert "We open at nine." in str(made)
    assert not [one for one in actions(made) if one["type"] == "overflow"]
