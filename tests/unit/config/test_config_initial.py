from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import Problem
from monitor.config.initial import Answers, render_initial_config, slug
from monitor.config.yamltree import read

Check = Callable[..., list[Problem]]


def test_the_first_configuration_loads_without_a_source(check: Check) -> None:
    text = render_initial_config(Answers("Café Zoë", "Europe/Paris", ("fr", "en")))
    assert check(text) == []
    assert text.startswith("# yaml-language-server: $schema=docs/reference/config.schema.json\n")
    assert "demo" not in text
    assert "key: cafe-zoe\n" in text


def test_the_first_configuration_loads_with_a_source(check: Check) -> None:
    answers = Answers(
        "Harbour Coffee",
        signature="Mara: for the team",
        contact="#help on our site",
        first_source={
            "settings": {"base_url": "https://x.example"},
            "key": "board",
            "connector": "demo",
        },
    )
    text = render_initial_config(answers, schema_link="https://x.example/schema.json")
    assert check(text) == []
    value = read(text, "c").value
    assert value["sources"] == [
        {
            "key": "board",
            "connector": "demo",
            "brand": "harbour-coffee",
            "settings": {"base_url": "https://x.example"},
        }
    ]
    assert list(value["sources"][0]) == ["key", "connector", "brand", "settings"]
    assert value["brands"][0]["contact"] == "#help on our site"


@pytest.mark.parametrize(
    ("name", "key"),
    [("Café Zoë & Co.", "cafe-zoe-co"), ("東京", "brand"), ("  ", "brand"), ("a" * 99, "a" * 60)],
)
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert slug(name) == key


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"])).filter(
        lambda name: name.strip() and "\ufeff" not in name
    )
)
def test_any_name_is_written_so_that_it_is_read_back(check: Check, name: str) -> None:
    text = render_initial_config(Answers(name, signature=name))
    brand = read(text, "c").value["brands"][0]
    assert (brand["name"], brand["signature"]) == (name, name)
    assert check(text) == []
