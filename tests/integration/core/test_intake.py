"""What a poll makes of a page: new, known, edited, deleted, doubled, broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import FoundMention, Page, Problem
from connectors.errors import Rejected, Unavailable
from monitor.models import Assessment, Author, Case, Clock, Mention, Misread, Revision, Source
from monitor.sla import Snapshot
from tests.support.core_world import World, comment, review


def test_a_new_complaint_is_stored_judged_and_opens_a_case_with_clocks(world: World) -> None:
    counts = world.hear(review("m1", location="Quay Street"))

    assert (counts.found, counts.new, counts.cases) == (1, 1, 1)
    case = world.case_of("m1")
    assert case.state == "opened"
    assert case.next_at == world.clock()
    assert case.location_id is not None
    assert world.clock_states(case.id) == {"first_response": "running", "resolution": "running"}
    assert world.clock_of(case.id, "first_response").due_at == world.clock() + timedelta(hours=8)
    with world.db.read() as session:
        policy = session.get_one(Case, case.id).policy
        assert Snapshot.from_json(policy.body).targets["first_response"] == 8 * 3600
    assert world.row(Assessment).reasons == ["it says bad"]
    assert world.events(case.id) == ["opened"]


def test_praise_is_stored_and_opens_no_case(world: World) -> None:
    assert world.hear(review("m1", "lovely", rating=5.0)).cases == 0
    assert world.mention("m1").text == "lovely"
    assert world.rows(Case) == []


def test_spam_opens_no_case(world: World) -> None:
    assert world.hear(review("m1", "bad spam")).cases == 0


def test_a_known_and_unchanged_item_is_left_alone(world: World) -> None:
    world.hear(review("m1"))
    before = world.mention("m1")

    counts = world.hear(review("m1"), review("m2"))

    assert (counts.new, counts.known, counts.edited) == (1, 1, 0)
    assert world.mention("m1").revision == before.revision
    assert len(world.rows(Mention)) == 2


def test_a_redated_item_is_no_edit(world: World) -> None:
    world.hear(review("m1", created_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert world.hear(review("m1", created_at=datetime(2026, 2, 1, tzinfo=UTC))).edited == 0


def test_a_rating_of_5_is_the_same_word_as_one_of_5_0(world: World) -> None:
    world.hear(review("m1", rating=5))
    assert world.hear(review("m1", rating=5.0)).edited == 0


def test_an_edit_keeps_the_earlier_text_and_is_judged_anew(world: World) -> None:
    world.hear(review("m1", "lovely", rating=5.0, title="Good"))

    counts = world.hear(review("m1", "bad after all", rating=5.0, title="Hm"))

    assert (counts.edited, counts.new) == (1, 0)
    revision = world.row(Revision)
    assert (revision.number, revision.title, revision.text) == (1, "Good", "lovely")
    assert world.mention("m1").revision == 2
    assert [row.revision for row in world.rows(Assessment)] == [1, 2]


def test_an_edit_from_five_stars_to_one_opens_a_case(world: World) -> None:
    world.hear(review("m1", "the tea", rating=5.0))
    assert world.hear(review("m1", "the tea", rating=1.0)).cases == 1
    assert world.case_of("m1").state == "opened"


def test_an_older_text_from_a_cache_is_no_edit(world: World) -> None:
    now = world.clock()
    world.hear(review("m1", "first", edited_at=now - timedelta(hours=2)))
    world.hear(review("m1", "second", edited_at=now - timedelta(hours=1)))

    world.hear(review("m1", "first", edited_at=now - timedelta(hours=2)))

    assert world.mention("m1").text == "second"


def test_an_edit_without_a_time_is_believed_after_one_with_a_time(world: World) -> None:
    world.hear(review("m1", "first", edited_at=world.clock()))
    world.hear(review("m1", "second"))
    world.clock.move(hours=1)
    world.hear(review("m1", "third", edited_at=world.clock() - timedelta(minutes=59)))
    assert world.mention("m1").text == "third"


def test_of_a_doubled_item_in_one_page_the_one_edited_last_counts(world: World) -> None:
    now = world.clock()
    newer = review("m1", "newer", edited_at=now)
    older = review("m1", "older", edited_at=now - timedelta(hours=1))

    counts = world.hear(newer, older)

    assert (counts.found, counts.new) == (2, 1)
    assert world.mention("m1").text == "newer"


def test_equal_ids_in_two_sources_are_two_mentions(world: World) -> None:
    world.add_source("other")
    world.hear(review("1", "bad here"))
    world.hear(review("1", "bad there"), key="other")

    assert world.mention("1").text == "bad here"
    assert world.mention("1", "other").text == "bad there"
    assert len(world.rows(Case)) == 2


def test_equal_author_ids_at_two_accounts_are_two_people(world: World) -> None:
    world.add_source("other")
    world.hear(review("1", author_id="7", author_name="Ann"))
    world.hear(review("1", author_id="7", author_name="Bob"), key="other")

    assert [row.name for row in world.rows(Author)] == ["Ann", "Bob"]
    first, second = world.rows(Case)
    assert first.customer_id != second.customer_id


def test_equal_author_ids_within_one_account_are_one_person(world: World) -> None:
    world.add_source("first", account="shared")
    world.add_source("second", account="shared")
    world.hear(review("1", author_id="7"), key="first")
    world.hear(review("2", author_id="7"), key="second")

    assert len(world.rows(Author)) == 1
    first, second = world.rows(Case)
    assert first.customer_id == second.customer_id


def test_an_edit_of_one_row_leaves_the_others_untouched(world: World) -> None:
    rows = [review(f"m{n}", f"bad {n}") for n in range(5)]
    world.hear(*rows)
    world.hear(*[review(f"m{n}", "bad, edited" if n == 3 else f"bad {n}") for n in range(5)])

    assert [row.revision for row in world.rows(Mention)] == [1, 1, 1, 2, 1]
    assert len(world.rows(Case)) == 5


def test_a_deletion_that_a_direct_read_confirms_purges_the_text(world: World) -> None:
    world.hear(review("m1", "bad secret", title="T", raw={"said": "bad secret"}))
    world.hear(review("m1", "worse secret", raw={"said": "worse secret"}))
    world.board.delete("m1")

    assert world.poll().deleted == 1

    mention = world.mention("m1")
    assert (mention.state, mention.text, mention.title, mention.raw) == ("deleted", "", "", None)
    assert mention.author_name == ""
    assert [row.text for row in world.rows(Revision)] == [""]
    assert world.case_of("m1").state == "closed"


def test_a_deletion_that_a_direct_read_denies_is_not_believed(world: World) -> None:
    world.hear(review("m1"))
    world.board.delete("m1", truly=False)

    assert world.poll().deleted == 0
    assert world.mention("m1").state == "present"


def test_a_listings_word_stands_where_nothing_can_be_read(world: World) -> None:
    world.board.can_read = False
    world.hear(review("m1"))
    world.board.delete("m1")

    assert world.poll().deleted == 1


def test_a_read_refused_for_good_does_not_keep_the_page_from_being_stored(world: World) -> None:
    world.hear(review("m1"))
    world.board.delete("m1", listed=False)
    world.board.list_page(FoundMention("m1", "", deleted=True), review("m2"))
    world.board.break_down("read", Rejected("no"))

    counts = world.poll()

    assert (counts.new, counts.deleted) == (1, 0)
    assert world.mention("m1").state == "present"


def test_a_read_that_may_work_later_has_the_page_fetched_again(world: World) -> None:
    world.hear(review("m1"))
    world.board.delete("m1")
    world.board.fail("read", Unavailable("later"))

    with pytest.raises(Unavailable):
        world.poll()
    assert world.poll().deleted == 1


def test_a_deletion_of_what_was_never_seen_is_nothing(world: World) -> None:
    world.board.list_page(FoundMention("m9", "", deleted=True))
    counts = world.poll()
    assert (counts.deleted, counts.new) == (0, 0)
    assert world.rows(Mention) == []


def test_what_was_deleted_and_comes_back_is_present_again(world: World) -> None:
    world.hear(review("m1"))
    world.board.delete("m1")
    world.poll()

    world.hear(review("m1"))

    assert world.mention("m1").state == "present"
    assert world.mention("m1").text == "bad tea"
    assert world.case_of("m1").state == "opened"


class TestCursor:
    def test_it_is_saved_with_its_page(self, world: World) -> None:
        world.hear(review("m1"))
        assert world.row(Source).cursor == {"at": 1}

    def test_a_crash_while_saving_loses_neither_page_nor_cursor(self, world: World) -> None:
        class Died(Exception):
            pass

        def die(session: Session) -> None:
            session.execute(select(Source.id))
            raise Died

        with pytest.raises(Died):
            world.store.store(
                world.source_id(),
                Page((review("m1"),), {"at": 1}),
                world.clock(),
                saved=die,
                confirm_deletion=lambda ref: True,
            )
        assert world.rows(Mention) == []
        assert world.rows(Case) == []
        assert world.row(Source).cursor == {}

        assert world.hear(review("m1")).new == 1

    def test_pages_are_read_in_order_until_there_are_no_more(self, world: World) -> None:
        for number in range(3):
            world.board.list_page(review(f"m{number}"))

        assert world.poll().new == 3
        assert [row.external_id for row in world.rows(Mention)] == ["m0", "m1", "m2"]
        assert world.board.count("fetch") == 3

    def test_a_crash_between_two_pages_goes_on_after_the_first(self, world: World) -> None:
        world.board.list_page(review("m0"))
        world.board.list_page(review("m1"))
        world.board.during["fetch"] = lambda: world.board.fail("fetch", Unavailable("cut off"))
        with pytest.raises(Unavailable):
            world.poll()
        # The first call failed; the next one reads page 0, the one after it is cut off.
        world.board.during["fetch"] = lambda: world.board.during.update(
            fetch=lambda: world.board.fail("fetch", Unavailable("cut off"))
        )
        with pytest.raises(Unavailable):
            world.poll()
        assert [row.external_id for row in world.rows(Mention)] == ["m0"]

        assert world.poll().new == 1
        assert len(world.rows(Mention)) == 2

    def test_one_turn_reads_so_many_pages_and_is_due_again_at_once(self, world: World) -> None:
        for number in range(53):
            world.board.list_page(review(f"m{number}", "fine", rating=5.0))

        world.do("poll")

        assert len(world.rows(Mention)) == 50
        assert world.row(Source).next_at == world.clock()
        world.do("poll")
        assert len(world.rows(Mention)) == 53
        assert world.row(Source).next_at > world.clock()

    def test_a_platform_that_goes_round_in_circles_is_polled_once_a_turn(
        self, world: World
    ) -> None:
        world.board.list_page(review("m1"))

        class Circling:
            def fetch(self, cursor):  # type: ignore[no-untyped-def]
                world.board.calls.append("fetch")
                return Page((review("m1"),), {}, more=True)

            def close(self) -> None:
                pass

        world.platforms._platforms["board"].idle.append(Circling())  # type: ignore[arg-type]
        world.do("poll")

        assert world.board.count("fetch") == 1
        assert world.row(Source).next_at > world.clock()


class TestMisread:
    def test_an_item_that_cannot_be_read_is_kept_once(self, world: World) -> None:
        problem = Problem("page 1, item 3", "has no text")
        for _ in range(2):
            world.board.list_page(review("m1"), problems=(problem,))
            counts = world.poll()
            assert counts.misread == 1
        row = world.row(Misread)
        assert (row.place, row.reason) == ("page 1, item 3", "has no text")

    def test_a_problem_that_quotes_the_unprintable_is_kept(self, world: World) -> None:
        world.board.list_page(problems=(Problem("a\0b" + "x" * 600, "\ud800" + "y" * 600),))
        world.poll()
        assert len(world.row(Misread).place) == 500

    def test_an_item_without_an_id_is_reported_and_the_rest_goes_on(self, world: World) -> None:
        counts = world.hear(
            review("", "bad", url="https://board.example/x"), review(" \0"), review("m1")
        )
        assert (counts.new, counts.misread) == (1, 2)
        assert {row.place for row in world.rows(Misread)} == {
            "https://board.example/x",
            "an item",
        }


class TestHostileInput:
    @pytest.mark.parametrize(
        "field", ["text", "title", "author_name", "author_id", "url", "author_url", "our_reply"]
    )
    def test_nul_and_lone_surrogates_are_taken_out_of_every_text(
        self, world: World, field: str
    ) -> None:
        assert (
            world.hear(
                review("m1", **{field: "a\0b\ud83dc"})
                if field != "text"
                else review("m1", "a\0b\ud83dc")
            ).new
            == 1
        )

        mention = world.mention("m1")
        stored = {
            "author_id": lambda: world.row(Author).external_id,
            "author_url": lambda: world.row(Author).url,
        }.get(field, lambda: getattr(mention, field))()
        assert stored == "ab\ufffdc"

    @pytest.mark.parametrize("field", ["external_id", "parent_external_id", "location"])
    def test_hostile_ids_and_places_do_not_stop_the_page(self, world: World, field: str) -> None:
        given = review("m1")
        setattr(given, field, "x\0\udfff")
        assert world.hear(given, review("m2")).new == 2

    @pytest.mark.parametrize(
        "raw",
        [
            {"said": "a\0b"},
            {"said": "\\u0000 and \\"},
            {"said": "\ud800 alone"},
            {"k\0ey": [1, 2.5, None, True]},
            {"score": float("nan"), "most": float("inf")},
            {"big": 10**400, "id": 2**63 - 1},
            {"odd": {1: {2, 3}}},
        ],
    )
    def test_any_raw_record_can_be_stored(self, world: World, raw: dict[str, object]) -> None:
        assert world.hear(review("m1", raw=raw)).new == 1
        assert world.mention("m1").raw is not None

    def test_what_can_be_kept_of_a_raw_record_is_kept(self, world: World) -> None:
        raw = {"id": 2**63 - 1, "said": "\\u0000 stays", "list": [{"a": (1, 2)}], "none": None}
        world.hear(review("m1", raw=raw))
        assert world.mention("m1").raw == raw | {"list": [{"a": [1, 2]}]}

    def test_a_very_deep_raw_record_is_cut(self, world: World) -> None:
        deep: dict[str, object] = {}
        for _ in range(5000):
            deep = {"in": deep}
        assert world.hear(review("m1", raw=deep)).new == 1

    def test_a_text_of_twenty_thousand_signs_is_kept_whole(self, world: World) -> None:
        text = "bad " + "äß🙂x" * 5000
        world.hear(review("m1", text))
        assert world.mention("m1").text == text

    def test_long_ids_are_told_apart_by_their_ends(self, world: World) -> None:
        first, second = "x" * 600 + "1", "x" * 600 + "2"
        world.hear(review(first), review(second))
        assert world.hear(review(first), review(second)).known == 2
        assert len({row.external_id for row in world.rows(Mention)}) == 2

    def test_long_author_ids_are_told_apart_by_their_ends(self, world: World) -> None:
        world.hear(review("m1", author_id="x" * 300 + "1"), review("m2", author_id="x" * 300 + "2"))
        assert len(world.rows(Author)) == 2

    @pytest.mark.parametrize(
        ("rating", "low", "high"),
        [
            (10**400, 1.0, 5.0),
            (float("nan"), 1.0, 5.0),
            (float("inf"), 1.0, 5.0),
            ("many", 1.0, 5.0),
            (3.0, 1.0, float("inf")),
            (3.0, float("nan"), 5.0),
        ],
    )
    def test_a_rating_that_is_no_number_counts_as_none(
        self, world: World, rating: float, low: float, high: float
    ) -> None:
        world.hear(review("m1", "fine", rating=rating, rating_min=low, rating_max=high))
        mention = world.mention("m1")
        assert (mention.rating, mention.rating_min, mention.rating_max) == (None, 1.0, 5.0)
        assert world.rows(Case) == []

    def test_a_scale_of_no_width_rates_nothing(self, world: World) -> None:
        world.hear(review("m1", "fine", rating=1.0, rating_min=1.0, rating_max=1.0))
        assert world.rows(Case) == []

    @pytest.mark.parametrize(
        "at",
        [
            datetime(2026, 1, 1),  # noqa: DTZ001  the point
            datetime.max.replace(tzinfo=datetime.fromisoformat("2026-01-01T00:00-12:00").tzinfo),
        ],
    )
    def test_a_time_that_is_none_counts_as_not_given(self, world: World, at: datetime) -> None:
        world.hear(review("m1", created_at=at, edited_at=at), review("m2"))
        assert world.mention("m1").created_at is None
        assert world.mention("m2").text == "bad tea"


class TestHistory:
    @pytest.fixture(autouse=True)
    def _listen_since_march(self, world: World) -> None:
        with world.write() as session:
            source = session.scalars(select(Source)).one()
            source.backfill_since = datetime(2026, 3, 1, tzinfo=UTC)

    def test_what_is_older_is_stored_and_opens_no_case(self, world: World) -> None:
        world.hear(review("m1", created_at=datetime(2026, 2, 1, tzinfo=UTC)))
        assert world.mention("m1").history
        assert world.rows(Case) == []

    def test_what_is_newer_opens_a_case(self, world: World) -> None:
        world.hear(review("m1", created_at=datetime(2026, 3, 1, tzinfo=UTC)))
        assert len(world.rows(Case)) == 1

    def test_what_has_no_time_is_new(self, world: World) -> None:
        world.hear(review("m1"))
        assert len(world.rows(Case)) == 1

    def test_an_old_review_whose_text_merely_changed_opens_no_case(self, world: World) -> None:
        old = datetime(2026, 2, 1, tzinfo=UTC)
        world.hear(review("m1", created_at=old))
        world.hear(review("m1", "bad, as rendered now", created_at=old))
        assert world.rows(Case) == []

    def test_an_old_review_that_its_author_edits_now_opens_a_case(self, world: World) -> None:
        old = datetime(2026, 2, 1, tzinfo=UTC)
        world.hear(review("m1", "lovely", rating=5.0, created_at=old))
        world.hear(review("m1", "bad now", rating=1.0, created_at=old, edited_at=world.clock()))
        assert world.case_of("m1").state == "opened"
        assert not world.mention("m1").history


class TestWordsUnderAMention:
    def test_a_complaint_and_the_authors_word_under_it_on_one_page_are_one_case(
        self, world: World
    ) -> None:
        world.hear(comment("c1", "m1", "bad service too"), review("m1"))

        assert len(world.rows(Case)) == 1
        case = world.case_of("m1")
        assert world.events(case.id) == ["opened", "customer_wrote"]

    def test_words_on_one_page_are_taken_in_the_order_they_were_written(self, world: World) -> None:
        at = world.clock()
        world.hear(
            comment("c2", "c1", "and bad cake", created_at=at),
            comment("c1", "m1", "bad milk", created_at=at - timedelta(hours=1)),
            review("m1", created_at=at - timedelta(hours=2)),
        )
        case = world.case_of("m1")
        assert [word.text for word in world.view(case.id).later_words] == [
            "bad milk",
            "and bad cake",
        ]

    def test_spam_under_a_mention_changes_nothing(self, world: World) -> None:
        case_id = world.answered("m1")
        world.hear(comment("c1", "m1", "spam: buy bad watches?"))
        assert world.case(case_id).state == "answered"

    def test_somebody_elses_thanks_do_not_close_the_case(self, world: World) -> None:
        case_id = world.answered("m1")
        world.hear(comment("c1", "m1", "thanks", author_id="somebody"))
        assert world.case(case_id).state == "answered"

    def test_somebody_elses_complaint_is_a_case_of_its_own(self, world: World) -> None:
        case_id = world.answered("m1")
        world.hear(comment("c1", "m1", "bad for me too", author_id="somebody"))
        assert world.case(case_id).state == "answered"
        assert world.case_of("c1").state == "opened"

    def test_our_own_reply_in_the_listing_is_nobodys_complaint(self, world: World) -> None:
        case_id = world.answered("m1")
        reply = world.reply(case_id)
        world.hear(comment("c0", "m1", reply.text, author_id="us", author_name="Harbour"))
        world.hear(comment(reply.external_id, "m1", "bad " + reply.text, author_id=""))
        assert world.case(case_id).state == "answered"
        assert len(world.rows(Case)) == 1

    def test_a_word_under_our_reply_belongs_to_the_case(self, world: World) -> None:
        case_id = world.answered("m1")
        world.hear(comment("c1", world.reply(case_id).external_id, "still bad"))
        assert world.case(case_id).state == "opened"
        assert world.events(case_id)[-2:] == ["customer_wrote", "reopened"]

    def test_a_word_under_nothing_we_know_is_judged_by_itself(self, world: World) -> None:
        world.hear(comment("c1", "elsewhere", "bad"), comment("c2", "elsewhere", "fine"))
        assert world.case_of("c1").state == "opened"
        assert len(world.rows(Case)) == 1


def test_three_hundred_complaints_in_one_page_are_three_hundred_cases(world: World) -> None:
    counts = world.hear(*[review(f"m{n}", f"bad {n}", author_id=f"a{n}") for n in range(300)])
    assert counts.cases == 300
    assert len(world.rows(Case)) == 300
    assert len(world.rows(Clock)) == 600


class TestFirstWalk:
    """A platform that is listened to from now on: what stands there already is history."""

    @pytest.fixture(autouse=True)
    def _begins_with_history(self, world: World) -> None:
        with world.write() as session:
            session.scalars(select(Source)).one().begins_with_history = True

    def source(self, world: World) -> Source:
        return world.row(Source)

    def test_what_stands_there_at_first_opens_no_case(self, world: World) -> None:
        world.hear(review("m1"), review("m2", created_at=world.clock() - timedelta(days=9)))
        assert [row.history for row in world.rows(Mention)] == [True, True]
        assert world.rows(Case) == []
        assert self.source(world).caught_up_at == world.clock()

    def test_what_comes_after_the_first_walk_is_news(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(minutes=1)
        world.hear(review("m1"), review("m2"), review("m3", created_at=world.clock()))
        assert world.case_of("m2").state == world.case_of("m3").state == "opened"
        assert len(world.rows(Case)) == 2

    def test_a_walk_of_many_pages_that_is_interrupted_goes_on_as_history(
        self, world: World
    ) -> None:
        world.board.list_page(review("m1"))
        world.board.list_page(review("m2"))
        world.board.list_page(review("m3"))
        world.board.during["fetch"] = lambda: world.board.fail("fetch", Unavailable("cut off"))
        with pytest.raises(Unavailable):
            world.poll()
        assert self.source(world).caught_up_at is None
        world.clock.move(days=1)
        world.poll()
        assert len(world.rows(Mention)) == 3
        assert world.rows(Case) == []
        assert self.source(world).caught_up_at == world.clock()

    def test_what_is_written_while_the_first_walk_lasts_is_news(self, world: World) -> None:
        world.board.fail("fetch", Unavailable("down"))
        world.do("poll")
        world.clock.move(hours=3)
        said = world.clock() - timedelta(hours=1)
        world.hear(review("m1", created_at=said), review("m2"))
        assert world.case_of("m1").state == "opened"
        assert world.mention("m2").history

    def test_an_older_word_that_shows_up_later_is_history(self, world: World) -> None:
        world.hear(review("m1"))
        world.clock.move(days=2)
        world.hear(review("m2", created_at=world.clock() - timedelta(days=3, minutes=1)))
        assert world.mention("m2").history
        assert world.rows(Case) == []

    def test_what_is_listed_late_or_tells_only_its_day_is_news(self, world: World) -> None:
        midnight = world.clock().replace(hour=0)
        world.hear(review("m1", created_at=midnight))
        world.clock.move(minutes=30)
        world.hear(review("m1", created_at=midnight), review("m2", created_at=midnight))
        assert world.case_of("m2").state == "opened"
        assert len(world.rows(Case)) == 1
        world.hear(review("m1", "bad, in other words", created_at=midnight))
        assert world.mention("m1").history, "an old one that is rendered anew stays old"

    def test_what_was_said_since_the_day_to_reach_back_to_is_news(self, world: World) -> None:
        with world.write() as session:
            session.scalars(select(Source)).one().backfill_since = world.clock() - timedelta(days=5)
        world.hear(
            review("m1", created_at=world.clock() - timedelta(days=4)),
            review("m2", created_at=world.clock() - timedelta(days=6)),
            review("m3"),
        )
        assert [row.history for row in world.rows(Mention)] == [True, False, True]
        assert world.case_of("m1").state == "opened"

    def test_an_old_review_that_loses_stars_is_news_without_a_time_of_the_edit(
        self, world: World
    ) -> None:
        old = world.clock() - timedelta(days=9)
        world.hear(review("m1", "lovely", rating=5.0, created_at=old))
        world.clock.move(days=1)
        world.hear(review("m1", "lovely", rating=1.0, created_at=old))
        assert world.case_of("m1").state == "opened"

    def test_an_old_word_that_turns_into_a_complaint_is_news(self, world: World) -> None:
        old = world.clock() - timedelta(days=9)
        world.hear(review("m1", "lovely", rating=None, created_at=old))
        world.clock.move(days=1)
        world.hear(review("m1", "lovely then, bad now", rating=None, created_at=old))
        assert world.case_of("m1").state == "opened"

    def test_what_the_platform_sends_by_itself_is_news(self, world: World) -> None:
        old = world.clock() - timedelta(days=9)
        world.store.store(
            world.source_id(),
            Page((review("m1", created_at=old),), {}),
            world.clock(),
            saved=lambda _session: None,
            confirm_deletion=lambda _ref: True,
            pushed=True,
        )
        assert world.case_of("m1").state == "opened"
