"""The digest as a letter: its subject, its text and its HTML. Pure.

Mail programs know no style sheets, so styles stand in the elements. Colours of text and ground
are left to the reader's program, which may be dark.
"""

from __future__ import annotations

from html import escape

from monitor.charts import as_table
from responders.digest import words as say
from responders.digest.chart import alt_text, chart_of
from responders.digest.facts import Digest, Waiting

FONT = "font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif"
CELL = "padding:4px 16px 4px 0;text-align:left;vertical-align:top"
SMALL = "font-size:13px;opacity:.75"
PICTURE_WIDTH = 540
"""Half of what the picture has: sharp on a telephone's display."""


def subject_of(digest: Digest) -> str:
    """Return the digest in one line."""
    return say.summary(digest)


def text_of(digest: Digest, queue_url: str = "") -> str:
    """Return the digest as plain text. Cases have links where the pages' address is given."""
    lines = [say.title(digest), say.period(digest), ""]
    if digest.is_quiet:
        lines.append(say.quiet_words(digest))
    else:
        lines += [f"{name + ':':<22}{value}" for name, value in say.figures(digest)]
        lines.append("")
        for one in digest.waiting:
            link = f"\n    {_address(one, queue_url)}" if queue_url else ""
            lines.append(f"- {one.ref}  {say.waiting_words(one, digest)}{link}")
        lines.append(say.more_words(digest) if digest.waiting else "Nothing waits.")
        if digest.waiting:
            lines.insert(lines.index("", 3) + 1, f"{_waiting_title(digest)}:")
        if digest.topics:
            topics = " · ".join(say.topic_words(topic) for topic in digest.topics)
            lines += ["", f"What it was about: {topics}"]
        if digest.sources:
            lines += ["", f"By source: {say.source_words(digest)}"]
    lines += ["", FOOT]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


FOOT = "Open and overdue are as of now. Rapport sends this by itself; nobody reads answers to it."


def html_of(digest: Digest, queue_url: str = "", picture: str = "") -> str:
    """Return the digest as an HTML page; `picture` is the address of the chart, where it has one.

    Without it the chart's numbers stand there as a table.
    """
    return "".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(say.title(digest))}</title></head>",
            f'<body style="margin:0;padding:16px;{FONT}"><div style="max-width:600px">',
            f'<h1 style="font-size:20px;line-height:1.3;margin:0">{escape(say.title(digest))}</h1>',
            f'<p style="margin:0 0 16px;{SMALL}">{escape(say.period(digest))}</p>',
            *_body(digest, queue_url, picture),
            f'<p style="margin:24px 0 0;{SMALL}">{escape(FOOT)}</p>',
            "</div></body></html>\n",
        ]
    )


def _body(digest: Digest, queue_url: str, picture: str) -> list[str]:
    if digest.is_quiet:
        return [f"<p>{escape(say.quiet_words(digest))}</p>"]
    parts = [_rows(say.figures(digest)), _waiting(digest, queue_url)]
    if digest.topics:
        topics = " · ".join(
            f"<b>{escape(say.topic_words(each))}</b>"
            if each.grew
            else escape(say.topic_words(each))
            for each in digest.topics
        )
        parts += [_title("What it was about"), f'<p style="margin:0">{topics}</p>']
    if digest.sources:
        parts += [
            _title("By source"),
            f'<p style="margin:0">{escape(say.source_words(digest))}</p>',
        ]
    if any(bar.total for bar in digest.bars):
        parts.append(_picture(digest, picture) if picture else _numbers(digest))
    return parts


def _rows(rows: list[tuple[str, str]]) -> str:
    told = "".join(
        f'<tr><th scope="row" style="{CELL};font-weight:400">{escape(name)}</th>'
        f'<td style="{CELL};font-weight:600">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f'<table style="border-collapse:collapse;{FONT}">{told}</table>'


def _waiting(digest: Digest, queue_url: str) -> str:
    if not digest.waiting:
        return '<p style="margin:16px 0 0">Nothing waits.</p>'
    listed = "".join(
        f'<li style="margin:4px 0">{_ref(one, queue_url)} '
        f"{escape(say.waiting_words(one, digest))}</li>"
        for one in digest.waiting
    )
    more = say.more_words(digest)
    rest = f'<p style="margin:0">{escape(more)}</p>' if more else ""
    title = _title(_waiting_title(digest))
    return f'{title}<ul style="margin:0;padding:0 0 0 20px">{listed}</ul>{rest}'


def _waiting_title(digest: Digest) -> str:
    return "Overdue, and longest waiting" if digest.overdue_count else "Longest waiting"


def _ref(one: Waiting, queue_url: str) -> str:
    if not queue_url:
        return f"<b>{one.ref}</b>"
    return f'<a href="{escape(_address(one, queue_url))}">{one.ref}</a>'


def _address(one: Waiting, queue_url: str) -> str:
    return f"{queue_url}/cases/{one.ref}"


def _picture(digest: Digest, address: str) -> str:
    return (
        f'<p style="margin:24px 0 0"><img src="{escape(address)}" width="{PICTURE_WIDTH}" '
        f'style="width:100%;max-width:{PICTURE_WIDTH}px;height:auto" '
        f'alt="{escape(alt_text(digest))}"></p>'
    )


def _numbers(digest: Digest) -> str:
    chart = chart_of(digest)
    table = as_table(chart)
    cell = "padding:2px 12px 2px 0;text-align:right"
    first = "padding:2px 12px 2px 0;text-align:left;font-weight:400;white-space:nowrap"
    head = "".join(
        f'<th scope="col" style="{cell if place else first}">{escape(each)}</th>'
        for place, each in enumerate(table.columns)
    )
    rows = "".join(
        f'<tr><th scope="row" style="{first}">{escape(row[0])}</th>'
        + "".join(f'<td style="{cell}">{escape(each)}</td>' for each in row[1:])
        + "</tr>"
        for row in table.rows
    )
    small = FONT.replace("15px", "13px")
    style = f"border-collapse:collapse;{small}"
    return f'{_title(chart.title)}<table style="{style}"><tr>{head}</tr>{rows}</table>'


def _title(text: str) -> str:
    return f'<h2 style="font-size:15px;margin:16px 0 4px">{escape(text)}</h2>'
