"""``rapport sla apply``: give open cases the policies of now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from monitor.cli.opening import case_id, me, open_app
from monitor.cli.progress import progress
from monitor.cli.say import FAILED, WRONG, fail, moment, say, say_json, say_next, table

if TYPE_CHECKING:
    from monitor.app import App
    from monitor.levels.planning import Plan

SHOWN = 20
"""Cases that the terminal lists before it asks; the rest is counted."""


@click.command()
@click.option("--policy", "key", metavar="KEY", help="Only cases that come to, or from, this one.")
@click.option("--case", "ref", metavar="CASE", help="Only this case.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: each changed case.")
@click.pass_context
def apply(
    ctx: click.Context,
    key: str | None,
    ref: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Give open cases the policies and calendars that config.yaml has now.

    A case keeps the version that it was opened with until this is called. Then its policy is
    chosen anew, by what the case is now, and the deadlines of the clocks that run are reckoned
    from where they started; their pauses stay. A missed deadline stays missed, unless the new one
    has not passed. Each change stands in the trail of its case, under your name. Clocks that have
    stopped, and closed cases, stay as they are.

    Called again, it finds nothing more to do; stopped with Ctrl-C, it goes on where it was.

    \b
    Examples:
      rapport sla apply --dry-run
      rapport sla apply --policy urgent --yes
      rapport sla apply --case C-42
    """
    with open_app(ctx) as app:
        if key is not None:
            _check_policy(app, key)
        number = case_id(ref) if ref is not None else None
        wanted = _find(app, key, number, as_json and dry_run)
        if not wanted.changed:
            if not as_json:
                say(f"nothing to do: {_looked_at(wanted.seen, ref)}")
                say_next(f"rapport why {ref}" if ref else "rapport queue")
            return
        if not as_json:
            wanted.show()
        if dry_run:
            if not as_json:
                say("nothing was changed")
                say_next("rapport sla apply")
            return
        count = len(wanted.changed)
        if not yes:
            click.confirm(f"Change {_cases(count)}?", abort=True, err=True)
        done = _carry_out(app, wanted.changed, key, as_json)
    if not as_json:
        say(f"changed {_cases(done)}")
        if done < count:
            say(f"{_cases(count - done)} moved on meanwhile and needed no change")
        say_next(f"rapport why {ref or f'C-{wanted.changed[0]}'}")


class _Found:
    """What a rehearsal found: the cases that would change, and the first of them in full."""

    def __init__(self) -> None:
        self.seen = 0
        self.changed: list[int] = []
        self.first: list[Plan] = []

    def add(self, plan: Plan) -> None:
        self.changed.append(plan.case_id)
        if len(self.first) < SHOWN:
            self.first.append(plan)

    def show(self) -> None:
        """List the first cases that would change."""
        rows = []
        for plan in self.first:
            name = f"C-{plan.case_id}"
            before = f"{plan.before.policy.key} {plan.before.version}"
            after = f"{plan.after.policy.key} {plan.after.version}"
            for each in plan.clocks:
                breach = {"taken_back": "not missed any more", "recorded": "missed"}
                rows.append(
                    (
                        name,
                        before,
                        after,
                        each.target.replace("_", " "),
                        moment(each.due_before) or "-",
                        moment(each.due) or "not promised",
                        breach.get(each.breach, ""),
                    )
                )
                name = before = after = ""
            if not plan.clocks:
                rows.append((name, before, after, "no clock runs", "", "", ""))
        table(("case", "policy", "becomes", "clock", "due", "becomes due", ""), rows)
        if len(self.changed) > len(self.first):
            say(f"and {_cases(len(self.changed) - len(self.first))} more")


def _find(app: App, key: str | None, number: int | None, tell: bool) -> _Found:
    from monitor.app import policy_book
    from monitor.levels.applying import detail_of, open_case_ids, rehearse

    found = _Found()
    ids = open_case_ids(app.database, number)
    if number is not None and not ids:
        fail(f"C-{number} is not open; only open cases have deadlines to change", FAILED)
    with progress("looking", len(ids)) as report:
        for seen, (_, plan) in enumerate(
            rehearse(app.database, policy_book(app.config, app.clock), ids, app.clock()), 1
        ):
            found.seen = seen
            report(seen, f"{seen} of {_cases(len(ids))}")
            if plan is None or (key is not None and not plan.concerns(key)):
                continue
            found.add(plan)
            if tell:
                say_json({"case": f"C-{plan.case_id}", **detail_of(plan)})
    return found


def _carry_out(app: App, ids: list[int], key: str | None, as_json: bool) -> int:
    from monitor.app import policy_book
    from monitor.levels.applying import apply as apply_to
    from monitor.levels.applying import detail_of

    book, actor, done = policy_book(app.config, app.clock), str(me()), 0
    with progress("applying", len(ids)) as report:
        for at, number in enumerate(ids, 1):
            plan = apply_to(app.database, book, number, actor, app.clock(), key)
            report(at, f"{at} of {_cases(len(ids))}")
            if plan is None:
                continue
            done += 1
            if as_json:
                said: dict[str, Any] = {"case": f"C-{number}", **detail_of(plan)}
                say_json(said)
    app.on_decision()
    return done


def _check_policy(app: App, key: str) -> None:
    from monitor.config.problems import nearest
    from monitor.sla import DEFAULT_POLICY

    keys = [*(policy.key for policy in app.config.sla), DEFAULT_POLICY.key]
    if key in keys:
        return
    # A policy that was taken out of the configuration may still hold for cases.
    from sqlalchemy import select

    from monitor.models import SlaPolicy

    with app.database.read() as session:
        if session.scalars(select(SlaPolicy.id).where(SlaPolicy.key == key).limit(1)).first():
            return
    near = nearest(key, keys)
    hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(keys)}"
    fail(f"--policy {key!r}: there is no such policy; {hint}", WRONG)


def _looked_at(count: int, ref: str | None) -> str:
    if ref is not None:
        return f"{ref} has the policy that config.yaml gives it now"
    if not count:
        return "no case is open"
    return f"of {_cases(count)} that are open, none would change"


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"
