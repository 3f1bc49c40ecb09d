"""Cuts what a mail repeats: the history under an answer, and the signature.

What is cut is certain to be recognised, not certain to be all: a word of the customer too much
does less harm than one too few. Something is always left.
"""

from __future__ import annotations

import re

from connectors.text import html_to_text, tidy

_QUOTED, _UNQUOTED, _HISTORY = "\ue000", "\ue001", "\ue002"
"""Marks for a quotation's begin and end and for the begin of the history, in text from HTML."""

_TAG = re.compile(r"<(/?)(blockquote|div|hr)\b([^>]{0,1000})>", re.I)
_HISTORY_TAG = re.compile(
    r"(?:id|class)\s*=\s*[\"']?[^\"'>]*\b(?:divRplyFwdMsg|appendonsend|stopSpelling|zwchr"
    r"|OutlookMessageHeader|yahoo_quoted|protonmail_quote|gmail_quote_container)",
    re.I,
)
_QUOTE = re.compile(r"^\s*>")
_REST = re.compile(r"^>\s?(?:wrote|schrieb|writes)?\s?:$")
"""What is left of an address in angle brackets when its line was broken before the last one."""
_DASHES = "-_*="
_RULE = re.compile(r"^\s*[_-]{10,}\s*$")
_FORWARD_WORDS = re.compile(
    r"original|ursprüngliche|d.origine|initial|oorspronkelijk|forward|weitergeleitet|transféré"
    r"|reenviado|inoltrato|doorgestuurd|encaminhada|reply message|пересыла|oprindelig|opprinnelig"
    r"|ursprunglig|alkuperäinen|eredeti|videresendt|vidarebefordra",
    re.I,
)
# Kept as words, because lists of fifty strings would be fifty lines.
_FROM = frozenset(
    "from von de da van от från fra od desde expéditeur absender lähettäjä feladó".split()  # noqa: SIM905
)
_ANY = _FROM | frozenset(
    "sent gesendet envoyé enviado inviato verzonden отправлено date datum fecha data дата to an à "  # noqa: SIM905
    "para a aan кому til cc kopie copie kopia bcc subject betreff objet asunto oggetto onderwerp "
    "assunto тема emne ämne reply-to dato sendt skickat skickad wysłano do temat lähetetty aihe "
    "päiväys vastaanottaja küldve elküldve dátum címzett tárgy".split()
)
_LABEL = re.compile(r"^[\s*|]*([^\W\d_][\w-]{0,12})[\s*]*:(?:\s|\*|$)")
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|schreef|écrit|ecrit|escribi[óo]|ha scritto|scrisse|escreveu|skrev"
    r"|napisał|napisała|kirjoitti|írta)\b|написал|пишет|写道|のメール",
    re.I,
)
_MOMENT = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b(?:19|20)\d\d\b")
_MAIL = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}")
_SIGNATURE = re.compile(r"^--\s*$")
_SENT_WITH = re.compile(
    r"^\s*(?:sent (?:from|with|via) (?:my |the )?\S|get outlook for |von meinem .{2,30} gesendet"
    r"|gesendet (?:mit|von|über) |diese nachricht wurde von meinem |envoyé (?:de|depuis) mon "
    r"|envoyé (?:à partir d|depuis l.application )"
    r"|enviado (?:desde|do|de) (?:mi|meu) |inviato da(?:l| )|verzonden (?:vanaf|met|via) "
    r"|отправлено (?:с|из) |skickat från min|sendt fra min)[^\n]{0,80}$",
    re.I,
)
SIGNATURE_LINES = 15
ATTRIBUTION_LINES, ATTRIBUTION_LENGTH = 4, 400
LINE_LENGTH = 300
"""No line of history that is longer is recognised, nor looked at for long."""


