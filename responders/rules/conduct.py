"""Rules of conduct: what a business must not say to somebody who complained."""

from __future__ import annotations

import re
from collections.abc import Iterator

from responders.rules.base import Finding, Reply, Rule, Severity, shorten
from responders.rules.brandwords import only_allowed
from responders.rules.words import around, every, found, parts

FTC_THREATS = "16 CFR 465.7(a): no threats, intimidation or false accusation to suppress a review"
FTC_INCENTIVES = "16 CFR 465.4: no incentive conditioned on the sentiment of a review"

RESPECT = "Every platform's rules on respectful answers"

_ENDS_IN_MISTAKE = re.compile(rf"(?<!\w){parts()['mistake']} (?:\w+ )?$", re.IGNORECASE)
_BEGINS_WITH_MISTAKE = re.compile(rf" (?:\w+ )?{parts()['mistake']}(?!\w)", re.IGNORECASE)
_THANKS = re.compile(
    r"(?:thank\w*|grateful|appreciate|happy|pleased|dank\w*|freuen|gracias|agradecemos|alegra|merci|"
    r"remerci\w+|ravis|grazie|ringrazi\w+|felici|obrigad[oa]|bedankt|blij)(?!\w)[^.!?\n]{0,40}$",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?<![\w@.])(?:https?://|www\.)[^\s<>]+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|io|de|at|ch|fr|es|it|nl|pt|eu"
    r"|co\.uk|uk|be|info|biz|shop|app|example|test)(?:/[^\s<>]*)?(?![\w@-])",
    re.IGNORECASE,
)


def _wording(
    name: str, severity: Severity, message: str, source: str = "", words: str | None = None
) -> Rule:
    """Make a rule that finds the wordings of `words.yaml`."""

    def check(reply: Reply) -> Iterator[Finding]:
        said = found(words or name, reply.plain)
        if said:
            yield Finding(name, severity, message.format(said=shorten(said)), source, said)

    summary = message.split(". ")[0].replace(": “{said}”", "").replace("“{said}” ", "")
    return Rule(name, severity, summary, source, check)


def _threat(reply: Reply) -> Iterator[Finding]:
    said = found("threat", reply.plain)
    if not said and not reply.facts.has_lawyers:
        said = found("our_lawyers", reply.plain)
    if said:
        message = (
            f"It reads as a threat: “{shorten(said)}”. Take it out; say what you will do about the "
            "problem, and leave legal questions to letters"
        )
        yield Finding("threat", "block", message, FTC_THREATS, said)


def _incentive(reply: Reply) -> Iterator[Finding]:
    sentences = reply.sentences
    for index, sentence in enumerate(sentences):
        # "Here is a voucher. Please update your review." is one deal in two sentences.
        pair = " ".join(sentences[index : index + 2])
        offer = found("offer", pair)
        if not offer:
            continue
        wish = found("change", pair) or _unthanked("ask_review", pair)
        deal = _unthanked("exchange", sentence)
        if wish or (deal and found("offer", sentence)):
            message = (
                f"Something of value for changing, removing or writing a review: “{offer}” with "
                f"“{shorten(wish or deal)}”. Take one of the two out; what you owe, you owe "
                "whatever the review says"
            )
            yield Finding("incentive", "block", message, FTC_INCENTIVES, offer)
            return


def _unthanked(rule: str, text: str) -> str:
    """Return the first words of `rule`, but for those that say thanks for what was given."""
    given = (said for said, before, _ in around(rule, text) if not _THANKS.search(before))
    return next(given, "")


def _asks_change(reply: Reply) -> Iterator[Finding]:
    said = found("change", reply.plain)
    if not said:
        return
    refused = reply.platform.refuses_change_requests
    yield Finding(
        "asks_change",
        "block" if refused else "warn",
        f"It asks to change or remove the review: “{shorten(said)}”. Leave that to the author; "
        "offer to solve the problem instead",
        reply.platform.source if refused else "Trustpilot and Tripadvisor forbid it",
        said,
    )


