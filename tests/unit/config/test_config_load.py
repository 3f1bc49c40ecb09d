from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.errors import AuthFailed
from monitor.config import Config, ConfigError, default_config_path, load
from monitor.config.calendars import Span

MINIMAL = "brands: [{key: b, name: B}]\ninbox: {brand: b}\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    assert len(caught.value.problems) == str(caught.value).count("\n") + 1
    return str(caught.value).replace(str(path), "config.yaml")


def test_a_minimal_file_is_enough(tmp_path: Path) -> None:
    config = load(write(tmp_path, MINIMAL))
    assert config.warnings == ()
    assert (config.engine, config.retention_days, config.log.level) == ("embedded", 730, "info")
    assert (config.web.host, config.web.port) == ("127.0.0.1", 8320)
    assert config.web.url == "http://127.0.0.1:8320"
    assert (config.slack, config.demo) == (None, None)
    assert config.inbox is not None
    assert config.inbox.every == timedelta(seconds=5)


def test_relative_paths_start_at_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.parent)
    path = write(tmp_path, MINIMAL)
    config = load(path.relative_to(tmp_path.parent))
    assert config.base_dir == tmp_path
    assert config.inbox_dir() == tmp_path / "inbox"
    assert config.database_url() == f"sqlite:///{tmp_path}/var/rapport.db"
    config = load(write(tmp_path, MINIMAL + "database: sqlite:////data/rapport.db\n"))
    assert config.database_url() == "sqlite:////data/rapport.db"


def test_the_database_may_be_named_by_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text("postgres://u:secret@db/rapport\n")
    path = write(tmp_path, MINIMAL + f"database: file:{tmp_path / 'url'}\n")
    config = load(path)
    assert config.database_url() == "postgresql+psycopg://u:secret@db/rapport"
    assert "secret" not in repr(config)
    (tmp_path / "url").unlink()
    with pytest.raises(AuthFailed, match="cannot read the secret"):
        config.database_url()


def test_all_sections_are_read(tmp_path: Path, connectors: None) -> None:
    config = load(
        write(
            tmp_path,
            """\
brands:
  - key: b
    name: B
    timezone: Europe/Paris
    languages: [fr, no]
    locations: [{key: x, name: X, timezone: Asia/Tokyo}, {key: y, name: Y}]
sources:
  - key: one
    connector: demo
    brand: b
    backfill_since: 2026-01-01
    settings: {base_url: http://127.0.0.1:1}
  - {key: two, connector: demo, brand: b, every: 90s, account: one, settings: {base_url: a}}
calendars:
  - key: nights
    timezone: Europe/Paris
    hours: {sun: ["22:00–02:00"], fri: ["13:00-14:00", "9:00-12:00"]}
    holidays: [2026-12-25, "2026-12-24"]
sla:
  - {key: a, when: {rating_at_most: 2}, calendar: nights, first_response: 90m, warn_at: 1}
""",
        )
    )
    one, two = config.sources
    assert config.brand("b").languages == ("fr", "no")
    assert (config.timezone_of("b", "x"), config.timezone_of("b", "y")) == (
        "Asia/Tokyo",
        "Europe/Paris",
    )
    assert one.backfill_since == date(2026, 1, 1)
    assert (config.every_of(one), config.every_of(two)) == (
        timedelta(minutes=7),
        timedelta(seconds=90),
    )
    assert (config.account_of(one), config.account_of(two)) == ("one", "one")
    assert config.settings_of(one).model_dump()["board"] == "reviews"
    nights = config.calendar("nights")
    assert nights.hours.fri == (Span(540, 720), Span(780, 840))
    assert [str(span) for span in nights.hours.sun] == ["22:00-02:00"]
    assert nights.holidays == (date(2026, 12, 25), date(2026, 12, 24))
    assert config.sla[0].targets() == {"first_response": 5400}
    assert config.sla[0].wall() == ()
    with pytest.raises(KeyError):
        config.source("three")


@pytest.mark.parametrize(
    ("written", "seconds", "wall"),
    [
        ("4h", 14400, ()),
        ("4h wall", 14400, ("resolution",)),
        ("  90m   wall ", 5400, ("resolution",)),
    ],
)
def test_a_target_may_count_day_and_night(
    tmp_path: Path, written: str, seconds: int, wall: tuple[str, ...]
) -> None:
    config = load(write(tmp_path, f"{MINIMAL}sla: [{{key: p, resolution: '{written}'}}]\n"))

    assert config.sla[0].targets() == {"resolution": seconds}
    assert config.sla[0].wall() == wall


