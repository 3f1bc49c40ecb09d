"""The files of the shipped models: what is written, and whether it would be written again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from monitor.assess import alarm, model
from monitor.assess.training.train import Progress, train

FOLDER = Path(model.__file__).parent / "models"


def made(language: str, data: Path, say: Progress) -> dict[Path, str]:
    """Train a language and return its files' texts by path."""
    trained = train(language, data, say)
    return {
        FOLDER / f"{language}.json": model.as_text(trained.model, trained.made_from),
        FOLDER / f"{language}.urgent.json": alarm.as_text(
            trained.alarm, {"texts": "written for Rapport, MIT"}
        ),
    }


def write(files: dict[Path, str]) -> None:
    """Put the files where they are read from."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


def different(files: dict[Path, str]) -> Iterator[Path]:
    """Those files that do not hold what was made now, to the bit."""
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield path
