"""Pages for 404, 405 and 500, their JSON under /api, headers on every answer, and CORS."""

import re
import time

import pytest

PROGRAM = {"Accept": "application/json"}
"""Who asks for JSON outside of /api/ gets a page all the same: the path decides."""
LOG_SECONDS = 5
"""How long what an app has printed may take until it is in the container's log."""
NO_JSON = ("{'text': 'WORD'}", '{"text": "WORD"', '{"text": "WORD",}', "WORD", '{} "WORD"')
PARSER = re.compile(r"\(char \d+\)|\(byte \d+\)|in JSON at position \d+|JSONDecodeError")
"""How the messages of JSON parsers say where they stopped."""


@pytest.mark.criterion("errors.not_found")
def test_an_unknown_path(app, draw, site):
    """A page with a link to /, which is there; JSON under /api/."""
    word = draw.word()
    for path in (f"/{word}", f"/{word}/{word}", f"/{word}/", f"/api{word}", f"/hello/{word}/{word}",
                 f"/users/{word}", f"/users/ada/{word}"):  # fmt: skip
        site.error_page(app.get(path), 404)
    site.error_page(app.post(f"/{word}", data={"name": word}), 404)
    for path in (f"/{word}", f"/users/{word}"):
        site.error_page(app.get(path, headers=PROGRAM), 404)
    site.see("/")
    for path in (f"/api/{word}", f"/api/{word}/{word}", f"/api/notes/{word}", f"/api/calc/{word}"):
        site.error(app.get(path), 404)
    site.error(app.post(f"/api/{word}", json={"text": word}, headers=site.token), 404)


@pytest.mark.criterion("errors.not_found")
def test_an_unknown_user(app, draw, encoded, site):
    """Nobody has a name that only looks like one that is taken."""
    for name, why in draw.lookalikes("ada"):
        reply = app.get(f"/users/{encoded(name)}")
        if reply.status != 404:
            reply.fail(f"No user has this name ({why}), so 404 is the answer, not {reply.status}.")
        site.error_page(reply, 404)


@pytest.mark.criterion("errors.method")
def test_a_wrong_method(app, site):
    """A page with a link to /; JSON under /api."""
    for reply in (
        *(app.post(path) for path in ("/", "/hello/ada", "/users/ada", "/boom")),
        *(app.delete(path) for path in ("/hello", "/users/ada")),
        app.put("/users/new"),
        app.put("/users/new", headers=PROGRAM),
    ):
        site.error_page(reply, 405)
    note = f"/api/notes/{site.make_note()['id']}"
    for reply in (
        app.delete("/api/echo"),
        app.get("/api/echo"),
        app.post("/api/boom"),
        app.put("/api/notes", headers=site.token),
        app.put(note, json={"text": "a"}, headers=site.token),
    ):
        site.error(reply, 405)


@pytest.mark.criterion("errors.server")
def test_an_exception(app, draw, site):
    """A page with a link to /; JSON under /api; and the app goes on."""
    for query in ({"why": draw.word()}, {}, {"why": draw.sentence(), draw.word(): "1"}):
        site.error_page(app.get("/boom", params=query), 500)
        site.error(app.get("/api/boom", params=query), 500)
    site.error_page(app.get("/boom", headers=PROGRAM), 500)
    app.get("/hello").expect(200)


@pytest.mark.criterion("errors.internals")
@pytest.mark.parametrize("path", ["/boom", "/api/boom"])
def test_an_exception_is_not_shown(app, draw, internals, path):
    """Neither its text, nor its type, nor where it was raised: not in the body, nor in a header."""
    kinds = ("*/*", "text/html", "application/json", "text/plain")
    for kind in kinds:
        why = draw.word()
        reply = app.get(path, params={"why": why}, headers={"Accept": kind}).expect(500)
        headers = "\n".join(f"{name}: {value}" for name, value in reply.headers.items())
        for where, text in (("body", reply.text), ("headers", headers)):
            if shown := internals(text, why):
                reply.fail(
                    "A client must not see what went wrong inside; this answer shows "
                    f"{shown!r} in its {where}."
                )
    reply = app.get(path).expect(500)
    if shown := internals(reply.text):
        reply.fail(f"A client must not see what went wrong inside; this answer shows {shown!r}.")


@pytest.mark.criterion("errors.internals")
def test_what_a_parser_says_of_a_body_is_not_shown(app, draw, site):
    """A body that is no JSON raises an exception as well: 400, without its text."""
    for path, headers in (("/api/echo", {}), ("/api/notes", site.token)):
        for body in NO_JSON:
            reply = app.post(
                path,
                body=body.replace("WORD", draw.word()).encode(),
                headers={"Content-Type": "application/json", **headers},
            )
            shown = PARSER.search(reply.text)
            if shown:
                reply.fail(
                    "A client must not see the text of an exception; this answer shows "
                    f"{shown[0]!r}, from what the JSON parser raised."
                )


