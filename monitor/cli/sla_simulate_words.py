"""What ``rapport sla simulate`` writes: tables for people, and the same figures as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.cli.say import moment, say, table

if TYPE_CHECKING:
    from monitor.replays.whatif import People, WhatIf
    from monitor.sla import Attainment
    from monitor.sla.simulation import Pair, Replayed
    from monitor.sla.staffing import Staffed

KINDS = ("target", "policy", "source")


def draw(made: WhatIf, *, by_policy: bool, by_hours: bool) -> None:
    """Write the comparison, the cases that flip, and what the model of the people says."""
    say(f"Cases opened {moment(made.since)} to {moment(made.until)}: {made.cases}")
    if not made.cases:
        say("no case was opened in this time, so there is nothing to replay; take a longer --since")
        return
    found = made.comparison
    if by_policy or by_hours:
        what = " and ".join(
            words for words, given in (("policies", by_policy), ("hours", by_hours)) if given
        )
        say(f"The same answers at the same moments, counted by the other {what}:")
        say()
        rows = [("all", found.total)]
        for kind in KINDS:
            rows += [(f"{kind} {_plain(name)}", pair) for name, pair in found.by(kind)]
        _compare(rows)
        say()
        _flips("late now, not then", found.saved, found.saved_examples)
        _flips("late then, not now", found.lost, found.lost_examples)
        if found.newly_promised:
            say(
                f"{found.newly_promised} promises are new: no clock ran for them, they are counted "
                "from the cases' own times"
            )
        if found.no_longer_promised:
            say(f"{found.no_longer_promised} clocks would not run: their target is not promised")
    if made.voided:
        say(f"not counted: {made.voided} dismissed, deleted or closed without an answer")
    if found.irreproducible:
        say(
            f"{found.irreproducible} clocks cannot be counted again as they were recorded: the "
            "policy of their case was changed, or their answer was lost at its platform"
        )
    if made.people is not None:
        _draw_people(made.people)
    say()
    say("met: of those decided or overdue, the share in time; * fewer than 20.")


def as_json(made: WhatIf) -> dict[str, Any]:
    """Return everything as JSON-able data; shares are None where nothing was decided."""
    found = made.comparison
    return {
        "since": made.since,
        "until": made.until,
        "cases": made.cases,
        "voided": made.voided,
        "newly_promised": found.newly_promised,
        "no_longer_promised": found.no_longer_promised,
        "irreproducible": found.irreproducible,
        "total": _pair(found.total),
        **{
            f"by_{kind}": [{kind: name, **_pair(pair)} for name, pair in found.by(kind)]
            for kind in KINDS
        },
        "late_now_not_then": found.saved,
        "late_now_not_then_examples": [_run(each) for each in found.saved_examples],
        "late_then_not_now": found.lost,
        "late_then_not_now_examples": [_run(each) for each in found.lost_examples],
        "people": None if made.people is None else _people(made.people),
    }


def _compare(rows: list[tuple[str, Pair]]) -> None:
    table(
        ("", "now", "in time", "late", "open", "met", "then", "in time", "late", "open", "met", ""),
        ((name, *_side(pair.now), *_side(pair.then), _change(pair)) for name, pair in rows),
    )


def _side(fared: Attainment) -> tuple[str, ...]:
    late = fared.missed + fared.open_overdue
    return (
        str(_clocks(fared)),
        str(fared.met),
        str(late),
        str(fared.open_in_time),
        _met(fared),
    )


def _clocks(fared: Attainment) -> int:
    return fared.met + fared.missed + fared.open_in_time + fared.open_overdue


def _met(fared: Attainment) -> str:
    share = fared.share_with_overdue
    return "-" if share is None else f"{share:.0%}" + ("*" if fared.small else "")


def _change(pair: Pair) -> str:
    return "" if pair.change is None else f"{round(100 * pair.change):+d} points"


def _flips(what: str, count: int, examples: list[Replayed]) -> None:
    say(f"{what}: {count}" + (", such as" if examples else ""))
    for run in examples:
        stopped = (
            "not answered yet" if run.stopped_at is None else f"ended {moment(run.stopped_at)}"
        )
        say(
            f"  C-{run.case_id} {_plain(run.target)}: {stopped}, due {_due(run.due_before)} now, "
            f"{_due(run.due_after)} then"
        )


def _due(at: Any) -> str:
    return "never" if at is None else moment(at)


def _plain(name: str) -> str:
    return name.replace("_response", " response")


def _draw_people(told: People) -> None:
    found = told.calibration
    say()
    order = "what is due first" if told.order == "due" else "what came first"
    say(
        f"People on duty: a model of {found.jobs} first and next responses, answered in the hours "
        f'of "{told.hours}", {order} first (that fits the past better).'
    )
    if told.hours == "always":
        say("People are taken to work day and night; name their hours with --staffed.")
    few = " (*few: read it with care)" if found.small else ""
    if found.unpromised:
        say(f"{found.unpromised} more answers that are promised no time take theirs all the same.")
    say(
        f"At present {told.present.people} (median over {found.days} days with approvals); an "
        f"answer takes {told.handling_seconds / 60:.1f} min (from {found.gaps} gaps between "
        f"approvals){few}."
    )
    say()
    rows: list[tuple[str, Attainment, str]] = [("as it was", told.real, "")]
    rows.append(
        (f"model, {_count(told.present)} as now", told.present.attainment, _busy(told.present))
    )
    rows += [(f"model, {_count(each)}", each.attainment, _busy(each)) for each in told.others]
    table(
        ("", "clocks", "in time", "late", "open", "met", "busy"),
        ((name, *_side(fared), busy) for name, fared, busy in rows),
    )
    say(
        "Compare the model's lines with each other; how far its line for now is from what was "
        "tells how far to trust them."
    )


def _count(staffed: Staffed) -> str:
    return f"{staffed.people} {'person' if staffed.people == 1 else 'people'}"


def _busy(staffed: Staffed) -> str:
    return f"{staffed.busy:.0%}"


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "now": _fared(pair.now),
        "then": _fared(pair.then),
        "change": pair.change,
        "small": pair.small,
    }


def _fared(fared: Attainment) -> dict[str, Any]:
    return {
        "met": fared.met,
        "missed": fared.missed,
        "open_in_time": fared.open_in_time,
        "open_overdue": fared.open_overdue,
        "share": fared.share,
        "share_with_overdue": fared.share_with_overdue,
        "small": fared.small,
    }


def _run(run: Replayed) -> dict[str, Any]:
    return {
        "case": f"C-{run.case_id}",
        "target": run.target,
        "source": run.source,
        "policy_now": run.policy_before,
        "policy_then": run.policy_after,
        "state_now": run.before,
        "state_then": run.after,
        "due_now": run.due_before,
        "due_then": run.due_after,
        "stopped_at": run.stopped_at,
    }


def _people(told: People) -> dict[str, Any]:
    found = told.calibration
    return {
        "hours": told.hours,
        "order": told.order,
        "jobs": found.jobs,
        "unpromised": found.unpromised,
        "present": found.people,
        "days": found.days,
        "gaps": found.gaps,
        "handling_seconds": told.handling_seconds,
        "small": found.small,
        "real": _fared(told.real),
        "modelled": [
            {"people": each.people, "busy": each.busy, **_fared(each.attainment)}
            for each in (told.present, *told.others)
        ],
    }
