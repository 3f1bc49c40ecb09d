"""JSON Pointers (RFC 6901): where in a document a value stands."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator

MISSING: Any = object()
"""What `find` returns where there is nothing; None is a value of its own."""
_TOKEN = re.compile(r"(?:[^~]|~[01])*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")


def _checked(pointer: str) -> str:
    if pointer and not pointer.startswith("/"):
        raise ValueError("expected a JSON Pointer such as /review/text, or an empty one for all")
    if not _TOKEN.fullmatch(pointer):
        raise ValueError("in a JSON Pointer ~ is written ~0, and / in a name ~1")
    return pointer


Pointer = Annotated[str, AfterValidator(_checked)]


def find(document: Any, pointer: str) -> Any:
    """Return the value that `pointer` names in `document`, or `MISSING`. Never raises.

    >>> find({"a/b": [{"c": 5}]}, "/a~1b/0/c")
    5
    """
    found = document
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name, MISSING)
        elif isinstance(found, list) and _INDEX.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            return MISSING
        if found is MISSING:
            return MISSING
    return found
