"""Checks what brands say of the reply rules: their names, and those that keep the law."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

from connectors import registry
from monitor.config.problems import Problem, nearest, shown
from monitor.config.rawvalues import entries
from monitor.config.yamltree import Document

GROUP = "rapport.reply_rules"
"""The entry points of other packages' rules; `responders.rules.plugins` loads them."""

LAWFUL = {
    "bank": "GDPR Art. 5 and 6",
    "phone": "GDPR Art. 5 and 6",
    "email": "GDPR Art. 5 and 6",
    "order_number": "GDPR Art. 5 and 6",
    "full_name": "GDPR Art. 5 and 6",
    "asks_data": "GDPR Art. 5 and 6",
    "confirms": "45 CFR 164.502 (HIPAA) and professional secrecy",
    "threat": "16 CFR 465.7",
    "accusation": "16 CFR 465.7",
    "incentive": "16 CFR 465.4",
}
"""The rules that keep the law, and which. Whoever switches one off is told so."""

NAMES = (
    *LAWFUL, "placeholder", "characters", "shouting", "html", "emoji", "similar", "language",
    "insult", "blame", "asks_change", "asks_review", "promise", "admission", "promotion", "link",
    "never_say",
)  # fmt: skip
"""The rules that a brand may make stricter or milder. Nobody changes the others: what is empty,
too long or refused by the platform cannot be published."""


def offered() -> frozenset[str]:
    """Return the names of the rules that installed packages offer."""
    return frozenset(entry.name for entry in entry_points(group=GROUP))


def is_only_a_rule(name: str) -> bool:
    """Tell whether packages offer `name` as a reply rule and none as a connector."""
    return name in offered() and not entry_points(group=registry.GROUP, name=name)


def check_reply_rules(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong, or probably not meant, with the rules of each brand."""
    installed = offered()
    known = [*NAMES, *(name for _, name in _plugins(raw) if name in installed)]
    for at, brand in entries(raw, "brands"):
        rules = brand.get("rules")
        for name, wanted in rules.items() if isinstance(rules, dict) else ():
            path = ("brands", at, "rules", str(name))
            if name not in known:
                close = nearest(str(name), known)
                yield document.problem(
                    path,
                    f"there is no reply rule {shown(str(name))!r} that can be changed",
                    expected="" if close else "a name from docs/reference/drafts.md",
                    suggestion=close,
                    key=True,
                )
            elif wanted == "off" and name in LAWFUL:
                yield document.problem(
                    path,
                    f"the rule {name} keeps the law ({LAWFUL[name]}): with it off, nothing but the "
                    "person who approves does",
                    expected="`warn`, which blocks nothing",
                    severity="warning",
                )


def check_rule_plugins(document: Document, raw: dict[str, Any]) -> Iterator[Problem]:
    """Yield a warning for each allowed package of reply rules that cannot be loaded."""
    for at, name in _plugins(raw):
        for entry in entry_points(group=GROUP, name=name):
            try:
                entry.load()
            # Another package's code may fail in any way; answers then carry a warning each.
            except Exception as error:
                yield document.problem(
                    ("plugins", at),
                    f"the reply rule {shown(name)} cannot be loaded ({type(error).__name__}: "
                    f"{shown(str(error), 200)}), and every answer will say so",
                    expected="a package that works, or none",
                    severity="warning",
                )


def _plugins(raw: dict[str, Any]) -> list[tuple[int, str]]:
    """Return place and name of the plugins that are allowed, as far as they are names."""
    listed = raw.get("plugins")
    named = enumerate(listed if isinstance(listed, list) else [])
    return [(at, name) for at, name in named if isinstance(name, str)]
