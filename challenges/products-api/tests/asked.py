"""What the brief has for each operation, and requests of every kind."""

from conftest import BULK, TYPED, UNKNOWN, V1, V2

ONE, OLD_ONE = f"{V2}/{{}}", f"{V1}/{{}}"
TABLE = {
    ("GET", V2): "200 400 401 429",
    ("POST", V2): "201 400 401 409 429",
    ("POST", BULK): "201 400 401 409 429",
    ("GET", ONE): "200 304 400 401 404 429",
    ("PATCH", ONE): "200 400 401 404 409 412 428 429",
    ("DELETE", ONE): "204 401 404 412 428 429",
    ("GET", V1): "200 400 401 429",
    ("GET", OLD_ONE): "200 401 404 429",
}
"""The statuses that the brief has for each operation; 415 only where an app answers it."""
OLD = {"id": 1, "sku": "A", "name": "A", "category": "a", "price": "1.00", "in_stock": True}
OTHER = {"id": "x", "sku": 1, "name": 1, "category": 1, "description": 1, "price_cents": "1",
         "stock": "1", "price": 1, "in_stock": "no", "items": "x", "next_cursor": 5, "page": "x",
         "per_page": "x", "total": "x", "type": 1, "title": 1, "status": "x",
         "detail": 1}  # fmt: skip
"""For each field a value of another type."""
PROBLEM = ("type", "title", "status", "detail")


def asked(app, api):
    """Requests of every kind: the operation, and the answer."""
    api.clear()
    number, other, gone = api.products([{}, {}, {}])
    sku = api.row(other)["sku"]
    one, match = f"{V2}/{number}", {"If-Match": '"x"'}
    plain = {"Content-Type": "text/plain"}
    bulk = {"items": [api.body(), api.body()]}
    tag = {"If-None-Match": api.tag(number)}
    yield ("GET", V2), api.get(V2)
    yield ("GET", V2), api.get(V2, params={"limit": "1", "sort": "-name"})
    yield ("GET", V2), api.get(V2, params={"fields": "id,sku"})
    yield ("GET", V2), api.get(V2, params={"limit": "0"})
    yield ("GET", V2), app.get(V2)
    yield ("POST", V2), api.post(api.body())
    yield ("POST", V2), api.post(api.body(sku=sku))
    yield ("POST", V2), api.post(api.body(name="", stock="1"))
    yield ("POST", V2), api.call("POST", V2, body=b"{", headers=TYPED)
    yield ("POST", V2), api.call("POST", V2, body=b"{}", headers=plain)
    yield ("POST", BULK), api.call("POST", BULK, json=bulk)
    yield ("POST", BULK), api.call("POST", BULK, json=bulk)
    yield ("POST", BULK), api.bulk([api.body(stock=-1), 5])
    yield ("GET", ONE), api.get(one)
    yield ("GET", ONE), api.get(one, params={"fields": "name"})
    yield ("GET", ONE), api.get(one, headers=tag)
    yield ("GET", ONE), api.get(one, params={"fields": "x"})
    yield ("GET", ONE), api.get(f"{V2}/{UNKNOWN}")
    yield ("GET", ONE), app.get(one)
    yield ("PATCH", ONE), api.patch(number, {"stock": 5})
    yield ("PATCH", ONE), api.patch(number, {"sku": sku})
    yield ("PATCH", ONE), api.patch(number, {"stock": -5})
    yield ("PATCH", ONE), api.patch(number, {"stock": 5}, '"x"')
    yield ("PATCH", ONE), api.call("PATCH", one, json={"stock": 5})
    yield ("PATCH", ONE), api.patch(UNKNOWN, {"stock": 5}, '"x"')
    yield ("PATCH", ONE), api.call("PATCH", one, body=b"{}", headers=plain | match)
    yield ("DELETE", ONE), api.call("DELETE", one)
    yield ("DELETE", ONE), api.call("DELETE", one, headers=match)
    place = f"{V2}/{gone}"
    yield ("DELETE", ONE), api.call("DELETE", place, headers={"If-Match": api.tag(gone)})
    yield ("GET", V1), api.get(V1)
    yield ("GET", V1), api.get(V1, params={"page": "0"})
    yield ("GET", OLD_ONE), api.get(f"{V1}/{number}")
    yield ("GET", OLD_ONE), api.get(f"{V1}/{UNKNOWN}")


def bodies(api):
    """Bodies of a product: what is special about each, whether it is allowed, and itself."""
    yield "nothing special", True, api.body()
    for name, values in {
        "sku": ("ABC", "A" * 20), "name": ("x", "x" * 80), "category": ("a", "a" * 30),
        "description": ("", "x" * 500), "price_cents": (0, 10_000_000), "stock": (0, 1_000_000),
    }.items():  # fmt: skip
        for value in values:
            yield f"{name} at its limit", True, api.body(**{name: value})
    for name, values in {
        "sku": ("AB", "A" * 21, "abc", 5, None), "name": ("", "x" * 81, 5, None),
        "category": ("", "a" * 31, "A b", 5, None), "description": ("x" * 501, 5, None),
        "price_cents": (-1, 10_000_001, "5", 1.5, None, True),
        "stock": (-1, 1_000_001, "5", 1.5, None, True),
    }.items():  # fmt: skip
        for value in values:
            shown = f"{value!r:.30}"
            yield f"{name} set to {shown}", False, api.body(**{name: value})
    yield "an unknown field", False, api.body(colour="red")
    yield "an id", False, api.body(id=5)
