"""What docs/reference/sla.md shows of the command line is what the command line shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.menu import rapport
from monitor.config import check_text

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/sla.md").read_text("utf-8")
SHOWN = re.findall(
    r"^\$ rapport (.*)\n((?:(?!\$ |```).*\n)+)",
    "".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)),
    re.MULTILINE,
)


def test_the_page_shows_some() -> None:
    assert len(SHOWN) == 3


@pytest.mark.parametrize(("command", "expected"), SHOWN)
def test_an_example_on_the_page_says_what_it_says_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (calendars,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "hours.yaml").write_text(calendars, encoding="utf-8")

    done = CliRunner().invoke(rapport, shlex.split(command))

    assert (done.exit_code, done.stdout) == (0, expected)


def test_the_calendar_with_holidays_on_the_page_is_correct(tmp_path: Path) -> None:
    (calendar,) = re.findall(r"```yml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "closing-days.ics").write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260501\n"
        "END:VEVENT\nEND:VCALENDAR\n",
        encoding="utf-8",
    )
    text = f"brands: [{{key: a, name: A}}]\ninbox: {{path: i, brand: a}}\ncalendars:\n{calendar}"
    assert check_text(text, str(tmp_path / "config.yaml"), environ={}) == []
