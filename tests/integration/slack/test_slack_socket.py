"""The socket under the faults that were measured on slack-sdk's own client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from responders.slack.client import SlackClient
from responders.slack.conditions import AUTH, Conditions
from responders.slack.inbound import Ack
from responders.slack.socket import SlackSocket
from tests.integration.slack.world import World
from tests.support.slack_server.server import SlackServer


class Ear:
    """A socket whose envelopes are counted, with short times for tests."""

    def __init__(self, world: World) -> None:
        self.heard: list[dict[str, Any]] = []
        self.alerts: list[tuple[str, str | None]] = []
        self.answer: dict[str, Any] | None = None
        self.slack = world.slack
        self.socket = SlackSocket(
            SlackClient(world.settings),
            self._receive,
            world.clock,
            Conditions(lambda key, told: self.alerts.append((key, told))),
            ping_seconds=0.05,
            silence_seconds=0.4,
            first_pause=0.02,
        )

    def _receive(self, kind: str, payload: dict[str, Any]) -> Ack:
        self.heard.append(payload)
        return Ack(self.answer)

    def connected(self, times: int = 1) -> None:
        self.slack.until(lambda: self.slack.hub.opened >= times and self.slack.hub.links)

    def hears(self) -> None:
        """Prove that envelopes arrive and are acknowledged now."""
        before = len(self.heard)
        hub = self.slack.hub
        hub.send(hub.envelope("interactive", {"n": before})).wait()
        assert len(self.heard) == before + 1


@pytest.fixture
def ear(world: World) -> Iterator[Ear]:
    made = Ear(world)
    made.socket.start()
    made.connected()
    yield made
    made.socket.stop(grace=2)


def test_an_envelope_is_served_and_acknowledged_with_its_answer(ear: Ear) -> None:
    ear.answer = {"response_action": "clear"}
    hub = ear.slack.hub
    assert hub.send(hub.envelope("interactive", {})).wait() == {"response_action": "clear"}
    health = ear.socket.health()
    assert (health["connected"], health["connections"]) == (True, 1)


def test_a_refresh_loses_no_envelope_on_either_connection(ear: Ear) -> None:
    hub = ear.slack.hub
    (old,) = hub.links
    old.disconnect()
    late = hub.envelope("interactive", {"late": True})
    old.deliver(late)
    late.wait()
    ear.connected(2)
    ear.hears()
    assert not hub.stray_acks


def test_the_old_connection_is_closed_some_time_after_a_refresh(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responders.slack.socket.OVERLAP_SECONDS", 0.1)
    ear.slack.hub.links[0].disconnect("warning")
    ear.connected(2)
    ear.slack.until(lambda: len(ear.slack.hub.links) == 1)
    ear.hears()


def test_a_fin_without_a_close_frame_is_noticed(ear: Ear) -> None:
    ear.slack.hub.links[0].fin()
    ear.connected(2)
    ear.hears()


def test_a_half_open_connection_is_replaced(ear: Ear) -> None:
    link = ear.slack.hub.links[0]
    ear.slack.until(lambda: link.pings > 1)
    link.freeze()
    ear.connected(2)
    ear.slack.until(lambda: not link.is_open)
    ear.hears()


def test_a_connection_that_never_answered_a_ping_is_replaced(world: World) -> None:
    deaf = Ear(world)
    serve = world.slack.hub.attach

    def attach_frozen(link: Any) -> None:
        link.answers_pings = world.slack.hub.opened > 0
        serve(link)

    world.slack.hub.attach = attach_frozen  # type: ignore[method-assign]
    deaf.socket.start()
    deaf.connected(2)
    deaf.slack.until(lambda: len(deaf.slack.hub.links) == 1)
    deaf.hears()
    deaf.socket.stop()


def test_a_refused_upgrade_is_tried_again(world: World) -> None:
    world.slack.hub.refusals = 2
    ear = Ear(world)
    ear.socket.start()
    ear.connected()
    ear.hears()
    ear.socket.stop()
    assert world.slack.calls["apps.connections.open"] == 3


def test_slack_being_down_at_start_stops_nothing(world: World) -> None:
    world.slack.fault("apps.connections.open", "unavailable", "drop_after", "truncate")
    ear = Ear(world)
    ear.socket.start()
    ear.connected()
    ear.hears()
    ear.socket.stop()


def test_a_refused_app_token_is_alarmed_once(world: World) -> None:
    world.slack.workspace.app_token = "xapp-another"
    ear = Ear(world)
    ear.socket.start()
    world.slack.until(lambda: world.slack.calls["apps.connections.open"] > 2)
    ear.socket.stop()
    assert [key for key, told in ear.alerts if told] == [AUTH]
    assert "invalid_auth" in ear.socket.health()["problem"]


def test_a_socket_that_stays_down_is_told_once_and_told_when_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responders.slack.socket.LOUD_AFTER_SECONDS", 0.05)
    world.slack.hub.refusals = 4
    ear = Ear(world)
    ear.socket.start()
    ear.connected()
    ear.hears()
    ear.socket.stop()
    assert [told is None for key, told in ear.alerts if key == "slack:socket"] == [False, True]


@pytest.mark.parametrize(
    "send",
    [
        lambda link, envelope: link.send_fragmented(envelope),
        lambda link, envelope: link.send_in_pieces(envelope, 0.15),
    ],
    ids=["fragmented", "stalled"],
)
def test_an_unusual_frame_is_put_together(ear: Ear, send: Callable[[Any, Any], None]) -> None:
    hub = ear.slack.hub
    envelope = hub.envelope("interactive", {"text": "x" * 300})
    send(hub.links[0], envelope)
    envelope.wait()
    ear.hears()


def test_an_envelope_of_a_megabyte_and_a_half_arrives(ear: Ear) -> None:
    hub = ear.slack.hub
    hub.send(hub.envelope("interactive", {"text": "x" * 1_500_000})).wait()
    assert ear.socket.health()["connections"] == 1


def test_an_answer_too_long_for_a_frame_is_left_out(ear: Ear) -> None:
    hub = ear.slack.hub
    ear.answer = {"text": "x" * 70_000}
    assert hub.send(hub.envelope("interactive", {})).wait() == {}
    ear.answer = None
    ear.hears()


def test_one_broken_envelope_stops_no_other(ear: Ear) -> None:
    hub = ear.slack.hub
    receive = ear.socket._receive
    ear.socket._receive = _broken  # type: ignore[assignment]
    envelope = hub.send(hub.envelope("interactive", {}))
    with pytest.raises(TimeoutError):
        envelope.wait(0.2)
    ear.socket._receive = receive  # type: ignore[method-assign]
    ear.hears()


def test_an_alarm_that_fails_does_not_leave_slack_unheard(world: World) -> None:
    ear = Ear(world)
    failures = [OSError("the store is locked")]

    def alarm(key: str, told: str | None) -> None:
        if failures:
            raise failures.pop()

    ear.socket._conditions = Conditions(alarm)
    ear.socket.start()
    ear.connected()
    ear.slack.until(lambda: not failures)
    ear.slack.hub.links[0].fin()
    ear.connected(2)
    ear.hears()
    ear.socket.stop()


def test_an_envelope_being_served_at_the_end_is_still_acknowledged(world: World) -> None:
    ear = Ear(world)

    def slow(kind: str, payload: dict[str, Any]) -> Ack:
        time.sleep(0.3)
        return Ack()

    ear.socket._receive = slow  # type: ignore[assignment]
    ear.socket.start()
    ear.connected()
    hub = world.slack.hub
    envelope = hub.send(hub.envelope("interactive", {}))
    world.slack.until(lambda: envelope.times_sent)
    time.sleep(0.05)
    ear.socket.stop(grace=3)
    envelope.wait()


def test_stopping_during_a_refresh_ends_cleanly(ear: Ear) -> None:
    ear.slack.hub.links[0].disconnect()
    ear.socket.stop(grace=3)
    assert ear.socket.health()["connected"] is False


def test_a_socket_can_be_stopped_before_it_ever_connected(world: World, slack: SlackServer) -> None:
    slack.hub.refusals = 1000
    ear = Ear(world)
    ear.socket.start()
    ear.socket.stop(grace=3)
    assert ear.socket.health()["connected"] is False


def _broken(kind: str, payload: dict[str, Any]) -> Ack:
    raise RuntimeError("a defect")
