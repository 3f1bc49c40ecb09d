"""Checks across sections: names that must exist or be unique, and combinations that cannot work.

They read the file's own values rather than finished models, so that one mistake hides no other;
what a value is wrong about by itself is left to its own section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from monitor.config.calendars import ALWAYS
from monitor.config.durations import parse_duration
from monitor.config.escalationchecks import check_ladders
from monitor.config.policychecks import check_policies
from monitor.config.presence import value_of, why_missing
from monitor.config.problems import Misfit, Path, Problem, shown
from monitor.config.rawvalues import (
    INBOX,
    SLACK,
    Raw,
    check_when,
    entries,
    keys,
    source_keys,
    unknown,
)
from monitor.config.slackchecks import check_slack
from monitor.config.store import check_url, is_reference, is_sqlite
from monitor.config.values import is_loopback, split_listen
from monitor.config.web import Demo, Web
from monitor.config.yamltree import Document

UNIQUE = ("brands", "sources", "calendars", "sla", "escalation")
RESERVED = {"calendars": {ALWAYS}, "sources": {INBOX, SLACK}, "sla": {"default"}}
"""Keys that Rapport gives itself: day and night, the watched folder, messages of Slack, and the
policy of cases that no other takes."""


def check_all(document: Document, raw: Raw, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Yield every problem between the sections of `raw`."""
    yield from _check_unique(document, raw)
    yield from _check_places(document, raw)
    yield from _check_accounts(document, raw)
    yield from _check_pace(document, raw)
    yield from check_policies(document, raw)
    yield from _check_ports(document, raw)
    yield from _check_store(document, raw, environ)
    yield from check_slack(document, raw)
    yield from _check_people(document, raw)
    yield from _check_escalation(document, raw)
    yield from _check_language_model(document, raw)
    if not entries(raw, "sources") and not isinstance(raw.get("inbox"), dict) and "brands" in raw:
        yield document.problem(
            ("sources",) if "sources" in raw else (),
            "there is no source and no inbox, so nothing will be heard",
            expected="a source; `rapport sources add` asks for what it needs",
            severity="warning",
        )


def _check_unique(document: Document, raw: Raw) -> Iterator[Problem]:
    lists: list[tuple[Path, Raw]] = [((), raw)]
    lists += [(("brands", at), brand) for at, brand in entries(raw, "brands")]
    for prefix, holder in lists:
        for name in UNIQUE if not prefix else ("locations",):
            seen: dict[str, int] = {}
            for at, entry in entries(holder, name):
                key = entry.get("key")
                if not isinstance(key, str):
                    continue
                path = (*prefix, name, at, "key")
                if key in seen:
                    line, _ = document.locate((*prefix, name, seen[key], "key"))
                    yield document.problem(
                        path,
                        f"{shown(key)!r} is taken by {name}[{seen[key]}] on line {line}",
                        expected="a key of its own",
                    )
                elif key in RESERVED.get(name, ()):
                    yield document.problem(path, f"`{key}` is built in", expected="another key")
                seen.setdefault(key, at)


def _check_places(document: Document, raw: Raw) -> Iterator[Problem]:
    brands = {
        brand["key"]: keys(brand, "locations")
        for _, brand in entries(raw, "brands")
        if isinstance(brand.get("key"), str)
    }
    users: list[tuple[Path, Raw]] = [(("sources", at), s) for at, s in entries(raw, "sources")]
    if isinstance(raw.get("inbox"), dict):
        users.append((("inbox",), raw["inbox"]))
    for path, user in users:
        brand, location = user.get("brand"), user.get("location")
        if isinstance(brand, str) and brand not in brands:
            yield unknown(document, (*path, "brand"), "brand", brand, brands)
        elif isinstance(brand, str) and isinstance(location, str) and location not in brands[brand]:
            what = f"location of {shown(brand)}"
            yield unknown(document, (*path, "location"), what, location, brands[brand])
    calendars = [ALWAYS, *keys(raw, "calendars")]
    for number, owner in entries(raw, "brands"):
        for at, place in entries(owner, "locations"):
            calendar = place.get("calendar")
            if isinstance(calendar, str) and calendar not in calendars:
                path = ("brands", number, "locations", at, "calendar")
                yield unknown(document, path, "calendar", calendar, calendars)


