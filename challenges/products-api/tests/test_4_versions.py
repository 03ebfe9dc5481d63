"""Version 1, and changes that know what they change."""

import re

import pytest
from conftest import V1, V2, require_product

OLD = ("id", "sku", "name", "category", "price", "in_stock")
DATE = "@1767225600"
AT_ONCE = 8
TRIES = 3


def old_form(row):
    """The product of version 1 that a row is."""
    cents = row["price_cents"]
    return {name: row[name] for name in OLD[:4]} | {
        "price": f"{cents // 100}.{cents % 100:02}",
        "in_stock": row["stock"] > 0,
    }


@pytest.mark.criterion("v1.form")
def test_a_product_has_the_old_form(api):
    """Just six fields: a price with two decimals, and whether it is in stock."""
    api.clear()
    prices = (0, 5, 50, 99, 100, 101, 1000, 1999, 12_345, 10_000_000)
    numbers = api.products([{"price_cents": cents, "stock": at % 3} for at, cents in
                            enumerate(prices)])  # fmt: skip
    items, _, listed = api.page(V1)
    found = {item.get("id"): item for item in items}
    for number in numbers:
        wanted = old_form(api.row(number))
        reply = api.get(f"{V1}/{number}").expect(200)
        for answer, one in ((reply, reply.json(dict)), (listed, found.get(number, {}))):
            if dict(one) != wanted or type(one.get("in_stock")) is not bool:
                answer.fail(f"A product of version 1 should be just {wanted}.")


@pytest.mark.criterion("v1.form")
def test_version_1_has_numbered_pages(api, draw):
    """By id, with the total of what the filter finds; behind the last there is nothing."""
    api.clear()
    category = draw.word(9)
    numbers = api.products([{"category": category} for _ in range(11)] + [{}] * 12)
    for params, wanted, total in (
        ({}, numbers[:20], 23), ({"page": 2}, numbers[20:], 23), ({"page": 3}, [], 23),
        ({"per_page": 7}, numbers[:7], 23), ({"per_page": 7, "page": 4}, numbers[21:], 23),
        ({"per_page": 100}, numbers, 23), ({"page": 100_000, "per_page": 100}, [], 23),
        ({"category": category, "per_page": 6, "page": 2}, numbers[6:11], 11),
        ({"category": category}, numbers[:11], 11), ({"category": draw.word(9)}, [], 0),
    ):  # fmt: skip
        items, body, reply = api.page(V1, **params)
        if [item.get("id") for item in items] != wanted:
            reply.fail(f"This page should have {len(wanted)} products, by id.")
        said = {"page": params.get("page", 1), "per_page": params.get("per_page", 20)}
        for name, value in (said | {"total": total}).items():
            if type(body.get(name)) is not int or body[name] != value:
                reply.fail(f"`{name}` should be {value}.")


@pytest.mark.criterion("v1.deprecated")
def test_version_1_says_that_it_ends(api):
    """By two headers of each answer; version 2 has no such thing."""
    number = api.product()
    for path in (V1, f"{V1}/{number}", f"{V1}?page=2"):
        reply = api.get(path).expect(200)
        if reply.headers.get("Deprecation", "").strip() != DATE:
            reply.fail(f"Version 1 should be answered with Deprecation: {DATE}.")
        link = reply.headers.get("Link", "")
        if not re.search(r'<[^>]*/api/v2/products>\s*;\s*rel="?successor-version"?', link):
            reply.fail('Version 1 should be answered with Link: …; rel="successor-version".')
    for path in (V2, f"{V2}/{number}"):
        reply = api.get(path)
        if "Deprecation" in reply.headers:
            reply.fail("Version 2 is not deprecated.")


@pytest.mark.criterion("etag.read")
def test_an_etag_changes_with_the_product(api, draw):
    """It stays while the product does, differs after each change, and for other products."""
    number = api.product()
    path, seen = f"{V2}/{number}", []
    for body in ({"stock": 5}, {"name": draw.sentence()}, {"description": draw.word()},
                 {"price_cents": 1}, {"category": draw.word(5)}, {"sku": api.sku()}):  # fmt: skip
        tag = api.tag(number)
        if tag != api.tag(number):
            api.get(path).fail("The ETag of a product that has not changed should stay the same.")
        if tag in seen:
            api.get(path).fail("The ETag should be another one after each change.")
        seen.append(tag)
        reply = api.patch(number, body, tag)
        if reply.status == 200 and api.tag_in(reply) != api.tag(number):
            reply.fail("PATCH should answer with the ETag that GET answers then.")


