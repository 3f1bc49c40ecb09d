"""The texts that were written for training: ``training/texts``, one ``label<TAB>text`` a line.

They fill what public data lacks: social posts, complaints in neutral words, sarcasm, plain
questions, closing words, and six more languages. All of it is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LABELS = (
    "complaint",
    "mixed",
    "question",
    "suggestion",
    "praise",
    "closing",
    "neutral",
    "spam",
)

URGENT = ("safety", "legal", "discrimination", "money", "press", "distress")
"""The rules of urgency that texts were written for, in ``training/urgent``."""

FOLDER = Path(__file__).resolve().parents[3] / "training"


@dataclass(frozen=True, slots=True)
class Written:
    """One invented text with one of `LABELS`, and the file it stands in without its ending."""

    label: str
    text: str
    file: str

    @property
    def language(self) -> str:
        """ISO 639-1: files are named for it."""
        return self.file.partition("_")[0]

    @property
    def kind(self) -> str:
        """The kind of mention it imitates."""
        return "post" if "_posts_" in self.file else "review"


def written(language: str, folder: Path = FOLDER) -> Iterator[Written]:
    """The texts of one language, file by file in the order of their names.

    Raises ValueError with file and line for what is no labelled text.
    """
    for path in sorted((folder / "texts").glob(f"{language}*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            label, tab, text = line.partition("\t")
            if label not in LABELS or not tab or not text.strip():
                raise ValueError(f"{path.name}, line {number}: expected a label, a tab and a text")
            yield Written(label, text, path.stem)


def urgent(language: str, folder: Path = FOLDER) -> Iterator[tuple[frozenset[str], str]]:
    """The texts written for urgency: the rules each falls under (none for harmless ones).

    Raises ValueError with file and line for what is no labelled text.
    """
    path = folder / "urgent" / f"{language}.tsv"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        label, tab, text = line.partition("\t")
        rules = frozenset() if label == "none" else frozenset(label.split("+"))
        if not tab or not text.strip() or not rules <= frozenset(URGENT):
            raise ValueError(f"{path.name}, line {number}: expected rules, a tab and a text")
        yield rules, text
