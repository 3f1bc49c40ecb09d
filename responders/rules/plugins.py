"""Reply rules of other packages: entry points of the group ``rapport.reply_rules``.

An entry point's value is a `Rule` that is called as the entry point. It is loaded only where the
configuration names it under ``plugins``, as connectors are. A rule that cannot be loaded, or that
fails while it is asked, never lets a text pass in silence: it warns on every text that it was
not asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points

from responders.rules.base import Finding, Reply, Rule, Severity, shorten

GROUP = "rapport.reply_rules"
MOST_FINDINGS = 20
"""How many findings of one rule of another package are shown; a person needs no more."""

_PROBLEM_MAX = 120


def load_rules(names: Iterable[str]) -> tuple[Rule, ...]:
    """Return the installed rules among `names`, in that order; a broken one warns ever after.

    Names that no package offers as a rule are left out: they may be connectors.
    """
    found: dict[str, EntryPoint] = {each.name: each for each in entry_points(group=GROUP)}
    return tuple(_load(found[name]) for name in dict.fromkeys(names) if name in found)


def guarded(rule: Rule) -> Rule:
    """Return `rule` so that whatever it raises is a finding, and its findings are in its name."""

    def check(reply: Reply) -> Iterator[Finding]:
        try:
            for number, finding in enumerate(rule.check(reply)):
                if number >= MOST_FINDINGS:
                    return
                severity: Severity = "block" if finding.severity == "block" else "warn"
                yield replace(finding, rule=rule.name, severity=severity)
        # Another package's code may fail in any way, and no failure may stop the other rules.
        except Exception as error:
            yield _not_asked(rule.name, f"it failed: {type(error).__name__}: {error}")

    return replace(rule, check=check)


def _load(entry: EntryPoint) -> Rule:
    try:
        rule = entry.load()
        if not isinstance(rule, Rule):
            raise TypeError("its value is no Rule")
        if rule.name != entry.name:
            raise ValueError(f"its rule is called {rule.name}")
    except Exception as error:
        why = f"it cannot be loaded: {type(error).__name__}: {error}"

        def check(_reply: Reply) -> Iterator[Finding]:
            yield _not_asked(entry.name, why)

        return Rule(entry.name, "warn", "It could not be loaded", "", check)
    return guarded(rule)


def _not_asked(name: str, why: str) -> Finding:
    message = f"The reply rule {name} was not asked, for {shorten(why, _PROBLEM_MAX)}"
    return Finding(name, "warn", f"{message}. Read the text with its eyes, and have it mended")
