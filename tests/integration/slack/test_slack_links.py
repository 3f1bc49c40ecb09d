"""A button that is a link opens by itself, and is only acknowledged."""

from __future__ import annotations

from monitor.models import Inbound
from tests.integration.slack.world import CHANNEL, MARA, World


def test_the_link_to_the_page_is_acknowledged_and_nobody_is_told_anything(world: World) -> None:
    world.open_case()
    world.work()
    world.listen()
    delivery = world.slack.click(CHANNEL, world.card().ts, "rapport_open", MARA)
    assert delivery.wait() == {}
    world.work()
    assert world.told(MARA) == ""
    with world.db.read() as session:
        assert session.query(Inbound).count() == 0
