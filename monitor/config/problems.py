"""What is wrong with a configuration, said so that a person can mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]

# Slack, GitHub, JSON Web Tokens, cloud keys; and any long run of letters and digits.
_TOKEN = re.compile(
    r"\b(xox[a-z]?-|xapp-|gh[a-z]_\w{8}|github_pat_|eyJ\w{8}|AKIA\w{8}|[Bb]earer )"
    r"|\b[sp]k[-_](\w+[-_])?[A-Za-z0-9]{8}"
)
_RANDOM = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9+=]{24,}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `line` and `column` count from 1; 0 means the file as a whole.

    `key` is dotted (``sources[0].every``) and empty for the file as a whole. `suggestion` is the
    nearest valid key or value. No field ever holds the value of a secret.
    """

    path: str
    line: int
    column: int
    key: str
    message: str
    expected: str = ""
    suggestion: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        warning = "warning: " if self.severity == "warning" else ""
        subject = f"{self.key}: " if self.key else ""
        said = [f"{place}: {warning}{subject}{self.message}"]
        if self.expected:
            said.append(f"expected {self.expected}")
        if self.suggestion:
            said.append(f"did you mean `{self.suggestion}`?")
        return "; ".join(said)


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds all of them, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Misfit(ValueError):
    """A value that cannot be used; validators raise it to say what was expected instead."""

    def __init__(self, message: str, *, expected: str = "", suggestion: str = "") -> None:
        super().__init__(message)
        self.expected = expected
        self.suggestion = suggestion


def dotted(path: Path) -> str:
    """Write a path the way people say it: ``sources[0].settings.board``."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            written += f".{shown(step)}" if written else shown(step)
    return written


def nearest(word: str, valid: Iterable[str]) -> str:
    """Return the valid word that `word` was probably meant to be, or an empty string."""
    lower = {choice.lower(): choice for choice in valid}
    found = get_close_matches(word.lower()[:80], lower, n=1, cutoff=0.6)
    return lower[found[0]] if found else ""


def shown(value: str, limit: int = 60) -> str:
    """Return `value` fit for a message: on one line, short, and never a thing like a token."""
    if _TOKEN.search(value) or _RANDOM.search(value):
        return "(hidden)"
    line = " ".join(value.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