@pytest.mark.parametrize("written", ["4h open", "wall", "4 wall", "0h wall", "4hwall"])
def test_a_target_that_is_no_duration_is_refused_with_both_forms(
    tmp_path: Path, written: str
) -> None:
    with pytest.raises(ConfigError, match="such as 2h, or 2h wall to count day and night"):
        load(write(tmp_path, f"{MINIMAL}sla: [{{key: p, resolution: '{written}'}}]\n"))


def test_a_configuration_cannot_be_changed(tmp_path: Path) -> None:
    config = load(write(tmp_path, MINIMAL))
    with pytest.raises(ValueError, match="frozen"):
        config.retention_days = 1  # type: ignore[misc]


def test_warnings_do_not_keep_it_from_loading(tmp_path: Path) -> None:
    config = load(write(tmp_path, "brands: [{key: b, name: B}]\n"))
    assert [problem.severity for problem in config.warnings] == ["warning"]


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    assert refusal(tmp_path / "config.yaml") == (
        "config.yaml: there is no such file; run `rapport init` to make one, "
        "or name one with --config"
    )
    assert "is a folder" in refusal(tmp_path)
    assert "not a usable path" in refusal(Path("a\0b"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "config.yaml: is empty; run `rapport init` to fill it"),
        (b"# nothing\n\n", "config.yaml: is empty; run `rapport init` to fill it"),
        (
            b"a: b\nname: Caf\xe9\n",
            "config.yaml:2: is not UTF-8 text (byte 0xe9); save it as UTF-8",
        ),
        ("a: b".encode("utf-16"), "config.yaml: is saved as UTF-16; save it as UTF-8"),
        (b"a" * 9_000_000, "config.yaml: is far too large for a configuration"),
        (b"a: " + b"b" * 5_000_000, "config.yaml: is longer than 4,000,000 characters"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    assert refusal(write(tmp_path, data)).startswith(said)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    text = "\ufeff" + MINIMAL.replace("\n", "\r\n")
    assert isinstance(load(write(tmp_path, text.encode())), Config)


def test_the_error_is_one_block_with_a_line_for_each_problem(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, MINIMAL + "verison: 1\nretention: 2\n")) == (
        "config.yaml:3: verison: unknown key; did you mean `version`?\n"
        "config.yaml:4: retention: unknown key; did you mean `retention_days`?"
    )


def test_the_path_comes_from_the_option_then_the_environment(tmp_path: Path) -> None:
    environ = {"RAPPORT_CONFIG": "/etc/rapport.yaml"}
    assert default_config_path(tmp_path, environ=environ) == tmp_path
    assert default_config_path(environ=environ) == Path("/etc/rapport.yaml")
    assert default_config_path(environ={"RAPPORT_CONFIG": " "}) == Path("config.yaml")


def test_five_hundred_sources_with_a_mistake_each_are_all_reported(
    tmp_path: Path, connectors: None
) -> None:
    source = "  - {{key: s{n}, connector: demo, brand: b, evry: 5s, settings: {{base_url: x}}}}\n"
    text = MINIMAL + "sources:\n" + "".join(source.format(n=n) for n in range(500))
    started = time.process_time()
    lines = refusal(write(tmp_path, text)).splitlines()
    assert len(lines) == 500
    assert lines[499] == "config.yaml:503: sources[499].evry: unknown key; did you mean `every`?"
    assert time.process_time() - started < 30  # a guard against quadratic work, not a measure


def test_a_contact_becomes_part_of_how_we_call_ourselves(tmp_path: Path) -> None:
    plain = load(write(tmp_path, MINIMAL))
    assert plain.user_agent == "Rapport/0.1 (customer review monitor)"
    told = load(write(tmp_path, MINIMAL + 'contact: "ops@brand.example"\n'))
    assert told.user_agent == "Rapport/0.1 (customer review monitor; ops@brand.example)"
    injected = load(write(tmp_path, MINIMAL + 'contact: "a\\r\\nX-Evil: 1"\n'))
    assert "\n" not in injected.user_agent
