"""Digests in Slack: told once, late ones merged, cards first, and a picture in the thread."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.config.digest import parse_moment
from monitor.models import Clock, Notification
from responders.slack.files import send_bytes
from responders.slack.results import Unknown
from responders.slack.settings import DigestPlan
from responders.slack.setup import manifest, verify
from tests.integration.slack.world import CHANNEL, World
from tests.support.slack_server.files import File
from tests.support.slack_server.workspace import Message

NEWS = "C0NEWS"


def planned(world: World, **changes: Any) -> World:
    """A world with a digest at ten each day; the clock stands at nine on a Monday."""
    world.slack.workspace.add_channel(NEWS, "news")
    world.slack.workspace.scopes += ",files:write"
    plan: dict[str, Any] = {
        "channel": NEWS,
        "daily": parse_moment("10:00"),
        "weekly": None,
        "zone": "UTC",
        **changes,
    }
    world.new_face(digest=DigestPlan(**plan))
    return world


def pass_time(world: World, **by: float) -> None:
    """Let time pass, have the daemon look once, and do what is due."""
    world.clock.move(**by)
    look(world)
    world.work(patience=60)


def look(world: World) -> int:
    with world.db.write() as session:
        return world.face.tell_digests(session, world.clock())


def digests(world: World, channel: str = NEWS) -> list[Message]:
    return [
        one
        for one in world.slack.workspace.messages(channel)
        if (one.body.get("metadata") or {}).get("event_type") == "rapport_digest"
    ]


def rows(world: World, kind: str = "digest") -> list[tuple[str, str, str]]:
    with world.db.read() as session:
        found = session.scalars(
            select(Notification).where(Notification.kind == kind).order_by(Notification.id)
        )
        return [(one.state, one.detail["begins"][:16], one.detail["ends"][:16]) for one in found]


def pictures(world: World) -> list[File]:
    return [file for file in world.slack.files.kept.values() if file.shares]


def promised(world: World, case_id: int, hours: float) -> None:
    """Give a case a running first response."""
    with world.db.write() as session:
        now = world.clock()
        session.add(
            Clock(
                case_id=case_id,
                target="first_response",
                started_at=now,
                due_at=now + timedelta(hours=hours),
            )
        )


def test_a_digest_is_told_once_at_its_time(world: World) -> None:
    planned(world)
    case_id = world.open_case()
    promised(world, case_id, 0.5)
    pass_time(world, minutes=59)
    assert digests(world) == []
    pass_time(world, minutes=1)
    (told,) = digests(world)
    assert "1 (0 the day before)" in str(told.blocks)
    assert f"C-{case_id}" in str(told.blocks)
    assert "overdue by 30 min" in str(told.blocks)
    assert "Sun 1 Mar, 10:00 to Mon 2 Mar, 10:00 UTC" in str(told.blocks)
    assert (
        told.text
        == "Daily digest, Mon 2 Mar 2026: 1 new, 0 answered, 1 open, 1 overdue".replace(
            ":", ":\u200b"
        )
    )
    for _again in range(3):
        pass_time(world, minutes=20)
    world.new_face(digest=world.face.settings.digest)
    pass_time(world, minutes=20)
    assert len(digests(world)) == 1
    pass_time(world, days=1)
    assert len(digests(world)) == 2


def test_two_daemons_owe_one(world: World) -> None:
    planned(world)
    world.clock.move(hours=1)
    assert look(world) == 1
    world.new_face(digest=world.face.settings.digest)
    assert look(world) == 0
    assert len(rows(world)) == 1


def test_nothing_new_is_said_in_a_sentence_and_without_a_picture(world: World) -> None:
    planned(world, pictures=True)
    pass_time(world, hours=1)
    (told,) = digests(world)
    assert "Nothing new: no complaint came, and none waits." in str(told.blocks)
    assert pictures(world) == []
    assert rows(world, "picture")[0][0] == "sent"


def test_the_first_digest_waits_for_its_time(world: World) -> None:
    planned(world)
    pass_time(world, hours=6)  # set up in the afternoon
    assert rows(world) == []
    pass_time(world, hours=19)
    assert rows(world) == [("sent", "2026-03-02T10:00", "2026-03-03T10:00")]


def test_days_that_nobody_ran_are_told_in_one(world: World) -> None:
    planned(world)
    pass_time(world, hours=1)
    pass_time(world, days=3, hours=5)
    assert rows(world) == [
        ("sent", "2026-03-01T10:00", "2026-03-02T10:00"),
        ("sent", "2026-03-02T10:00", "2026-03-05T10:00"),
    ]
    assert "Mon 2 Mar, 10:00 to Thu 5 Mar, 10:00 UTC" in str(digests(world)[1].blocks)


def test_what_could_not_be_sent_is_told_by_the_next_one(world: World) -> None:
    planned(world)
    pass_time(world, hours=1)
    channel = world.slack.workspace.channels[NEWS]
    channel.is_archived = True
    pass_time(world, days=1)
    pass_time(world, days=1)
    assert [state for state, _, _ in rows(world)] == ["sent", "merged", "owed"]
    channel.is_archived = False
    pass_time(world, minutes=10)
    assert rows(world)[2] == ("sent", "2026-03-02T10:00", "2026-03-04T10:00")
    assert len(digests(world)) == 2
    world.work(patience=86_400)
    assert len(digests(world)) == 2


def test_one_that_may_have_left_is_not_told_again_by_the_next(world: World) -> None:
    planned(world)
    pass_time(world, hours=1)
    world.slack.fault("chat.postMessage", "drop_after")
    world.clock.move(days=1)
    look(world)
    world.work()  # posted, its answer lost, not yet searched for
    world.clock.move(days=1)
    look(world)
    world.work(patience=60)
    assert [begins for _, begins, _ in rows(world)] == [
        "2026-03-01T10:00",
        "2026-03-02T10:00",
        "2026-03-03T10:00",
    ]
    assert len(digests(world)) == 3


def test_the_word_of_the_week_takes_the_place_of_the_days(world: World) -> None:
    planned(world, weekly=parse_moment("mon 10:00"))
    pass_time(world, hours=1)
    assert rows(world) == [("sent", "2026-02-23T10:00", "2026-03-02T10:00")]
    assert "Weekly digest, Mon 2 Mar 2026" in str(digests(world)[0].blocks)
    pass_time(world, days=1)
    assert rows(world)[1] == ("sent", "2026-03-02T10:00", "2026-03-03T10:00")
    for _day in range(6):
        pass_time(world, days=1)
    assert rows(world)[-1] == ("sent", "2026-03-02T10:00", "2026-03-09T10:00")
    assert len(digests(world)) == 8


def test_a_daily_one_at_another_hour_still_tells_its_whole_day(world: World) -> None:
    planned(world, weekly=parse_moment("mon 09:30"))
    pass_time(world, minutes=30)
    pass_time(world, minutes=30)
    pass_time(world, days=1)
    assert rows(world) == [
        ("sent", "2026-02-23T09:30", "2026-03-02T09:30"),
        ("sent", "2026-03-01T10:00", "2026-03-02T10:00"),
        ("sent", "2026-03-02T10:00", "2026-03-03T10:00"),
    ]


def test_cards_that_are_due_go_first(world: World) -> None:
    planned(world, channel=CHANNEL)
    world.clock.move(hours=1)
    look(world)
    cases = [world.open_case(f"Cold tea, {number}") for number in range(6)]
    world.work(patience=120)
    kinds = [one.body["metadata"]["event_type"] for one in world.slack.workspace.messages(CHANNEL)]
    assert kinds == ["rapport_card"] * len(cases) + ["rapport_digest"]


def test_a_digest_does_not_wait_for_ever_for_cards(world: World) -> None:
    planned(world, channel=CHANNEL)
    world.clock.move(hours=1)
    look(world)
    world.slack.fault("chat.postMessage", *["error:msg_too_long"] * 1000)
    world.open_case()
    world.work(patience=1200)
    world.slack.faults = type(world.slack.faults)()
    assert world.slack.calls["chat.postMessage"] == 0
    world.work(patience=900)
    assert len(digests(world, CHANNEL)) == 1


def test_the_picture_comes_into_the_thread_with_words_for_it(world: World) -> None:
    pytest.importorskip("PIL")
    planned(world, pictures=True)
    promised(world, world.open_case(), 48)
    pass_time(world, hours=1)
    # The bars end with the last whole day; a case of today is in tomorrow's picture.
    assert pictures(world) == []
    pass_time(world, days=1)
    told = digests(world)[1]
    (file,) = pictures(world)
    assert file.data is not None
    assert file.data.startswith(b"\x89PNG")
    assert file.alt.startswith("Bar chart of complaints by day over the last 14 days: 1 in all")
    assert file.title == "Daily digest, Tue 3 Mar 2026"
    (shown,) = world.slack.workspace.thread(NEWS, told.ts)
    assert shown.body["files"] == [{"id": file.id, "title": file.title}]


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", "drop_after"),
        ("upload", "unavailable"),
        ("upload", "drop_before"),
        ("files.completeUploadExternal", "drop_before"),
        ("files.completeUploadExternal", "drop_after"),
        ("files.completeUploadExternal", "reset_after"),
        ("files.completeUploadExternal", "truncate"),
        ("files.completeUploadExternal", "unavailable"),
        ("files.completeUploadExternal", "error:internal_error"),
        ("files.completeUploadExternal", "error:file_not_found"),
        ("conversations.replies", "error:not_in_channel"),
    ],
)
def test_whatever_is_lost_the_picture_is_shown_once(world: World, method: str, fault: str) -> None:
    pytest.importorskip("PIL")
    planned(world, pictures=True)
    promised(world, world.open_case(), 48)
    pass_time(world, hours=1)
    world.slack.fault(method, fault)
    pass_time(world, days=1)
    told = digests(world)[1]
    assert len(world.slack.workspace.thread(NEWS, told.ts)) == 1
    assert sum(file.shares for file in pictures(world)) == 1
    assert rows(world, "picture")[-1][0] == "sent"


def test_a_limit_is_waited_for(world: World) -> None:
    pytest.importorskip("PIL")
    planned(world, pictures=True)
    promised(world, world.open_case(), 48)
    pass_time(world, hours=1)
    world.slack.fault("files.getUploadURLExternal", "limit:1")
    pass_time(world, days=1)
    world.slack.until(lambda: (world.work(patience=60), pictures(world))[1], timeout=10)
    assert sum(file.shares for file in pictures(world)) == 1


def test_a_crash_between_the_calls_shows_it_once(world: World) -> None:
    pytest.importorskip("PIL")
    planned(world, pictures=True)
    promised(world, world.open_case(), 48)
    pass_time(world, hours=1)
    world.clock.move(days=1)
    look(world)
    world.slack.fault("files.completeUploadExternal", "drop_after")
    world.work()
    world.new_face(digest=world.face.settings.digest)
    world.work(patience=60)
    assert sum(file.shares for file in pictures(world)) == 1


@pytest.mark.parametrize("refusal", ["missing_scope", "file_uploads_disabled"])
def test_a_refused_picture_is_given_up_and_told_once(world: World, refusal: str) -> None:
    pytest.importorskip("PIL")
    planned(world, pictures=True)
    promised(world, world.open_case(), 48)
    pass_time(world, hours=1)
    if refusal == "missing_scope":
        world.slack.workspace.scopes = world.slack.workspace.scopes.replace(",files:write", "")
    else:
        world.slack.fault("files.getUploadURLExternal", *[f"error:{refusal}"] * 2)
    pass_time(world, days=1)
    pass_time(world, days=1)
    assert len(digests(world)) == 3, "the digests are told all the same"
    alerts = [(key, told) for key, told in world.alerts if key == "slack:pictures"]
    assert len(alerts) == 1
    assert refusal in str(alerts[0][1])
    assert [state for state, _, _ in rows(world, "picture")][1:] == ["failed", "failed"]
    if refusal == "missing_scope":
        world.slack.workspace.scopes += ",files:write"
    pass_time(world, days=1)
    assert ("slack:pictures", None) in world.alerts
    assert len(pictures(world)) == 1


def test_our_bytes_go_to_slack_only() -> None:
    for url in (
        "https://evil.example/upload/v1/F1",
        "http://files.slack.com/upload/v1/F1",
        "https://slack.com.evil.example/upload",
        "https://notslack.com/upload",
        "ftp://files.slack.com/x",
        "",
    ):
        assert isinstance(send_bytes(url, b"x", "https://slack.com/api/"), Unknown), url


def test_the_permission_is_asked_for_only_where_it_is_used(world: World) -> None:
    assert "files:write" not in manifest()["oauth_config"]["scopes"]["bot"]
    assert "files:write" in manifest(pictures=True)["oauth_config"]["scopes"]["bot"]
    assert "files:write" not in manifest()["oauth_config"]["scopes"]["bot"]
    planned(world, pictures=True)
    found = verify(world.face.client, world.face.settings)
    assert all(one.ok for one in found), found
    assert "#news" in str(found)
    assert "uploading pictures (files:write)" in str(found)
    world.slack.workspace.scopes = world.slack.workspace.scopes.replace(",files:write", "")
    failed = [one for one in verify(world.face.client, world.face.settings) if not one.ok]
    assert len(failed) == 2
    assert all("files:write" in one.advice for one in failed)
