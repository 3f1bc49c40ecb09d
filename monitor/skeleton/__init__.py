"""The beginning of a connector in a package of its own, as `rapport new-connector` writes it.

The files beside this module are written as they stand, with what is in double braces replaced: the
connector's name in lower and in upper case, its title for people, and the prefix of its classes.
"""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

NAME = re.compile(r"^[a-z][a-z0-9]{1,30}$")
PLACES = {
    "pyproject.toml.txt": "pyproject.toml",
    "readme.txt": "README.md",
    "package/init.txt": "rapport_{{name}}/__init__.py",
    "package/settings.txt": "rapport_{{name}}/settings.py",
    "package/source.txt": "rapport_{{name}}/source.py",
    "package/reviews.txt": "rapport_{{name}}/reviews.py",
    "tests/peer.txt": "tests/peer.py",
    "tests/contract.txt": "tests/test_contract.py",
    "tests/own.txt": "tests/test_{{name}}.py",
}
"""Where each file of this folder goes."""


class Refused(Exception):
    """Nothing was written; the message says why."""


def write_skeleton(name: str, title: str, folder: Path) -> list[Path]:
    """Write the package for a connector called `name` into `folder`; return its files.

    Raises `Refused` for a name that cannot be one, or a folder that holds something.
    """
    if not NAME.match(name):
        raise Refused(f"{name!r}: a connector's name is 2 to 31 lower-case letters and digits")
    if not title.isprintable() or '"' in title or "\\" in title:
        raise Refused("a title is one line without quotation marks")
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty; name another folder with --into")
    words = {
        "name": name,
        "NAME": name.upper(),
        "title": " ".join(title.split()),
        "Class": _class_prefix(title, name),
    }
    written = []
    for source, target in PLACES.items():
        path = folder / _filled(target, words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(_text(source), words), encoding="utf-8")
        written.append(path)
    return written


def _text(source: str) -> str:
    place: Traversable = files(__package__)
    for part in source.split("/"):
        place = place / part
    return place.read_text(encoding="utf-8")


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"{{(\w+)}}", lambda found: words[found[1]], text)


def _class_prefix(title: str, name: str) -> str:
    parts = re.findall(r"[A-Za-z0-9]+", title.encode("ascii", "ignore").decode())
    prefix = "".join(part[:1].upper() + part[1:] for part in parts)
    return prefix if prefix[:1].isalpha() else name.capitalize()