@pytest.mark.criterion("errors.logged")
@pytest.mark.parametrize("path", ["/boom", "/api/boom"])
def test_an_exception_is_logged(app, draw, path):
    """Whoever runs the app finds its text in the log. A line with the request's URL is not it."""
    why = draw.word()
    reply = app.get(path, params={"why": why})
    if reply.status == 404:
        reply.fail(f"GET {path} is not there, so nothing can be in the log.")
    end = time.monotonic() + LOG_SECONDS
    while why not in app.logs().replace(f"why={why}", ""):
        assert time.monotonic() < end, (
            f"GET {path}?why={why} should raise RuntimeError({why!r}), but the log of the "
            "container does not show that text."
        )


def of_every_kind(app, site, draw, headers):
    """Answers of every kind that the brief names, each to a request with `headers()`."""
    word, note = draw.word(), site.make_note()["id"]

    def more(**others):
        return {**headers(), **others}

    yield app.get("/", headers=more())
    yield app.get(f"/hello/{word}", headers=more())
    yield app.get("/users/new/", headers=more())
    yield app.post("/users/new", data={"name": word}, headers=more())
    yield app.post("/users/new", data={"name": word}, headers=more())
    yield app.post("/users/new", data={"name": ""}, headers=more())
    yield app.get(f"/users/{word}{word}", headers=more())
    yield app.delete("/hello", headers=more())
    yield from undebugged(app.get("/boom", headers=more()))
    yield app.head("/hello", headers=more())
    yield app.options("/hello", headers=more())
    yield app.get("/health", headers=more())
    yield from of_the_api(app, site, note, word, more)


def of_the_api(app, site, note, word, more):
    """Answers of every kind under /api/, each to a request with the headers of `more()`.

    A debugger's page is left out: that errors show what is inside has a criterion of its own.
    """
    body, one = {"text": word}, f"/api/notes/{note}"
    yield app.get("/api/notes", headers=more())
    yield app.head("/api/notes", headers=more())
    yield app.options("/api/notes", headers=more())
    yield app.post("/api/notes", json=body, headers=more(**site.token))
    yield app.post("/api/notes", json={}, headers=more(**site.token))
    yield app.post("/api/notes", json=body, headers=more())
    yield app.get(one, headers=more())
    yield app.delete(one, headers=more())
    yield app.delete(one, headers=more(**site.token))
    yield app.get(one, headers=more())
    yield app.get("/api/calc/add/1/2", headers=more())
    yield app.get("/api/calc/divide/1/0", headers=more())
    yield app.post("/api/echo", json={"message": word, "repeat": 1}, headers=more())
    yield app.post("/api/echo", json={}, headers=more())
    yield app.post("/api/echo", data={"message": word}, headers=more())
    yield app.delete("/api/echo", headers=more())
    yield app.get(f"/api/{word}", headers=more())
    yield from undebugged(app.get("/api/boom", headers=more()))


def undebugged(reply):
    """`reply`, unless it is the page of a debugger."""
    if "Traceback (most recent call last)" not in reply.text:
        yield reply


@pytest.mark.criterion("headers.request_id")
def test_the_request_id_that_was_sent_comes_back(app, draw, site):
    """Letters, capitals included, digits and hyphens, on answers of every kind."""
    sent = [""]

    def headers():
        sent[0] = f"{draw.word(4)}-{draw.word(4).upper()}-{draw.integer(1, 10**6)}"
        return {"X-Request-ID": sent[0]}

    for reply in of_every_kind(app, site, draw, headers):
        if reply.headers.get("X-Request-ID", "") != sent[0]:
            reply.fail(f"X-Request-ID: {sent[0]} was sent; the answer has to have the same header.")
    for value, why in draw.edge_headers():
        reply = app.get("/", headers={"X-Request-ID": value})
        if reply.headers.get("X-Request-ID", "") != value:
            reply.fail(
                "The answer has to have the X-Request-ID that was sent, just as it was sent; this "
                f"one has {why}: {value}"
            )


@pytest.mark.criterion("headers.request_id")
def test_every_answer_has_a_request_id(app, draw, site):
    """Without one in the request each answer has a new one."""
    made = []
    for reply in of_every_kind(app, site, draw, dict):
        if not reply.headers.get("X-Request-ID", "").strip():
            reply.fail("Without X-Request-ID in the request the answer still needs one, a new one.")
        made.append(reply.headers["X-Request-ID"])
    assert len(set(made)) == len(made), "Two requests without an X-Request-ID got the same one."


def check_allowed(reply, origin):
    """The headers that let `origin` read this answer, cookies and tokens included."""
    allowed = reply.headers.get("Access-Control-Allow-Origin", "")
    if allowed != origin:
        reply.fail(
            "Access-Control-Allow-Origin has to be the allowed origin itself, but "
            + (f"is {allowed[:200]!r}." if allowed else "is missing.")
        )
    if reply.headers.get("Access-Control-Allow-Credentials", "") != "true":
        reply.fail("The answer needs Access-Control-Allow-Credentials: true.")


