"""Several daemons on one store share the work."""

from __future__ import annotations

import threading
from collections import Counter

from monitor import due
from monitor.work import Handler
from tests.engines.bench import Bench, eventually


def test_two_daemons_share_the_work_and_do_no_row_twice(bench: Bench) -> None:
    rows = bench.due_inbound(120)
    calls: Counter[int] = Counter()
    by: Counter[str] = Counter()
    lock = threading.Lock()

    def handler(owner: str) -> Handler:
        finish = bench.finishing("inbound")

        def handle(claim: due.Claim) -> None:
            with lock:
                calls[claim.id] += 1
                by[owner] += 1
            if len(by) < 2:  # wait for the other, so that none is idle by chance
                both.wait(30)
            else:
                both.set()
            finish(claim)

        return handle

    both = threading.Event()
    with (
        bench.daemon({"inbound": handler("one")}, "one"),
        bench.daemon({"inbound": handler("two")}, "two"),
    ):
        eventually(lambda: len(bench.done("inbound")) >= 120)
    assert sorted(bench.done("inbound")) == rows
    assert set(calls.values()) == {1}
    assert set(by) == {"one", "two"}


def test_a_daemon_that_ends_frees_only_what_it_holds_itself(bench: Bench) -> None:
    [row] = bench.due_inbound()
    entered, let_go = threading.Event(), threading.Event()

    def handle(claim: due.Claim) -> None:
        entered.set()
        let_go.wait(30)
        bench.finishing("inbound")(claim)

    with bench.daemon({"inbound": handle}, "two", claims=False) as daemon:
        daemon.engine.submit(bench.claim("inbound"))  # claimed by "one", worked by "two"
        assert entered.wait(30)
        with bench.database.write() as session:
            assert due.release_owner(session, "one") == 0
        let_go.set()
        eventually(lambda: bench.done("inbound") == [row])
