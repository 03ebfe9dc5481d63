"""Log-ins, roles, deactivation, and the last admin."""

import re

import pytest
from answers import require_4xx, require_user
from conftest import hash_of

PRIMED = 12
"""Requests at once that a cache of any worker is filled by."""
RING = 6
ROUNDS = 6


def logged_in(directory, email, password):
    """The token of a log-in."""
    reply = directory.log_in(email, password)
    if reply.status != 200:
        reply.fail(f"The right password should be answered with 200, not {reply.status}.")
    token = reply.json(dict, labelled=False).get("token")
    if not isinstance(token, str) or not re.fullmatch("[!-~]{20,200}", token):
        reply.fail("`token` should be a text of 20 to 200 visible ASCII characters.")
    return token


@pytest.mark.criterion("login.works")
def test_a_log_in_gives_a_token(directory, db, draw):
    """Each a new one, for whoever it is; the table has its hash alone."""
    email = f"{draw.word(7)}@{draw.word(6)}.example"
    password = f" {draw.word(8)} ÜñЖ🐍 {draw.word(3).upper()}\t"
    number = directory.added(email=email, password=password)
    tokens = [logged_in(directory, one, password) for one in (email, email.upper(), email.title())]
    assert len(set(tokens)) == 3, "Each log-in should give a token of its own."
    for token in tokens:
        reply = directory.get("/me", token).expect(200)
        require_user(reply, reply.json(dict), directory.row(number))
        sql = "SELECT user_id FROM sessions WHERE token_hash = %s"
        if db.value(sql, [hash_of(token)]) != number:
            reply.fail("`sessions` should have the SHA-256 of each token, with the user's id.")
        if db.find(token):
            reply.fail("A token stands in the database; its hash is enough.")


@pytest.mark.criterion("login.works")
def test_passwords_are_salted(directory, db, draw):
    """Two equal ones have different hashes, none of them of a fast kind; PATCH gives a new one."""
    password, new = draw.word(16), draw.word(16)
    ids = [directory.added(password=password) for _ in range(2)]
    hashes = [directory.hash(number) for number in ids]
    assert all(isinstance(one, str) and len(one) > 40 for one in hashes), (
        "password_hash should hold a salted, slow hash of the password."
    )
    assert len(set(hashes)) == 2, "Two equal passwords have one hash: it has no salt."
    assert not db.find(password), "The password itself stands in the database."
    email = directory.row(ids[0])["email"]
    directory.patch(ids[0], {"password": new}).expect(200)
    logged_in(directory, email, new)
    if directory.log_in(email, password).status == 200:
        pytest.fail("After a PATCH of the password the old one still counts.")


@pytest.mark.criterion("login.refused")
def test_wrong_log_ins(directory, draw):
    """A wrong password, an unknown address, nobody's password, somebody inactive."""
    password, email = draw.word(12), directory.email()
    number = directory.added(email=email, password=password)
    if directory.log_in(email, password).status != 200:
        logged_in(directory, email, password)
    bare, gone = directory.added(), directory.added(password=password)
    directory.set(gone, active=False)
    before = directory.db.value("SELECT count(*) FROM sessions")
    for what, name, secret in (
        ("a wrong password", email, draw.word(12)),
        ("a password in another case", email, password.upper()),
        ("a part of the password", email, password[:-1]),
        ("a password with a blank behind it", email, f"{password} "),
        ("an unknown address", directory.email(), password),
        ("a part of an address", email[:-1], password),
        ("an address with a wildcard", f"%{email[1:]}", password),
        ("a user without a password", directory.row(bare)["email"], ""),
        ("a user without a password", directory.row(bare)["email"], "None"),
        ("somebody who is not active", directory.row(gone)["email"], password),
    ):
        require_4xx(directory.log_in(name, secret), f"a log-in with {what}", 401)
    for body in ({}, {"email": email}, {"password": password}, {"email": 5, "password": password},
                 {"email": email, "password": None}, {"email": email, "password": 5}):  # fmt: skip
        reply = directory.app.post("/login", json=body)
        require_4xx(reply, "a log-in without two texts", 400)
    assert directory.db.value("SELECT count(*) FROM sessions") == before, (
        "A log-in that was refused has made a session."
    )
    assert directory.row(number)["active"], "Wrong log-ins have changed the user."


