"""A brand makes the reply rules stricter or milder, adds words of its own, and rules of others."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.config.replyrules import LAWFUL, NAMES
from responders.drafts import DraftFacts, TemplateDrafter
from responders.marks import excerpt, marked
from responders.phrases import languages
from responders.rules import RULES, Finding, Reply, ReplyFacts, Rule, Strictness, check_reply
from responders.rules.brandwords import brand_pattern
from responders.rules.plugins import guarded, load_rules
from responders.rules.strictness import ALWAYS
from responders.views import FindingView

PROMISE = "We will refund you the soup."


def severities(text: str, strictness: Strictness, **facts: Any) -> dict[str, str]:
    found = check_reply(text, ReplyFacts(**facts), strictness)
    return {finding.rule: finding.severity for finding in found}


def test_the_configuration_knows_every_rule_that_a_brand_may_change() -> None:
    assert {rule.name for rule in RULES} - ALWAYS == set(NAMES)
    assert set(LAWFUL) < set(NAMES)


def test_every_rule_can_be_made_to_block_to_warn_and_to_be_silent() -> None:
    def always(reply: Reply) -> Iterator[Finding]:
        yield Finding("one", "warn", "It is there", "", reply.text)

    rule = Rule("one", "warn", "It is there", "", always)
    for level, expected in (("block", ["block"]), ("warn", ["warn"]), ("off", [])):
        strict = Strictness(levels={"one": level})  # type: ignore[dict-item]  # plain words
        found = strict.findings(rule, Reply("x", ReplyFacts()))
        assert [finding.severity for finding in found] == expected
    found = Strictness().findings(rule, Reply("x", ReplyFacts()))
    assert [finding.severity for finding in found] == ["warn"]


def test_what_cannot_be_published_is_not_up_to_the_brand() -> None:
    strict = Strictness(levels={"empty": "off", "length": "warn", "objection": "off"})
    assert severities("", strict) == {"empty": "block"}
    assert severities("Thank you.", strict, max_length=3) == {"length": "block"}


def test_blocking_findings_come_first_whatever_made_them_block() -> None:
    strict = Strictness(levels={"promise": "block", "threat": "warn"})
    found = check_reply("Our lawyers will write. We will refund you.", ReplyFacts(), strict)
    assert [finding.severity for finding in found] == ["block", "warn"]
    assert found[0].rule == "promise"


def test_a_brand_may_offer_what_it_says_and_nothing_else() -> None:
    assert "promise" in severities(PROMISE, Strictness())
    assert severities(PROMISE, Strictness(), may_offer=("refund*",)) == {}
    assert "promise" in severities(PROMISE, Strictness(), may_offer=("voucher*",))
    both = "We will refund you the soup and send you a voucher."
    assert "promise" in severities(both, Strictness(), may_offer=("refund*",))
    assert severities(both, Strictness(), may_offer=("refund*", "voucher*")) == {}
    guaranteed = "We guarantee that this is the last time."
    assert "promise" in severities(guaranteed, Strictness(), may_offer=("refund*",))


def test_what_a_brand_may_offer_it_may_not_offer_for_a_review() -> None:
    deal = "We will refund you if you change your review."
    assert severities(deal, Strictness(), may_offer=("refund*",))["incentive"] == "block"


@pytest.mark.parametrize("phrase", ["", " ", "..", "|", "a|", "*", "(", "[x", "a .. b", "\\"])
def test_no_phrase_of_a_brand_breaks_the_rule(phrase: str) -> None:
    brand_pattern((phrase,)).search("a b c and (anything else) [x a 1 b")


def test_a_draft_keeps_to_what_the_brand_never_says() -> None:
    drafter = TemplateDrafter()
    for code in languages():
        free = DraftFacts("Cold soup.", language=code, author_name="Kim A.", topics=("food",))
        first = drafter.draft(free).text.split()[1].strip(",.")
        facts = ReplyFacts(never_say=(first,))

        def is_forbidden(text: str, facts: ReplyFacts = facts) -> bool:
            return any(found.rule == "never_say" for found in check_reply(text, facts))

        for number in range(10):
            known = {name: getattr(free, name) for name in DraftFacts.__slots__}
            known |= {"seed": str(number), "is_forbidden": is_forbidden}
            found = drafter.draft(DraftFacts(**known))
            told = any("forbids every wording" in reason for reason in found.reasons)
            assert is_forbidden(found.text) is told, (first, found.text)


def test_where_every_wording_is_forbidden_the_draft_says_so() -> None:
    facts = DraftFacts("Cold soup.", language="en", is_forbidden=lambda _text: True)
    found = TemplateDrafter().draft(facts)
    assert found.text
    assert any("forbids every wording" in reason for reason in found.reasons)


class TestPlugins:
    """Rules of other packages, installed as an installer would."""

    SOURCE = """