def _asks_review(reply: Reply) -> Iterator[Finding]:
    said = _unthanked("ask_review", reply.plain)
    if not said:
        return
    refused = reply.platform.refuses_review_requests
    yield Finding(
        "asks_review",
        "block" if refused else "warn",
        f"It asks for a review: “{shorten(said)}”. Take it out; an answer is no advertisement",
        "Yelp: never ask for reviews; Google: no soliciting of positive reviews",
        said,
    )


def _insult(reply: Reply) -> Iterator[Finding]:
    for said, before, after in around("insult", reply.plain):
        # "A stupid mistake of ours" insults nobody.
        if _ENDS_IN_MISTAKE.search(before) or _BEGINS_WITH_MISTAKE.match(after):
            continue
        message = f"It insults: “{shorten(said)}”. Take it out, even where the other side began"
        yield Finding("insult", "block", message, RESPECT, said)
        return


def _promise(reply: Reply) -> Iterator[Finding]:
    for sentence in reply.sentences:
        said = found("promise", sentence)
        # What a brand may offer it may promise too, where nothing else of value is offered.
        if not said or only_allowed([*every("offer", sentence)], reply.facts.may_offer):
            continue
        yield Finding(
            "promise",
            "warn",
            f"It promises something: “{shorten(said)}”. Promise only what is certain, and money "
            "only in private",
            "",
            said,
        )
        return


def _link(reply: Reply) -> Iterator[Finding]:
    own_domains = set(re.findall(r"(?:[\w-]+\.)*([\w-]+\.[a-z]{2,})", reply.ours))
    for match in _LINK.finditer(reply.plain):
        link = match.group().rstrip(".,;:!?)")
        folded = link.casefold()
        host = re.sub(r"^https?://", "", folded).split("/")[0].removeprefix("www.")
        if folded in reply.ours or any(host == d or host.endswith("." + d) for d in own_domains):
            continue
        yield Finding(
            "link",
            "warn",
            f"A link that is not the brand's contact: {shorten(link)}. Many platforms treat links "
            "in answers as advertising; take it out or make it the contact",
            "App Store, Google and Trustpilot: no advertising in answers",
            link,
        )
        return


CONDUCT_RULES: tuple[Rule, ...] = (
    Rule("threat", "block", "It reads as a threat", FTC_THREATS, _threat),
    _wording(
        "accusation",
        "block",
        "It accuses the author: “{said}”. Say what you know and what you would like to find out, "
        "not what they are",
        FTC_THREATS,
    ),
    Rule("insult", "block", "It insults", RESPECT, _insult),
    _wording(
        "blame",
        "warn",
        "It puts the blame on the author: “{said}”. Say what can be done now",
    ),
    Rule(
        "incentive",
        "block",
        "It offers something of value for changing, removing or writing a review",
        FTC_INCENTIVES,
        _incentive,
    ),
    Rule(
        "asks_change",
        "block on Trustpilot and Tripadvisor, else warn",
        "It asks to change or remove the review",
        "Trustpilot guidelines for businesses v7; Tripadvisor management responses",
        _asks_change,
    ),
    Rule(
        "asks_review",
        "block on Yelp, else warn",
        "It asks for a review",
        "Yelp: never ask for reviews; Google: no soliciting of positive reviews",
        _asks_review,
    ),
    Rule("promise", "warn", "It promises something", "", _promise),
    _wording(
        "admission",
        "warn",
        "It admits liability: “{said}”. Regret is free; guilt is for those who answer for it",
    ),
    _wording(
        "promotion",
        "warn",
        "It advertises: “{said}”. An answer is about the author's problem only",
        "App Store, Google and Trustpilot: no advertising in answers",
    ),
    Rule(
        "link",
        "warn",
        "It carries a link that is not the brand's contact",
        "App Store, Google and Trustpilot: no advertising in answers",
        _link,
    ),
)