def every_request(directory, number):
    """Each request but /health and /login: which roles may, and a function that sends it."""
    call, every, reads = directory.call, ("member", "viewer", "admin"), ("viewer", "admin")
    return {
        "GET /me": (every, lambda token: call("GET", "/me", token)),
        "GET /users": (reads, lambda token: call("GET", "/users?limit=1", token)),
        "GET /users with a bad limit": (reads, lambda token: call("GET", "/users?limit=x", token)),
        "GET /users.csv": (reads, lambda token: call("GET", "/users.csv?q=zzzzzzzzz", token)),
        "GET /users/{id}": (reads, lambda token: call("GET", f"/users/{number}", token)),
        "GET of an unknown id": (reads, lambda token: call("GET", "/users/2147483600", token)),
        "POST /users": (("admin",), lambda token: directory.post(directory.body(), token)),
        "POST of a bad user": (("admin",), lambda token: directory.post({"x": 1}, token)),
        "PATCH /users/{id}": (("admin",), lambda token: directory.patch(number, {}, token)),
        "PATCH of a note": (
            ("admin",),
            lambda token: directory.patch(number, {"note": "changed"}, token),
        ),
        "PATCH of an unknown id": (
            ("admin",),
            lambda token: directory.patch(2147483600, {}, token),
        ),
    }


@pytest.mark.criterion("roles.enforced")
def test_what_each_role_may_do(directory):
    """A 403 for what it may not, before anything else is looked at."""
    directory.clear()
    number = directory.user()
    tokens = {role: directory.signed_in(role)[1] for role in ("member", "viewer", "admin")}
    for what, (roles, send) in every_request(directory, number).items():
        for role in ("member", "viewer", "admin"):
            row, count = directory.row(number), len(directory.rows())
            reply = send(tokens[role])
            if role not in roles:
                require_4xx(reply, f"{what} of a {role}", 403)
                if directory.row(number) != row or len(directory.rows()) != count:
                    reply.fail(f"A {role} has changed something.")
            elif reply.status in (401, 403) or reply.status >= 500:
                reply.fail(f"{what} is for a {role}, too; it was answered {reply.status}.")


@pytest.mark.criterion("roles.enforced")
def test_a_member_is_no_admin_of_itself(directory):
    """Neither its own row nor another role is its to change; it may read /me alone."""
    number, token = directory.signed_in("member")
    row = directory.row(number)
    for body in ({"role": "admin"}, {"note": "x"}, {"name": "x"}):
        require_4xx(directory.patch(number, body, token), "a member's change of itself", 403)
    require_4xx(directory.call("GET", f"/users/{number}", token), "a member's own page", 403)
    assert directory.row(number) == row, "A member has changed its own row."


