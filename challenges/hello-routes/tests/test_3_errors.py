"""Pages for 404, 405 and 500, their JSON under /api, headers on every answer, and CORS."""

import time

import pytest

LOG_SECONDS = 5
"""How long what an app has printed may take until it is in the container's log."""


@pytest.mark.criterion("errors.not_found")
def test_an_unknown_path(app, draw, site):
    """A page with a link to /, which is there; JSON under /api."""
    for path in (f"/{draw.word()}", f"/{draw.word()}/{draw.word()}", f"/users/{draw.word()}"):
        site.error_page(app.get(path), 404)
    site.see("/")
    for path in (f"/api/{draw.word()}", f"/api/notes/{draw.word()}"):
        site.error(app.get(path), 404)


@pytest.mark.criterion("errors.method")
def test_a_wrong_method(app, site):
    """A page with a link to /; JSON under /api."""
    site.error_page(app.delete("/hello"), 405)
    site.error_page(app.put("/users/new"), 405)
    site.error(app.delete("/api/echo"), 405)


@pytest.mark.criterion("errors.server")
def test_an_exception(app, draw, site):
    """A page with a link to /; JSON under /api; and the app goes on."""
    site.error_page(app.get("/boom", params={"why": draw.word()}), 500)
    site.error(app.get("/api/boom", params={"why": draw.word()}), 500)
    app.get("/hello").expect(200)


@pytest.mark.criterion("errors.internals")
@pytest.mark.parametrize("path", ["/boom", "/api/boom"])
def test_an_exception_is_not_shown(app, draw, internals, path):
    """Neither its text, nor its type, nor where it was raised."""
    why = draw.word()
    reply = app.get(path, params={"why": why}).expect(500)
    if shown := internals(reply.text, why):
        reply.fail(f"A client must not see what went wrong inside; this answer shows {shown!r}.")


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


@pytest.mark.criterion("headers.request_id")
def test_every_answer_has_a_request_id(app, draw):
    """The id that was sent comes back; without one each answer has a new one."""
    paths = ("/", f"/hello/{draw.word()}", f"/{draw.word()}", "/boom", "/api/boom", "/api/notes")
    made = []
    for path in paths:
        sent = f"{draw.word()}-{draw.integer(1, 10**6)}"
        reply = app.get(path, headers={"X-Request-ID": sent})
        if reply.headers.get("X-Request-ID", "") != sent:
            reply.fail(f"X-Request-ID: {sent} was sent; the answer has to have the same header.")
        reply = app.get(path)
        if not reply.headers.get("X-Request-ID", "").strip():
            reply.fail("Without X-Request-ID in the request the answer still needs one, a new one.")
        made.append(reply.headers["X-Request-ID"])
    reply = app.post("/api/notes", json={"text": draw.word()}, headers={"X-Request-ID": "a-1"})
    if reply.headers.get("X-Request-ID", "") != "a-1":
        reply.fail("X-Request-ID: a-1 was sent; the answer has to have the same header.")
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
    origin = {"Origin": site.origin}
    body = {"text": draw.sentence()}
    for reply in (
        app.get("/api/notes", headers=origin),
        app.get("/api/calc/add/1/2", headers=origin),
        app.post("/api/notes", json=body, headers=origin | site.token),
        app.post("/api/notes", json=body, headers=origin),
        app.get(f"/api/{draw.word()}", headers=origin),
    ):
        check_allowed(reply, site.origin)


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
@pytest.mark.parametrize(("method", "path"), [("POST", "/api/notes"), ("DELETE", "/api/notes/1")])
def test_a_preflight_is_answered(app, listed, site, method, path):
    """Method and headers are allowed, and no token is asked for."""
    reply = preflight(app, path, site.origin, method).expect(200, 204)
    check_allowed(reply, site.origin)
    if method.lower() not in listed(reply, "Access-Control-Allow-Methods"):
        reply.fail(f"Access-Control-Allow-Methods has to list {method}.")
    for name in ("authorization", "content-type"):
        if name not in listed(reply, "Access-Control-Allow-Headers"):
            reply.fail(f"Access-Control-Allow-Headers has to list {name}.")


@pytest.mark.criterion("cors.foreign")
def test_no_other_origin_may_read(app, draw, site):
    """Others are not allowed, not even those that look alike; the allowed one still is."""
    reply = app.get("/api/notes", headers={"Origin": site.origin})
    if not reply.headers.get("Access-Control-Allow-Origin", ""):
        reply.fail("No origin is allowed at all; the allowed one has to be.")
    foreign = (
        f"https://{draw.word()}.example",
        f"{site.origin}.{draw.word()}.example",
        f"https://{draw.word()}-{site.origin.removeprefix('https://')}",
        f"https://{draw.word()}.{site.origin.removeprefix('https://')}",
        site.origin.replace("https://", "http://"),
        "null",
    )
    for origin in foreign:
        for reply in (
            app.get("/api/notes", headers={"Origin": origin}),
            preflight(app, "/api/notes", origin, "POST"),
        ):
            allowed = reply.headers.get("Access-Control-Allow-Origin", site.origin)
            if allowed != site.origin:
                reply.fail(
                    f"The origin {origin} is not the allowed one, but the answer says "
                    f"Access-Control-Allow-Origin: {allowed[:200]}."
                )


@pytest.mark.criterion("cors.vary")
def test_answers_vary_by_origin(app, draw, listed, site):
    """A cache must not give one origin what was meant for another, or for none."""
    for headers in ({"Origin": site.origin}, {"Origin": f"https://{draw.word()}.example"}, {}):
        reply = app.get("/api/notes", headers=headers).expect(200)
        if not {"origin", "*"} & listed(reply, "Vary"):
            reply.fail("Each answer under /api needs the header Vary: Origin.")
