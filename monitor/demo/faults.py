"""What can be made to go wrong: each fault is a switch with a count, a chance and a seed.

Switches are kept in the boards' file, so they outlive a restart. Chance is drawn from a numbered,
seeded sequence: the same seed strikes the same requests.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from monitor.demo.store import Store

Target = Literal["list", "read", "write"]
FaultName = Literal[
    "rate_limited",
    "server_error",
    "unauthorized",
    "lost_response",
    "slow_body",
    "layout_change",
    "duplicates",
    "out_of_order",
    "truncated",
]

EXPLAINED: dict[FaultName, str] = {
    "rate_limited": "Answers 429 with Retry-After.",
    "server_error": "Answers 503; through the API also after the reply was written.",
    "unauthorized": "Answers 401, as if the token had expired.",
    "lost_response": "Writes the reply, then drops the connection without a word.",
    "slow_body": "Sends the answer in small pieces, over several seconds.",
    "layout_change": "The list comes in a shape that nobody announced.",
    "duplicates": "Lists repeat items, and old ones turn up again.",
    "out_of_order": "The items of a list come shuffled.",
    "truncated": "Promises a whole answer, sends half, hangs up.",
}
"""Every fault, in the order of the control page, with what it does."""

DEFAULT_TARGETS: dict[FaultName, tuple[Target, ...]] = {
    "rate_limited": ("list", "read", "write"),
    "server_error": ("list", "read", "write"),
    "unauthorized": ("list", "read", "write"),
    "lost_response": ("write",),
    "slow_body": ("list",),
    "layout_change": ("list",),
    "duplicates": ("list",),
    "out_of_order": ("list",),
    "truncated": ("list",),
}

T = TypeVar("T")


class Fault(BaseModel):
    """One switch that is on.

    It strikes `times` requests (None: until it is switched off), each with `probability`, only at
    `targets` (empty: where it makes sense) and only on `board` (empty: both). `retry_after` is in
    whole seconds, `seconds` is how long a slow body takes, `written` lets a server error come
    after the write instead of before it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FaultName
    times: Annotated[int | None, Field(ge=1)] = None
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    targets: tuple[Target, ...] = ()
    board: Literal["", "reviews", "feed"] = ""
    seed: int = 1
    retry_after: Annotated[int, Field(ge=0, le=86400)] = 2
    status: Annotated[int, Field(ge=500, le=599)] = 503
    seconds: Annotated[float, Field(ge=0, le=600)] = 5.0
    written: bool = False

    def concerns(self, target: Target, board: str) -> bool:
        """Tell whether this fault is about requests of that sort."""
        targets = self.targets or DEFAULT_TARGETS[self.name]
        return target in targets and self.board in ("", board)

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """Return `items` in another order, the same for the same seed and number of items."""
        mixed = list(items)
        random.Random(f"{self.seed}/{len(mixed)}").shuffle(mixed)  # noqa: S311 - not a secret
        return mixed[1:] + mixed[:1] if mixed == list(items) else mixed


class Faults:
    """The switches of one platform."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def switch_on(self, fault: Fault) -> None:
        """Switch `fault` on, in place of an earlier one of its name."""
        with self._store.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO faults (name, spec) VALUES (?, ?)",
                (fault.name, fault.model_dump_json()),
            )

    def switch_off(self, name: str = "") -> None:
        """Switch one fault off, or all."""
        with self._store.writing() as db:
            db.execute("DELETE FROM faults WHERE ? IN ('', name)", (name,))

    def switched_on(self) -> dict[str, dict[str, Any]]:
        """Return the switches that are on, by name, with how often each has struck."""
        return {
            row["name"]: {
                **Fault.model_validate_json(row["spec"]).model_dump(mode="json"),
                "struck": row["struck"],
            }
            for row in self._store.rows("SELECT * FROM faults ORDER BY name")
        }

    def strike(self, name: FaultName, target: Target, board: str) -> Fault | None:
        """Return the fault when it strikes this request, and count it."""
        if not self._store.rows("SELECT 1 FROM faults WHERE name = ?", (name,)):
            return None
        with self._store.writing() as db:
            found = self._store.rows("SELECT * FROM faults WHERE name = ?", (name,))
            if not found:
                return None
            row = found[0]
            fault = Fault.model_validate_json(row["spec"])
            if not fault.concerns(target, board):
                return None
            hit = _draw(fault, row["drawn"]) < fault.probability
            struck = row["struck"] + hit
            if fault.times is not None and struck >= fault.times:
                db.execute("DELETE FROM faults WHERE name = ?", (name,))
            else:
                db.execute(
                    "UPDATE faults SET drawn = drawn + 1, struck = ? WHERE name = ?", (struck, name)
                )
            return fault if hit else None


def _draw(fault: Fault, number: int) -> float:
    """Return the number-th draw of the fault's seeded sequence, in 0..1."""
    digest = hashlib.sha256(f"{fault.seed}/{fault.name}/{number}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
