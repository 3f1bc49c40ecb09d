"""Writes docs/reference/platforms.md: what each platform allows, costs and demands."""

from __future__ import annotations

from connectors.base import Capabilities, ConnectorKind
from connectors.checklist import DONE, RULES
from monitor.config.durations import format_duration
from monitor.config.schema import shipped

_HEAD = """\
# Platforms

What each platform lets Rapport read and answer, within which limits, on which terms, at what price,
and against what the connector was tried. No connector was tried against a live platform: each was
tried against recorded answers where there are some, and against a loopback server that behaves as
the platform's documentation says. The settings stand in [connectors](connectors.md). This page is
made from the code by `python -m docs.generate`.
"""

_MARKS = """\
## The checklist

Every connector answers for these rules. A number names a reason below the table.
"""


def platforms() -> str:
    """Return the page: an overview, a section a platform, and the checklist of all."""
    kinds = [kind for kind in shipped() if kind.category != "demo"]
    rows = [
        f"| [{kind.title}](#{kind.name}) | {_reads(kind)} | {_replies(kind)} "
        f"| {kind.cost or 'not known'} |"
        for kind in kinds
    ]
    overview = "| platform | reads | answers | costs |\n|---|---|---|---|\n" + "\n".join(rows)
    sections = [_section(kind) for kind in kinds]
    return "\n".join([_HEAD, overview + "\n", *sections, _checklist(kinds)])


def _section(kind: ConnectorKind) -> str:
    able = kind.capabilities
    facts = [
        ("Does", f"{kind.summary.rstrip('.')}."),
        ("Replies", _reply_facts(kind)),
        ("Limits", kind.limits),
        ("Terms", " ".join(filter(None, [kind.terms, _terms(able)]))),
        ("Costs", kind.cost),
        (
            "Sends by itself",
            "Webhooks, to `/hooks/` and the key of the source." if kind.hook else "",
        ),
        ("Tried against", kind.tested),
    ]
    parts = [f'## <a id="{kind.name}"></a>{kind.title}\n']
    parts.append("".join(f"- **{name}**: {said}\n" for name, said in facts if said))
    if kind.setup:
        steps = "".join(f"{number}. {step}\n" for number, step in enumerate(kind.setup, 1))
        parts.append(f"How access is got:\n\n{steps}")
    if kind.docs_url:
        parts.append(f"The platform's own documentation: <{kind.docs_url}>\n")
    return "\n".join(parts)


def _reads(kind: ConnectorKind) -> str:
    return "yes" if kind.capabilities.can_read else "no"


def _replies(kind: ConnectorKind) -> str:
    able = kind.capabilities
    if able.can_reply:
        return "yes" if able.reply_is_public else "yes, in private"
    return f"with {kind.reply_needs}" if kind.reply_needs else "by hand"


def _reply_facts(kind: ConnectorKind) -> str:
    able = kind.capabilities
    if not able.can_reply:
        return (
            "by hand."
            if kind.capabilities_of is None
            else "by hand, unless the settings give access."
        )
    limit = f", at most {able.max_length:,} {able.length_unit}" if able.max_length else ""
    where = "in public" if able.reply_is_public else "in private"
    summons = "; only where the author addressed us" if able.needs_summons else ""
    return f"{where}{limit}{summons}."


def _terms(able: Capabilities) -> str:
    said = []
    if not able.may_store:
        said.append("Rapport keeps the id and the link only.")
    if able.retention is not None:
        said.append(f"Rapport keeps texts for at most {format_duration(able.retention)}.")
    if able.recheck_within is not None:
        within = format_duration(able.recheck_within)
        said.append(f"Rapport looks every {within} whether what it keeps was deleted.")
    if not able.may_use_ai:
        said.append("No language model sees these texts.")
    if able.listing_window is not None:
        window = format_duration(able.listing_window)
        said.append(f"What is older than {window} cannot be read any more.")
    return " ".join(said)


def _checklist(kinds: list[ConnectorKind]) -> str:
    reasons: list[str] = []
    rows = []
    for kind in kinds:
        cells = []
        for rule in RULES:
            said = kind.checklist.get(rule, "not filled in")
            if said != DONE and said not in reasons:
                reasons.append(said)
            cells.append("yes" if said == DONE else f"({reasons.index(said) + 1})")
        rows.append(f"| {kind.name} | {' | '.join(cells)} |")
    head = f"| | {' | '.join(RULES)} |\n|---|{'---|' * len(RULES)}\n"
    rules = "".join(f"- **{rule}**: {said}.\n" for rule, said in RULES.items())
    notes = "".join(f"{number}. {said}.\n" for number, said in enumerate(reasons, 1))
    return "\n".join([_MARKS, rules, head + "\n".join(rows) + "\n", notes])
