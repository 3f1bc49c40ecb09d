"""The committed reference pages are what the code says."""

from __future__ import annotations

import pytest

from docs import generate
from monitor.config.describe import describe
from monitor.config.model import Config


@pytest.mark.parametrize("name", sorted(generate.PAGES))
def test_the_committed_page_is_the_generated_one(name: str) -> None:
    committed = (generate.REFERENCE / name).read_text(encoding="utf-8")
    assert committed == generate.PAGES[name](), (
        f"docs/reference/{name}: run python -m docs.generate"
    )


def test_every_key_stands_on_the_page() -> None:
    page = generate.configuration()
    for setting in describe(Config):
        if setting.type != "mapping" and setting.type != "list of mappings":
            assert f"`{setting.key}`" in page


def test_every_connector_that_loads_is_in_the_catalogue() -> None:
    page = generate.connectors()
    kinds = generate.shipped()
    assert kinds
    for kind in kinds:
        assert f"## {kind.name}\n" in page
        for setting in describe(kind.settings):
            assert f"`{setting.key}`" in page


def test_a_stale_page_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "PAGES", {"configuration.md": lambda: "other"})
    assert generate.main(["--check"]) == 1
    assert "docs/reference/configuration.md is stale" in capsys.readouterr().err
