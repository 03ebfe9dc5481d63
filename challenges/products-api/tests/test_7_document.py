"""The document that is served, and what it says of requests and answers."""

import json
from functools import partial

import pytest
from conftest import BULK, FIELDS, PRODUCT, TYPED, UNKNOWN, V1, V2
from documents import Document, Unreadable

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
         "per_page": "x", "total": "x", "type": 1, "title": 1, "status": "x", "detail": 1}  # fmt: skip
"""For each field a value of another type."""
PROBLEM = ("type", "title", "status", "detail")
STRANGE = ("", " ", "\0", "x" * 300, "0", "-1", "1e9", "9" * 30, "null", "[]", "é" * 20, "🐍", "'",
           "%", "true", "1.5", "../..")  # fmt: skip
STRANGE_JSON = (None, True, 0, -1, 1.5, 2**31, 2**63, 10**40, "", "\0", "x" * 2000, "🐍" * 30, [],
                {}, [None], {"a": {"b": []}}, "1", -(2**63))  # fmt: skip
AT_ONCE = 6


@pytest.fixture
def document(app):
    """What GET /openapi.json answers."""
    value = app.get("/openapi.json").expect(200).json(dict)
    return told(app, lambda: Document(value))


def told(app, look):
    """What `look` gives; a document that cannot be read costs the criterion."""
    try:
        return look()
    except Unreadable as error:
        app.get("/openapi.json").fail(str(error))


@pytest.mark.criterion("docs.served")
def test_the_document_has_every_route(app):
    """Of version 3.0 or 3.1, with a title, and no route that there is not."""
    reply = app.get("/openapi.json").expect(200)
    value = reply.json(dict)
    version, info = value.get("openapi"), value.get("info")
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        reply.fail('`openapi` should be the version, "3.0.…" or "3.1.…".')
    for name in ("title", "version"):
        if not isinstance(info, dict) or not isinstance(info.get(name), str) or not info[name]:
            reply.fail(f"`info` should have a text `{name}`.")
    found = told(app, lambda: Document(value)).routes
    for method, path in TABLE:
        if (method, path) not in found:
            reply.fail(f"`paths` should have {method} {path.replace('{}', '{id}')}.")
    others = [place for place in found if place[1].startswith("/api") and place not in TABLE]
    if others:
        reply.fail(f"`paths` has {' '.join(others[0])[:90]}, which is no route of the brief.")


@pytest.mark.criterion("docs.answers")
def test_statuses_are_declared(app):
    """Each that the brief has for an operation, by its number."""
    reply = app.get("/openapi.json")
    found = told(app, lambda: Document(reply.json(dict)))
    for place, wanted in TABLE.items():
        missing = sorted(set(wanted.split()) - found.statuses(place))
        if missing:
            reply.fail(f"{' '.join(place)} should have the response {missing[0]}.")


@pytest.mark.criterion("docs.answers")
def test_answers_fit_the_document(app, api, document):
    """Every kind of answer of every operation."""
    for place, reply in asked(app, api):
        if reply.status >= 500:
            continue  # that is no matter of the document
        name = " ".join(place)
        if str(reply.status) not in document.statuses(place):
            reply.fail(f"{name} answers {reply.status}, which its document does not have.")
        if not reply.body:
            continue
        schema = told(app, partial(document.answer, place, reply.status, reply.media_type))
        if schema is None:
            reply.fail(
                f"The document has no schema for {reply.status} of {name} as {reply.media_type}."
            )
        value = reply.json(labelled=False)
        if not told(app, partial(document.allows, schema, value)):
            reply.fail(f"The answer of {name} does not fit the schema of its document.")
        require_strict(app, document, schema, value, (place, reply))


def require_strict(app, document, schema, value, at):
    """Fail where a schema allows an answer that lacks what it should have, or has another type."""
    place, reply = at
    names = PROBLEM if reply.status >= 400 else required_of(place)
    wrong = [(name, value | {name: OTHER[name]}) for name in names if name in value]
    wrong += [(name, {k: v for k, v in value.items() if k != name}) for name in names]
    if reply.status < 400 and isinstance(value.get("items"), list) and value["items"]:
        item, fields = value["items"][0], OLD if place[1] == V1 else PRODUCT
        for name in fields:
            other = dict(item) if isinstance(item, dict) else {}
            wrong.append((f"items/0/{name}", value | {"items": [other | {name: OTHER[name]}]}))
            if place != ("GET", V2):
                other.pop(name, None)
                wrong.append((f"items/0/{name}", value | {"items": [other]}))
    if place == ("GET", ONE) and reply.status < 400:
        wrong = [(name, value | {name: OTHER[name]}) for name in PRODUCT]
    for name, one in wrong:
        if told(app, partial(document.allows, schema, one)):
            reply.fail(
                f"The schema of {reply.status} of {' '.join(place)} should require {name} and say "
                "its type; it allows an answer where that is not so."
            )


def required_of(place):
    """The fields that a success of an operation has."""
    if place == ("GET", V2):
        return ("items", "next_cursor")
    if place == ("GET", V1):
        return ("items", "page", "per_page", "total")
    if place == ("POST", BULK):
        return ("items",)
    return tuple(OLD) if place == ("GET", OLD_ONE) else PRODUCT


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


