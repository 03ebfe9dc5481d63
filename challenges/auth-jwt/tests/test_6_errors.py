"""The form of errors, and bodies that break a rule."""

import pytest

JSON = {"Content-Type": "application/json"}
BROKEN = (b"{", b"", b"[]", b"null", b'"text"', b"7", b"\xff", b'{"username": }')


@pytest.mark.criterion("errors.json")
def test_every_error_is_json(site):
    """Whatever its status is, which has other criteria."""
    admin, ada = site.known("admin"), site.known()
    for reply in (
        site.call("GET", "/nowhere"), site.call("DELETE", "/login"), site.me(None),
        site.me("x.y.z"), site.call("GET", "/users", ada.access),
        site.call("DELETE", "/articles/999999999", admin.access),
        site.call("POST", "/login", body=b"{", headers=JSON),
        site.call("POST", "/register", json={"username": "x"}),
        site.registering(ada.name, site.password()),
        site.logging_in(site.name(), site.password()), site.refreshing("x"),
    ):  # fmt: skip
        if reply.status < 400:
            reply.fail(f"This should be refused, not answered with {reply.status}.")
        if reply.media_type != "application/json":
            reply.fail(f"An error should be application/json, not {reply.media_type!r}.")
        error = reply.json(dict).get("error")
        if not isinstance(error, str) or not error.strip():
            reply.fail("An error should be a JSON object with a sentence under 'error'.")


@pytest.mark.criterion("errors.json")
def test_an_unknown_path_is_404(site):
    """With and without a token."""
    for token in (None, site.known().access):
        site.call("GET", "/nowhere", token).expect(404)


def refused(reply, what):
    """Fail unless a body was refused with 400."""
    if reply.status != 400:
        reply.fail(f"{what} should be refused with 400, not {reply.status}.")


@pytest.mark.criterion("errors.bodies")
def test_bad_registrations_are_refused(site, draw):
    name, password = site.name(), site.password()
    for body in BROKEN:
        refused(site.call("POST", "/register", body=body, headers=JSON), f"The body {body!r}")
    for bad in ("", "ab", draw.word(31), "Ada_1x", "ada b1", " ada1x", "ada1x ", f"{draw.word()}\n",
                "ädä_1x", "ada-1x", "ada.1x", "ада_1x", 7, None, True, ["ada"], {}):  # fmt: skip
        refused(site.registering(bad, password), f"The username {bad!r}")
    for bad in ("", draw.text(7), draw.text(65), "line\nbreak", "pässword", "пароль-1", 12345678,
                None, ["password"]):  # fmt: skip
        refused(site.registering(name, bad), f"The password {bad!r}")
    for body in ({"username": name}, {"password": password}, {}):
        refused(site.call("POST", "/register", json=body), "A registration that lacks a field")
    for good, fits in ((draw.word(3), password), (draw.word(30), " a b~!\"'%"),
                       (f"_{draw.word(4)}9", draw.text(64)),
                       (name, f'"\\{draw.text(6)}')):  # fmt: skip
        reply = site.registering(good, fits)
        if not 200 <= reply.status < 300:
            reply.fail(f"The username {good!r} and the password {fits!r} keep the rules.")
        login = site.logging_in(good, fits)
        if not 200 <= login.status < 300:
            login.fail(f"Who has registered with the password {fits!r} cannot log in with it.")


@pytest.mark.criterion("errors.bodies")
def test_bad_bodies_elsewhere_are_refused(site, draw):
    admin, ada = site.known("admin"), site.known()
    for path in ("/login", "/refresh"):
        for body in BROKEN:
            refused(site.call("POST", path, body=body, headers=JSON), f"The body {body!r}")
    for value in (7, None, True, ["x"], {}):
        refused(site.logging_in(ada.name, value), f"The password {value!r}")
        refused(site.logging_in(value, ada.password), f"The username {value!r}")
        refused(site.refreshing(value), f"The refresh token {value!r}")
    refused(site.call("POST", "/refresh", json={}), "A refresh without a token")
    refused(site.call("POST", "/login", json={"username": ada.name}), "A login without a password")
    for bad in ("", "  ", "\t\n", draw.text(201), 7, None, ["x"]):
        reply = site.call("POST", "/articles", admin.access, json={"title": bad})
        refused(reply, f"The title {str(bad)[:20]!r}")
    path = site.of_user(ada, "role")
    for bad in ("", "owner", "Admin", "reader ", 7, None, ["admin"]):
        refused(site.call("PUT", path, admin.access, json={"role": bad}), f"The role {bad!r}")
    for body in BROKEN:
        reply = site.call("POST", "/articles", admin.access, body=body, headers=JSON)
        refused(reply, f"The body {body!r}")
    for good in (draw.text(1), "€" * 199 + "🐍", f" {draw.sentence()} "):
        reply = site.call("POST", "/articles", admin.access, json={"title": good})
        if not 200 <= reply.status < 300 or reply.json(dict).get("title") != good:
            reply.fail(f"The title {good[:20]!r} keeps the rules: 201, and as it was sent.")