from responders.rules import Finding, Rule

def shout(reply):
    if "!" in reply.text:
        yield Finding("house", "block", "It shouts", "", "!")

def fail(reply):
    raise OSError("no disk")
    yield

HOUSE = Rule("house", "block", "It shouts", "", shout)
FAILING = Rule("failing", "warn", "It fails", "", fail)
OTHER = Rule("another", "warn", "It is called otherwise", "", shout)
"""

    @pytest.fixture
    def installed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        (tmp_path / "house_rules.py").write_text(self.SOURCE, encoding="utf-8")
        info = tmp_path / "house_rules-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-rules\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            "[rapport.reply_rules]\n"
            "house = house_rules:HOUSE\n"
            "failing = house_rules:FAILING\n"
            "misnamed = house_rules:OTHER\n"
            "nothing = house_rules:missing\n"
            "nowhere = house_nowhere:RULE\n"
            "norule = house_rules:shout\n",
            encoding="utf-8",
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        yield
        sys.modules.pop("house_rules", None)

    @pytest.mark.usefixtures("installed")
    def test_a_rule_is_asked_where_it_is_named_and_only_there(self) -> None:
        assert load_rules(()) == ()
        assert "house_rules" not in sys.modules
        rules = load_rules(("acme", "house"))
        assert [rule.name for rule in rules] == ["house"]
        strict = Strictness(extra=rules)
        assert severities("Thank you!", strict) == {"house": "block"}
        assert severities("Thank you.", strict) == {}
        milder = Strictness(extra=rules, levels={"house": "warn"})
        assert severities("Thank you!", milder) == {"house": "warn"}

    @pytest.mark.usefixtures("installed")
    @pytest.mark.parametrize("name", ["failing", "misnamed", "nothing", "nowhere", "norule"])
    def test_a_broken_rule_warns_of_every_text_and_stops_no_other(self, name: str) -> None:
        strict = Strictness(extra=load_rules((name, "house")))
        assert severities("Thank you!", strict) == {"house": "block", name: "warn"}
        (told,) = check_reply("Thank you.", ReplyFacts(), strict)
        assert f"The reply rule {name} was not asked" in told.message

    def test_a_rule_that_finds_without_end_is_cut_short(self) -> None:
        def endless(_reply: Reply) -> Iterator[Finding]:
            while True:
                yield Finding("other", "loud", "Again")  # type: ignore[arg-type]  # a plugin may

        rule = guarded(Rule("endless", "warn", "Again", "", endless))
        found = list(rule.check(Reply("x", ReplyFacts())))
        assert {(each.rule, each.severity) for each in found} == {("endless", "warn")}
        assert len(found) == 20


def finding(words: str, severity: str = "block") -> FindingView:
    return FindingView("rule", severity, "It is there", words)


def test_the_words_are_marked_where_they_stand_and_the_text_stays_whole() -> None:
    text = "If you don’t delete\nyour review, we’ll sue. Sued twice: we'll sue."
    parts = marked(text, [finding("delete your review", "warn"), finding("we'll sue")])
    assert "".join(part for part, _ in parts) == text
    assert [part for part in parts if part[1]] == [
        ("delete\nyour review", "warn"),
        ("we’ll sue", "block"),
        ("we'll sue", "block"),
    ]


@pytest.mark.parametrize("words", ["", " ", "nowhere", "U+202E", "(", "\\", "su"])
def test_words_that_are_not_there_mark_nothing(words: str) -> None:
    assert marked("We sue.", [finding(words)]) == (("We sue.", ""),)
    assert excerpt("We sue.", words) == ""
    assert marked("", [finding(words)]) == ()


def test_an_excerpt_shows_the_words_among_their_neighbours() -> None:
    text = "a" * 50 + " we will sue you " + "b" * 50
    assert excerpt(text, "sue").startswith("…aaa")
    assert "we will »sue« you" in excerpt(text, "sue")
    assert excerpt("We sue.", "sue") == "We »sue«."
