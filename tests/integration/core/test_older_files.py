"""A file that was downloaded before an edit, and is imported after it was heard, edits nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Page
from monitor.models import Revision, Source
from tests.support.core_world import World, review


def import_rows(world: World, *found: Any) -> int:
    counts = world.store.store(
        world.source_id(),
        Page(found, {}),
        world.clock(),
        saved=lambda _session: None,
        confirm_deletion=lambda _ref: True,
        filed=True,
    )
    return counts.new


@pytest.mark.parametrize("tells_edits", [True, False])
def test_an_older_text_is_no_edit(world: World, tells_edits: bool) -> None:
    written = world.clock() - timedelta(days=3)
    edited = written + timedelta(days=1)
    world.hear(review("m1", "fine tea", rating=5.0, created_at=written))
    world.hear(
        review("m1", "bad tea", created_at=written, edited_at=edited if tells_edits else None)
    )
    case_id = world.case_of("m1").id
    before = world.events(case_id)
    import_rows(world, review("m1", "fine tea", rating=5.0, created_at=written))
    row = world.mention("m1")
    assert (row.text, row.revision) == ("bad tea", 2)
    assert world.events(case_id) == before
    assert len(world.rows(Revision)) == 1


def test_a_newer_text_of_a_file_is_an_edit(world: World) -> None:
    written = world.clock() - timedelta(days=3)
    world.hear(review("m1", "fine tea", rating=5.0, created_at=written))
    edited = written + timedelta(days=1)
    import_rows(world, review("m1", "bad tea", created_at=written, edited_at=edited))
    assert world.mention("m1").text == "bad tea"
    import_rows(world, review("m1", "bad, bad tea", created_at=edited + timedelta(days=1)))
    assert world.mention("m1").text == "bad, bad tea"


def test_the_platform_itself_may_return_to_an_earlier_text(world: World) -> None:
    for said in ("fine tea", "bad tea", "fine tea"):
        world.hear(review("m1", said))
    assert (world.mention("m1").text, world.mention("m1").revision) == ("fine tea", 3)


def test_where_files_are_all_there_is_the_last_one_counts(world: World) -> None:
    world.add_source("files")
    with world.write() as session:
        session.query(Source).filter_by(key="files").update({"connector": "file"})
    for said in ("fine tea", "bad tea", "fine tea"):
        world.store.store(
            world.source_id("files"),
            Page((review("m1", said),), {}),
            world.clock(),
            saved=lambda _session: None,
            confirm_deletion=lambda _ref: True,
            filed=True,
        )
    assert world.mention("m1", "files").revision == 3
