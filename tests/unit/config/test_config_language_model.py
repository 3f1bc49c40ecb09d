"""The section `language_model`: off unless it is there, and nothing leaves unencrypted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.app import model_settings
from monitor.config import check_text, load

BASE = "brands: [{key: b, name: B}]\ninbox: {brand: b}\n"
LOCAL = BASE + "language_model: {url: 'http://127.0.0.1:11434/v1', model: small%s}\n"


def problems(text: str, **environ: str) -> str:
    return "\n".join(str(each) for each in check_text(text, "config.yaml", environ=environ))


def test_two_keys_are_enough_for_a_model_on_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(LOCAL % "", encoding="utf-8")
    told = load(path, environ={}).language_model
    assert told is not None
    assert (told.timeout, told.calls_per_day) == (timedelta(seconds=30), 200)
    settings = model_settings(told)
    assert (settings.timeout, settings.api_key, settings.model) == (30.0, None, "small")
    assert settings.tone.startswith("friendly")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (", timeout: 2m", "1s to 45s"),
        (", timeout: 1", "no unit"),
        (", max_tokens: 7", "50"),
        (", calls_per_day: 0", "1"),
        (", temperature: 3", "2"),
        (", max_tokens_key: tokens", "max_completion_tokens"),
        (", brands: [c]", "there is no brand 'c'"),
        (", sources: [board]", "there is no source 'board'"),
        (", api_key: sk-123456", "reference"),
        (", prompt: hello", "prompt"),
    ],
)
def test_what_cannot_be_is_said(values: str, told: str) -> None:
    assert told in problems(LOCAL % values)


@pytest.mark.parametrize("url", ["http://models.example/v1", "http://192.168.0.5:11434/v1"])
def test_nothing_goes_unencrypted_to_another_machine(url: str) -> None:
    text = BASE + f"language_model: {{url: '{url}', model: small}}\n"
    assert "unencrypted" in problems(text)
    assert problems(text.replace("http:", "https:")) == ""


def test_the_key_must_be_there() -> None:
    text = LOCAL % ", api_key: env:TEST_KEY"
    assert "TEST_KEY" in problems(text)
    assert problems(text, TEST_KEY="value") == ""


def test_the_watched_folder_is_a_source_too() -> None:
    assert problems(LOCAL % ", sources: [inbox]") == ""
