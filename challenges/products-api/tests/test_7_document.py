"""The document that is served, and what it says of requests and answers.

`docs.fuzz` sends values of its own to every parameter, field and id that the document names. It
does not run schemathesis on the document, as the grader's `contract.fuzz` does on openapi.yml:

- `contract.fuzz` draws from the exam's openapi.yml, and leaves out what is `x-suite-only` there:
  all but /health and /openapi.json. It sends neither a key nor If-Match, so that it would be
  answered with 401 and 428 alone, and it does not wait where a key has met its limit.
- The document is a student's text. What `documents` does with it is bounded; schemathesis would
  have to follow its references, and to draw texts for its patterns, however long that takes.
- What schemathesis draws depends on the document: two apps that do the same would be asked
  different things, and one whose document says little would be asked little. Here a field gets
  values of the same kinds, whatever its schema says.
- schemathesis is no part of the grader's own installation, but an extra.

What else schemathesis looks at, whether answers and refusals are those of the document, is for
`docs.answers` and `docs.requests`.
"""

import json
from functools import partial

import pytest
from asked import OLD, OLD_ONE, ONE, OTHER, PROBLEM, TABLE, asked, bodies
from conftest import BULK, FIELDS, PRODUCT, TYPED, V1, V2
from documents import Document, Unreadable

STRANGE = ("", " ", "\0", "x" * 300, "0", "-1", "1e9", "null", "[]", "é" * 20, "🐍",
           "%", "true", "1.5", "../..")  # fmt: skip
STRANGE_JSON = (None, True, 0, -1, 1.5, 2**31, 2**63, 10**40, "", "\0", "x" * 2000, "🐍" * 30, [],
                {}, [None], {"a": {"b": []}}, "1", -(2**63))  # fmt: skip
STRANGE_IDS = ("-1", "9" * 40, "%00", "%F0%9F%90%8D", "x" * 300)
READS, CHANGES = ("GET", "DELETE"), ("PATCH", "DELETE")
AT_ONCE = 6


@pytest.fixture
def document(app):
    """What GET /openapi.json answers."""
    value = app.get("/openapi.json").expect(200).json(dict)
    found = told(app, lambda: Document(value))
    found.app = app
    return found


def told(app, look):
    """What `look` gives; a document that cannot be read costs the criterion."""
    try:
        return look()
    except Unreadable as error:
        app.get("/openapi.json").fail(str(error))
    except RecursionError:
        app.get("/openapi.json").fail("A schema of the document holds itself.")


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
        wrong = reply.status < 400 and str(reply.status) not in TABLE[place]
        if reply.status >= 500 or wrong:
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


@pytest.mark.criterion("docs.requests")
def test_the_document_allows_what_the_app_takes(api, document):
    """Bodies of POST, PATCH and bulk; where the app itself is wrong, other criteria say so."""
    number = api.product()
    post, patch = api.post, partial(api.patch, number)
    bulk = partial(api.call, "POST", BULK)
    for what, good, body in bodies(api):
        require_agreement(document, ("POST", V2), (what, good, body), post)
        if good:
            body["sku"] = api.sku()
        case = what, good, {"items": [body]}
        require_agreement(document, ("POST", BULK), case, lambda b: bulk(json=b))
        part = {name: value for name, value in body.items() if name != "sku" or not good}
        require_agreement(document, ("PATCH", ONE), (what, good, part), patch)
    for name in FIELDS:
        body = api.body()
        del body[name]
        case = f"no {name}", name == "description", body
        require_agreement(document, ("POST", V2), case, post)
        case = f"{name} alone", True, {name: api.body()[name]}
        require_agreement(document, ("PATCH", ONE), case, patch)
    for count in (0, 1, 100, 101):
        case = f"{count} items", 1 <= count <= 100, {"items": [api.body() for _ in range(count)]}
        require_agreement(document, ("POST", BULK), case, lambda b: bulk(json=b))


def require_agreement(document, place, case, send):
    """Fail where the app is right about a body, and its document is not."""
    what, good, body = case
    schema = told(document.app, partial(document.body, place))
    if schema is None:
        document.app.get("/openapi.json").fail(f"{' '.join(place)} should have a body's schema.")
    said = told(document.app, partial(document.allows, schema, body))
    if said == good:
        return
    reply = send(body)
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
    calls, strange = [], []
    for place in [one for one in TABLE if one in document.routes]:
        method, path = place
        good = {"headers": {"If-Match": tag} if method in CHANGES else {}}
        good |= {} if method in READS else {"json": api.body()}
        at = path.replace("{}", str(number))
        calls += [
            (place, at, good | {"params": {name: text}})
            for name in told(app, partial(document.parameters, place))
            for text in ("9" * 30, "'", draw.choice(STRANGE))
        ]
        if "{}" in path:
            strange += [(place, path.replace("{}", text), good) for text in STRANGE_IDS]
        if method not in READS:
            schema = told(app, partial(document.body, place))
            calls += bodies_of(place, at, tag, spoiled(app, api, schema, draw, document))
    for some in (calls, strange):
        for start in range(0, len(some), AT_ONCE):
            batch = [(one, api.key_in_use()) for one in some[start : start + AT_ONCE]]
            replies = app.together([lambda o=one, k=key: sent(api, o, k) for one, key in batch])
            for (one, _), reply in zip(batch, replies, strict=True):
                # what a server makes of an address that is strange is not in the document
                require_declared(None if some is strange else document, one[0], reply)


def bodies_of(place, at, tag, some):
    """A request for each of some bodies."""
    headers = TYPED | ({"If-Match": tag} if place[0] in CHANGES else {})
    return [(place, at, {"body": json.dumps(body).encode(), "headers": headers}) for body in some]


def spoiled(app, api, schema, draw, document):
    """Bodies that have, for each field that the document names, values of all kinds."""
    names = told(app, partial(document.fields, schema))
    for name, one in names.items():
        inner = told(app, lambda o=one: document.fields(document.resolved(o).get("items")))
        for value in (10**40, [], {}, draw.choice(STRANGE_JSON)):
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
    wrong = reply.status < 400 and str(reply.status) not in TABLE[place]
    if document and not wrong and str(reply.status) not in document.statuses(place):
        reply.fail(f"{name} answers {reply.status}, which its document does not have.")
