"""How many follow an author, where platforms tell it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.followers import read_followers
from connectors.hooks import Delivery
from connectors.mastodon.statuses import mention_of as mastodon_mention
from connectors.webhook import WebhookSettings
from connectors.webhook.mapping import open_delivery
from connectors.x.posts import Reader
from connectors.x.posts import mention_of as x_mention


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (0, 0),
        (1200, 1200),
        ("1200", 1200),
        (-1, None),
        (None, None),
        (True, None),
        (1.5, None),
        ("many", None),
        ("1" * 40, None),
        (10**13, None),
        ({}, None),
    ],
)
def test_a_count_is_read_and_what_is_none_is_not_told(told: Any, read: int | None) -> None:
    assert read_followers(told) == read


def test_mastodon_tells_it_with_every_post() -> None:
    account = {"id": "7", "acct": "ada", "username": "ada", "followers_count": 321}
    status = {"id": "1", "account": account, "content": "<p>cold tea</p>", "visibility": "public"}

    assert mastodon_mention(status, "https://social.example").author_reach == 321
    del account["followers_count"]
    assert mastodon_mention(status, "https://social.example").author_reach is None


def test_x_tells_it_where_the_authors_are_asked_for() -> None:
    post = {"id": "1456012973835788293", "text": "coffee", "author_id": "77"}
    users = {"77": {"id": "77", "username": "ada", "public_metrics": {"followers_count": 5000}}}

    assert x_mention(post, Reader("1", "harbour"), users=users).author_reach == 5000
    assert x_mention(post, Reader("1", "harbour")).author_reach is None


def test_a_webhook_tells_it_where_its_settings_point() -> None:
    item = {"id": "1", "text": "cold tea", "user": {"followers": 42}}

    def read(**more: Any) -> int | None:
        settings = WebhookSettings.model_validate({"secret": "env:X", **more})
        page = open_delivery(settings, Delivery(json.dumps({"items": [item]}).encode()))
        (found,) = page.mentions
        return found.author_reach

    assert read(items="/items", author_reach="/user/followers") == 42
    assert read(items="/items", author_reach="/user/fans") is None
    assert read(items="/items") is None
