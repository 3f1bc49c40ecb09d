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


def test_a_link_to_a_known_platform_is_enough_where_no_account_is_needed(
    folder: Path, rapport: Call
) -> None:
    done = rapport("sources", "add", "https://apps.apple.com/de/app/quince/id77")
    assert done.returncode == 0, done.stderr
    [added] = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))["sources"]
    assert added["connector"] == "appstore"
    assert added["settings"] == {"app_id": "77", "countries": ["de"]}


def test_a_link_to_a_platform_that_needs_an_account_says_what_is_missing(
    folder: Path, rapport: Call
) -> None:
    done = rapport("sources", "add", "https://www.yelp.com/biz/quince-bakery")
    assert done.returncode == 2
    assert "the connector yelp needs --set api_key=…" in done.stderr
    tried = rapport("try", "https://www.yelp.com/biz/quince-bakery")
    assert tried.returncode == 1
    assert "which needs api_key; rapport sources add" in tried.stderr


def test_a_first_link_that_needs_an_account_is_left_for_later(folder: Path, rapport: Call) -> None:
    (folder / "config.yaml").unlink()
    link = "https://www.yelp.com/biz/quince-bakery"
    done = rapport("init", "--brand", "Quince", "--source", link)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"next: rapport sources add {link}"


def test_the_connectors_are_listed_also_where_the_configuration_is_broken(
    folder: Path, rapport: Call
) -> None:
    (folder / "config.yaml").write_text("brands: 5\n", encoding="utf-8")
    done = rapport("sources", "kinds")
    assert done.returncode == 0
    assert "mastodon" in done.stdout
    assert "does not load" in done.stderr
