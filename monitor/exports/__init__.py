"""Exports: a table with its columns and an iterator of rows, as CSV, JSON, NDJSON or XLSX.

Every writer is an iterator of pieces of bytes and holds a few rows at a time, whatever their
number. Texts come from outside: they are data in every format and never a formula, an address to
follow or a control character.
"""

from monitor.exports.as_csv import write_csv
from monitor.exports.as_json import write_json, write_ndjson
from monitor.exports.as_xlsx import write_xlsx
from monitor.exports.several import write_tables
from monitor.exports.tables import Cell, Column, Head, Kind, Sheet

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What each format is sent as, by the ending of its file's name."""

__all__ = [
    "CONTENT_TYPES",
    "Cell",
    "Column",
    "Head",
    "Kind",
    "Sheet",
    "write_csv",
    "write_json",
    "write_ndjson",
    "write_tables",
    "write_xlsx",
]
