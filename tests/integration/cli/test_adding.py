"""``rapport sources add`` with a person at the terminal."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.integration.cli.conftest import Call


def test_it_walks_through_adding_one(folder: Path, rapport: Call) -> None:
    path = folder / "config.yaml"
    path.write_text("# mine, and it stays\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    answers = ["mastodon", "https://social.example", "env:SOCIAL_TOKEN", "tags", "[quince]", ""]
    done = rapport("sources", "add", stdin="\n".join(answers) + "\n", terminal=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1. On your server open Preferences, Development, New application." in done.stdout
    assert "a reference, not the secret itself" in done.stdout
    assert "may be left out: " in done.stdout
    assert "SOCIAL_TOKEN" in done.stdout.partition("added the source")[2], "what is left to do"
    written = path.read_text(encoding="utf-8")
    assert written.startswith("# mine, and it stays\n")
    assert yaml.safe_load(written)["sources"] == [
        {
            "key": "mastodon",
            "connector": "mastodon",
            "brand": "quince",
            "settings": {
                "base_url": "https://social.example",
                "token": "env:SOCIAL_TOKEN",
                "tags": ["quince"],
            },
        }
    ]


def test_without_a_person_the_missing_settings_are_named(folder: Path, rapport: Call) -> None:
    before = (folder / "config.yaml").read_bytes()
    done = rapport("sources", "add", "--connector", "mastodon")
    assert done.returncode == 2
    assert "needs --set base_url=… --set token=…" in done.stderr
    assert rapport("sources", "add").returncode == 2
    assert (folder / "config.yaml").read_bytes() == before
