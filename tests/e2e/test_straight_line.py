"""One complaint from the board to the published answer, by three faces, beside the daemon."""

from __future__ import annotations

import getpass
from contextlib import closing
from pathlib import Path

import pytest

from monitor.app import App, compose
from monitor.config import load
from responders.views import Actor, CaseView
from tests.support.outside import find_violations, look_around
from tests.support.running import DemoProcess, Place, eventually, make_place, rapport, running
from tests.support.web import Browser

pytestmark = pytest.mark.timeout(300)  # a busy machine starts programs slowly

MARA = Actor("terminal", "mara", "Mara")
COLD = "We waited fifty minutes for a cold soup and nobody said sorry. Never again!"
TWICE = "I was charged twice for one cake and nobody answers my e-mails. I want my money back."
RUDE = "@harbourcoffee the waiter was rude to my mother and threw us out. Terrible service."


def say(demo: DemoProcess, text: str, **more: object) -> str:
    """Have a customer say something, and return its id."""
    told = demo.ask("POST", "/control/mentions", {"text": text, "language": "en", **more})
    assert told.status == 201, told.text
    return str(told.json()["id"])


def drafted(app: App) -> dict[str, CaseView]:
    """Return the cases that await a person, by what was said."""
    views = [app.queue.view(line.id) for line in app.queue.lines()]
    return {view.mention.text: view for view in views if view is not None}


def approve_on_the_web(link: str, place: Place, ref: str) -> None:
    """Sign in by the printed link, open the case, read it and press the button."""
    address = f"http://127.0.0.1:{place.port}"
    with closing(Browser(address)) as browser:
        path = link.removeprefix(address)
        door = browser.get(path)
        queue = browser.act(door, path)
        assert queue.status == 200
        assert ref in queue.text
        page = browser.get(f"/cases/{ref}")
        done = browser.act(page, "/approve")
        assert done.status == 200
        assert ref in done.text
        assert browser.get(path).status == 410, "the link opens once"


def test_a_complaint_goes_from_the_board_to_the_published_answer(
    silent_demo: DemoProcess, tmp_path: Path
) -> None:
    place = make_place(tmp_path / "rapport", silent_demo)
    kinder = {"after": "1h", "do": "raise_rating", "stars": 5, "text": "All is well again, bravo!"}
    soup = say(silent_demo, COLD, author="Ada Lind", stars=1, when_answered=[kinder])
    cake = say(silent_demo, TWICE, author="Bo Ek", stars=2, location="mill")
    asked = {"after": "1h", "do": "ask_again", "text": "And when will you call her to say sorry?"}
    waiter = say(silent_demo, RUDE, board="feed", author="@cy", when_answered=[asked])
    say(silent_demo, "Lovely cakes and the kindest staff in town!", author="Di", stars=5)
    with running(place) as daemon, closing(compose(load(place.config))) as app:
        eventually(lambda: len(drafted(app)) == 3, "three drafts")
        cases = drafted(app)
        by_mara, by_command, by_web = (cases[text] for text in (COLD, TWICE, RUDE))
        assert by_mara.draft is not None
        assert "Ada" in by_mara.draft.text
        assert app.queue.approve(
            by_mara.id,
            draft_version=by_mara.draft.version,
            text_hash=by_mara.draft.text_hash,
            actor=MARA,
        ).done
        told = rapport(place, "approve", by_command.ref, "--yes")
        assert told.code == 0, told.err
        approve_on_the_web(daemon.sign_in_link(), place, by_web.ref)

        eventually(lambda: app.queue.counts() == {"answered": 3}, "three published answers")
        shown = {
            by_mara.id: f"/reviews/{soup}",
            by_command.id: f"/reviews/{cake}",
            by_web.id: f"/posts/{waiter}",
        }
        for case_id, path in shown.items():
            assert_answered(app, case_id)
            view = app.queue.view(case_id)
            assert view is not None
            assert view.reply is not None
            page = silent_demo.ask("GET", path).text
            first_line = view.reply.text.splitlines()[0]
            assert first_line in page, "the answer stands under the text on the demo page"
        assert approvers(app, shown) == ["Mara (terminal)", f"{me()} (terminal)", f"{me()} (web)"]
        report = rapport(place, "report", "sla", "--json").json()
        first = next(each for each in report["targets"] if each["target"] == "first_response")
        assert (report["mentions"], report["cases"]) == (4, 3)
        assert first["total"]["received"] == 3
        assert first["total"]["attainment"]["met"] == 3
        assert first["total"]["attainment"]["missed"] == 0

        silent_demo.ask("POST", "/control/clock", {"skip": "2h"})
        eventually(
            lambda: app.queue.counts() == {"closed": 1, "answered": 1, "drafted": 1},
            "the customers' reactions",
        )
        again = app.queue.view(by_web.id)
        assert again is not None
        assert [clock.state for clock in again.clocks if clock.target == "next_response"] == [
            "running"
        ]
        status = rapport(place, "status", "--json").json()
        assert status["daemon_running"] is True
        assert status["mentions"] == 5
        assert by_web.ref in rapport(place, "queue").out
        assert daemon.stop() == 0
        with app.database.read() as session:
            assert find_violations(session, look_around(silent_demo)) == []


def assert_answered(app: App, case_id: int) -> None:
    view = app.queue.view(case_id)
    assert view is not None
    assert view.reply is not None
    assert view.reply.state == "published"
    clocks = {clock.target: clock for clock in view.clocks}
    first = clocks["first_response"]
    assert first.state == "stopped"
    assert first.stopped_at is not None
    assert first.started_at <= first.stopped_at <= first.due_at
    assert first.breached_at is None
    assert clocks["resolution"].state == "paused", "the customer has the next word"
    kinds = [event.kind for event in view.events]
    assert kinds == ["opened", "drafted", "approved", "publishing", "published"]
    moments = [event.at for event in view.events]
    assert moments == sorted(moments)


def approvers(app: App, case_ids: dict[int, str]) -> list[str]:
    views = [app.queue.view(case_id) for case_id in case_ids]
    return [view.reply.approved_by for view in views if view is not None and view.reply is not None]


def me() -> str:
    return getpass.getuser()
