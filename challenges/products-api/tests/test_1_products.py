"""Products: adding, reading, changing, deleting, one by one and in bulk."""

import pytest
from conftest import BULK, FIELDS, UNKNOWN, V1, V2, require_product

MOST = 100
AT_ONCE = 8
TRIES = 4


def location(app, reply):
    """The path that Location leads to."""
    to = reply.headers.get("Location", "")
    return (app.path_of(to) or "").partition("?")[0] if to else ""


@pytest.mark.criterion("create.works")
def test_a_product_is_saved(api):
    """It is a row as soon as the answer is out, and it can be read."""
    for _ in range(2):
        body = api.body()
        reply = api.post(body)
        if not 200 <= reply.status < 300:
            reply.fail(f"A product without fault should be added, not answered {reply.status}.")
        row = api.row_of(body["sku"])
        if row is None or any(row[name] != body[name] for name in FIELDS):
            reply.fail("The product should be in the table products, as it was sent.")
        read = api.get(f"{V2}/{row['id']}").expect(200)
        if read.json(dict, labelled=False).get("sku") != body["sku"]:
            read.fail("The product that was added should be read by its id.")


@pytest.mark.criterion("create.answer")
def test_adding_answers_the_product(app, api):
    """With its id, the default of what was not sent, Location and ETag."""
    for without in ((), ("description",)):
        body = {name: value for name, value in api.body().items() if name not in without}
        reply = api.post(body).expect(201)
        found = reply.json(dict)
        number = found.get("id")
        if type(number) is not int:
            reply.fail("`id` of the new product should be a whole number.")
        require_product(reply, found, {"id": number, "description": ""} | body)
        if location(app, reply) != f"{V2}/{number}":
            reply.fail(f"Location should be {V2}/{number}.")
        tag = api.tag_in(reply)
        read = api.get(f"{V2}/{number}")
        if read.status == 200 and tag != api.tag_in(read):
            reply.fail("The ETag of the answer should be the one that GET answers then.")


@pytest.mark.criterion("read.one")
def test_a_product_is_as_it_is_now(api, db, draw):
    """What is changed in the table counts at once."""
    number = api.product(stock=7)
    for columns in ({}, {"price_cents": 0, "stock": 3}, {"name": draw.unicode()}):
        for name, value in columns.items():
            db.write(f"UPDATE products SET {name} = %s WHERE id = %s", [value, number])
        reply = api.get(f"{V2}/{number}").expect(200)
        require_product(reply, reply.json(dict), api.row(number))


@pytest.mark.criterion("read.one")
def test_an_unknown_product_is_a_404(api):
    """A number that no product has, what is no number, and one that was deleted."""
    gone = api.product()
    api.get(f"{V2}/{gone}")
    api.remove(gone)
    for number in (UNKNOWN, 0, gone, "99999999999999999999", "abc", "1.0", "-1"):
        for path in (V2, V1):
            reply = api.get(f"{path}/{number}")
            if reply.status != 404:
                reply.fail(f"GET {path}/{number} should answer 404, not {reply.status}.")


@pytest.mark.criterion("update.patch")
def test_a_patch_changes_what_is_sent(api, draw):
    """Each field by itself, then several; all others stay as they were."""
    number = api.product()
    other = api.product()
    before = api.row(other)
    several = {"name": draw.sentence(), "description": "", "stock": 0}
    values = api.body() | {"price_cents": 0}
    for body in (several, *({name: value} for name, value in values.items())):
        wanted = api.row(number) | body
        reply = api.patch(number, body).expect(200)
        require_product(reply, reply.json(dict), wanted)
        if api.row(number) != wanted:
            reply.fail(f"PATCH with {', '.join(body)} should change just that in the table.")
    assert api.row(other) == before, "PATCH of a product has changed another one."


@pytest.mark.criterion("update.patch")
def test_the_same_patch_twice_is_fine(api):
    """A value that the product has already is no fault; nor is its own SKU."""
    number = api.product()
    row = api.row(number)
    for name in ("name", "sku"):
        reply = api.patch(number, {name: row[name]})
        if reply.status != 200:
            reply.fail(f"PATCH with the {name} that it has should answer 200, not {reply.status}.")
    assert api.row(number) == row, "PATCH with what the product has should change nothing."


@pytest.mark.criterion("delete.gone")
def test_a_product_is_deleted(api):
    """204 without a body; then it is unknown, everywhere."""
    number, other = api.products([{}, {}])
    path = f"{V2}/{number}"
    tag = api.tag(number)
    reply = api.call("DELETE", path, headers={"If-Match": tag}).expect(204)
    if reply.body or api.row(number) is not None:
        reply.fail("The row should be gone, and the answer without a body.")
    if api.row(other) is None:
        reply.fail("DELETE has deleted another product.")
    replies = (
        api.get(path),
        api.call("DELETE", path, headers={"If-Match": tag}),
        api.call("PATCH", path, json={"stock": 1}, headers={"If-Match": tag}),
        api.call("DELETE", f"{V2}/{UNKNOWN}", headers={"If-Match": tag}),
    )
    for reply in replies:
        if reply.status not in (404, 412):
            reply.fail(f"A product that is gone should be a 404, not {reply.status}.")
    if replies[0].status != 404:
        replies[0].fail("A product that is gone should be a 404.")


