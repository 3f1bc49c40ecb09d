"""What the log shows of words from outside."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from connectors.text import one_line
from monitor.log import set_up


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    found = logging.getLogger()
    handlers, level = found.handlers[:], found.level
    yield
    found.handlers[:] = handlers
    found.setLevel(level)


def test_no_word_reaches_the_terminal_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    logging.getLogger("test").warning("refused: %s", "\x1b[31m \x9b2J \u202eevil \u2028line \x07")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.rstrip("\n").isprintable()
    assert r"\u001b[31m \u009b2J \u202eevil" in said


def test_a_message_holds_no_control_of_either_set() -> None:
    assert one_line("a\x1b[2J\x9b2Jb") == "a[2J2Jb"
