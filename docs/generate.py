"""Writes docs/reference from the code: ``python -m docs.generate``.

With ``--check`` it writes nothing and fails if a page is not what the code says. Another page is
one more entry in `PAGES`: its file name under docs/reference and a function that returns its text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from connectors.base import Capabilities, ConnectorKind
from docs.commands import commands
from docs.platforms import platforms
from docs.workings import workings
from monitor.config.describe import Setting, describe
from monitor.config.durations import format_duration
from monitor.config.model import Config
from monitor.config.schema import schema_text, shipped

REFERENCE = Path(__file__).parent / "reference"

_CONFIGURATION = """\
# Configuration

Rapport reads one YAML file: the one named with `--config`, else in `RAPPORT_CONFIG`, else
`config.yaml` in the current folder. It is checked as a whole before anything starts, and every
problem is reported at once with its line, what was expected and the nearest valid key.

- Durations are one number and one unit: `30s`, `15m`, `4h`, `2d`, `1w`.
- Secrets are references: `env:NAME` (an environment variable) or `file:path` (a file that holds
  nothing else). A secret in plain is refused.
- Relative paths start at the folder of the file.
- YAML 1.2 rules hold: only `true` and `false` are booleans, so `no` is Norwegian. Anchors, aliases
  and `<<` work.
- An empty value (`slack:` with nothing behind it) counts as not given.

The first line of the shipped file gives editors completion and checks, from
[config.schema.json](config.schema.json). This page is made from the code by
`python -m docs.generate`.
"""

_CONNECTORS = """\
# Connectors

Every source in the [configuration](configuration.md) names a connector. These come with Rapport;
others are added by packages with an entry point in the group `rapport.connectors` and loaded only
where the configuration lists them under `plugins`. This page is made from the code by
`python -m docs.generate`.
"""

_REPLY_MODES = {
    "replace": "a second reply takes the place of the first",
    "keyed": "a repeated request is recognised by its key",
    "append": "a repeated request would reply twice, so Rapport looks before it sends again",
    "manual": "a person pastes the approved text",
    "none": "not possible",
}


def configuration() -> str:
    """Return the page of every key."""
    general: list[Setting] = []
    sections: dict[str, list[Setting]] = {}
    about: dict[str, Setting] = {}
    for setting in describe(Config):
        head, separator, _ = setting.key.partition(".")
        if separator:
            sections.setdefault(head, []).append(setting)
        elif setting.type in ("mapping", "list of mappings"):
            about[head] = setting
        else:
            general.append(setting)
    parts = [_CONFIGURATION, "## General\n", _table(general)]
    for head, settings in sections.items():
        name = head.removesuffix("[]")
        found = about[name]
        parts += [f"## {name}\n", f"{_kind(found)} {found.description}\n", _table(settings)]
    return "\n".join(parts)


def connectors() -> str:
    """Return the catalogue of the shipped connectors."""
    kinds = shipped()
    rows = [
        f"| [{kind.name}](#{kind.name}) | {_cell(kind.title)} | {kind.category} "
        f"| {_reads(kind.capabilities)} | {_answers(kind.capabilities)} |"
        for kind in kinds
    ]
    head = "| connector | for | category | reads | answers |\n|---|---|---|---|---|\n"
    return "\n".join([_CONNECTORS, head + "\n".join(rows) + "\n", *map(_connector, kinds)])


def _connector(kind: ConnectorKind) -> str:
    able = kind.capabilities
    facts = [
        f"Polled every {format_duration(kind.default_every)} unless the source says otherwise.",
        f"Replies: {_REPLY_MODES[able.reply_mode]}.",
    ]
    if able.can_reply:
        where = "in public" if able.reply_is_public else "in private"
        limit = f", at most {able.max_length} {able.length_unit}" if able.max_length else ""
        facts.append(f"A reply stands {where}{limit}.")
        facts.append(
            "Rapport can look whether a reply is there."
            if able.can_find_reply
            else "Rapport cannot look whether a reply is there; in doubt a person does."
        )
    if able.can_withdraw:
        facts.append("Rapport can take a reply down again.")
    if able.needs_summons:
        facts.append("Only those who addressed us are answered.")
    if not able.may_store:
        facts.append("The platform's terms forbid keeping its texts.")
    if able.retention is not None:
        facts.append(f"The platform's terms allow keeping its texts for {_length(able.retention)}.")
    if not able.may_use_ai:
        facts.append("The platform's terms forbid language models.")
    if able.listing_window is not None:
        facts.append(f"Only the last {_length(able.listing_window)} are listed.")
    parts = [f"## {kind.name}\n", f"**{kind.title}.** {_sentence(kind.summary)}\n"]
    parts.append("\n".join(f"- {fact}" for fact in facts) + "\n")
    settings = sorted(describe(kind.settings), key=lambda each: not each.required)
    if settings:
        parts += ["Settings:\n", _table(settings)]
    if kind.advice:
        parts.append("When something fails:\n")
        parts.append("| what | what to do |\n|---|---|\n" + _rows(kind.advice.items()))
    if kind.docs_url:
        parts.append(f"The platform's own documentation: <{kind.docs_url}>\n")
    return "\n".join(parts)


def _table(settings: Iterable[Setting]) -> str:
    rows = []
    for each in settings:
        default = "**required**" if each.required else _code(each.default)
        rows.append(
            f"| `{each.key}` | {_cell(each.type)} | {default} | {_sentence(each.description)} "
            f"| {_code(each.example)} |"
        )
    head = "| key | type | default | description | example |\n|---|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"| {_cell(name)} | {_cell(text)} |\n" for name, text in pairs)


def _kind(setting: Setting) -> str:
    what = "A list." if setting.type.startswith("list") else "A mapping."
    return f"{what} Required." if setting.required else what


def _reads(able: Capabilities) -> str:
    return "yes" if able.can_read else "no"


def _answers(able: Capabilities) -> str:
    if able.can_reply:
        return "yes"
    return "by hand" if able.reply_mode == "manual" else "no"


def _length(length: timedelta) -> str:
    return f"{length.days} days" if length >= timedelta(days=2) else format_duration(length)


def _code(text: str) -> str:
    if not text:
        return ""
    fence = "``" if "`" in text else "`"
    return fence + text.replace("|", "\\|") + fence


def _sentence(text: str) -> str:
    cell = _cell(text)
    return cell if not cell or cell.endswith((".", "?")) else cell + "."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "config.schema.json": schema_text,
    "configuration.md": configuration,
    "connectors.md": connectors,
    "commands.md": commands,
    "workings.md": workings,
    "platforms.md": platforms,
}


def stale() -> list[str]:
    """Return the pages that are not what the code says."""
    return [
        name
        for name, render in PAGES.items()
        if not (REFERENCE / name).is_file()
        or (REFERENCE / name).read_text(encoding="utf-8") != render()
    ]


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; return the exit code."""
    if arguments == ["--check"]:
        for name in stale():
            sys.stderr.write(f"docs/reference/{name} is stale; run python -m docs.generate\n")
        return 1 if stale() else 0
    REFERENCE.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (REFERENCE / name).write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
