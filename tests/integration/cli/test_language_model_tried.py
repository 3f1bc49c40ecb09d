"""``rapport try --language-model``: a preview, counted and masked like the daemon's own drafts."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.cli.conftest import CONFIG, Call
from tests.support.model_server import ModelServer

FILE = """id,text,rating,author
r1,"I waited forty minutes for cold tea and the staff was rude. Call 030 5550188.",1,Kim Alder
r2,"Lovely place.",5,Jo Birch
"""
HONEST = (
    "Hello [FIRST_NAME], we are sorry that your tea was cold and that our staff was not kind. We "
    "will talk to the team."
)


def test_a_preview_says_who_drafted(rapport: Call, folder: Path) -> None:
    (folder / "reviews.csv").write_text(FILE, encoding="utf-8")
    with ModelServer(HONEST) as server:
        section = f"language_model: {{url: '{server.base}', model: small, brands: [quince]}}\n"
        (folder / "config.yaml").write_text(CONFIG + section, encoding="utf-8")
        shown = rapport("try", "reviews.csv", "--language-model")
        told = rapport("try", "reviews.csv", "--language-model", "--json")
        plain = rapport("try", "reviews.csv")
        asked = server.asked
    assert shown.returncode == 0, shown.stderr
    assert "draft: Hello Kim, we are sorry" in shown.stdout
    assert "by:    language model (small); " in shown.stdout
    first = json.loads(told.stdout.splitlines()[0])
    assert first["draft_made_by"] == "language model (small)"
    assert "language model" not in plain.stdout
    assert len(asked) == 2
    assert "5550188" not in json.dumps(asked)


def test_without_a_section_it_says_where_to_look(rapport: Call, folder: Path) -> None:
    (folder / "reviews.csv").write_text(FILE, encoding="utf-8")
    done = rapport("try", "reviews.csv", "--language-model")
    assert done.returncode != 0
    assert "no section language_model" in done.stderr