@pytest.mark.criterion("etag.read")
def test_what_is_known_is_not_sent_again(api):
    """304 without a body for the present ETag, 200 for any other."""
    number = api.product()
    path, tag = f"{V2}/{number}", api.tag(number)
    reply = api.get(path, headers={"If-None-Match": tag})
    if reply.status != 304 or reply.body:
        reply.fail(f"GET with the present ETag should be a 304 without a body: {reply.status}.")
    api.get(path, headers={"If-None-Match": '"something-else"'}).expect(200)
    api.patch(number, {"stock": 11}, tag)
    reply = api.get(path, headers={"If-None-Match": tag})
    if reply.status != 200:
        reply.fail("GET with the ETag of before the change should be a 200 with the product.")
    require_product(reply, reply.json(dict, labelled=False), api.row(number))


@pytest.mark.criterion("etag.required")
def test_a_change_needs_an_etag(api):
    """428 without one, for PATCH and DELETE, and nothing changes."""
    number = api.product()
    before, path = api.row(number), f"{V2}/{number}"
    for method, body in (("PATCH", {"stock": 5}), ("DELETE", None)):
        reply = api.call(method, path, json=body)
        if reply.status != 428:
            reply.fail(f"{method} without If-Match should be a 428, not {reply.status}.")
        if api.row(number) != before:
            reply.fail(f"{method} without If-Match has changed the product.")


@pytest.mark.criterion("etag.lost")
def test_a_change_of_what_has_changed_is_refused(api):
    """The ETag of before, that of another product, one that is made up: 412."""
    number, other = api.products([{"stock": 1}, {"stock": 1}])
    old = api.tag(number)
    foreign = api.tag(other)
    if api.patch(number, {"stock": 2}, old).status != 200:
        api.patch(number, {"stock": 2}, old).fail("PATCH with the present ETag should be a 200.")
    before, path = api.row(number), f"{V2}/{number}"
    wrong = {"the ETag of before": old, "a made-up ETag": '"made-up"', "no quotes": old.strip('"')}
    if foreign != api.tag(number):
        wrong["the ETag of another product"] = foreign
    for what, tag in wrong.items():
        for method, body in (("PATCH", {"price_cents": 1}), ("DELETE", None)):
            reply = api.call(method, path, json=body, headers={"If-Match": tag})
            if reply.status not in (400, 412) or (reply.status == 400 and what != "no quotes"):
                reply.fail(f"{method} with {what} should be a 412, not {reply.status}.")
            if api.row(number) != before:
                reply.fail(f"{method} with {what} is refused, and has changed the product.")


@pytest.mark.criterion("etag.lost")
@pytest.mark.parametrize("deleting", [False, True])
def test_one_of_several_changes_is_made(app, api, deleting):
    """At the same moment, with the same ETag: one wins, the others are told."""
    for _ in range(TRIES):
        number = api.product(stock=0)
        tag, keys = api.tag(number), [api.key() for _ in range(AT_ONCE)]
        calls = [
            ("DELETE", None) if deleting and at % 2 else ("PATCH", {"stock": at + 1})
            for at in range(AT_ONCE)
        ]
        replies = app.together([
            lambda m=method, b=body, k=key, p=f"{V2}/{number}", t=tag: api.call(
                m, p, key=k, json=b, headers={"If-Match": t}
            )
            for (method, body), key in zip(calls, keys, strict=True)
        ])  # fmt: skip
        won = {  # DELETE after a DELETE has a criterion of its own
            body["stock"] if body else 0
            for (_, body), reply in zip(calls, replies, strict=True)
            if reply.status < 300
        }
        for reply in replies:
            if reply.status not in (200, 204, 412, *([404] if deleting else [])):
                reply.fail(f"One of eight changes at once is made, the others 412: {reply.status}.")
        if len(won) != 1:
            replies[-1].fail(
                f"Of eight changes at the same moment with one ETag {len(won)} were made: what one "
                "client wrote is lost, and nobody was told."
            )
        row = api.row(number)
        if (row["stock"] if row else 0) != min(won):
            replies[-1].fail("The product should be what the change that was made has said.")
