"""Have the compiler of TypeScript judge what Rapport shows in Slack by Slack's own types.

    python -m benchmarks.slack_types                  # needs node and npm, and their registry
    python -m benchmarks.slack_types --keep FOLDER    # leaves what was compiled there

Everything that `tests.unit.slack.corpus` draws becomes a constant of the type that @slack/types
has for it; `tsc --strict --noEmit` then reports what does not fit, properties that no type knows
included. Broken payloads go with the rest, and must be found: else the compiler is not looking.
Not part of the tests: a registry is asked.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.unit.slack.corpus import Payload, payloads

PACKAGES = ("typescript@5.9", "@slack/types@3.2.0")
TYPES = {"modal": "ModalView", "home": "HomeView"}
HEAD = """\
import type { HomeView, KnownBlock, MessageMetadata, ModalView } from '@slack/types';
type Message = { blocks: KnownBlock[]; metadata?: MessageMetadata };
"""
BROKEN = tuple(
    Payload(f"broken on purpose {number}", "message", {"blocks": [block]})
    for number, block in enumerate(
        (
            {"type": "header", "text": {"type": "plain_text", "text": "x"}, "colour": "red"},
            {"type": "rich_text", "elements": [{"type": "rich_text_table", "elements": []}]},
            {"type": "actions", "elements": [{"type": "button", "disabled": True}]},
        )
    )
)
COMPILE = ("--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "node16")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile, and say what does not fit; 0 when everything does, 2 when it cannot be done."""
    parser = argparse.ArgumentParser(description="Check payloads against @slack/types.")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    told = parser.parse_args(arguments)
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        sys.stdout.write("node or npm is missing: nothing was checked\n")
        return 2
    with tempfile.TemporaryDirectory() as made:
        folder: Path = told.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        shown = [*payloads(Path(made)), *BROKEN]
        (folder / "check.ts").write_text(_program(shown), encoding="utf-8")
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        _run(folder, npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES)
        compiler = "node_modules/typescript/bin/tsc"
        result = _run(folder, node, compiler, *COMPILE, "--module", "node16", "check.ts")
    return _report(shown, result.stdout)


def _program(shown: Iterable[Payload]) -> str:
    """Return a program with one constant for each payload, one a line."""
    made = [HEAD]
    for number, payload in enumerate(shown):
        kind = TYPES.get(payload.kind, "Message")
        made.append(f"export const p{number}: {kind} = {json.dumps(_checked(payload))};\n")
    return "".join(made)


def _checked(payload: Payload) -> dict[str, Any]:
    """Return what the types speak of: of a message its blocks and its metadata."""
    if payload.kind != "message":
        return payload.body
    return {name: payload.body[name] for name in ("blocks", "metadata") if name in payload.body}


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)


def _report(shown: Sequence[Payload], told: str) -> int:
    """Print the compiler's findings with the payload's names; tell whether all is well."""
    first = HEAD.count("\n") + 1
    found: dict[str, str] = {}
    for row, words in re.findall(r"check\.ts\((\d+),\d+\): error (.*)", told):
        found.setdefault(shown[int(row) - first].name, words)
    if None in [found.pop(each.name, None) for each in BROKEN]:
        sys.stdout.write(f"the compiler is not looking:\n{told[:2000]}\n")
        return 2
    for name, words in found.items():
        sys.stdout.write(f"{name}: {words}\n")
    sys.stdout.write(f"{len(shown) - len(BROKEN)} payloads, {len(found)} that do not fit\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
