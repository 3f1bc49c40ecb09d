"""``rapport new-connector``: what it writes passes the contract, and Rapport can load it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.cli.conftest import Call

ROOT = Path(__file__).resolve().parents[3]
COMMAND = ("-c", "from monitor.cli import main; main()")
CONFIG = """\
version: 1
brands: [{key: harbour, name: Harbour Coffee}]
plugins: [acme]
sources:
  - key: board
    connector: acme
    brand: harbour
    settings: {board: harbour, key: "env:ACME_KEY"}
"""


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, "ACME_KEY": "k", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=110,
    )  # fmt: skip


def test_what_is_written_passes_the_contract(folder: Path, rapport: Call) -> None:
    done = rapport("new-connector", "acme", "--title", "Acme Reviews")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "next: cd rapport-acme && pytest"
    tried = python(folder / "rapport-acme", "-m", "pytest", "-p", "no:cacheprovider")
    assert tried.returncode == 0, tried.stdout[-2000:]
    assert " passed" in tried.stdout
    assert "failed" not in tried.stdout


def test_it_is_loaded_where_the_configuration_allows_it(folder: Path, rapport: Call) -> None:
    rapport("new-connector", "acme")
    package = folder / "rapport-acme"
    installed = package / "rapport_acme-0.1.0.dist-info"  # what an installer would leave there
    installed.mkdir()
    (installed / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: rapport-acme\nVersion: 0.1.0\n"
    )
    (installed / "entry_points.txt").write_text(
        "[rapport.connectors]\nacme = rapport_acme:KIND\n", encoding="utf-8"
    )
    (package / "config.yaml").write_text(CONFIG, encoding="utf-8")
    listed = python(package, *COMMAND, "sources")
    assert "board" in listed.stdout, listed.stderr
    kinds = python(package, *COMMAND, "sources", "kinds")
    assert "acme" in kinds.stdout
    (package / "config.yaml").write_text(CONFIG.replace("plugins: [acme]\n", ""), encoding="utf-8")
    refused = python(package, *COMMAND, "sources")
    assert refused.returncode == 2
    assert "acme" in refused.stderr


def test_bad_names_and_full_folders_are_refused(folder: Path, rapport: Call) -> None:
    for name in ("Acme", "my-board", "../up", "a", "x" * 40):
        assert rapport("new-connector", name).returncode == 1
    (folder / "rapport-acme").mkdir()
    (folder / "rapport-acme" / "mine.txt").write_text("mine")
    refused = rapport("new-connector", "acme")
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    titled = rapport("new-connector", "acme", "--into", "else", "--title", 'a"b')
    assert titled.returncode == 1
    assert not (folder / "else").exists()