def _check_accounts(document: Document, raw: Raw) -> Iterator[Problem]:
    first: dict[str, tuple[int, str]] = {}
    for at, source in entries(raw, "sources"):
        account, connector = source.get("account") or source.get("key"), source.get("connector")
        if not isinstance(account, str) or not isinstance(connector, str):
            continue
        other, theirs = first.setdefault(account, (at, connector))
        if theirs != connector and "account" in source | raw["sources"][other]:
            yield document.problem(
                ("sources", at, "account"),
                f"the account {shown(account)!r} is one of sources[{other}] at another platform "
                f"({shown(theirs)})",
                expected="an account for each platform",
            )


def _check_pace(document: Document, raw: Raw) -> Iterator[Problem]:
    users: list[tuple[Path, Raw]] = [(("sources", at), s) for at, s in entries(raw, "sources")]
    if isinstance(raw.get("inbox"), dict):
        users.append((("inbox",), raw["inbox"]))
    for path, user in users:
        try:
            every = parse_duration(user["every"]) if isinstance(user.get("every"), str) else None
        except ValueError:
            continue  # said by its own section
        if every is not None and every.total_seconds() < 1:
            yield document.problem((*path, "every"), "is too often", expected="1s or longer")


def _check_people(document: Document, raw: Raw) -> Iterator[Problem]:
    for field in ("name", "slack"):
        seen: dict[str, int] = {}
        for at, person in entries(raw, "people"):
            given = person.get(field)
            if not isinstance(given, str):
                continue
            if given.casefold() in seen:
                line, _ = document.locate(("people", seen[given.casefold()], field))
                yield document.problem(
                    ("people", at, field),
                    f"{shown(given)!r} is taken on line {line}",
                    expected=f"a {field} for each person",
                )
            seen.setdefault(given.casefold(), at)
    slack = raw.get("slack")
    hours = slack.get("mention_hours") if isinstance(slack, dict) else None
    calendars = [ALWAYS, *keys(raw, "calendars")]
    if isinstance(hours, str) and hours not in calendars:
        yield unknown(document, ("slack", "mention_hours"), "calendar", hours, calendars)
    for at, route in entries(slack, "routes") if isinstance(slack, dict) else []:
        yield from check_when(document, raw, ("slack", "routes", at), route)
    people = [person for _, person in entries(raw, "people")]
    names = [str(person.get("name")) for person in people]
    for at, turn in entries(raw, "assignment"):
        yield from check_when(document, raw, ("assignment", at), turn)
        among = turn.get("among")
        for i, name in enumerate(among if isinstance(among, list) else []):
            if isinstance(name, str) and name not in names:
                yield unknown(document, ("assignment", at, "among", i), "person", name, names)
        if not people:
            told, expected = "gives cases to nobody", "names under `people`"
            yield document.problem(("assignment", at), told, expected=expected)
    managers = [person for person in people if person.get("manager") is True]
    approval = raw.get("approval")
    for at, rule in entries(approval, "rules") if isinstance(approval, dict) else []:
        path: Path = ("approval", "rules", at)
        yield from check_when(document, raw, path, rule)
        if rule.get("needs") == "manager" and not managers:
            told, expected = "nobody can approve these", "a person with `manager: true` in `people`"
            yield document.problem((*path, "needs"), told, expected=expected)
        if rule.get("needs") == "two_people" and len(people) < 2:
            told, expected = "nobody can approve these", "at least two persons under `people`"
            yield document.problem((*path, "needs"), told, expected=expected)


