"""A folder with a small configuration, and the command line called in it, in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.cli import main

CONFIG = """\
version: 1
database: sqlite:///var/rapport.db
brands:
  - key: quince
    name: Quince Bakery
    contact: hello@quince.example
    signature: Ada, Quince Bakery
    languages: [en, de]
inbox:
  path: inbox
  brand: quince
"""


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


class Terminal(io.TextIOWrapper):
    """Standard input that says a person sits there."""

    def isatty(self) -> bool:
        return True


Call = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def rapport(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("RAPPORT_CONFIG", raising=False)

    def call(*arguments: str, stdin: str = "", terminal: bool = False) -> Done:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        kind = Terminal if terminal else io.TextIOWrapper
        given = kind(io.BytesIO(stdin.encode("utf-8")), encoding="utf-8")
        code = 0
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["rapport", *arguments])
            patch.setattr(sys, "stdin", given)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            try:
                main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        return Done(code, _text(out), _text(err))

    return call


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
