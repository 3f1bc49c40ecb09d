"""Whatever the facts are, a draft is a whole, bare, fitting text."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from responders.drafts import DraftFacts, TemplateDrafter
from responders.phrases import languages, load_topics
from responders.rules import ReplyFacts, check_reply

DRAFTER = TemplateDrafter()
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "{name}",
            "{contact}",
            "%(name)s",
            "[NAME]",
            "<script>alert(1)</script>",
            "<!channel>",
            "user123",
            "Kim A.",
            "Олена",
            "\u202eeviL",
            "\ud800",
            "A" * 300,
            "Robert'); DROP TABLE drafts;--",
        ]
    ),
)


def octets(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


FACTS = st.builds(
    DraftFacts,
    text=HOSTILE,
    title=HOSTILE,
    author_name=HOSTILE,
    rating=st.one_of(st.none(), st.floats(0, 1)),
    language=st.one_of(st.sampled_from([*languages(), "de-AT", "pl", ""]), st.text(max_size=5)),
    topics=st.lists(
        st.one_of(st.sampled_from(sorted(load_topics().aliases)), HOSTILE), max_size=5
    ).map(tuple),
    urgency=st.sampled_from(["low", "normal", "high", "urgent", "", "?"]),
    complaint=st.booleans(),
    platform=HOSTILE,
    brand_name=HOSTILE,
    location_name=HOSTILE,
    contact=st.one_of(st.just("hello@harbour.example"), HOSTILE),
    signature=HOSTILE,
    max_length=st.one_of(st.none(), st.integers(0, 1000)),
    measure=st.sampled_from([len, octets]),
    is_follow_up=st.booleans(),
    reply_is_public=st.booleans(),
    previous_replies=st.lists(HOSTILE, max_size=4).map(tuple),
    seed=HOSTILE,
    languages=st.lists(st.sampled_from(["en", "de", "xx", ""]), max_size=2).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(FACTS)
def test_any_facts_give_a_whole_draft(facts: DraftFacts) -> None:
    draft = DRAFTER.draft(facts)
    assert draft.text.strip() == draft.text != ""
    assert draft.language in languages()
    assert draft.reasons
    assert all("\n" not in reason for reason in draft.reasons)
    assert not re.search(r"[{}<>\[\]]", draft.text)
    draft.text.encode("utf-8")


@settings(max_examples=150, deadline=None)
@given(FACTS)
def test_a_draft_fits_whenever_the_shortest_wording_does(facts: DraftFacts) -> None:
    draft = DRAFTER.draft(facts)
    shortest = DRAFTER.shortest(facts)
    if facts.max_length is not None and facts.measure(shortest) <= facts.max_length:
        assert facts.measure(draft.text) <= facts.max_length
    if facts.max_length is None or facts.measure(shortest) <= facts.max_length:
        rules = [finding.rule for finding in check_reply(draft.text, ReplyFacts())]
        assert "placeholder" not in rules
        assert "empty" not in rules
        assert "characters" not in rules


@settings(max_examples=200, deadline=None)
@given(HOSTILE)
def test_a_hostile_name_changes_nothing_but_the_greeting(name: str) -> None:
    facts = DraftFacts(text="", author_name=name, language="en", contact="x@harbour.example")
    text = DRAFTER.draft(facts).text
    assert text.count("@") == 1
    assert "script" not in text
    assert "channel" not in text