@pytest.mark.criterion("sku.taken")
def test_a_taken_sku_is_a_409(api):
    """By POST, by PATCH, in a bulk, twice in a bulk; nothing changes."""
    first, second = api.products([{}, {}])
    sku = api.row(first)["sku"]
    twice, before = api.sku(), api.row(second)
    replies = {
        "by POST": api.post(api.body(sku=sku)),
        "by PATCH": api.patch(second, {"sku": sku, "stock": 5}),
        "in a bulk": api.bulk([api.body(), api.body(sku=sku)]),
        "twice in a bulk": api.bulk([api.body(sku=twice), api.body(), api.body(sku=twice)]),
    }
    for how, reply in replies.items():
        if reply.status != 409:
            reply.fail(f"A SKU that is taken, {how}, should be a 409, not {reply.status}.")
    assert api.row(second) == before, "PATCH with a SKU that is taken has changed the product."


@pytest.mark.criterion("sku.taken")
def test_a_sku_goes_to_one_of_several(app, api):
    """Eight at the same moment: one gets it, the others a 409."""
    for _ in range(TRIES):
        sku, keys = api.sku(), [api.key() for _ in range(AT_ONCE)]
        bodies = [api.body(sku=sku) for _ in keys]
        replies = app.together(
            [lambda b=b, k=k: api.post(b, key=k) for b, k in zip(bodies, keys, strict=True)]
        )
        for reply in replies:
            if reply.status not in (200, 201, 409):
                reply.fail(
                    f"Eight ask for one SKU at the same moment: 201 or 409, not {reply.status}."
                )
        made = sum(reply.status < 300 for reply in replies)
        assert made == 1, f"{made} of eight that ask for one SKU at the same moment get 201."


@pytest.mark.criterion("bulk.works")
def test_a_bulk_saves_all_in_order(api):
    """One, some, a hundred; each item of the answer is its row."""
    for count in (1, 7, MOST):
        bodies = [api.body() for _ in range(count)]
        if count > 1:
            del bodies[1]["description"]
        reply = api.bulk(bodies).expect(201)
        items = reply.json(dict).get("items")
        if not isinstance(items, list) or len(items) != count:
            reply.fail(f"A bulk of {count} should be answered with a list of {count} `items`.")
        for item, body in zip(items, bodies, strict=True):
            if not isinstance(item, dict) or item.get("sku") != body["sku"]:
                reply.fail("The items should stand in the order in which they were sent.")
            require_product(reply, item, {"id": item.get("id"), "description": ""} | body)
        if len({item["id"] for item in items}) != count:
            reply.fail("Each item should have an id of its own.")
        rows = {row["sku"]: row for row in api.rows()}
        for item in items:
            require_product(reply, item, rows.get(item["sku"]))


@pytest.mark.criterion("bulk.atomic")
def test_a_bulk_is_saved_whole_or_not_at_all(api):
    """A fault in the last item, a SKU that is taken, and nothing of the others is there."""
    taken = api.row(api.product())["sku"]
    first = api.body()["sku"]
    for what, last in (
        ("a value that is wrong", {"stock": -1}),
        ("a field that does not exist", {"colour": "red"}),
        ("a SKU that is taken", {"sku": taken}),
        ("a SKU that stands twice", {"sku": first}),
    ):
        bodies = [api.body(sku=first), *(api.body() for _ in range(4)), api.body(**last)]
        before = api.rows()
        reply = api.bulk(bodies)
        if reply.status < 400:
            reply.fail(f"A bulk whose last item has {what} should be refused.")
        if api.rows() != before:
            reply.fail(f"The last item of the bulk has {what}, and others of it were saved.")
    reply = api.bulk([api.body(), "no product", api.body()])
    if reply.status < 400 or api.rows() != before:
        reply.fail("A bulk with an item that is no object should be refused, and save nothing.")


@pytest.mark.criterion("bulk.atomic")
def test_a_bulk_has_1_to_100_items(api):
    """None and 101 are refused, as is what is no list."""
    before = api.rows()
    for items in ([], [api.body() for _ in range(MOST + 1)], {}, None, "x"):
        reply = api.bulk(items)
        if reply.status != 400 or api.rows() != before:
            said = len(items) if isinstance(items, list) else repr(items)
            reply.fail(f"A bulk whose items are {said} should be a 400, and save nothing.")
    for body in ({}, {"items": [api.body()], "more": 1}):
        reply = api.call("POST", BULK, json=body)
        if reply.status != 400:
            reply.fail(f"A bulk of {', '.join(body) or 'no field'} should be a 400.")
    assert api.rows() == before, "A bulk that was refused has saved something."