@pytest.mark.criterion("roles.enforced")
def test_without_a_session_nothing(app, directory, draw):
    """No header, another scheme, tokens that nobody has given out, the hash itself."""
    number, token = directory.signed_in("admin")
    headers = [
        {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": token},
        {"Authorization": f"Basic {token}"}, {"Authorization": f"Bearer {draw.word(30)}"},
        {"Authorization": f"Bearer {hash_of(token)}"}, {"Authorization": f"Bearer {token}x"},
        {"Authorization": f"Bearer {token[:-1]}"}, {"Authorization": f"Bearer {token.upper()}"},
        {"Cookie": f"token={token}"}, {"Authorization": f"Bearer {number}"},
    ]  # fmt: skip
    for one in headers:
        for method, path in (("GET", "/me"), ("GET", "/users"), ("GET", "/users.csv"),
                             ("GET", f"/users/{number}"), ("POST", "/users"),
                             ("PATCH", f"/users/{number}")):  # fmt: skip
            options = {} if method == "GET" else {"json": {}}
            reply = app.request(method, path, headers=one, **options)
            require_4xx(reply, f"{method} {path} without a session that counts", 401)
    directory.get("/me", token).expect(200)


def primed(directory, token, path="/me"):
    """Many at once, so that whoever keeps a session in memory has it there."""
    replies = directory.app.together([lambda: directory.get(path, token)] * PRIMED)
    for reply in replies:
        if reply.status != 200:
            reply.fail(f"This user is active, and was answered with {reply.status}.")


def require_all(directory, token, status, what, path="/me"):
    """Fail unless the next requests, many at once, get that status."""
    for reply in directory.app.together([lambda: directory.get(path, token)] * PRIMED):
        if reply.status != status:
            reply.fail(f"{what} counts from the next request on: {status}, not {reply.status}.")


@pytest.mark.criterion("deactivate.now")
def test_a_deactivation_counts_at_once(directory):
    """By PATCH and in the table, for each session."""
    number = directory.user(role="viewer")
    tokens = [directory.session(number) for _ in range(2)]
    for token in tokens:
        primed(directory, token)
    directory.patch(number, {"active": False}).expect(200)
    for token in tokens:
        require_all(directory, token, 401, "A deactivation by PATCH")
    other = directory.user(role="viewer")
    token = directory.session(other)
    primed(directory, token, "/users?limit=1")
    directory.set(other, active=False)
    require_all(directory, token, 401, "A deactivation in the table", "/users?limit=1")
    directory.set(other, active=True)
    directory.db.write("DELETE FROM sessions WHERE user_id = %s", [other])
    require_all(directory, token, 401, "The end of a session in the table")


@pytest.mark.criterion("deactivate.now")
def test_another_role_counts_at_once(directory):
    """By PATCH and in the table, up and down."""
    number, token = directory.signed_in("admin")
    primed(directory, token, "/users?limit=1")
    directory.patch(number, {"role": "viewer"}).expect(200)
    require_4xx(directory.post(directory.body(), token), "a request of an admin of before", 403)
    require_all(directory, token, 200, "Another role", "/users?limit=1")
    directory.set(number, role="member")
    require_all(directory, token, 403, "Another role", "/users?limit=1")
    directory.set(number, role="admin")
    reply = directory.post(directory.body(), token)
    if reply.status >= 300:
        reply.fail(f"Somebody who is made an admin is one at once, not {reply.status}.")


@pytest.mark.criterion("deactivate.sessions")
def test_old_sessions_stay_ended(directory):
    """After a deactivation by PATCH and an activation; nobody else's end."""
    number = directory.user(role="viewer")
    tokens = [directory.session(number) for _ in range(3)]
    other = directory.signed_in("viewer")[1]
    directory.patch(number, {"note": "x", "role": "member"}).expect(200)
    for token in tokens:
        primed(directory, token)  # another change ends nothing
    directory.patch(number, {"active": False}).expect(200)
    directory.patch(number, {"active": True}).expect(200)
    for token in tokens:
        reply = directory.get("/me", token)
        if reply.status != 401:
            reply.fail(
                "A session of before the deactivation should be over, also for a user who is "
                f"active again: 401, not {reply.status}."
            )
    directory.get("/me", other).expect(200)
    directory.get("/me", directory.session(number)).expect(200)


@pytest.mark.criterion("admin.last")
def test_the_last_active_admin_stays(directory):
    """Neither deactivated nor of another role; who is not active does not count."""
    directory.clear()
    directory.users([{"role": "admin", "active": False}, {"role": "viewer"}])
    row = directory.row(directory.admin)
    for body in ({"active": False}, {"role": "viewer"}, {"role": "member", "active": False},
                 {"active": False, "note": "bye"}):  # fmt: skip
        reply = directory.patch(directory.admin, body)
        require_4xx(reply, "a change that would leave no active admin", 409)
    assert directory.row(directory.admin) == row, "What was refused has changed the admin."
    reply = directory.patch(directory.admin, {"active": True, "role": "admin", "note": ""})
    if reply.status != 200:
        reply.fail(f"The last admin may be changed otherwise: 200, not {reply.status}.")
    second = directory.user(role="admin")
    for body in ({"role": "viewer"}, {"role": "admin"}, {"active": False}):
        reply = directory.patch(second, body)
        if reply.status != 200:
            reply.fail(f"Of two admins one may be changed: 200, not {reply.status}.")


@pytest.mark.criterion("admin.race")
def test_admins_deactivate_each_other(directory, app):
    """All at the same moment, each itself or another one; one of them is left."""
    for turn in range(ROUNDS):
        directory.clear()
        ring = [directory.signed_in("admin") for _ in range(RING)]
        directory.db.write("UPDATE users SET active = FALSE WHERE id = %s", [directory.admin])
        body = {"role": "viewer"} if turn % 3 == 1 else {"active": False}
        targets = [number for number, _ in (ring[1:] + ring[:1] if turn % 2 else ring)]
        calls = [
            lambda token=token, target=target, b=body: directory.patch(target, b, token)
            for target, (_, token) in zip(targets, ring, strict=True)
        ]
        try:
            replies = app.together(calls)
            left = sum(one["role"] == "admin" and one["active"] for one in directory.rows())
        finally:
            directory.db.write("UPDATE users SET active = TRUE WHERE id = %s", [directory.admin])
        for reply in replies:
            if reply.status not in (200, 401, 403, 409):
                reply.fail(
                    "An admin who is deactivated by others at the same moment gets 200, 401, 403 "
                    f"or 409, not {reply.status}."
                )
        if not left:
            replies[-1].fail(
                f"{RING} admins have changed each other at the same moment, and none is left."
            )
