"""How long the closest earlier case takes among many: ``python -m benchmarks.earlier``.

A store of invented cases, each answered, of one brand; then one more complaint, looked for again
and again. Prints the median and the slowest, with nothing remembered of the texts and with all.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from monitor.clock import utc_now
from monitor.db import Database
from monitor.migrate import upgrade
from monitor.models import (
    Account,
    Assessment,
    Brand,
    Case,
    Draft,
    Mention,
    Reply,
    SlaPolicy,
    Source,
)
from responders import earlier

TOPICS = ("waiting", "staff", "quality", "price", "delivery", "billing", "cleanliness", "booking")
WORDS = 3000


def _text(dice: random.Random) -> str:
    return " ".join(f"w{_letters(dice.randrange(WORDS))}" for _ in range(dice.randint(15, 90)))


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in f"{number:04}")


def fill(database: Database, cases: int, topics: tuple[str, ...]) -> None:
    """Store `cases` answered cases and, as the newest, one that awaits a person."""
    dice, now = random.Random(1), utc_now()
    with database.write() as session:
        brand = Brand(key="b", name="B")
        source = Source(
            key="s",
            connector="file",
            brand=brand,
            account=Account(key="a", platform="file"),
            cursor={},
        )
        policy = SlaPolicy(digest="d", key="p", body={}, first_used_at=now)
        session.add_all([source, policy])
        session.flush()
        owners = {"source_id": source.id, "brand_id": brand.id, "policy_id": policy.id}
        every = range(1, cases + 2)
        at = {number: now - timedelta(minutes=cases - number) for number in every}
        rows: dict[type, list[dict[str, object]]] = {
            Mention: [
                {
                    "id": n,
                    "source_id": source.id,
                    "external_id": str(n),
                    "kind": "review",
                    "text": _text(dice),
                    "language": "en",
                    "first_seen_at": at[n],
                    "content_hash": str(n),
                }
                for n in every
            ],
            Assessment: [
                {
                    "mention_id": n,
                    "revision": 1,
                    "language": "en",
                    "sentiment": -0.5,
                    "complaint_probability": 0.9,
                    "complaint": True,
                    "urgency": "normal",
                    "topics": list(dice.sample(topics, 2)) if n <= cases else ["waiting", "staff"],
                    "spam": False,
                    "reasons": [],
                    "model": "m",
                    "assessed_at": at[n],
                }
                for n in every
            ],
            Case: [
                {
                    "id": n,
                    **owners,
                    "mention_id": n,
                    "state": "answered" if n <= cases else "drafted",
                    "opened_at": at[n],
                }
                for n in every
            ],
            Draft: [
                {
                    "id": n,
                    "case_id": n,
                    "version": 1,
                    "mention_revision": 1,
                    "text": "Sorry.",
                    "text_hash": "x",
                    "language": "en",
                    "made_by": "templates",
                    "reasons": [],
                    "created_at": at[n],
                }
                for n in every
            ],
            Reply: [
                {
                    "id": n,
                    "case_id": n,
                    "draft_id": n,
                    "mention_id": n,
                    "text": "Sorry.",
                    "key": str(n),
                    "state": "published",
                    "approved_by": "Mara",
                    "approved_at": at[n],
                    "visible_at": at[n],
                }
                for n in range(1, cases + 1)
            ],
        }
        for model, values in rows.items():
            session.execute(insert(model), values)


def measure(database: Database, case_id: int, times: int, *, cold: bool) -> list[float]:
    took = []
    for _ in range(times):
        if cold:
            earlier.forget_words()
        with database.read() as session:
            case = session.get_one(Case, case_id)
            word = case.mention
            start = time.perf_counter()
            earlier.closest_case(session, case, word)
            took.append((time.perf_counter() - start) * 1000)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--database", default="", help="an empty one; SQLite where none is given")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(told.database or f"sqlite:///{Path(folder) / 'many.db'}")
        upgrade(database)
        for name, topics in (("common topics", TOPICS), ("rare topics", TOPICS[2:])):
            if name == "rare topics":
                database = Database(f"sqlite:///{Path(folder) / 'rare.db'}")
                upgrade(database)
            fill(database, told.cases, topics)
            for cold in (True, False):
                took = measure(database, told.cases + 1, told.times, cold=cold)
                how = "nothing remembered" if cold else "words remembered"
                middle, worst = statistics.median(took), max(took)
                print(f"{told.cases:,} cases, {name}, {how}: {middle:.1f} ms, at most {worst:.1f}")


if __name__ == "__main__":
    main()
