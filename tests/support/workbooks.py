"""Reads the sheets of a workbook as rows of plain values, without a library for it."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}

Value = str | float | None


def read_workbook(raw: bytes) -> list[list[list[Value]]]:
    """Return each sheet's rows; a cell that is not there is None."""
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        names = sorted(
            (
                name
                for name in file.namelist()
                if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)
            ),
            key=lambda name: int(re.findall(r"\d+", name)[0]),
        )
        return [_rows(ElementTree.fromstring(file.read(name))) for name in names]


def _rows(sheet: ElementTree.Element) -> list[list[Value]]:
    found = []
    for row in sheet.iterfind(".//m:row", MAIN):
        values: list[Value] = []
        for cell in row.iterfind("m:c", MAIN):
            place = _column(cell.get("r", ""))
            values += [None] * (place - len(values))
            values.append(_value(cell))
        found.append(values)
    return found


def _column(reference: str) -> int:
    number = 0
    for letter in re.match(r"[A-Z]*", reference)[0]:  # type: ignore[index]  # it matches nothing at least
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: ElementTree.Element) -> Value:
    if cell.get("t") == "inlineStr":
        return "".join(each.text or "" for each in cell.iterfind(".//m:t", MAIN))
    value = cell.find("m:v", MAIN)
    return None if value is None or not value.text else float(value.text)
