"""What the reply rules catch, and what they wrongly stop: ``python -m benchmarks.reply_rules``.

Over a written set (`data/replies.tsv`, invented): bad replies for every blocking case and good ones
that come near them, in seven languages; and over real answers of businesses where the shared data
stands beside the repository (`--data`). One half of the written set was `seen` when the rules were
mended, the other `kept` back; `--half` measures one of them, `--show` prints what went wrong.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from responders.rules import Finding, ReplyFacts, check_reply

WRITTEN = Path(__file__).with_name("data") / "replies.tsv"
SHARED = Path(__file__).resolve().parents[2] / "shared/data"
GOOD = "good"


@dataclass(frozen=True, slots=True)
class Example:
    """A written reply: which rule must block it, or ``good``."""

    expected: str
    language: str
    text: str
    facts: ReplyFacts


def written(half: str = "", path: Path = WRITTEN) -> Iterator[Example]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if half and row["set"] != half:
                continue
            told = dict(pair.split("=", 1) for pair in row["facts"].split(",") if pair)
            facts = ReplyFacts(
                language=row["language"],
                platform=told.get("platform", "demo"),
                contact="hello@harbour.example",
                signature="Mara, Harbour Coffee",
                brand_name="Harbour Coffee",
                author_name="Kim Abel",
                mention_text="Nobody answered, and the soup was cold.",
                sensitive="sensitive" in told,
            )
            text = row["text"].replace("\\u202e", "\u202e").replace("\\u202c", "\u202c")
            yield Example(row["expected"], row["language"], text, facts)


def blocking(text: str, facts: ReplyFacts) -> list[Finding]:
    return [each for each in check_reply(text, facts) if each.severity == "block"]


def real(folder: Path) -> Iterator[tuple[str, str, ReplyFacts]]:
    """Yield each different answer of a business, where it comes from, and what it answers."""
    seen: set[str] = set()
    for where, text, facts in (*app_answers(folder), *shop_answers(folder), *tweets(folder)):
        if text and text not in seen:
            seen.add(text)
            yield where, text, facts


def app_answers(folder: Path) -> Iterator[tuple[str, str, ReplyFacts]]:
    for path in sorted((folder / "app_reviews_fampay").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                mention, name = row.get("content") or "", row.get("userName") or ""
                text = (row.get("replyContent") or "").strip()
                yield (
                    "apps",
                    text,
                    ReplyFacts("", "googleplay", mention_text=mention, author_name=name),
                )


def shop_answers(folder: Path) -> Iterator[tuple[str, str, ReplyFacts]]:
    for path in sorted((folder / "trustpilot_rental_2026").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                text = "" if row["reply"] == "NA" else row["reply"].strip()
                facts = ReplyFacts(platform="trustpilot", mention_text=row["body"])
                yield "rental", text, facts


def tweets(folder: Path) -> Iterator[tuple[str, str, ReplyFacts]]:
    for path in sorted((folder / "ibm_twitter_care").glob("*.json")):
        for talk in json.loads(path.read_text(encoding="utf-8")):
            said = " ".join(turn["message"] for turn in talk["dialogContent"])
            text = talk["agentURL"]["url_utterance"].strip()
            yield "tweets", text, ReplyFacts(platform="x", mention_text=said)


def report_written(half: str, *, show: bool) -> None:
    bad: Counter[tuple[str, str]] = Counter()
    blocked: Counter[tuple[str, str]] = Counter()
    named: Counter[tuple[str, str]] = Counter()
    missed: list[str] = []
    stopped: list[str] = []
    good: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for example in written(half):
        found = blocking(example.text, example.facts)
        if example.expected == GOOD:
            good[example.language] += 1
            wrong[example.language] += bool(found)
            stopped += [
                f"  {example.language} {each.rule} “{each.words}”: {example.text}" for each in found
            ]
            continue
        key = (example.expected, example.language)
        bad[key] += 1
        blocked[key] += bool(found)
        named[key] += any(each.rule == example.expected for each in found)
        if not found:
            missed.append(f"  {example.expected} {example.language}: {example.text}")
    rules = list(dict.fromkeys(rule for rule, _ in bad))
    codes = list(dict.fromkeys(code for _, code in bad))
    print(f"{'bad replies blocked':<20}" + "".join(f"{code:>8}" for code in codes) + f"{'all':>10}")
    for rule in rules:
        cells = [
            f"{blocked[rule, code]}/{bad[rule, code]}" if bad[rule, code] else "" for code in codes
        ]
        total = sum(bad[rule, code] for code in codes)
        caught = sum(blocked[rule, code] for code in codes)
        print(f"{rule:<20}" + "".join(f"{cell:>8}" for cell in cells) + f"{caught:>6}/{total}")
    caught, total = sum(blocked.values()), sum(bad.values())
    print(f"\nblocked: {caught} of {total} bad replies ({caught / total:.1%}),")
    print(f"of them by the rule meant: {sum(named.values())} ({sum(named.values()) / total:.1%})")
    stopped_count, all_good = sum(wrong.values()), sum(good.values())
    print(
        f"wrongly blocked: {stopped_count} of {all_good} good ones ({stopped_count / all_good:.1%})"
    )
    if show:
        print("\nmissed:", *missed, "\nwrongly blocked:", *stopped, sep="\n")


def report_real(folder: Path, *, show: bool) -> None:
    answers = list(real(folder))
    if not answers:
        print(f"no real answers under {folder}: only the written set was measured", file=sys.stderr)
        return
    start = time.perf_counter()
    found = [(where, text, blocking(text, facts)) for where, text, facts in answers]
    seconds = time.perf_counter() - start
    print("\nreal answers of businesses blocked:")
    for where in dict.fromkeys(where for where, _, _ in found):
        hits = [hits for at, _, hits in found if at == where]
        count = sum(map(bool, hits))
        rules = dict(Counter(each.rule for each in chain(*hits)))
        print(f"{where:<20}{count} of {len(hits)} ({count / len(hits):.2%}) {rules or ''}")
    print(f"{seconds / len(answers) * 1e6:.0f} µs an answer")
    if show:
        for where, text, each in found:
            if each:
                told = ", ".join(f"{hit.rule} “{hit.words}”" for hit in each)
                print(f"  {where} {told}: {text[:300]!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=SHARED, help="where the shared data stands")
    parser.add_argument("--half", choices=("seen", "kept"), default="", help="only this half")
    parser.add_argument("--show", action="store_true", help="print the texts that went wrong")
    told = parser.parse_args()
    report_written(told.half, show=told.show)
    report_real(told.data, show=told.show)


if __name__ == "__main__":
    main()
