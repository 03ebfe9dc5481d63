"""What is refused, by POST, bulk and PATCH, and what is allowed."""

import json

import pytest
from conftest import BULK, FIELDS, TYPED, V2, clipped, require_4xx, require_product

TEXTS = ("sku", "name", "category", "description")
WHOLE = {"price_cents": 10_000_000, "stock": 1_000_000}
NO_TEXT = (None, 7)
NO_NUMBER = (None, "5", 1.5, True, -1)


def wrong_values(draw):
    """Each field with values that break its rule."""
    found = {
        "sku": ("", "AB", "A" * 21, "abc-1", "AB 1", "AB_1", "ÄB-1", "ABC\n", "AB\u0661"),
        "name": ("", "   ", "\t\n", "\u2003", draw.text(81), "é" * 81),
        "category": ("", "a" * 31, "Drinks", "a b", "a_b", "drinks\n", "é"),
        "description": (draw.text(501), "😀" * 501),
    }
    found = {name: (*values, *NO_TEXT) for name, values in found.items()}
    found["name"] += (True, ["a"], {"a": "b"})
    found |= {name: (*NO_NUMBER, most + 1) for name, most in WHOLE.items()}
    found["stock"] += (False, [1], {}, "", 10**30, 10**10)
    return found


def refused(reply, what):
    """Fail unless it is a 400."""
    if reply.status != 400:
        reply.fail(f"{what} should be refused with 400, not {reply.status}.")


@pytest.mark.criterion("valid.fields")
def test_wrong_values_are_refused(api, draw):
    """Every field, by POST; nothing is saved."""
    before = api.rows()
    for name, values in wrong_values(draw).items():
        for value in values:
            refused(api.post(api.body(**{name: value})), f"{name} set to {clipped(value)}")
    for name in FIELDS:
        if name != "description":
            body = api.body()
            del body[name]
            refused(api.post(body), f"A product without {name}")
    refused(api.post({}), "A product without any field")
    assert api.rows() == before, "A product that was refused is in the table."


@pytest.mark.criterion("valid.fields")
def test_a_bulk_is_checked_alike(api, draw):
    """Some wrong values of each field, in one of three items."""
    before = api.rows()
    for name, values in wrong_values(draw).items():
        for value in draw.sample(list(values), 2):
            items = [api.body() for _ in range(3)]
            items[draw.integer(0, 2)][name] = value
            refused(api.bulk(items), f"A bulk with {name} set to {clipped(value)}")
    items = [api.body(), api.body()]
    del items[1]["price_cents"]
    refused(api.bulk(items), "A bulk with an item without price_cents")
    assert api.rows() == before, "Items of a bulk that was refused are in the table."


@pytest.mark.criterion("valid.patch")
def test_a_patch_is_checked_alike(api, draw):
    """Wrong values of every field, and no field at all; what was right is not changed either."""
    number = api.product()
    before, tag = api.row(number), api.tag(number)
    for name, values in wrong_values(draw).items():
        good = {"stock": 77} if name != "stock" else {"price_cents": 77}
        for value in draw.sample(list(values), min(5, len(values))):
            reply = api.patch(number, good | {name: value}, tag)
            if reply.status != 400 and api.post(api.body(**{name: value})).status < 300:
                number = api.product()  # POST takes it as well, and pays for it
                before, tag = api.row(number), api.tag(number)
                continue
            refused(reply, f"PATCH with {name} set to {clipped(value)}")
    refused(api.patch(number, {}, tag), "PATCH without any field")
    assert api.row(number) == before, "PATCH that was refused has changed the product."
    if api.tag(number) != tag:
        api.get(f"{V2}/{number}").fail("PATCH that was refused has changed the ETag.")


@pytest.mark.criterion("valid.unknown")
def test_unknown_fields_are_refused(api, draw):
    """A misspelt field, the id, fields that a table has and a product has not."""
    number = api.product()
    before, tag, rows = api.row(number), api.tag(number), api.rows()
    for name, value in ((draw.word(), 1), ("id", number), ("id", number + 10**6), ("price", "1.00"),
                        ("in_stock", True), ("version", 5), ("Name", "x")):  # fmt: skip
        what = f"A field {name}"
        refused(api.post(api.body() | {name: value}), f"{what}, by POST,")
        refused(api.patch(number, {"stock": 3, name: value}, tag), f"{what}, by PATCH,")
        refused(api.bulk([api.body(), api.body() | {name: value}]), f"{what}, in a bulk,")
    assert api.row(number) == before, "PATCH with an unknown field has changed the product."
    assert api.rows() == rows, "A product with an unknown field is in the table."


