"""A folder into which somebody drops a CSV file."""

from __future__ import annotations

import csv
import os

from connectors.testing.peers import NOW, Peer


class ThisPeer(Peer):
    def open(self) -> None:
        self.settings = {"path": str(self.folder / "inbox")}
        self._rows: list[list[str]] = []
        self._writes = 0
        (self.folder / "inbox").mkdir()
        self._write()

    def add(self, text: str) -> None:
        self._rows.append([str(len(self._rows) + 1), "Ada", text, "2"])
        self._write()

    def edit(self, text: str, changed: str) -> None:
        for row in self._rows:
            row[2] = changed if row[2] == text else row[2]
        self._write()

    def remove(self, text: str) -> None:
        self._rows = [row for row in self._rows if row[2] != text]
        self._write()

    def _write(self) -> None:
        path = self.folder / "inbox" / "reviews.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "author", "text", "rating"])
            writer.writerows(self._rows)
        self._writes += 1
        moment = NOW.timestamp() - 3600 + self._writes
        os.utime(path, (moment, moment))
