"""The configuration knows the topics that judgements find, without importing how they are found."""

from __future__ import annotations

from monitor.assess import TOPICS
from monitor.config.topics import SHIPPED_TOPICS


def test_the_configuration_knows_every_shipped_topic() -> None:
    assert SHIPPED_TOPICS == TOPICS