@pytest.mark.criterion("cors.allowed")
def test_the_allowed_origin_may_read(app, draw, site):
    """On success and on errors alike."""
    for reply in answers_of_the_api(app, draw, site, site.origin):
        check_allowed(reply, site.origin)


def answers_of_the_api(app, draw, site, origin=""):
    """Answers of every kind under /api/, to requests from `origin`."""
    note = site.make_note()["id"]

    def headers(**others):
        return ({"Origin": origin} if origin else {}) | others

    yield from of_the_api(app, site, note, draw.word(), headers)


def preflight(app, path, origin, method):
    """What a browser asks before it sends `method` with a token and JSON to `path`."""
    return app.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


@pytest.mark.criterion("cors.preflight")
def test_a_preflight_is_answered(app, draw, listed, site):
    """Method and headers are allowed, and no token is asked for."""
    note = site.make_note()["id"]
    for method, path in (
        ("POST", "/api/notes"),
        ("DELETE", f"/api/notes/{note}"),
        ("DELETE", f"/api/notes/{note + draw.integer(10**6, 10**7)}"),
    ):
        reply = preflight(app, path, site.origin, method).expect(200, 204)
        check_allowed(reply, site.origin)
        if method.lower() not in listed(reply, "Access-Control-Allow-Methods"):
            reply.fail(f"Access-Control-Allow-Methods has to list {method}.")
        for name in ("authorization", "content-type"):
            if name not in listed(reply, "Access-Control-Allow-Headers"):
                reply.fail(f"Access-Control-Allow-Headers has to list {name}.")
    app.get(f"/api/notes/{note}").expect(200)


def foreign_origins(origin, word):
    """Origins that are not `origin`, each with how it differs."""
    host = origin.removeprefix("https://")
    return (
        (f"https://{word}.example", "it is another one"),
        (f"{origin}.{word}.example", "it only begins like the allowed one"),
        (f"https://{word}-{host}", "it only ends like the allowed one"),
        (f"https://{word}.{host}", "it is a subdomain of the allowed one"),
        (f"https://{word}.example?{origin}", "it only holds the allowed one"),
        (f"http://{host}", "it is http"),
        (f"{origin}:8443", "it has another port"),
        (f"{origin}:443", "it has a port"),
        (f"{origin}/", "it has a slash at its end"),
        (f"{origin}.", "it has a point at its end"),
        (origin.replace(".", "x"), "it has a letter in place of the point"),
        (origin.replace("://", f"://{word}@"), "it has a user in it"),
        (f"{origin} https://{word}.example", "it has another one next to it"),
        (host, "it has no scheme"),
        ("null", "null is no origin"),
    )


@pytest.mark.criterion("cors.foreign")
def test_no_other_origin_may_read(app, draw, site):
    """Others are not allowed, not even those that look alike; the allowed one still is."""
    reply = app.get("/api/notes", headers={"Origin": site.origin})
    if not reply.headers.get("Access-Control-Allow-Origin", ""):
        reply.fail("No origin is allowed at all; the allowed one has to be.")
    for origin, how in foreign_origins(site.origin, draw.word()):
        for reply in (
            app.get("/api/notes", headers={"Origin": origin}),
            preflight(app, "/api/notes", origin, "POST"),
        ):
            check_foreign(reply, origin, site.origin, how)
    foreign = f"https://{draw.word()}.example"
    for reply in answers_of_the_api(app, draw, site, foreign):
        check_foreign(reply, foreign, site.origin, "it is another one")


def check_foreign(reply, origin, allowed, how):
    """Fail where the answer to a request from `origin` lets it, or everybody, read."""
    said = reply.headers.get("Access-Control-Allow-Origin", allowed)
    if said != allowed:
        reply.fail(
            f"The origin {origin} is not the allowed one ({how}), but the answer says "
            f"Access-Control-Allow-Origin: {said[:200]}."
        )


@pytest.mark.criterion("cors.vary")
def test_answers_vary_by_origin(app, draw, listed, site):
    """A cache must not give one origin what was meant for another, or for none; errors included."""
    answers = [*answers_of_the_api(app, draw, site, site.origin), app.get("/api/notes"),
               app.get(f"/api/{draw.word()}"), app.post("/api/notes", json={})]  # fmt: skip
    foreign = {"Origin": f"https://{draw.word()}.example"}
    answers += [app.get("/api/notes", headers=foreign), app.delete("/api/echo", headers=foreign)]
    for reply in answers:
        if not {"origin", "*"} & listed(reply, "Vary"):
            reply.fail(
                f"Each answer under /api/ needs the header Vary: Origin; this one, with the "
                f"status {reply.status}, does not have it."
            )
    for method, path in (("POST", "/api/notes"), ("DELETE", "/api/notes/1")):
        reply = preflight(app, path, site.origin, method)
        if not {"origin", "*"} & listed(reply, "Vary"):
            reply.fail("The answer to a preflight needs the header Vary: Origin, too.")
