"""A small daemon in a process of its own, made to be killed.

``python -m tests.engines.daemon ENGINE URL CALLS OWNER AHEAD WORK`` works inbound rows: it
appends the row's id to the file CALLS (the outside world, where nothing can be taken back),
then leaves a note in the transaction that finishes the row. Its clock is AHEAD seconds fast.
WORK says how long a call takes; ``hang`` means for ever.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

from monitor import due
from monitor.clock import utc_now
from monitor.db import Database
from monitor.work import Worker, make_tick
from tests.engines.bench import make_engine
from tests.support.due_rows import note


def main(name: str, url: str, calls: str, owner: str, ahead: float, work: str) -> None:
    database = Database(url)

    def clock() -> datetime:
        return utc_now() + timedelta(seconds=ahead)

    def handle(claim: due.Claim) -> None:
        with Path(calls).open("a") as file:
            file.write(f"{claim.id}\n")
        time.sleep(3600 if work == "hang" else float(work))
        with database.write() as session:
            note(session, "inbound", claim.id, clock())
            due.finish(session, claim, None)

    engine = make_engine(name, url, Worker(database, clock, {"inbound": handle}, owner).perform)
    tick = make_tick(database, clock, engine, owner, kinds=["inbound"])
    engine.every(0.1, tick, "due", early=True)

    def stop(_number: int, _frame: FrameType | None) -> None:
        engine.stop(grace=5)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    engine.run()
    with database.write() as session:
        due.release_owner(session, owner)
    database.close()
    print("stopped", os.getpid(), flush=True)


if __name__ == "__main__":
    _, name, url, calls, owner, ahead, work = sys.argv
    main(name, url, calls, owner, float(ahead), work)
