"""The short version of `benchmarks/agents.py`: people press at random while everything fails."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.agents import agents


@pytest.mark.timeout(300)
def test_an_approval_survives_kills_faults_and_everybody_pressing_at_once(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}: python -m benchmarks.agents --cases 30 --kills 4 --seed {seed}")
    with agents(tmp_path, cases=30, kills=4, seed=seed, pause=0.2, answers=8) as run:
        tally = run.run()
    assert tally.broken == []
    assert tally.kills >= 4
    assert tally.counts["presses"] > 60, "people were at work"
    assert tally.counts["attempts to publish"] >= 8, "and were listened to"
    assert tally.counts["of them struck by a fault"] > 20, "and Slack failed"