@pytest.mark.criterion("valid.limits")
def test_what_the_rules_allow_is_taken(api, draw):
    """Both ends of every rule, by POST and by PATCH."""
    edges = {
        "sku": (f"{draw.word(1)}-{draw.integer(1, 9)}".upper(), draw.word(20).upper(),
                f"-{draw.integer(10**6, 10**7)}-"),
        "name": (draw.choice("éñ日"), draw.text(80), "😀" * 80, "'", "0"),
        "category": ("a", draw.word(30), "-9-", "0"),
        "description": ("", "\n", draw.text(500), "日" * 500),
        "price_cents": (0, 1, WHOLE["price_cents"]),
        "stock": (0, 1, WHOLE["stock"]),
    }  # fmt: skip
    for at in range(max(map(len, edges.values()))):
        require_taken(api, {name: values[at % len(values)] for name, values in edges.items()}
                      | ({} if at < len(edges["sku"]) else {"sku": api.sku()}))  # fmt: skip


@pytest.mark.criterion("valid.limits")
def test_texts_come_back_as_they_were_sent(api, draw):
    """Every script, quotes, blanks at the ends."""
    names, texts = draw.edge_texts(80), draw.edge_texts(300)
    for at, (name, text) in enumerate(zip(names, texts[::-1], strict=True)):
        require_taken(api, {"name": name.value, "description": text.value}, patched=at % 5 == 0)


def require_taken(api, fields, *, patched=True):
    """Fail unless a product with these fields is added, or changed to, and comes back so."""
    body = api.body(**fields)
    reply = api.post(body)
    if reply.status >= 400:
        reply.fail(f"The rules allow this product; it was answered with {reply.status}.")
    found = reply.json(dict, labelled=False)
    require_product(reply, found, body | {"id": found.get("id")})
    row = api.row_of(body["sku"])  # that it is there at all is a matter of create.works
    if row and any(row[name] != body[name] for name in FIELDS):
        reply.fail("The product should be in the table as it was sent.")
    if not patched:
        return
    number = api.product()
    changed = {name: value for name, value in fields.items() if name != "sku"}
    reply = api.patch(number, changed)
    if reply.status >= 400:
        reply.fail(f"The rules allow these values; PATCH was answered with {reply.status}.")
    read = api.get(f"{V2}/{number}")
    require_product(read, read.json(dict, labelled=False), api.row(number) | changed)


@pytest.mark.criterion("valid.malformed")
def test_malformed_bodies_are_refused(api):
    """No JSON, JSON of another kind, another Content-Type, half of a character."""
    number = api.product()
    tag, before = api.tag(number), api.rows()
    routes = (("POST", V2), ("POST", BULK), ("PATCH", f"{V2}/{number}"))
    bodies = (b"", b"{", b"[]", b"1", b"null", b'"x"', b"\xff\xfe{}", b'{"stock": 1e400}',
              b'{"stock": NaN}')  # fmt: skip
    for method, path in routes:
        for body in bodies:
            reply = api.call(method, path, body=body, headers={"If-Match": tag} | TYPED)
            require_4xx(reply, f"{method} {path} with the body {body[:24]!r}")
        half = json.dumps(api.body(name="half \ud83d")).encode()
        half = b'{"items": [' + half + b"]}" if path == BULK else half
        reply = api.call(method, path, body=half, headers={"If-Match": tag} | TYPED)
        require_4xx(reply, "half of a character in a name")
        good = {"stock": 3} if method == "PATCH" else api.body()
        good = json.dumps({"items": [good]} if path == BULK else good).encode()
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            headers = {"If-Match": tag, "Content-Type": kind}
            reply = api.call(method, path, body=good, headers=headers)
            if reply.status not in (400, 415):
                reply.fail(f"JSON that is sent as {kind} is a 415 or 400, not {reply.status}.")
    for items in ([1], [None], [[]], ["x"], [api.body(), None]):
        require_4xx(api.bulk(items), f"a bulk with items {items!r:.40}")
    assert api.rows() == before, "A body that was refused has changed the table."