def _check_escalation(document: Document, raw: Raw) -> Iterator[Problem]:
    ladders = entries(raw, "escalation")
    for at, ladder in ladders:
        yield from check_when(document, raw, ("escalation", at), ladder)
        yield from check_when(document, raw, ("escalation", at), ladder, "except")
    yield from check_ladders(
        document,
        ladders,
        people=[person for _, person in entries(raw, "people")],
        calendars=[ALWAYS, *keys(raw, "calendars")],
        has_slack=isinstance(raw.get("slack"), dict),
        unknown=lambda path, what, given, valid: unknown(document, path, what, given, valid),
    )


def _check_ports(document: Document, raw: Raw) -> Iterator[Problem]:
    web, demo = raw.get("web"), raw.get("demo")
    try:
        host, port = split_listen(_listen(web, Web))
        if not is_loopback(host) and isinstance(web, dict) and not web.get("base_url"):
            yield document.problem(
                ("web", "listen"),
                "anyone who reaches this machine sees the pages' sign-in, and links made from "
                "this address may not work",
                expected="`base_url`, the https link under which staff reach the pages",
                severity="warning",
            )
        if not isinstance(demo, dict):
            return
        demo_host, demo_port = split_listen(_listen(demo, Demo))
    except Misfit:
        return  # said by its own section
    everywhere = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not bound
    if port and port == demo_port and (host == demo_host or everywhere & {host, demo_host}):
        yield document.problem(
            ("demo", "listen"),
            f"the pages for staff listen on port {port} too",
            expected="a port of its own",
        )


def _listen(section: Any, model: type[Web] | type[Demo]) -> str:
    given = section.get("listen") if isinstance(section, dict) else None
    return given if isinstance(given, str) else str(model.model_fields["listen"].default)


def _check_store(document: Document, raw: Raw, environ: Mapping[str, str]) -> Iterator[Problem]:
    url = raw.get("database", "sqlite:///var/rapport.db")
    if isinstance(url, str) and is_reference(url):
        url = value_of(url, environ)
        try:
            url = check_url(url) if url else None
        except Misfit as error:
            yield document.problem(
                ("database",), f"what it refers to {error}", expected=error.expected
            )
            return
    elif isinstance(url, str):
        try:
            check_url(url)
        except Misfit:
            return  # said by its own section
    if not isinstance(url, str):
        return
    if raw.get("engine") == "postgres" and is_sqlite(url):
        yield document.problem(
            ("engine",),
            "the engine postgres cannot work on a SQLite database",
            expected="`database: postgresql+psycopg://user@host/database`, or `engine: embedded`",
        )
    needed = [] if is_sqlite(url) else ["psycopg"]
    if raw.get("engine") == "postgres":
        needed.append("procrastinate")
    missing = [module for module in needed if find_spec(module) is None]
    if missing:
        yield document.problem(
            ("engine",) if raw.get("engine") == "postgres" else ("database",),
            f"PostgreSQL needs what is not installed: {', '.join(missing)}",
            expected="the extra: pip install 'rapport-monitor[postgres]'",
        )


def check_database_secret(
    document: Document, raw: Raw, environ: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a problem when the database is named by a secret that cannot be had."""
    url = raw.get("database")
    if isinstance(url, str) and is_reference(url) and (fault := why_missing(url, environ)):
        yield document.problem(("database",), fault)


def _check_language_model(document: Document, raw: Raw) -> Iterator[Problem]:
    told = raw.get("language_model")
    known = {
        "brand": keys(raw, "brands"),
        "source": source_keys(raw),
    }
    for what, valid in known.items():
        given = told.get(f"{what}s") if isinstance(told, dict) else None
        for at, key in enumerate(given if isinstance(given, list) else []):
            if isinstance(key, str) and key not in valid:
                yield unknown(document, ("language_model", f"{what}s", at), what, key, valid)
