"""Reads policies and calendars to try out, which need not be a whole configuration.

The file is either a configuration, or holds only `sla:`, `calendars:` or both; what it does not
say stays as it is now. It is checked as the configuration is, with the file's own lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from monitor.config.calendars import Calendar
from monitor.config.checks import check_all
from monitor.config.explain import explain
from monitor.config.loading import examine, read_text
from monitor.config.model import Config
from monitor.config.problems import ConfigError, Problem
from monitor.config.rawvalues import entries
from monitor.config.sla import SlaPolicy
from monitor.config.values import Section
from monitor.config.yamltree import Document, Unreadable, read

SECTIONS = ("sla", "calendars")


class Plan(Section):
    """A file that holds only what a deadline depends on."""

    version: int = Field(default=1, ge=1, le=1, description="As in the configuration.")
    calendars: tuple[Calendar, ...] = Field(
        default=(), description="As in the configuration; one with a key of now replaces it."
    )
    sla: tuple[SlaPolicy, ...] = Field(
        default=(), description="As in the configuration, in place of all policies of now."
    )


def load_plan(path: Path, present: Config) -> Config:
    """Return `present` with the policies and calendars of the file at `path`.

    What is allowed there and probably not meant stands in `Config.warnings`. Raises `ConfigError`
    with all problems of the file.
    """
    document = _read(path)
    raw = document.value
    if isinstance(raw, dict) and "brands" in raw:
        whole, problems = examine(_text(path), str(path), with_secrets=False)
        if whole is None:
            raise ConfigError(problems)
        return _keep(whole, path, problems)
    if not isinstance(raw, dict) or not any(raw.get(name) for name in SECTIONS):
        what = "holds neither policies nor calendars"
        raise ConfigError([document.problem((), what, expected="`sla:`, `calendars:` or both")])
    return _merge(document, raw, present)


def load_hours(path: Path, present: Config) -> tuple[Config, tuple[str, ...]]:
    """Return `present` with the calendars of the file at `path`, and their keys.

    The file holds `calendars:`, or is one calendar by itself (`timezone:` and `hours:`), which is
    then called as the file is. Raises `ConfigError`.
    """
    document = _read(path)
    raw = document.value
    if isinstance(raw, dict) and "hours" in raw:
        try:
            alone = Calendar.model_validate({"key": path.stem, **raw})
        except ValidationError as error:
            raise ConfigError(_ordered(explain(error, document, Calendar))) from None
        return _with_calendars(present, (alone,)), (alone.key,)
    config = load_plan(path, present)
    keys = tuple(each["key"] for _, each in entries(_mapping(raw), "calendars"))
    if not keys:
        expected = "`calendars:`, or one calendar with `timezone:` and `hours:`"
        raise ConfigError([document.problem((), "holds no calendar", expected=expected)])
    # Hours are asked for; policies that the file may hold too are another question.
    return _with_calendars(present, [config.calendar(key) for key in keys]), keys


def _merge(document: Document, raw: dict[str, Any], present: Config) -> Config:
    problems = list(document.problems)
    plan: Plan | None = None
    try:
        plan = Plan.model_validate(raw)
    except ValidationError as error:
        problems += explain(error, document, Plan)
    # Sources, brands and topics that a policy may name are those of now.
    now = _mapping(_read(present.path).value)
    own = {each.get("key") for _, each in entries(raw, "calendars")}
    others = [each for _, each in entries(now, "calendars") if each.get("key") not in own]
    written = raw.get("calendars") if isinstance(raw.get("calendars"), list) else []
    whole = {**now, "sla": raw.get("sla"), "calendars": [*(written or []), *others]}
    problems += [
        problem
        for problem in check_all(document, whole, {})
        if problem.key.partition("[")[0] in SECTIONS
    ]
    ordered = _ordered(problems)
    if plan is None or any(each.severity == "error" for each in ordered):
        raise ConfigError(ordered)
    config = _with_calendars(present, plan.calendars)
    return _keep(config.model_copy(update={"sla": plan.sla or present.sla}), present.path, ordered)


def _with_calendars(present: Config, added: Iterable[Calendar]) -> Config:
    by_key = {each.key: each for each in (*present.calendars, *added)}
    return present.model_copy(update={"calendars": tuple(by_key.values())})


def _keep(config: Config, path: Path, problems: Iterable[Problem]) -> Config:
    config._path = path
    config._warnings = tuple(problems)
    return config


def _read(path: Path) -> Document:
    if not path.exists():
        raise ConfigError([Problem(str(path), 0, 0, "", "there is no such file")])
    try:
        return read(_text(path), str(path))
    except Unreadable as error:
        raise ConfigError([error.problem]) from None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(path: Path) -> str:
    text, problem = read_text(path)
    if problem is not None:
        raise ConfigError([problem])
    return text


def _ordered(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda found: (found.line, found.column))
