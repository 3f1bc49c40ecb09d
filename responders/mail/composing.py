"""Makes the mail of a digest: text and HTML, the chart within, its figures attached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

from connectors.mailbox.settings import ascii_address
from monitor.charts import ChartsMissing
from monitor.exports import Column, Head, Sheet, write_csv
from responders.digest.chart import PARTS, draw_chart
from responders.digest.facts import Digest
from responders.digest.letter import html_of, subject_of, text_of


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom a mail goes to whom, and by which id."""

    sender: str
    name: str
    recipient: str
    message_id: str


def id_of(key: str, sender: str) -> str:
    """Return the Message-ID, without brackets, of the mail with this key: always the same.

    It is unlike those of answers to customers, which are looked for by theirs.
    """
    return f"digest.{sha256(key.encode()).hexdigest()[:32]}@{_domain(sender)}"


def compose(
    digest: Digest,
    envelope: Envelope,
    now: datetime,
    *,
    queue_url: str = "",
    pictures: bool = True,
    attach_csv: bool = False,
) -> bytes:
    """Return the mail as it travels. Without Pillow the chart's numbers stand in its place."""
    domain = _domain(envelope.sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(_one_line(envelope.name), addr_spec=ascii_address(envelope.sender))
    mail["To"] = Address(addr_spec=ascii_address(envelope.recipient))
    mail["Subject"] = _one_line(subject_of(digest))
    mail["Date"] = now
    mail["Message-ID"] = f"<{envelope.message_id}>"
    # Programs that answer by themselves leave it alone, and readers can sort it away.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["List-Id"] = f"<digest.rapport.{domain}>"
    picture = _picture(digest) if pictures else None
    cid = f"chart.{envelope.message_id}"
    mail.set_content(text_of(digest, queue_url), charset="utf-8", cte="quoted-printable")
    html = html_of(digest, queue_url, f"cid:{cid}" if picture else "")
    mail.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    if picture:
        page = mail.get_payload()[1]  # type: ignore[index]  # the part that was just added
        assert isinstance(page, EmailMessage)
        page.add_related(
            picture, "image", "png", cid=f"<{cid}>", filename=_file(digest, "png"),
            disposition="inline",
        )  # fmt: skip
    if attach_csv:
        mail.add_attachment(_figures(digest, now), "text", "csv", filename=_file(digest, "csv"))
    return mail.as_bytes()


def _picture(digest: Digest) -> bytes | None:
    if not any(bar.total for bar in digest.bars):
        return None
    try:
        return draw_chart(digest)
    except ChartsMissing:
        return None


def _figures(digest: Digest, now: datetime) -> bytes:
    first = "week_of" if digest.kind == "weekly" else "day"
    columns = (
        Column(first, first.replace("_", " ").capitalize()),
        *(Column(part.field, part.name.capitalize(), "integer") for part in PARTS),
    )
    rows = (
        (bar.begins.isoformat(), *(getattr(bar, part.field) for part in PARTS))
        for bar in digest.bars
    )
    head = Head("Complaints", now, digest.zone)
    return b"".join(write_csv(head, Sheet("Complaints", columns, rows)))


def _file(digest: Digest, ending: str) -> str:
    return f"complaints-{digest.kind}-{digest.until:%Y-%m-%d}.{ending}"


def _domain(address: str) -> str:
    return ascii_address(address).rpartition("@")[2].lower()


def _one_line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
