"""Each mistake is reported with its line, what was expected and the nearest valid word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import registry
from monitor.config import Problem
from monitor.config.problems import shown

Check = Callable[..., list[Problem]]

GOOD = """\
brands:
  - key: harbour
    name: Harbour Coffee
    locations:
      - {key: quay, name: Quay Street}
sources:
  - key: board
    connector: demo
    brand: harbour
    settings: {base_url: http://127.0.0.1:1}
calendars:
  - key: office
    timezone: Europe/Berlin
    hours: {mon: ["09:00-17:00"]}
sla:
  - key: all
    calendar: office
    first_response: 8h
"""


def said(problems: list[Problem]) -> list[str]:
    return [str(problem).removeprefix("config.yaml:") for problem in problems]


def test_a_good_configuration_has_no_problem(check: Check) -> None:
    assert check(GOOD) == []


CASES = [
    # (old, new, what is said; the first number is the line)
    ("brands:", "verison: 1\nbrands:", "1: verison: unknown key; did you mean `version`?"),
    ("brands:", "version: 2\nbrands:", "1: version: is not one of the choices; expected `1`"),
    (
        "brands:",
        "engine: postgress\nbrands:",
        "1: engine: is not one of the choices; expected one of `embedded`, `postgres`; "
        "did you mean `postgres`?",
    ),
    (
        "    brand: harbour\n",
        "    brand: harbour\n    evry: 5s\n",
        "10: sources[0].evry: unknown key; did you mean `every`?",
    ),
    (
        "    brand: harbour\n",
        "    brand: harbour\n    zzzzzz: 5s\n",
        "10: sources[0].zzzzzz: unknown key; expected one of `key`, `connector`, `brand`, "
        "`location`, `title`, `account`, `enabled`, `every`, `backfill_since`, "
        "`expect_update_every`, `settings`",
    ),
    (
        "    brand: harbour\n",
        "",
        "7: sources[0].brand: is missing; expected a key such as harbour",
    ),
    (
        "    brand: harbour\n",
        "    brand:\n",
        "9: sources[0].brand: is empty; expected a key such as harbour",
    ),
    (
        "    brand: harbour\n",
        "    brand: harbor\n",
        "9: sources[0].brand: there is no brand 'harbor'; did you mean `harbour`?",
    ),
    (
        "    brand: harbour\n",
        "    brand: harbour\n    location: key\n",
        "10: sources[0].location: there is no location of harbour 'key'; expected one of `quay`",
    ),
    (
        "name: Harbour Coffee",
        "name: 4711",
        "3: brands[0].name: is a number; expected text such as Harbour Coffee",
    ),
    (
        "    name: Harbour Coffee\n",
        "    name: [Harbour]\n    languages: [en, Deutsch]\n",
        "3: brands[0].name: is a list; expected text such as Harbour Coffee\n"
        "4: brands[0].languages[1]: 'Deutsch' is not a language code; expected a code of two or "
        "three letters such as en, de or pt-BR",
    ),
    (
        "key: quay, name: Quay Street",
        "key: Quay Street, name: Quay Street",
        "5: brands[0].locations[0].key: cannot be a key; expected lower-case letters, digits, "
        "`-`, `_` and `.`, at most 64; did you mean `quay-street`?",
    ),
    (
        "- {key: quay, name: Quay Street}",
        "- {key: quay, name: Quay Street}\n      - {key: quay, name: B}",
        "6: brands[0].locations[1].key: 'quay' is taken by locations[0] on line 5; "
        "expected a key of its own",
    ),
    (
        "sources:",
        "  - key: harbour\n    name: B\nsources:",
        "6: brands[1].key: 'harbour' is taken by brands[0] on line 2; expected a key of its own",
    ),
    (
        "- key: board",
        "- key: inbox",
        "7: sources[0].key: `inbox` is built in; expected another key",
    ),
    (
        "- key: board",
        "- key: slack",
        "7: sources[0].key: `slack` is built in; expected another key",
    ),
    (
        "connector: demo",
        "connector: dmeo",
        "8: sources[0].connector: there is no such connector; did you mean `demo`?",
    ),
    (
        "connector: demo",
        "connector: twitter",
        "8: sources[0].connector: there is no such connector; expected one of "
        + ", ".join(f"`{name}`" for name in registry.names()),
    ),
    (
        "connector: demo",
        "connector: page",
        "8: sources[0].connector: the connector page cannot be loaded (ModuleNotFoundError: "
        "import of connectors.page halted; None in sys.modules)",
    ),
    (
        "base_url: http",
        "base_ur: http",
        "10: sources[0].settings.base_url: is missing; expected text such as https://board.example"
        "\n10: sources[0].settings.base_ur: unknown key; did you mean `base_url`?",
    ),
    (
        "http://127.0.0.1:1}",
        "http://127.0.0.1:1, board: feeds}",
        "10: sources[0].settings.board: is not one of the choices; expected one of `reviews`, "
        "`feed`; did you mean `feed`?",
    ),
    (
        "settings: {base_url: http://127.0.0.1:1}",
        "settings: yes",
        "10: sources[0].settings: is text; expected a mapping such as "
        "{url: https://reviews.example/harbour.xml}",
    ),
    (
        "    brand: harbour\n",
        "    brand: harbour\n    every: 15\n    expect_update_every: 2 fortnights\n"
        "    enabled: yes\n    backfill_since: 2026-02-30\n",
        "10: sources[0].every: has no unit; expected a duration such as 30s, 15m, 4h or 2d\n"
        "11: sources[0].expect_update_every: '2 fortnights' is not a duration; "
        "expected a duration such as 30s, 15m, 4h or 2d\n"
        "12: sources[0].enabled: is text; expected true or false such as false\n"
        "13: sources[0].backfill_since: 2026-02-30 is not in the calendar; "
        "expected a date such as 2026-12-25",
    ),
    (
        "    brand: harbour\n",
        "    brand: harbour\n    every: 999ms\n",
        "10: sources[0].every: is too often; expected 1s or longer",
    ),
    (
        "Europe/Berlin",
        "Europe/Berln",
        "13: calendars[0].timezone: 'Europe/Berln' is not a time zone; "
        "did you mean `Europe/Berlin`?",
    ),
    (
        "Europe/Berlin",
        "berlin",
        "13: calendars[0].timezone: 'berlin' is not a time zone; did you mean `Europe/Berlin`?",
    ),
    (
        "Europe/Berlin",
        "../../etc/passwd",
        "13: calendars[0].timezone: '../../etc/passwd' is not a time zone; "
        "expected a name such as Europe/Berlin",
    ),
    (
        'mon: ["09:00-17:00"]',
        'mon: ["09:00-12:30", "12:00-17:00"]',
        "14: calendars[0].hours.mon: 09:00-12:30 and 12:00-17:00 overlap; "
        "expected spans that follow each other",
    ),
    (
        'mon: ["09:00-17:00"]',
        'sun: ["22:00-02:00"], mon: ["01:00-03:00"]',
        "14: calendars[0].hours: sun 22:00-02:00 and mon 01:00-03:00 overlap; "
        "expected spans that follow each other",
    ),
    (
        'mon: ["09:00-17:00"]',
        'mon: ["08:00-25:00", "9-5", "7:60-8:00", "24:00-25:00"], mond: []',
        "14: calendars[0].hours.mon[0]: 25:00 is not a time of day; expected a span such as "
        '"09:00-12:30"\n'
        "14: calendars[0].hours.mon[1]: '9-5' is not a span of hours; expected a span such as "
        '"09:00-12:30"\n'
        "14: calendars[0].hours.mon[2]: 7:60 is not a time of day; expected a span such as "
        '"09:00-12:30"\n'
        "14: calendars[0].hours.mon[3]: 24:00 is not a time of day; expected a span such as "
        '"09:00-12:30"\n'
        "14: calendars[0].hours.mond: unknown key; did you mean `mon`?",
    ),
    (
        'mon: ["09:00-17:00"]',
        "mon: 09:00-17:00",
        "14: calendars[0].hours.mon: is text; expected a list of spans of hours such as "
        "[09:00-12:30, 13:30-18:00]",
    ),
    (
        'mon: ["09:00-17:00"]',
        'mon: ["09:00-09:00"]',
        '14: calendars[0].hours.mon[0]: 09:00-09:00 is empty; expected "00:00-24:00" for a whole '
        "day",
    ),
    (
        'mon: ["09:00-17:00"]',
        "mon: []",
        "14: calendars[0].hours: is never open, so no clock would ever run; "
        "expected hours on some day",
    ),
    (
        "  - key: office",
        "  - key: always",
        "12: calendars[0].key: `always` is built in; expected another key\n"
        "17: sla[0].calendar: there is no calendar 'office'; expected one of `always`",
    ),
    (
        "    calendar: office",
        "    calendar: ofice",
        "17: sla[0].calendar: there is no calendar 'ofice'; did you mean `office`?",
    ),
    (
        "    first_response: 8h\n",
        "",
        "16: sla[0]: has no target; expected at least one of first_response, next_response and "
        "resolution",
    ),
    (
        "first_response: 8h",
        "first_response: 1500ms",
        "18: sla[0].first_response: is no whole number of seconds; expected a duration "
        "such as 2h, or 2h wall to count day and night",
    ),
    (
        "first_response: 8h",
        "first_response: 8h\n    warn_at: 1.5",
        "19: sla[0].warn_at: is too large; expected 1 or less",
    ),
    (
        "first_response: 8h",
        "first_response: 8h\n    when: {source: [bord], brand: [harbour], location: [mill], "
        "urgency: [hihg], rating_at_most: 1, rating_at_least: 2}",
        "19: sla[0].when.source[0]: there is no source 'bord'; did you mean `board`?\n"
        "19: sla[0].when.location[0]: there is no location 'mill'; expected one of `quay`\n"
        "19: sla[0].when.urgency[0]: is not one of the choices; expected one of `low`, `normal`, "
        "`high`, `urgent`; did you mean `high`?",
    ),
    (
        "first_response: 8h",
        "first_response: 8h\n    when: {rating_at_most: 1, rating_at_least: 2}",
        "19: sla[0].when: no rating can be met; expected rating_at_least not above rating_at_most",
    ),
    (
        "first_response: 8h",
        "first_response: 8h\n    when: {rating_at_most: 0}",
        "19: sla[0].when: no rating can be met; expected a number from 1 to 5",
    ),
    ("key: all", "key: default", "16: sla[0].key: `default` is built in; expected another key"),
    (
        "first_response: 8h",
        "first_response: 417h",
        "18: sla[0].first_response: is more than calendar `office` is open in a year: 8h a week; "
        "expected a shorter target, or `wall` behind it to count day and night",
    ),
    (
        "    first_response: 8h\n",
        "    first_response: 8h\n  - key: all\n    first_response: 1h\n",
        "19: warning: sla[1]: is never used: sla[0] (all) comes first and takes all its cases; "
        "expected the narrower policy first\n"
        "19: sla[1].key: 'all' is taken by sla[0] on line 16; expected a key of its own",
    ),
    (
        "brands:",
        "demo: {}\nweb: {listen: '0.0.0.0:8321', base_url: 'https://rapport.example'}\nbrands:",
        "1: demo.listen: the pages for staff listen on port 8321 too; expected a port of its own",
    ),
    (
        "brands:",
        "web: {listen: 8320, base_url: 'ftp://x'}\nbrands:",
        "1: web.listen: is a number; expected an address and port such as 127.0.0.1:8320\n"
        "1: web.base_url: is not a link; expected a link such as https://reviews.example",
    ),
    (
        "brands:",
        "web: {listen: '0.0.0.0:80'}\nbrands:",
        "1: warning: web.listen: anyone who reaches this machine sees the pages' sign-in, and "
        "links made from this address may not work; expected `base_url`, the https link under "
        "which staff reach the pages",
    ),
    (
        "brands:",
        "engine: postgres\nbrands:",
        "1: engine: the engine postgres cannot work on a SQLite database; expected `database: "
        "postgresql+psycopg://user@host/database`, or `engine: embedded`",
    ),
    (
        "brands:",
        "database: mysql://db/x\nbrands:",
        "1: database: is not a database that Rapport can use; expected "
        "sqlite:///var/rapport.db, postgresql+psycopg://user@host/database or a reference "
        "env:NAME",
    ),
    (
        "brands:",
        "plugins: [example-board]\nbrands:",
        "1: plugins[0]: no installed package offers the connector 'example-board'; "
        "expected the name of an installed connector",
    ),
    (
        "brands:",
        "inbox: {brand: habour, location: quay, every: 1ms, paht: x}\nbrands:",
        "1: inbox.brand: there is no brand 'habour'; did you mean `harbour`?\n"
        "1: inbox.every: is too often; expected 1s or longer\n"
        "1: inbox.paht: unknown key; did you mean `path`?",
    ),
    (
        "brands:",
        "retention_days: -1\nassessment: {missed_costs: 0}\nlog: {level: loud}\nbrands:",
        "1: retention_days: is too small; expected 0 or more\n"
        "2: assessment.missed_costs: is too small; expected 0.01 or more\n"
        "3: log.level: is not one of the choices; expected one of `debug`, `info`, `warning`, "
        "`error`",
    ),
    *(
        (
            "    name: Harbour Coffee\n",
            f"    name: Harbour Coffee\n    topics: [{{key: seats, words: ['{pattern}']}}]\n",
            f"4: brands[0].topics[0].words[0]: {problem}",
        )
        for pattern, problem in (
            ("..", "has no word; expected words, such as car park*"),
            ("seat ..", "begins or ends with a gap; expected a word at both ends, such as a .. b"),
            ("a, b", "holds a comma; expected one pattern each: [car park*, parking]"),
        )
    ),
    (
        "brands:",
        "retention_days: .nan\nassessment: {missed_costs: .nan}\nbrands:",
        "1: retention_days: is a number; expected a whole number such as 730\n"
        "2: assessment.missed_costs: is not a number; expected a finite number",
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), CASES)
def test_a_mistake_is_reported(check: Check, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    assert "\n".join(said(check(GOOD.replace(old, new, 1)))) == expected


def test_all_problems_come_at_once_and_in_order(check: Check) -> None:
    text = GOOD
    for old, new, _ in CASES[:9:2]:
        text = text.replace(old, new, 1)
    problems = check(text)
    assert len(problems) >= 4
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_a_second_source_of_another_platform_cannot_share_an_account(check: Check) -> None:
    text = GOOD.replace(
        "calendars:",
        "  - key: toots\n    connector: mastodon\n    brand: harbour\n    account: board\n"
        "    settings: {instance: 'https://a.example', token: env:T}\ncalendars:",
    )
    assert said(check(text, {"T": "x"})) == [
        "14: sources[1].account: the account 'board' is one of sources[0] at another platform "
        "(demo); expected an account for each platform"
    ]


def test_a_mistake_in_a_brand_does_not_make_its_sources_wrong(check: Check) -> None:
    text = GOOD.replace("name: Harbour Coffee", "nmae: Harbour Coffee")
    assert [problem.key for problem in check(text)] == ["brands[0].name", "brands[0].nmae"]


def test_no_brand_is_an_error_and_no_source_a_warning(check: Check) -> None:
    assert said(check("brands: []\nsources:\n")) == [
        "1: brands: has too few entries; expected at least 1",
        "2: warning: sources: there is no source and no inbox, so nothing will be heard; "
        "expected a source; `rapport sources add` asks for what it needs",
    ]


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ("{}", "{rating_at_most: 1}", True),
        ("{rating_at_most: 2}", "{rating_at_most: 1}", True),
        ("{rating_at_most: 1}", "{rating_at_most: 2}", False),
        ("{rating_at_least: 2}", "{rating_at_least: 3}", True),
        ("{rating_at_least: 2}", "{}", False),
        ("{urgency: [high, urgent]}", "{urgency: [urgent], rating_at_most: 1}", True),
        ("{urgency: [urgent]}", "{urgency: [high, urgent]}", False),
        ("{language: [en]}", "{language: [en-GB]}", True),
        ("{language: [en-GB]}", "{language: [en-GB]}", True),
        ("{language: [en-GB]}", "{language: [en]}", False),
        ("{language: [en-gb]}", "{language: [en-GB]}", True),
        ("{source: [board]}", "{brand: [harbour]}", False),
    ],
)
def test_a_policy_behind_a_wider_one_is_a_warning(
    check: Check, first: str, second: str, shadowed: bool
) -> None:
    text = GOOD.replace(
        "  - key: all\n",
        f"  - {{key: a, when: {first}, first_response: 1h}}\n"
        f"  - {{key: b, when: {second}, first_response: 1h}}\n"
        "  - key: all\n",
    )
    found = [problem for problem in check(text) if problem.key == "sla[1]"]
    assert [problem.severity for problem in found] == (["warning"] if shadowed else [])


@pytest.mark.parametrize("target", ["416h", "417h wall"])
def test_a_target_that_fits_into_a_year_is_none(check: Check, target: str) -> None:
    assert check(GOOD.replace("first_response: 8h", f"first_response: {target}")) == []


def test_a_target_has_to_fit_the_hours_of_places_too(check: Check) -> None:
    text = GOOD.replace("{key: quay", "{key: quay, calendar: office").replace(
        "    calendar: office\n    first_response: 8h", "    first_response: 20d"
    )
    assert "calendar: office" in text
    (found,) = check(text)
    assert "more than calendar `office` is open in a year" in str(found)


def test_a_policy_may_be_for_the_inbox(check: Check) -> None:
    text = GOOD.replace("- key: all", "- key: all\n    when: {source: [inbox]}")
    assert check("inbox: {brand: harbour}\n" + text) == []
    assert [problem.message for problem in check(text)] == ["there is no source 'inbox'"]


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ("xoxb-1-2", True),
        ("sk_live_abcdef123456", True),
        ("a1b2c3d4e5f6a1b2c3d4e5f6", True),
        ("eyJhbGciOiJIUzI1NiJ9", True),
        ("sk-office", False),
        ("RAPPORT_PRODUCTION_DATABASE_URL_2", False),
        ("/run/secrets/rapport/slack_bot_token_1", False),
        ("the-quay-street-coffee-house-2", False),
        ("averylongbrandnamewithoutanydigits", False),
    ],
)
def test_what_looks_like_a_token_is_hidden_and_names_are_not(written: str, hidden: bool) -> None:
    assert (shown(written) == "(hidden)") is hidden


def test_a_plugin_that_is_installed_must_also_be_allowed(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import EntryPoint, EntryPoints

    entry = EntryPoint("example-board", "nowhere:KIND", "rapport.connectors")

    def entry_points(*, group: str, name: str = "example-board") -> EntryPoints:
        return EntryPoints([entry]).select(group=group, name=name)

    monkeypatch.setattr("monitor.config.kinds.entry_points", entry_points)
    monkeypatch.setattr("connectors.registry.entry_points", entry_points)
    text = GOOD.replace("connector: demo", "connector: example-board")
    assert said(check(text)) == [
        "8: sources[0].connector: the connector example-board is installed and not allowed; "
        "expected `plugins: [example-board]` at the top of the file"
    ]
    assert said(check("plugins: [example-board]\n" + text)) == [
        "1: plugins[0]: the connector example-board cannot be loaded (ModuleNotFoundError: "
        "No module named 'nowhere'); expected the name of an installed connector"
    ]


def test_settings_that_exclude_each_other_are_reported_where_they_stand(check: Check) -> None:
    text = GOOD.replace("connector: demo", "connector: mastodon").replace(
        "{base_url: http://127.0.0.1:1}",
        "\n      instance: http://a.example\n      token: env:T\n      pages: 12\n",
    )
    assert said(check(text, {"T": "x"})) == [
        "11: sources[0].settings.instance: the instance needs https",
        "13: sources[0].settings.pages: is too large; expected 9 or less",
    ]
    text = text.replace("http://a", "https://a").replace("pages: 12", "{pages}")
    for line, message in (
        ("tag: a\n      search: b", "tag and search exclude each other"),
        ("tag: missing-file", "the list of tags is missing"),
        ("tag: broken", "the connector mastodon cannot check them (KeyError)"),
    ):
        assert said(check(text.replace("{pages}", line), {"T": "x"})) == [
            f"10: sources[0].settings: {message}"
        ]


def test_settings_left_empty_count_as_not_given(check: Check) -> None:
    assert check(GOOD.replace("http://127.0.0.1:1}", "http://127.0.0.1:1, board: }")) == []
    assert [p.key for p in check(GOOD.replace("http://127.0.0.1:1", ""))] == [
        "sources[0].settings.base_url"
    ]


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text", "42"])
def test_what_is_no_mapping_is_one_problem(check: Check, text: str) -> None:
    assert said(check(text)) == ["1: is no configuration; expected keys and values, like `brands:`"]


@pytest.mark.parametrize(
    "section", ["brands", "sources", "slack", "web", "inbox", "sla", "calendars", "demo", "log"]
)
@pytest.mark.parametrize("value", ["5", "text", "[1, [2], {a: b}]", "{a: {b: c}}", "[]", "{}"])
def test_a_section_of_the_wrong_shape_never_crashes(check: Check, section: str, value: str) -> None:
    lines = [line for line in GOOD.splitlines() if line]
    start = lines.index(f"{section}:") if f"{section}:" in lines else len(lines)
    rest = lines[start + 1 :]
    skip = next((i for i, line in enumerate(rest) if not line.startswith(" ")), len(rest))
    text = "\n".join([*lines[:start], f"{section}: {value}", *rest[skip:]]) + "\n"
    problems = check(text)
    if value in ("5", "text"):
        assert any(problem.key == section for problem in problems)
    assert all(problem.path == "config.yaml" for problem in problems)
