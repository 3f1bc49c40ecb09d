"""CSV and NDJSON files: one file, or a folder into which people drop exports."""

from __future__ import annotations

from datetime import timedelta

from connectors.base import Capabilities, Connector, ConnectorKind, Context
from connectors.checklist import checked
from connectors.file.reading import read_file
from connectors.file.settings import Columns, FileSettings
from connectors.file.source import FileConnector

__all__ = ["KIND", "Columns", "FileConnector", "FileSettings", "read_file"]


def _build(settings: FileSettings, context: Context) -> Connector:
    return FileConnector(settings, context)


KIND = ConnectorKind(
    name="file",
    begins_with_history=False,
    title="CSV and NDJSON files",
    category="files",
    summary="Reads exports of review sites, shops and help desks from a file or a folder",
    settings=FileSettings,
    capabilities=Capabilities(reply_mode="manual"),
    build=_build,
    default_every=timedelta(seconds=30),
    advice={
        "BadSettings": "Check the path; it is taken from the folder of the configuration file.",
        "Unavailable": "Check that the folder is mounted and that Rapport may read it.",
        "Problem": "Open the file at the line that is named, correct the row and save it.",
    },
    cost="Nothing.",
    limits="One megabyte a line; larger files are read in parts.",
    terms="The file is yours.",
    tested="Exports written by hand in every encoding and shape that we know; our own peer.",
    checklist=checked(
        deletions="a row that is missing says nothing",
        looks_first="nothing is sent",
        moderation="nothing is sent",
        length="nothing is sent",
        limits="a file has none",
        secrets="a file needs none",
        recordings="files are written, not recorded",
    ),
)
