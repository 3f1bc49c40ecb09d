"""The short version of `benchmarks/chaos.py`: some kills of the daemon during a demo week."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.chaos import Tally, chaos


def assert_nothing_lost(tally: Tally, kills: int) -> None:
    assert tally.violations == []
    assert tally.kills >= kills
    assert tally.counts["mentions stored"] > 100, "the week was played"
    assert tally.counts["replies published"] > 20, "and answered"


@pytest.mark.timeout(400)
def test_kills_at_random_moments_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}: python -m benchmarks.chaos --kills 6 --seed {seed}")
    with chaos(tmp_path, kills=6, seed=seed, leaps=2, cut_waits=True) as run:
        assert_nothing_lost(run.run(), kills=6)


@pytest.mark.timeout(400)
def test_two_daemons_on_postgresql_survive_each_others_deaths(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}: python -m benchmarks.chaos --kills 4 --engine postgres --seed {seed}")
    with chaos(tmp_path, kills=4, seed=seed, engine="postgres", leaps=2, cut_waits=True) as run:
        assert_nothing_lost(run.run(), kills=4)
