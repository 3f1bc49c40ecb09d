"""The reply rules: what must not be published, and what a person should look at first.

Deterministic and pure. Every reply goes through them: a draft, each edit of it, and the text at
the moment of approval. A ``block`` finding keeps it from being published.

>>> [f.rule for f in check_reply("Delete your review or we will sue you.", ReplyFacts())]
['threat', 'asks_change']
"""

from __future__ import annotations

from responders.rules.base import Finding, Reply, ReplyFacts, Rule, Severity
from responders.rules.brandwords import BRAND_RULES
from responders.rules.conduct import CONDUCT_RULES
from responders.rules.form import FORM_RULES
from responders.rules.personal import PERSONAL_RULES
from responders.rules.strictness import SHIPPED, Strictness

__all__ = [
    "RULES",
    "Finding",
    "Reply",
    "ReplyFacts",
    "Rule",
    "Severity",
    "Strictness",
    "check_reply",
]

RULES: tuple[Rule, ...] = (*FORM_RULES, *PERSONAL_RULES, *CONDUCT_RULES, *BRAND_RULES)
"""Every rule in the order in which it is asked."""


def check_reply(
    text: str, facts: ReplyFacts, strictness: Strictness = SHIPPED
) -> tuple[Finding, ...]:
    """Return what is wrong with `text` as an answer, blocking findings first.

    `strictness` is the brand's own way with the rules.
    Never raises for any text. An empty result means that no rule objects, not that it is good.
    """
    reply = Reply(text, facts)
    rules = (*RULES, *strictness.extra)
    findings = [finding for rule in rules for finding in strictness.findings(rule, reply)]
    return tuple(sorted(findings, key=lambda finding: finding.severity != "block"))
