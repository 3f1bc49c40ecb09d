"""How strict a brand is: which rules block, which only warn, which are off, and rules of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from responders.rules.base import Finding, Reply, Rule

Level = Literal["block", "warn", "off"]

ALWAYS = frozenset({"empty", "length", "objection"})
"""Rules that no brand changes: what they find cannot be published at all."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """One brand's way with the reply rules; the default is the rules as they are shipped.

    `levels` holds what a brand wants of a rule, by its name. `sensitive` marks a brand of health
    or law, and `has_lawyers` one of law. `never_say` and `may_offer` are words and phrases of the
    brand's own, and `extra` are rules of other packages.
    """

    levels: Mapping[str, Level] = field(default_factory=dict)
    sensitive: bool = False
    has_lawyers: bool = False
    never_say: tuple[str, ...] = ()
    may_offer: tuple[str, ...] = ()
    extra: tuple[Rule, ...] = ()

    @property
    def may_block_more(self) -> bool:
        """Tell whether it may block what the shipped rules would let pass."""
        return bool(self.never_say or self.extra or "block" in self.levels.values())

    def findings(self, rule: Rule, reply: Reply) -> Iterator[Finding]:
        """Yield what `rule` finds, as severe as the brand wants it."""
        wanted = None if rule.name in ALWAYS else self.levels.get(rule.name)
        if wanted == "off":
            return
        for finding in rule.check(reply):
            yield finding if wanted is None else replace(finding, severity=wanted)


SHIPPED = Strictness()
"""The rules as they are shipped."""
