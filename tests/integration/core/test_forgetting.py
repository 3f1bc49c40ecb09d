"""What is forgotten, and what is not: terms that change, deletions, words that may not be kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from connectors.errors import RateLimited
from monitor.intake.purging import withhold
from monitor.models import Account, Author, Mention, Source
from monitor.sources import Wanted, _take_terms
from tests.integration.core.test_terms import everything, rechecker, set_terms
from tests.support.core_world import World, comment, review

DAY = timedelta(days=1)


def test_terms_that_become_stricter_leave_time_to_read_again(world: World) -> None:
    set_terms(world, keep=None)
    world.hear(review("m1"))
    with world.write() as session:
        source = session.scalars(select(Source)).one()
        terms = Wanted("board", "scripted", "", "board", "harbour", None, DAY, keep=DAY)
        _take_terms(session, source, terms, world.clock())
    for _ in range(30):
        world.clock.move(hours=1)
        rechecker(world).run()
    assert world.mention("m1").text == "bad tea"
    assert world.board.count("read") >= 1


def test_a_deletion_forgets_the_quotes_and_the_name_too(world: World) -> None:
    world.hear(review("m1", "bad tea, cold tea"))
    world.do("prepare")
    world.hear(review("m1", "bad bad cold tea"))
    world.do("prepare")
    assert "Dana Petrova" in everything(world.db)
    world.board.delete("m1")
    world.poll()
    left = everything(world.db)
    for secret in ("Dana Petrova", "cold tea"):
        assert secret not in left
    assert world.case_of("m1").state == "closed"


def test_a_name_comes_back_with_its_words(world: World) -> None:
    world.hear(review("m1"))
    world.board.delete("m1")
    world.poll()
    world.hear(review("m1"))
    row = world.mention("m1")
    assert (row.state, row.text, row.author_name) == ("present", "bad tea", "Dana Petrova")


def test_an_author_who_is_heard_again_has_a_name_again(world: World) -> None:
    world.hear(review("m1"))
    world.board.delete("m1")
    world.poll()
    assert world.row(Author).name == ""
    world.hear(review("m2"))
    assert world.row(Author).name == "Dana Petrova"


def test_what_was_deleted_while_its_reading_failed_is_not_read_for_ever(world: World) -> None:
    set_terms(world)
    world.hear(review("m1"))
    world.clock.move(hours=22)
    checks = rechecker(world)
    claimed = checks._claim()
    world.board.delete("m1")
    world.poll()
    checks._put_off(claimed, timedelta(minutes=15))
    assert world.mention("m1").state == "deleted"
    assert world.mention("m1").recheck_at is None


def test_what_was_read_again_meanwhile_is_not_forgotten(world: World) -> None:
    set_terms(world)
    world.hear(review("m1"))
    found = world.mention("m1")
    world.clock.move(hours=25)
    assert found.keep_until is not None
    over = (Mention.keep_until <= world.clock(),)
    world.hear(review("m1"))  # another daemon's poll, after this one found it overdue
    with world.write() as session:
        assert withhold(session, found.source_id, [found.id], world.clock(), over) == 0
    assert world.mention("m1").text == "bad tea"


def test_what_a_cache_shows_in_older_words_is_not_read_again_and_again(world: World) -> None:
    set_terms(world)
    written = world.clock()
    world.hear(review("m1", created_at=written, edited_at=written))
    old = review("m1", "fine", created_at=written, edited_at=written - timedelta(hours=1))
    world.board.items["m1"] = old
    world.clock.move(hours=21)
    checks = rechecker(world)
    for _ in range(10):
        checks.run()
        world.clock.move(minutes=6)
    assert world.board.count("read") == 1
    assert world.mention("m1").text == "bad tea"


def test_one_that_a_connector_stumbles_over_keeps_no_other_from_being_read(world: World) -> None:
    set_terms(world)
    world.hear(*(review(f"m{n}") for n in range(3)))
    world.clock.move(hours=21)
    world.board.fail("read", KeyError("Dana Petrova"))
    checks = rechecker(world)
    checks.run()
    assert world.board.count("read") == 3
    ends = [world.mention(f"m{n}").keep_until for n in range(3)]
    assert ends.count(world.clock() + DAY) == 2
    assert checks.read_again() == 0


def test_a_question_whose_words_may_not_be_kept_closes_no_case(world: World) -> None:
    set_terms(world, keep=None, may_store=False)
    case_id = world.answered("m1")
    world.hear(
        review("m1"), comment("m2", "m1", "Thank you. And when will my parcel come, please?")
    )
    assert world.case(case_id).state in ("opened", "drafted")


def test_thanks_whose_words_may_not_be_kept_close_a_case(world: World) -> None:
    set_terms(world, keep=None, may_store=False)
    case_id = world.answered("m1")
    world.hear(review("m1"), comment("m2", "m1", "Thank you"))
    assert world.case(case_id).state == "closed"


def test_a_refused_reply_does_not_shorten_an_accounts_rest(world: World) -> None:
    case_id = world.drafted("m1")
    assert world.approve(case_id).done
    (claim,) = world.claim("publish")
    job = world.deliverer._read(claim.id)
    long = world.clock() + timedelta(hours=5)
    with world.write() as session:
        session.scalars(select(Account)).one().paused_until = long
    world.deliverer._ledger.retry_later(claim, job, RateLimited("slow down", timedelta(minutes=1)))
    assert world.row(Account).paused_until == long


def test_old_words_are_forgotten_in_parts(world: World) -> None:
    world.hear(*(review(f"m{n}", "fine tea", rating=5.0) for n in range(450)))
    world.clock.move(days=800)
    assert rechecker(world, timedelta(days=730)).forget_old() == 450
    assert not world.rows(Mention, Mention.text != "")
