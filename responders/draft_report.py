"""What became of drafts: by template, how many were sent as they were, changed or refused.

People's edits say what is wrong with a template. Each draft of a template is followed through the
versions that were edited from it; those of a customer's edit in between belong to nobody.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.models import Draft, Event
from responders.edit_distance import edit_distance
from responders.phrases import Language, languages, load_language

End = Literal["unchanged", "changed", "refused", "waiting", "unused"]

TEMPLATE = "template "
"""How the last reason of a draft begins that a template made."""

FEWEST = 2
"""A sentence is shown when it was removed or added in so many answers; one may hold anything."""

MOST_SENTENCES = 10

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One template. `distance` is the median edit distance (0..1) of those that were changed.

    `unused` were overtaken by what happened, or their case ended without an answer.
    """

    template: str
    made: int
    unchanged: int
    changed: int
    refused: int
    waiting: int
    unused: int
    distance: float | None


@dataclass(frozen=True, slots=True)
class DraftReport:
    """Drafts made since a time. Sentences come with the number of answers, most frequent first.

    `removed` are sentences of the library, with their fields; `added` are people's own.
    """

    since: datetime
    until: datetime
    lines: tuple[TemplateLine, ...]
    removed: tuple[tuple[str, int], ...]
    added: tuple[tuple[str, int], ...]


def draft_report(session: Session, since: datetime, until: datetime) -> DraftReport:
    """Return what became of every draft that a template made from `since` to before `until`."""
    versions, edited, refused = _read(session, since, until)
    ends: dict[str, Counter[End]] = defaultdict(Counter)
    distances: dict[str, list[float]] = defaultdict(list)
    removed: Counter[str] = Counter()
    added: Counter[str] = Counter()
    for (case_id, version), draft in versions.items():
        template = _template_of(draft)
        if not template or not since <= draft.created_at < until:
            continue
        final, seen = draft, {version}
        while (later := edited.get((case_id, final.version))) and later not in seen:
            if (case_id, later) not in versions:
                break
            seen.add(later)
            final = versions[case_id, later]
        end = _end_of(draft, final, (case_id, final.version) in refused)
        ends[template][end] += 1
        if end == "changed":
            distances[template].append(edit_distance(draft.text, final.text))
            removed.update(_removed(draft, final))
            added.update(_added(draft, final))
    lines = [
        TemplateLine(
            template=template,
            made=counts.total(),
            unchanged=counts["unchanged"],
            changed=counts["changed"],
            refused=counts["refused"],
            waiting=counts["waiting"],
            unused=counts["unused"],
            distance=median(distances[template]) if distances[template] else None,
        )
        for template, counts in ends.items()
    ]
    lines.sort(key=lambda line: (-line.made, line.template))
    return DraftReport(since, until, tuple(lines), _most(removed), _most(added))


def _read(
    session: Session, since: datetime, until: datetime
) -> tuple[dict[tuple[int, int], Draft], dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Return the drafts of the cases drafted for in that time, their edits and refusals."""
    cases = select(Draft.case_id).where(Draft.created_at >= since, Draft.created_at < until)
    drafts = session.scalars(select(Draft).where(Draft.case_id.in_(cases)).order_by(Draft.id))
    events = session.execute(
        select(Event.case_id, Event.kind, Event.detail).where(
            Event.case_id.in_(cases), Event.kind.in_(("draft_edited", "rejected"))
        )
    ).all()
    edited: dict[tuple[int, int], int] = {}
    refused: set[tuple[int, int]] = set()
    for case_id, kind, detail in events:
        if kind == "draft_edited":
            edited[case_id, detail.get("from_version", 0)] = detail.get("version", 0)
        elif detail.get("reason") == "another_draft":
            refused.add((case_id, detail.get("version", 0)))
    return {(each.case_id, each.version): each for each in drafts}, edited, refused


def _template_of(draft: Draft) -> str:
    last = draft.reasons[-1] if draft.reasons else ""
    return last.removeprefix(TEMPLATE) if last.startswith(TEMPLATE) else ""


def _end_of(draft: Draft, final: Draft, is_refused: bool) -> End:
    if final.state == "approved":
        return "unchanged" if final.text == draft.text else "changed"
    if final.state == "rejected":
        return "refused" if is_refused else "unused"
    return "waiting" if final.state == "proposed" else "unused"


def _removed(draft: Draft, final: Draft) -> Iterator[str]:
    """Yield the sentences of the library that the draft was made of and the answer is not."""
    if draft.language not in languages():
        return
    library: Language = load_language(draft.language)
    for groups in library.pools.values():
        for group in groups.values():
            for number in set(group.used_in(draft.text)) - set(group.used_in(final.text)):
                yield group.sentences[number].source


def _added(draft: Draft, final: Draft) -> set[str]:
    """Return the sentences of the answer that the draft had not."""
    before = set(_sentences(draft.text))
    return {each for each in _sentences(final.text) if each not in before}


def _sentences(text: str) -> Sequence[str]:
    return [" ".join(each.split()) for each in _SENTENCE.split(text) if each.strip()]


def _most(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(pair for pair in ordered if pair[1] >= FEWEST)[:MOST_SENTENCES]
