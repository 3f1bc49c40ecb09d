"""What can be known of a reply before it is sent: does it fit, and does it still belong there."""

from __future__ import annotations

from connectors.base import Capabilities, Connector, FoundMention
from monitor.cases.elsewhere import Obstacle
from monitor.intake.sighting import cleaned


def fault_of(connector: Connector, able: Capabilities, text: str) -> str:
    """Return why the platform would refuse `text`, a part of a sentence; empty when it fits."""
    size = connector.measure(text)
    if able.max_length is not None and size > able.max_length:
        return f"it has {size:,} {able.length_unit}, and the platform takes {able.max_length:,}"
    objections = connector.objections(text)
    return f"the platform would refuse it: {'; '.join(objections)}" if objections else ""


def standing_of(found: FoundMention) -> Obstacle:
    """Return what a mention shows of its thread and of an answer to it."""
    return Obstacle(cleaned(found.locked)[:500], cleaned(found.our_reply), found.our_reply_at)


def reason_for(obstacle: Obstacle) -> str:
    """Return in words what stands against a reply; a part of a sentence."""
    reasons = []
    if obstacle.answer:
        reasons.append("somebody has answered on the platform meanwhile")
    if obstacle.locked:
        reasons.append(f"the platform takes no answer there: {obstacle.locked}")
    return "; ".join(reasons)
