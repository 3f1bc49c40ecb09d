"""The word lists behind `responders.names`, read once from `templates/names.yaml`."""

from __future__ import annotations

from responders.phrases import TEMPLATES, read_yaml

_data = read_yaml(TEMPLATES / "names.yaml")

TITLES: dict[str, str] = dict(_data["titles"])
"""How a title is written when it stays: "dr. müller" is addressed as "Dr. Müller"."""

SUFFIXES = frozenset(str(_data["suffixes"]).split())
NOT_NAMES = frozenset(str(_data["not_names"]).split())
ALSO_SURNAMES = frozenset(str(_data["also_surnames"]).split())
GIVEN_NAMES = frozenset(str(_data["given_names"]).split())