@pytest.mark.criterion("docs.requests")
def test_the_document_allows_what_the_app_takes(app, api, document):
    """Bodies of POST, PATCH and bulk; where the app itself is wrong, other criteria say so."""
    judge = partial(require_agreement, app, document)
    number = api.product()
    for what, good, body in bodies(api):
        judge(("POST", V2), body, good, what, api.post)
        if good:
            body["sku"] = api.sku()
        judge(("POST", BULK), {"items": [body]}, good, what, partial(api.call, "POST", BULK))
        part = {name: value for name, value in body.items() if name != "sku" or not good}
        judge(("PATCH", ONE), part, good, what, partial(api.patch, number))
    for name in FIELDS:
        body = api.body()
        del body[name]
        judge(("POST", V2), body, name == "description", f"no {name}", api.post)
        judge(("PATCH", ONE), {"stock": 3}, True, "one field", partial(api.patch, number))
    for count in (0, 1, 100, 101):
        body = {"items": [api.body() for _ in range(count)]}
        call, what = partial(api.call, "POST", BULK), f"{count} items"
        judge(("POST", BULK), body, 1 <= count <= 100, what, call)


def require_agreement(app, document, place, body, good, what, send):
    """Fail where the app is right about a body, and its document is not."""
    schema = told(app, partial(document.body, place))
    if schema is None:
        app.get("/openapi.json").fail(f"{' '.join(place)} should have the schema of its body.")
    said = told(app, partial(document.allows, schema, body))
    if said == good:
        return
    reply = send(body) if place[1] != BULK else send(json=body)
    if (reply.status < 300) == good:
        verb = "allows" if said else "forbids"
        reply.fail(f"The document {verb} this body of {' '.join(place)}: it has {what}.")


@pytest.mark.criterion("docs.requests")
def test_parameters_are_those_of_the_document(app, api, document):
    """Each is declared, and allows what the app takes."""
    api.product()
    cents = (("0", "7", "10000000"), ("-1", "10000001", "x"))
    wanted = {
        ("GET", V2): {
            "limit": (("1", "20", "100"), ("0", "101", "x")), "min_price_cents": cents,
            "max_price_cents": cents, "in_stock": (("true", "false"), ("maybe",)),
            "sort": (("id", "-id", "name", "-name", "price_cents", "-price_cents", "stock",
                      "-stock"), ("sku", "x", "--id")),
            "category": ((), ()), "cursor": ((), ()), "fields": ((), ()),
        },
        ("GET", ONE): {"fields": ((), ())},
        ("GET", V1): {
            "page": (("1", "100000"), ("0", "100001", "x")),
            "per_page": (("1", "100"), ("0", "101", "x")), "category": ((), ()),
        },
    }  # fmt: skip
    for place, names in wanted.items():
        declared = told(app, partial(document.parameters, place))
        for name, (good, bad) in names.items():
            if name not in declared:
                app.get("/openapi.json").fail(f"{' '.join(place)} should declare ?{name}.")
            for text in (*good, *bad):
                said = told(app, partial(document.allows_text, declared[name], text))
                if said == (text in good):
                    continue
                reply = api.get(place[1], params={name: text})
                if (reply.status == 200) == (text in good):
                    verb = "allows" if said else "forbids"
                    reply.fail(f"The document {verb} ?{name}={text}; the app does not agree.")
        more = set(declared) - set(names)
        if more:
            app.get("/openapi.json").fail(f"?{min(more)[:40]} of {' '.join(place)} is unknown.")


@pytest.mark.criterion("docs.fuzz")
def test_what_is_drawn_from_the_document_is_no_5xx(app, api, document, draw):
    """Each parameter, field and id of it with values that nobody expects."""
    number = api.product()
    tag = api.tag(number)
    calls = []
    for place in document.routes:
        if place not in TABLE:
            continue
        method, path = place
        base = api.body() if method in ("POST", "PATCH") else None
        headers = {"If-Match": tag}
        at = path.replace("{}", str(number))
        for name in told(app, partial(document.parameters, place)):
            for text in draw.sample(list(STRANGE), 3):
                calls.append((place, at, {"params": {name: text}, "headers": headers}))
        if "{}" in path:
            for text in ("-1", "9" * 40, "%00", "%F0%9F%90%8D", "x" * 300):
                options = {"json": base, "headers": headers} if base else {"headers": headers}
                calls.append((place, path.replace("{}", text), options))
        if base is not None and method != "DELETE":
            schema = told(app, partial(document.body, place))
            calls += bodies_of(place, at, headers, spoiled(app, api, document, schema, draw))
    for start in range(0, len(calls), AT_ONCE):
        some = [(one, api.key_in_use()) for one in calls[start : start + AT_ONCE]]
        replies = app.together([lambda o=one, k=key: sent(api, o, k) for one, key in some])
        for (one, _), reply in zip(some, replies, strict=True):
            require_declared(document, one[0], reply)


def bodies_of(place, at, headers, some):
    """A request for each of some bodies."""
    return [(place, at, {"body": json.dumps(body).encode(), "headers": headers | TYPED})
            for body in some]  # fmt: skip


def spoiled(app, api, document, schema, draw):
    """Bodies that have, for each field that the document names, values of all kinds."""
    names = told(app, partial(document.fields, schema))
    for name in names:
        inner = told(app, partial(document.fields, document.resolved(names[name]).get("items")))
        for value in draw.sample(list(STRANGE_JSON), 4):
            if inner:
                yield {name: [api.body(), api.body() | {draw.choice(sorted(inner)): value}]}
            else:
                yield api.body() | {name: value}
        yield {name: draw.choice(STRANGE_JSON)}
    yield {}


def sent(api, call, key):
    """The answer to one of them."""
    (method, _), path, options = call
    return api.call(method, path, key=key, **options)


def require_declared(document, place, reply):
    """Fail where an answer is a 5xx, or one that the document does not have."""
    name = " ".join(place)
    if reply.status >= 500:
        reply.fail(f"{name} answers {reply.status} to this; no input should lead to that.")
    # an address with a strange id may be none of the app's at all
    if str(reply.status) not in document.statuses(place) and reply.status not in (404, 405):
        reply.fail(f"{name} answers {reply.status}, which its document does not have.")
