"""Reads a posted form: small, URL-encoded, plain text. Anything else is refused in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qs

from fastapi import Request
from starlette.requests import ClientDisconnect

from monitor.web.problems import BAD_FORM, NOT_A_FORM, TOO_LARGE, Refused

BODY_MAX = 1_000_000
FIELDS_MAX = 30


class Form:
    """The fields of one form. Missing fields are empty."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Return a field with line ends as ``\\n``, as the store keeps them."""
        return self._last(name).replace("\r\n", "\n").replace("\r", "\n")

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that may be sent several times, as ticked boxes are."""
        return tuple(self._fields.get(name, ()))

    def word(self, name: str, at_most: int = 2_000) -> str:
        """Return a short field in one line; refuse a longer one."""
        value = " ".join(self.text(name).split())
        if len(value) > at_most:
            raise Refused(
                replace(
                    BAD_FORM,
                    happened=f"The field “{name}” takes at most {at_most:,} characters; "
                    "nothing was saved.",
                    remedy="Go back and shorten it. What you typed stands below.",
                    keep=value,
                )
            )
        return value

    def number(self, name: str) -> int:
        """Return a whole number from 0; refuse anything else."""
        value = self._last(name)
        if not (value.isascii() and value.isdigit() and len(value) <= 9):
            raise Refused(replace(BAD_FORM, keep=self.text("text")))
        return int(value)

    def _last(self, name: str) -> str:
        values = self._fields.get(name)
        return values[-1] if values else ""


async def read_form(request: Request) -> Form:
    """Read the request's form.

    Raises `Refused`: 415 for another content type, 413 above `BODY_MAX` bytes, 400 for a body
    that is no form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused(NOT_A_FORM)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_MAX:
                raise Refused(TOO_LARGE)
    except ClientDisconnect:
        raise Refused(BAD_FORM) from None
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise Refused(BAD_FORM) from None
    # A NUL is no character of any text, and PostgreSQL stores none.
    return Form({name: [each.replace("\0", "") for each in fields[name]] for name in fields})