def said_in(text: str) -> str:
    """Return what the writer of a plain text added, without history and signature.

    Never nothing: a text that is all quotation is returned whole.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = tidy("\n".join(_without_signature(_without_history(lines))))
    kept = kept.replace(_HISTORY, "").strip()
    if any(char.isalnum() for char in kept):
        return kept
    return tidy(text.replace(_HISTORY, ""))


def said_in_html(markup: str) -> str:
    """Return what the writer of a mail in HTML added, as plain text."""
    for mark in (_QUOTED, _UNQUOTED, _HISTORY):
        markup = markup.replace(mark, "")
    lines: list[str] = []
    depth = 0
    for line in html_to_text(_TAG.sub(_marked, markup)).split("\n"):
        depth += line.count(_QUOTED)
        bare = line.replace(_QUOTED, "").replace(_UNQUOTED, "")
        if bare.strip() or not (_QUOTED in line or _UNQUOTED in line):
            lines.append(f"> {bare}" if depth > 0 and bare.strip() else bare)
        depth = max(0, depth - line.count(_UNQUOTED))
    return said_in("\n".join(lines))


def _marked(tag: re.Match[str]) -> str:
    closing, name, attributes = tag[1], tag[2].lower(), tag[3]
    if name == "blockquote":
        return f"<p>{_UNQUOTED if closing else _QUOTED}</p>"
    if not closing and _HISTORY_TAG.search(attributes):
        return f"<p>{_HISTORY}</p><{name}>"
    return tag[0]


def _without_history(lines: list[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _QUOTE.match(line):
            at += 1
            continue
        if _ends_here(lines, at) and any(one.strip() for one in kept):
            break
        attribution = _attribution(lines, at)
        if attribution:
            following = _next_said(lines, at + attribution)
            if following is not None and _QUOTE.match(lines[following]):
                at = following
                continue
            quotes_all = _MAIL.search(" ".join(lines[at : at + attribution])) is not None
            if (quotes_all or (following is not None and _heading(lines, following))) and any(
                one.strip() for one in kept
            ):
                break
        kept.append(line)
        at += 1
    return kept


def _ends_here(lines: list[str], at: int) -> bool:
    """Tell whether the history begins at this line, by a mark that needs no quotation signs."""
    line = lines[at]
    if _HISTORY in line:
        return True
    if len(line) > LINE_LENGTH:
        return False
    if _is_dashed(line) and (_FORWARD_WORDS.search(line) or _tells_who_wrote(line)):
        return True
    if _RULE.match(line):
        following = _next_said(lines, at + 1)
        return following is not None and _heading(lines, following)
    return _heading(lines, at)


def _is_dashed(line: str) -> bool:
    """Tell whether words stand between two rows of dashes."""
    bare = line.strip()
    words = bare.strip(_DASHES)
    before, after = bare[:2].strip(_DASHES), bare[-2:].strip(_DASHES)
    return not before and not after and 5 <= len(words.strip()) <= 150


def _tells_who_wrote(line: str) -> bool:
    return _WROTE.search(line) is not None and _MOMENT.search(line) is not None


def _heading(lines: list[str], at: int) -> bool:
    """Tell whether the head of another mail stands here: three labels in a row, one the sender."""
    if _label(lines[at]) not in _ANY:
        return False
    labels: list[str] = []
    for line in lines[at : at + 12]:
        label = _label(line)
        if label in _ANY:
            labels.append(label)
        elif line.strip() and not (labels and len(labels) < 3 and _wraps(line)):
            break
    return len(set(labels)) >= 3 and any(label in _FROM for label in labels)


def _label(line: str) -> str:
    found = _LABEL.match(line)
    return found[1].lower() if found else ""


def _wraps(line: str) -> bool:
    """Tell whether a line may be the rest of a list of addresses."""
    return "@" in line or line.startswith((" ", "\t"))


def _attribution(lines: list[str], at: int) -> int:
    """Return over how many lines from here somebody is said to have written something; or 0.

    The line above may be the customer's own, so the last line that it can begin with counts.
    """
    count = _named_over(lines, at)
    if any(_named_over(lines, at + later) == count - later for later in range(1, count)):
        return 0
    return count


def _named_over(lines: list[str], at: int) -> int:
    joined = ""
    for count in range(1, ATTRIBUTION_LINES + 1):
        if at + count > len(lines) or not lines[at + count - 1].strip():
            return 0
        if _QUOTE.match(lines[at + count - 1]) and not (
            joined and _REST.match(lines[at + count - 1])
        ):
            return 0
        joined = f"{joined} {lines[at + count - 1].strip()}"
        if len(joined) > ATTRIBUTION_LENGTH:
            return 0
        if joined.rstrip("* ").endswith((":", "：")):
            told = _MOMENT.search(joined) is not None
            named = _WROTE.search(joined) is not None or _MAIL.search(joined) is not None
            return count if told and named else 0
    return 0


def _next_said(lines: list[str], at: int) -> int | None:
    for index in range(at, min(at + 5, len(lines))):
        if lines[index].strip():
            return index
    return None


def _without_signature(lines: list[str]) -> list[str]:
    said = 0
    told = sum(1 for line in lines if line.strip())
    for at, line in enumerate(lines):
        said += bool(line.strip())
        if said > 1 and told - said <= SIGNATURE_LINES and _SIGNATURE.match(line):
            lines = lines[:at]
            break
    end = len(lines)
    while end and (not lines[end - 1].strip() or _SENT_WITH.match(lines[end - 1])):
        end -= 1
    return lines[:end]
