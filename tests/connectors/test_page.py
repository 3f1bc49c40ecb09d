"""Pages with reviews: read with leave, past every way in which sites break their markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Context, FoundMention
from connectors.errors import LayoutChanged, Rejected, Unavailable
from connectors.outcomes import Answer
from connectors.page import PageConnector, PageSettings
from connectors.page.settings import forbidding_site
from connectors.page.source import Content, read_page
from connectors.robots import RobotsRules
from connectors.testing.http_server import LoopbackServer, Reply

RECORDED = Path(__file__).resolve().parents[2] / "../shared/recordings/html_structured_data_extruct"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


@pytest.fixture
def page(server: LoopbackServer) -> Iterator[PageConnector]:
    said = PageSettings(url=server.url + "/reviews", allow_private_addresses=True)
    connector = PageConnector(said, Context("shop", now=lambda: NOW), RobotsRules())
    yield connector
    connector.close()


def read(body: str | bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> Content:
    raw = body.encode() if isinstance(body, str) else body
    said = {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return read_page(Answer(200, said, raw, "https://shop.example/reviews"))


def script(*blocks: Any) -> str:
    return "".join(
        '<script type="application/ld+json">'
        f"{block if isinstance(block, str) else json.dumps(block)}</script>"
        for block in blocks
    )


def review(text: str = "Cold coffee", author: Any = "Ada", **more: Any) -> dict[str, Any]:
    rating = {"@type": "Rating", "ratingValue": 2}
    return {"@type": "Review", "reviewBody": text, "author": author, "reviewRating": rating, **more}


def mentions(content: Content) -> list[FoundMention]:
    return [found.mention for found in content.reviews]


def texts(content: Content) -> list[str]:
    return [m.text for m in mentions(content)]


def test_json_ld_fields() -> None:
    [found] = mentions(
        read(
            script(
                {
                    "@context": "https://schema.org",
                    "@type": "Cafe",
                    "review": review(
                        author={"@type": "Person", "name": "Ada &amp;amp; Ben"},
                        name="Never again",
                        datePublished="2026-02-01",
                        dateModified="2026-02-05T10:00:00+01:00",
                        inLanguage="en-GB",
                        reviewRating={"ratingValue": "4,5", "bestRating": "10", "worstRating": 0},
                    ),
                }
            )
        )
    )
    assert (found.text, found.title, found.author_name) == (
        "Cold coffee",
        "Never again",
        "Ada & Ben",
    )
    assert (found.rating, found.rating_min, found.rating_max) == (4.5, 0.0, 10.0)
    assert (found.language, found.kind) == ("en-GB", "review")
    assert found.created_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert found.edited_at == datetime(2026, 2, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "block",
    [
        "<!-- " + json.dumps(review()) + " -->",
        "<!-- a comment -->\n" + json.dumps(review()),
        "//<![CDATA[\n" + json.dumps(review()) + "\n//]]>",
        "/*<![CDATA[*/" + json.dumps(review()) + "/*]]>*/",
        json.dumps(review()) + ";",
        json.dumps(review())[:-1] + ", }",
        "{ // note\n" + json.dumps(review())[1:-1] + "/* end */ }",
        json.dumps(review()).replace('"', "&quot;"),
        '{"@type":"Review","reviewBody":"Cold coffee","author":"Ada", "x": "tab\t and\nline"}',
        '{"@type":"Review","reviewBody":"Cold coffee","author":"Ada","name":"It\\\'s"}',
        "null" + json.dumps(review()) + json.dumps({"@type": "Thing"}),
        "\ufeff" + json.dumps(review()),
    ],
)
def test_a_block_in_bad_shape_is_read_all_the_same(block: str) -> None:
    content = read(script(block))
    assert (texts(content), content.problems) == (["Cold coffee"], [])


def test_a_broken_block_loses_no_other() -> None:
    content = read(script("{broken", "[" * 100_000, review(), "", "null"))
    assert texts(content) == ["Cold coffee"]
    assert [p.where.rpartition(" ")[2] for p in content.problems] == ["1", "2"]
    assert "nested too deeply" in content.problems[1].reason


@pytest.mark.parametrize(
    "data",
    [
        {"@type": ["Thing", "https://schema.org/UserReview"], "reviewBody": "Cold coffee"},
        {"@type": "http://schema.org/CriticReview", "description": "Cold coffee"},
        {"@graph": [{"@type": "Cafe", "reviews": [[review()]]}]},
        {"@graph": [{"@type": "Cafe", "review": {"@id": "#r1"}}, {"@id": "#r1", **review()}]},
        {"@type": "Cafe", "review": {"reviewBody": "Cold coffee"}},
        [[review()], [review()]],
        {"@type": "Review", "reviewBody": ["Cold", "coffee"][:1] and "Cold coffee"},
        {"@type": "Review", "reviewBody": {"@value": "Cold coffee", "@language": "en"}},
        {"@type": "Review", "reviewBody": "<p>Cold&nbsp;<b>coffee</b></p>"},
        {"@type": "Review", "reviewBody": "Cold &amp;lt;i&amp;gt;coffee"},
    ],
)
def test_reviews_are_found_wherever_they_stand(data: Any) -> None:
    assert [t.replace("\xa0", " ") for t in texts(read(script(data)))] == ["Cold coffee"]


@pytest.mark.parametrize(
    ("rating", "expected"),
    [
        ({"ratingValue": "4,5"}, (4.5, 1.0, 5.0)),
        ({"ratingValue": 8}, (8.0, 1.0, 10.0)),
        ({"ratingValue": "80", "bestRating": "100", "worstRating": "0"}, (80.0, 0.0, 100.0)),
        ({"ratingValue": "3/5"}, (3.0, 1.0, 5.0)),
        ({"ratingValue": 2, "bestRating": 1, "worstRating": 5}, (2.0, 1.0, 5.0)),
        ({"ratingValue": 7, "bestRating": 5}, (7.0, 1.0, 10.0)),
        ([{"ratingValue": "4"}], (4.0, 1.0, 5.0)),
        ("4", (4.0, 1.0, 5.0)),
        (4, (4.0, 1.0, 5.0)),
        ({}, (None, 1.0, 5.0)),
        ("great", (None, 1.0, 5.0)),
    ],
)
def test_ratings_in_every_dress(rating: Any, expected: tuple[float | None, float, float]) -> None:
    [found] = mentions(read(script(review(reviewRating=rating))))
    assert (found.rating, found.rating_min, found.rating_max) == expected


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("Ada", "Ada"),
        ({"name": "Ada"}, "Ada"),
        ([{"@type": "Person", "name": "Ada"}, "Ben"], "Ada"),
        ({"@id": "#ada"}, "Ada"),
        ({"@type": "Person", "name": ["Ada", "Byron"]}, "Ada"),
        ("https://shop.example/ada", ""),
        (None, ""),
        (5, "5"),
    ],
)
def test_authors_in_every_dress(author: Any, name: str) -> None:
    data = [review(author=author), {"@type": "Person", "@id": "#ada", "name": "Ada"}]
    [found] = mentions(read(script(data)))
    assert found.author_name == name


MICRODATA = """
<div itemscope itemtype="http://schema.org/Cafe"><span itemprop="name">Harbour</span>
 <div itemprop="review" itemscope itemtype="https://schema.org/Review" itemref="more">
  <b itemprop="name">Never again</b>
  <span itemprop="author" itemscope itemtype="http://schema.org/Person"
    ><span itemprop="name">Ada</span></span>
  <meta itemprop="datePublished" content="2026-02-01">
  <span itemprop="reviewRating" itemscope itemtype="http://schema.org/Rating">
   <meta itemprop="worstRating" content="1"><span itemprop="ratingValue">2</span> of
   <span itemprop="bestRating">5</span></span>
  <p itemprop="reviewBody">Cold
     coffee,<br>twice</p>
 </div>
