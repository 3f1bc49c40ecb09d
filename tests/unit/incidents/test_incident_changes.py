"""What a burst changes about the incidents that stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.assess.voices import COPIES, REVIEW_BOMBING, SAME_CAUSE, Burst, Heard
from monitor.incidents.changes import Standing, decide, has_ended
from monitor.incidents.words import one_of, title_of, topic_words

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)


def burst(kind: str, *mentions: int, **values: Any) -> Burst:
    return Burst(kind, mentions, NOON, LATER, ("a sign",), **values)


def standing(key: int, kind: str, *mentions: int, **values: Any) -> Standing:
    given: dict[str, Any] = {"topic": "billing", "words": ("terminal",), "last_at": NOON}
    return Standing(key, kind, mentions=frozenset(mentions), **(given | values))


def heard(mention: int, *words: str, hours: float = 1, **values: Any) -> Heard:
    return Heard(mention, NOON + timedelta(hours=hours), words, **values)


def test_a_burst_that_nobody_knows_opens_an_incident() -> None:
    found = burst(SAME_CAUSE, 1, 2, 3)
    changes = decide(
        [], {}, [found], [standing(7, COPIES, 1, 2), standing(8, SAME_CAUSE, 9)], LATER
    )
    assert changes.opened == (found,)
    assert not changes.grown


def test_a_burst_with_mentions_of_an_open_incident_is_that_incident() -> None:
    known = [standing(7, SAME_CAUSE, 1), standing(8, SAME_CAUSE, 2, 3)]
    changes = decide([], {}, [burst(SAME_CAUSE, 1, 2, 3, 4)], known, LATER)
    assert changes.opened == ()
    assert list(changes.grown) == [8]
    assert changes.grown[8].mentions == {1, 4}
    assert changes.grown[8].last_at == LATER


def test_a_burst_that_is_all_known_changes_nothing() -> None:
    known = [standing(7, SAME_CAUSE, 1, 2, 3)]
    changes = decide([], {}, [burst(SAME_CAUSE, 1, 2, 3)], known, LATER)
    assert (changes.opened, changes.grown) == ((), {})


def test_later_complaints_that_share_the_words_join_however_slowly_they_come() -> None:
    known = [standing(7, SAME_CAUSE, 1)]
    told = [
        heard(2, "terminal", topics=("billing",), hours=11),
        heard(3, "soup", topics=("billing",)),
        heard(4, "terminal", topics=("waiting",)),
        heard(5, "terminal", topics=("billing",), hours=13),
        heard(6, "terminal", topics=("billing",), complaint=False),
        heard(7, "terminal", topics=("billing",), hours=30),
    ]
    changes = decide(told, {}, [], known, NOON + timedelta(hours=14))
    assert changes.grown[7].mentions == {2}
    assert changes.grown[7].last_at == NOON + timedelta(hours=11)


def test_a_copy_joins_its_copies_whenever_it_was_said() -> None:
    known = [standing(7, COPIES, 1, 2, topic="", words=())]
    told = [heard(3, hours=-900), heard(4)._replace(said_at=None), heard(5), heard(6)]
    changes = decide(told, {1: 1, 2: 1, 3: 1, 4: 1, 5: 5}, [], known, LATER)
    assert changes.grown[7].mentions == {3, 4}


def test_a_late_stone_joins_its_wave_unless_somebody_known_threw_it() -> None:
    known = [standing(7, REVIEW_BOMBING, 1, topic="", words=())]
    told = [
        heard(2, "scam", rating=0.0),
        heard(3, "scam", rating=0.0, known=True),
        heard(4, "scam", rating=0.5),
        heard(5, *"we waited long for the soup".split(), rating=0.0),  # noqa: SIM905
        heard(6, *"they fired her so do not buy".split(), rating=0.0),  # noqa: SIM905
    ]
    changes = decide(told, {6: 1}, [], known, LATER)
    assert changes.grown[7].mentions == {2, 6}


@pytest.mark.parametrize(
    ("kind", "hours"), [(SAME_CAUSE, 12), (REVIEW_BOMBING, 24), (COPIES, 7 * 24)]
)
def test_an_incident_ends_after_a_quiet_time(kind: str, hours: int) -> None:
    assert not has_ended(kind, NOON, NOON + timedelta(hours=hours))
    assert has_ended(kind, NOON, NOON + timedelta(hours=hours, seconds=1))


def test_titles_say_what_it_is_and_quote_nobody() -> None:
    told = burst(SAME_CAUSE, 1, topic="app_fault", words=("login", "code"), location="Old Mill")
    assert title_of(told) == "App fault at Old Mill: login, code"
    assert title_of(told._replace(topic="other", location="")) == "Complaints: login, code"
    assert title_of(burst(COPIES, 1, 2)) == "One text, several times"
    assert topic_words("") == "Complaints"
    assert one_of(SAME_CAUSE, 1_042) == "one of 1,042 about the same thing"
