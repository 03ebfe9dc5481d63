"""Errors: one form for all, and each field that is wrong is named."""

import pytest
from conftest import TYPED, UNKNOWN, V1, V2, require_4xx

PROBLEM = "application/problem+json"


@pytest.mark.criterion("errors.format")
def test_every_error_is_a_problem(app, api, shared):
    """Of every status and route, of unknown addresses and methods too."""
    number = api.product()
    sku, tag = api.row(number)["sku"], api.tag(number)
    one, match = f"{V2}/{number}", {"If-Match": tag}
    errors = {
        "an unknown address": (api.get("/nothing/here"), 404),
        "an unknown version": (api.get("/api/v3/products"), 404),
        "an unknown product": (api.get(f"{V2}/{UNKNOWN}"), 404),
        "an id that is no number": (api.get(f"{V2}/abc"), 404),
        "an unknown product of version 1": (api.get(f"{V1}/{UNKNOWN}"), 404),
        "another method": (api.call("DELETE", V2), 405),
        "another method of version 1": (api.call("POST", V1, json=api.body()), 405),
        "another method for one": (api.call("PUT", one, json=api.body()), 405),
        "an unknown parameter": (api.get(V2, params={"colour": "red"}), 400),
        "a bad page": (api.get(V1, params={"page": "0"}), 400),
        "a bad value": (api.post(api.body(stock=-1)), 400),
        "no JSON": (api.call("POST", V2, body=b"{", headers=TYPED), 400),
        "another JSON": (api.call("POST", V2, json=[1]), 400),
        "a bad bulk": (api.bulk([]), 400),
        "a bad PATCH": (api.patch(number, {"name": ""}, tag), 400),
        "a SKU that is taken": (api.post(api.body(sku=sku)), 409),
        "another ETag": (api.patch(number, {"stock": 1}, '"x"'), 412),
        "no ETag": (api.call("DELETE", one), 428),
        "no key": (app.get(V2), 401),
        "no key for a change": (app.request("PATCH", one, json={"stock": 1}, headers=match), 401),
    }
    if "429" in shared:
        errors["too many requests"] = (shared["429"], 429)
    for what, (reply, status) in errors.items():
        if reply.status < 400 and status not in (404, 405):
            continue  # that it is refused has a criterion of its own
        require_problem(reply, what)
        if status in (404, 405) and reply.status != status:
            reply.fail(f"It was {what}, which should be a {status}, not {reply.status}.")
        if status == 405 and "GET" not in reply.headers.get("Allow", ""):
            reply.fail(f"It was {what}; Allow should name the methods that there are.")


def require_problem(reply, what):
    """Fail unless an answer is an error in the form of RFC 9457."""
    require_4xx(reply, what)
    if reply.media_type != PROBLEM:
        reply.fail(f"It was {what}; the error should be sent as {PROBLEM}.")
    found = reply.json(dict)
    for name in ("type", "title", "detail"):
        if not isinstance(found.get(name), str) or not found[name].strip():
            reply.fail(f"It was {what}; the problem should have a text `{name}`.")
    if type(found.get("status")) is not int or found["status"] != reply.status:
        reply.fail(f"It was {what}; `status` of the problem should be {reply.status}.")


@pytest.mark.criterion("errors.fields")
def test_each_wrong_field_is_named(api, draw):
    """All of them at once, with what is missing and unknown, in a bulk with the item's place."""
    word, number = draw.word(), api.product()
    tag = api.tag(number)
    missing = {"name": "x", "category": "x", "price_cents": 1}
    items = [api.body() for _ in range(4)]
    items[1]["price_cents"] = None
    items[3] |= {"stock": -1, word: 1}
    del items[3]["name"]
    asked = (
        (api.post(api.body(name="")), {"name"}),
        (api.post(api.body(stock=None, price_cents=-1)), {"stock", "price_cents"}),
        (api.post(api.body(sku="x", description=7, category="A")),
         {"sku", "description", "category"}),
        (api.post(missing), {"sku", "stock"}),
        (api.post({}), {"sku", "name", "category", "price_cents", "stock"}),
        (api.post(api.body(name=None) | {word: 1, "id": 5}), {"name", word, "id"}),
        (api.patch(number, {"stock": -1, word: 2, "name": "y"}, tag), {"stock", word}),
        (api.bulk(items), {"items/1/price_cents", "items/3/stock", "items/3/name",
                           f"items/3/{word}"}),
    )  # fmt: skip
    for reply, wanted in asked:
        if reply.status != 400:
            continue  # that has criteria of its own
        errors = reply.json(dict, labelled=False).get("errors")
        if not isinstance(errors, list) or not all(isinstance(one, dict) for one in errors):
            reply.fail("`errors` should be a list with an object for each field that is wrong.")
        named = [one.get("pointer") for one in errors]
        pointers = {f"#/{name}" for name in wanted}
        if any(not isinstance(one, str) for one in named) or set(named) != pointers:
            reply.fail(f"The pointers of `errors` should be {', '.join(sorted(pointers))}.")
        if len(named) != len(pointers):
            reply.fail("`errors` should have one object for each field.")
        if any(not isinstance(e.get("detail"), str) or not e["detail"].strip() for e in errors):
            reply.fail("Each of `errors` should have a sentence as its `detail`.")