</div>
<i id="more"><time itemprop="dateModified" datetime="2026-02-03">then</time></i>
<div itemscope itemtype="http://schema.org/AggregateRating"><b itemprop="ratingValue">4,4</b>
 <b itemprop="reviewCount">1.289</b></div>
"""


def test_microdata_fields() -> None:
    content = read(MICRODATA)
    [found] = mentions(content)
    assert (found.text, found.title, found.author_name) == (
        "Cold coffee,\ntwice",
        "Never again",
        "Ada",
    )
    assert (found.rating, found.rating_min, found.rating_max) == (2.0, 1.0, 5.0)
    assert found.created_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert found.edited_at == datetime(2026, 2, 3, tzinfo=UTC)
    assert content.aggregate is not None
    assert (content.aggregate.rating, content.aggregate.count) == (4.4, 1289)


def test_a_review_said_twice_on_a_page_is_one() -> None:
    data = review("Cold coffee, twice", datePublished="2026-02-01T00:00:00Z", name="Never again")
    assert len(mentions(read(script(data, data) + MICRODATA))) == 1


def test_reviews_of_one_hand_and_day_that_begin_alike_are_two(
    server: LoopbackServer, page: PageConnector
) -> None:
    begin = "We waited for an hour and the soup was cold when it came at last. " * 4
    day = {"datePublished": "2026-02-01"}
    longer = review(begin + "Then they forgot the bread.", **day)
    stars = [
        {"@type": "Review", "reviewRating": {"ratingValue": rating}, "author": "Ben", **day}
        for rating in (2, 5)
    ]
    blocks = [review(begin, **day), longer, review(begin, **day), *stars]
    server.on("/reviews", Reply.html(script(*blocks)))
    first = page.fetch({})
    assert [m.rating for m in first.mentions] == [2, 2, 2, 5]
    assert len({m.external_id for m in first.mentions}) == 4
    server.on("/reviews", Reply.html(script(*blocks) + "<p>and a new footer</p>"))
    again = page.fetch(first.next_cursor)
    assert [m.external_id for m in again.mentions] == [m.external_id for m in first.mentions]


def test_an_empty_review_is_reported() -> None:
    content = read(script({"@type": "Review", "author": "Ada"}, review()))
    assert len(mentions(content)) == 1
    assert content.problems[0].reason == "the review has neither a text nor a rating"


def serve(server: LoopbackServer, *reviews: dict[str, Any], **more: Any) -> None:
    server.on("/reviews", Reply.html(script({"@type": "Cafe", "review": list(reviews), **more})))


def by_text(page: PageConnector, cursor: Any) -> tuple[dict[str, str], Any]:
    found = page.fetch(cursor)
    return {m.text: m.external_id for m in found.mentions}, found.next_cursor


def test_identity_survives_edits_order_and_neighbours(
    server: LoopbackServer, page: PageConnector
) -> None:
    ada = review("Cold coffee", "Ada", datePublished="2026-02-01")
    ben = review("Rude waiter", "Ben", datePublished="2026-02-01")
    serve(server, ada, ben)
    first, cursor = by_text(page, {})
    serve(server, ben, {**ada, "reviewBody": "Cold coffee, but they mended it"})
    second, cursor = by_text(page, cursor)
    assert second["Cold coffee, but they mended it"] == first["Cold coffee"]
    assert second["Rude waiter"] == first["Rude waiter"]
    serve(server, {**ada, "reviewBody": "Third wording"}, review("New", "Eve"))
    third, cursor = by_text(page, json.loads(json.dumps(cursor)))
    assert third["Third wording"] == first["Cold coffee"]
    serve(server, ben, review("Third", "Ada", datePublished="2026-02-09"))
    fourth, _ = by_text(page, cursor)
    assert fourth["Rude waiter"] == first["Rude waiter"], "it was only away for a while"
    assert fourth["Third"] not in first.values(), "another day is another review"


def test_two_reviews_of_one_author_on_one_day_stay_two(
    server: LoopbackServer, page: PageConnector
) -> None:
    one = review("Cold coffee", "Ada", datePublished="2026-02-01")
    two = review("Rude waiter", "Ada", datePublished="2026-02-01")
    serve(server, one, two)
    first, cursor = by_text(page, {})
    assert len(set(first.values())) == 2
    serve(server, one, {**two, "reviewBody": "Rude waiter, sorry since"})
    second, _ = by_text(page, cursor)
    assert second["Cold coffee"] == first["Cold coffee"]
    assert second["Rude waiter, sorry since"] == first["Rude waiter"]


def test_a_page_that_lost_its_reviews_has_changed(
    server: LoopbackServer, page: PageConnector
) -> None:
    serve(server, review())
    cursor = page.fetch({}).next_cursor
    assert cursor["count"] == 1
    server.on("/reviews", Reply.html("<h1>We have a new design</h1>"))
    with pytest.raises(LayoutChanged, match="showed 1 reviews before"):
        page.fetch(cursor)
    serve(server, aggregateRating={"@type": "AggregateRating", "ratingValue": 0, "reviewCount": 0})
    assert page.fetch(cursor).mentions == (), "the page itself says that there are none"


def test_the_overall_rating_is_kept_as_a_sign_of_change(
    server: LoopbackServer, page: PageConnector
) -> None:
    rating = {"@type": "AggregateRating", "ratingValue": "4.4", "reviewCount": "89"}
    serve(server, review(), aggregateRating=rating)
    assert page.fetch({}).next_cursor["aggregate"] == {"rating": 4.4, "count": 89}


def test_an_unchanged_page_costs_nothing(server: LoopbackServer, page: PageConnector) -> None:
    server.on(
        "/reviews", Reply.html(script(review()), ETag='"1"'), Reply(304, headers={"ETag": '"1"'})
    )
    cursor = page.fetch({}).next_cursor
    again = page.fetch(cursor)
    assert (again.unchanged, again.next_cursor) == (True, cursor)
    assert server.requests[-1].headers["If-None-Match"] == '"1"'


def test_a_page_drawn_by_script_is_told(server: LoopbackServer, page: PageConnector) -> None:
    server.on(
        "/reviews", Reply.html('<body><div id="root"></div><script src="/a.js"></script></body>')
    )
    [problem] = page.fetch({}).problems
    assert "drawn by JavaScript" in problem.reason
    assert not page.verify().ok
    server.on("/reviews", Reply.html("<p>" + "Only words here. " * 80))
    [problem] = page.fetch({}).problems
    assert "no reviews marked up" in problem.reason


@pytest.mark.parametrize(
    ("head", "header"),
    [
        ('<meta name="robots" content="index, NOARCHIVE">', ""),
        ('<META NAME="Rapport" CONTENT="noindex">', ""),
        ("", "noarchive"),
        ("", "rapport: none"),
        ("", "googlebot: nofollow, rapport: noindex"),
    ],
)
def test_a_page_that_asks_not_to_be_kept_is_not(
    server: LoopbackServer, page: PageConnector, head: str, header: str
) -> None:
    reply = Reply.html(f"<head>{head}</head>" + script(review()), X_Robots_Tag=header)
    server.on("/reviews", reply)
    with pytest.raises(Rejected, match="asks machines not to keep it"):
        page.fetch({})
    said = PageSettings(
        url=server.url + "/reviews", allow_private_addresses=True, i_have_permission=True
    )
    allowed = PageConnector(said, Context("shop", now=lambda: NOW), RobotsRules())
    assert len(allowed.fetch({}).mentions) == 1
    allowed.close()


def test_directives_for_other_robots_do_not_concern_us() -> None:
    content = read(script(review()), X_Robots_Tag="googlebot: noindex, noarchive")
    assert content.directives == frozenset()


def test_robots_txt_is_asked_first_and_obeyed(server: LoopbackServer, page: PageConnector) -> None:
    server.on("/robots.txt", Reply(body=b"User-agent: rapport\nDisallow: /rev*ws$\n"))
    with pytest.raises(Rejected, match=r"robots\.txt"):
        page.fetch({})
    assert server.paths() == ["/robots.txt"]


def test_nothing_is_read_while_robots_txt_is_out_of_order(
    server: LoopbackServer, page: PageConnector
) -> None:
    server.on("/robots.txt", Reply(503))
    with pytest.raises(Unavailable):
        page.fetch({})
    assert server.paths() == ["/robots.txt"]


def test_the_crawl_delay_is_handed_to_the_core(server: LoopbackServer, page: PageConnector) -> None:
    server.on("/robots.txt", Reply(body=b"User-agent: *\nCrawl-delay: 30\n"))
    serve(server, review())
    assert page.fetch({}).poll_no_sooner_than == timedelta(seconds=30)


def test_a_redirect_to_another_site_asks_that_site_too(
    server: LoopbackServer, page: PageConnector
) -> None:
    with LoopbackServer() as other:
        other.on("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /\n"))
        other.on("/there", Reply.html(script(review())))
        server.on("/reviews", Reply.redirect(other.url + "/there"))
        with pytest.raises(Rejected, match=r"robots\.txt"):
            page.fetch({})


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.yelp.com/biz/x", "yelp"),
        ("https://m.yelp.de/biz/x", "yelp"),
        ("https://www.amazon.co.uk/dp/1", "amazon"),
        ("https://de.trustpilot.com/review/x", "trustpilot"),
        ("https://www.google.com.au/maps", "google"),
        ("https://x.com/a", "x"),
        ("https://yelp.example.com/", ""),
        ("https://www.mygoogle.example/", ""),
        ("https://shop.example/", ""),
        ("http://127.0.0.1:8000/", ""),
    ],
)
def test_sites_that_forbid_reading_need_permission(url: str, site: str) -> None:
    assert forbidding_site(url) == site
    if site:
        with pytest.raises(ValidationError, match="i_have_permission"):
            PageSettings(url=url)
        assert PageSettings(url=url, i_have_permission=True).url == url


def test_depth_and_bulk_do_not_hurt() -> None:
    deep: Any = review()
    for _ in range(300):
        deep = {"review": [deep]}
    assert texts(read(script(deep))) == ["Cold coffee"]
    read("<div>" * 20_000 + script(review()))
    read("<div itemscope itemtype='http://schema.org/Review'>" * 1500 + "x")
    read("<div itemscope itemtype='http://schema.org/Review'>" + "<b itemprop='reviewBody'>" * 2000)
    loop = [{"@id": "#a", "review": {"@id": "#b"}, "x": 1}, {"@id": "#b", "review": {"@id": "#a"}}]
    read(script(loop))


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=40), at=st.integers(0, 2500), length=st.integers(0, 80))
def test_damage_never_crashes(noise: bytes, at: int, length: int) -> None:
    whole = (script(review(datePublished="2026-02-01"), [review("Two")]) + MICRODATA).encode()
    for found in mentions(read(whole[:at] + noise + whole[at + length :])):
        found.text.encode()


def test_recorded_pages_are_replayed(server: LoopbackServer, page: PageConnector) -> None:
    files = sorted(RECORDED.glob("*.html"))
    if not files:
        pytest.skip("the recordings are not here")
    counts: dict[str, int] = {}
    for path in files:
        server.on("/reviews", Reply(body=path.read_bytes(), headers={"Content-Type": "text/html"}))
        found = page.fetch({})
        counts[path.name] = len(found.mentions)
        assert not any("JSON-LD" in problem.where for problem in found.problems), path.name
    # Only one of them holds a review; the others hold products, events and broken scripts.
    assert {name: n for name, n in counts.items() if n} == {"null_ld_mock.html": 1}
    server.on("/reviews", Reply.html((RECORDED / "product.html").read_text()))
    assert page.fetch({}).next_cursor["aggregate"] == {"rating": 4.4, "count": 89}
