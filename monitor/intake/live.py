"""Reads a mention at its platform for one pair of eyes: nothing of it is kept."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from connectors.base import FoundMention
from connectors.errors import ConnectorError, Gone, NotSupported
from monitor.db import Database
from monitor.intake.reference import reference
from monitor.intake.sighting import clean
from monitor.log import logger
from monitor.models import Case
from monitor.platforms import Platforms, UnknownSource
from monitor.work import describe

log = logger(__name__)

PATIENCE_SECONDS = 8.0
"""Whoever looks at a page waits no longer; a slow platform is read at the platform itself."""


@dataclass(slots=True)
class Live:
    """What a platform shows now, or in a few words why it cannot be shown here."""

    found: FoundMention | None = None
    problem: str = ""


def read_live(
    database: Database, platforms: Platforms, case_id: int, patience: float = PATIENCE_SECONDS
) -> Live:
    """Read what a case is about at its platform, in at most `patience` seconds. Never raises."""
    with database.read() as session:
        case = session.get_one(Case, case_id)
        key, ref = case.source.key, reference(case.mention)
    live = Live(problem="the platform takes too long to answer")

    def read() -> None:
        nonlocal live
        try:
            with platforms.borrow(key) as connector:
                found = connector.read(ref)
        except NotSupported:
            answer = Live(problem="the platform shows no single mention to us")
        except UnknownSource:
            answer = Live(problem="the source is no longer configured")
        except Gone:
            answer = Live(problem="it is no longer there")
        except ConnectorError as error:
            answer = Live(problem=str(error))
        except Exception as error:  # a fault of one connector is no reason to show no page
            log.error("a mention of %s could not be shown: %s", key, describe(error))
            answer = Live(problem="the answer could not be read")
        else:
            gone = found is None or found.deleted
            answer = Live(problem="it is no longer there") if gone else Live(found)
        live = answer

    # A thread of its own: a hung platform must hold up neither the page nor the exit.
    thread = threading.Thread(target=read, name="rapport-live", daemon=True)
    thread.start()
    thread.join(patience)
    shown = live
    if shown.found is not None:
        clean(shown.found)
    return shown
