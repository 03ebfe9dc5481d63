"""Users who are added, read and changed, and what is refused."""

from urllib.parse import quote

import pytest
from answers import require_4xx, require_user

TYPED = {"Content-Type": "application/json"}
ROUNDS = 4
ACTORS = 8


@pytest.mark.criterion("contract.routes")
def test_every_route_is_there(app, directory):
    """None is a 404 or a 405 to an admin, and POST answers 201 with Location."""
    number = directory.user()
    for method, path in (
        ("GET", "/me"), ("GET", "/users"), ("GET", "/users.csv"), ("GET", f"/users/{number}"),
        ("PATCH", f"/users/{number}"),
    ):  # fmt: skip
        reply = directory.call(method, path, json={} if method == "PATCH" else None)
        if reply.status in {404, 405, 501}:
            reply.fail(f"{method} {path} is not there: it answered {reply.status}.")
    reply = app.post("/login", json={})
    if reply.status in {404, 405, 501}:
        reply.fail(f"POST /login is not there: it answered {reply.status}.")
    body = directory.body()
    reply = directory.post(body).expect(201)
    place = reply.headers.get("Location", "")
    if not place or app.path_of(place) is None:
        reply.fail("Location should be the path of the new user, or its full URL.")
    for owner in directory.owners(body["email"]):  # whether there is one is for create.works
        found = directory.get(app.path_of(place)).expect(200).json(dict)
        if found.get("id") != owner:
            reply.fail(f"Location should lead to the new user, whose id is {owner}.")


@pytest.mark.criterion("create.works")
def test_a_user_is_added(directory, draw):
    """With all fields and with the two that are required; in the table, and by id."""
    bodies = (
        directory.body(),
        directory.body(
            role="viewer", note=f"{draw.sentence()}\n{draw.unicode()}", password=draw.word(14),
            email=f"{draw.word(6).title()}.{draw.word(3)}_+-@{draw.word(5).title()}.Example.org",
        ),
        directory.body(role="admin", password=None, note=""),
    )  # fmt: skip
    for body in bodies:
        reply = directory.post(body)
        if not 200 <= reply.status < 300:
            reply.fail(f"This user keeps all rules, and was answered with {reply.status}.")
        found = reply.json(dict)
        owners = directory.owners(body["email"])
        if len(owners) != 1:
            reply.fail(f"The table users should have one row of this user; it has {len(owners)}.")
        row = directory.row(owners[0])
        require_user(reply, found, row)
        wanted = {"role": "member", "note": "", "active": True} | body
        for name in ("email", "name", "role", "note", "active"):
            if row[name] != wanted[name]:
                reply.fail(f"`{name}` should be in the table as it was sent, or as its default.")
        read = directory.get(f"/users/{owners[0]}").expect(200)
        require_user(read, read.json(dict), row)
        if (directory.hash(owners[0]) is None) != (body.get("password") is None):
            reply.fail("password_hash should be NULL for a user without a password, and else not.")


@pytest.mark.criterion("create.works")
def test_what_the_rules_allow(directory, draw):
    """The longest texts, the shortest ones, and texts with signs of all kinds."""
    local, domain = draw.word(40), f"{draw.word(30)}.{draw.word(4)}-9.io"
    longest = f"{local}@{domain}"
    longest = f"{draw.word(100 - len(longest))}{longest}"
    bodies = [
        directory.body(email=longest, name="🐍" * 100, note="ж" * 20_000, password="p" * 200),
        directory.body(email=f"{draw.choice('abc')}{draw.integer(1, 999)}@b.c", name="x"),
        directory.body(password="ü" * 10),
        directory.body(email=f".{draw.word(4)}-@-{draw.word(3)}.9"),
    ]
    bodies += [directory.body(name=text, note=text) for text, _ in draw.edge_texts(100)]
    for body in bodies:
        reply = directory.post(body)
        if not 200 <= reply.status < 300:
            reply.fail(f"This user keeps all rules, and was answered with {reply.status}.")
        owners = directory.owners(body["email"])
        row = directory.row(owners[0]) if owners else {}
        for name in ("email", "name", "note"):
            if name in body and (row or {}).get(name) != body[name]:
                reply.fail(f"`{name}` should stand in the table as it was sent.")
        found = directory.get(f"/users/{owners[0]}").expect(200)
        require_user(found, found.json(dict), row)


@pytest.mark.criterion("create.works")
def test_a_user_is_read_as_it_is_now(directory, draw):
    """Changed by somebody else, and inactive; unknown ids are a 404."""
    number = directory.user(note=draw.sentence())
    for columns in ({}, {"name": draw.unicode()}, {"active": False}, {"role": "viewer"}):
        directory.set(number, **columns)
        reply = directory.get(f"/users/{number}").expect(200)
        require_user(reply, reply.json(dict), directory.row(number))
    for value, why in draw.bad_ids(number):
        if len(value) < 12:  # the longest are another criterion's
            reply = directory.get(f"/users/{quote(value, safe='')}")
            require_4xx(reply, f"an id that is {why}", 404)


def wrong_fields(draw):
    """Pairs of a field and a value that breaks its rule."""
    word = draw.word(6)
    emails = ("", word, f"{word}@", f"@{word}.org", f"{word}@{word}", f"{word} x@a.org",
              f"{word}@a.org\n", f"{word}@a..org", f"{word}@a.org.", f"ä{word}@a.org",
              f"{word}@ä.org", f"{word}@@a.org", f"{word}@a_b.org", f"<{word}@a.org>",
              f"{word}@a.org{'x' * 90}", f" {word}@a.org", None, 5, True, [], {})  # fmt: skip
    return [
        *(("email", value) for value in emails),
        *(("name", value) for value in ("", " ", "\t\n", "\u3000", "x" * 101, None, 5, [], {})),
        *(("role", value) for value in ("", "Admin", "owner", "admin ", None, 5, ["admin"], {})),
        *(("note", value) for value in ("x" * 20_001, None, 5, [], False)),
        *(("password", value) for value in ("", "x" * 9, "x" * 201, 1234567890, [], True)),
        *(("active", value) for value in ("true", 1, 0, None, "", [])),
        *((name, "x") for name in (word, "password_hash", "Name")),
        ("id", 5),
        ("created_at", "2026-01-01T00:00:00Z"),
    ]


@pytest.mark.criterion("valid.fields")
def test_new_users_keep_the_rules(directory, draw):
    """Each field with what it may not be, and each that is missing."""
    before = len(directory.rows())
    for name, value in [*wrong_fields(draw), ("active", True), ("active", False)]:
        body = directory.body(**{name: value})
        require_4xx(directory.post(body), f"a user with {name} set to {value!r:.40}", 400)
    for name in ("email", "name"):
        body = directory.body()
        del body[name]
        require_4xx(directory.post(body), f"a user without {name}", 400)
    assert len(directory.rows()) == before, "Some of what was refused has made a user."


@pytest.mark.criterion("valid.fields")
def test_changes_keep_the_same_rules(directory, draw):
    """Also next to a field that is right, which is not changed then."""
    number = directory.user(note=draw.word(5))
    row, kept = directory.row(number), directory.hash(number)
    for name, value in wrong_fields(draw):
        for more in ({}, {"note" if name != "note" else "name": draw.word(7)}):
            reply = directory.patch(number, more | {name: value})
            require_4xx(reply, f"a change with {name} set to {value!r:.40}", 400)
    assert directory.row(number) == row, "What was refused has changed the user."
    assert directory.hash(number) == kept, "What was refused has changed the password."


@pytest.mark.criterion("valid.malformed")
def test_bodies_that_are_none(app, directory, draw):
    """No JSON, JSON of another kind, texts that neither UTF-8 nor PostgreSQL can hold."""
    number = directory.user()
    row = directory.row(number)
    bodies = [b"", b"{", b"[]", b"null", b"5", b'"x"', b"\xff\xfe{}", b"[{}]", b'{"email"']
    bodies += [
        b'{"email": "%s", "name": "%s", "note": "%s"}' % (email, name, note)
        for email, name, note in (
            (b"a\\u0000@a.org", b"x", b""), (b"%s@a.org", b"x\\u0000y", b""),
            (b"%s@a.org", b"x", b"\\u0000"), (b"%s@a.org", b"\\ud83d", b""),
            (b"%s@a.org", b"x", b"\\ude00x"),
        )
    ]  # fmt: skip
    for body in [one.replace(b"%s", draw.word(8).encode()) for one in bodies]:
        for method, path in (("POST", "/users"), ("PATCH", f"/users/{number}")):
            reply = directory.call(method, path, body=body, headers=TYPED)
            require_4xx(reply, f"{method} with the body {body[:60]!r}", 400)
    for body in (*bodies[:9], b'{"email": "a\\u0000", "password": "x\\u0000"}',
                 b'{"email": "a@a.org", "password": "\\ud83d"}',
                 b'{"email": ["a"], "password": {}}'):  # fmt: skip
        reply = app.request("POST", "/login", body=body, headers=TYPED)
        require_4xx(reply, f"a log-in with {body[:40]!r}", 400, 401)
    for secret in ("x" * 12 + "\0", "\0" * 12):
        reply = directory.post(directory.body(password=secret))
        require_4xx(reply, "a password with NUL", 400)
    assert directory.row(number) == row, "What was refused has changed the user."


@pytest.mark.criterion("valid.malformed")
def test_addresses_that_are_strange(app, directory, draw):
    """NUL, bytes that are no UTF-8, very large numbers."""
    for path in ("/users", "/users.csv"):
        require_4xx(directory.get(path, q="a\0b"), "a q with NUL", 400)
        require_4xx(directory.get(path, role="\0"), "a role that is NUL", 400)
        reply = directory.call("GET", f"{path}?q=%ff%fe")
        if reply.status >= 500:
            reply.fail(f"A q that is no UTF-8 should be no {reply.status}.")
    require_4xx(directory.get("/users", offset="9" * 30), "an offset of 30 digits", 400)
    for value in ("9" * 30, "9" * 19, str(2**63), "\0", "1\0", "%", "🐍", draw.text(2000)):
        for method in ("GET", "PATCH"):
            options = {"json": {}} if method == "PATCH" else {}
            reply = directory.call(method, f"/users/{quote(value, safe='')}", **options)
            require_4xx(reply, f"the id {value[:30]!r}", 404, 400)
    for token in ("x" * 5000, "é".encode().decode("latin-1"), "\x7f", "'", " "):
        reply = app.get("/me", headers={"Authorization": f"Bearer {token}"})
        require_4xx(reply, "a token that is none")


@pytest.mark.criterion("patch.works")
def test_only_what_is_sent_changes(directory, draw):
    """Each field alone, several together, and none."""
    number = directory.user(role="viewer", note=draw.word(9))
    changes = (
        {"password": draw.word(12)}, {"name": draw.unicode()},
        {"email": directory.email()}, {"note": draw.sentence()},
        {"role": "member"}, {"active": False}, {}, {"active": True, "role": "admin"}, {"note": ""},
        {"password": draw.word(15)}, {"name": draw.name(), "note": "x", "email": directory.email()},
        {"password": None},
    )  # fmt: skip
    for change in changes:
        before, kept = directory.row(number), directory.hash(number)
        reply = directory.patch(number, change).expect(200)
        row, now = directory.row(number), directory.hash(number)
        require_user(reply, reply.json(dict), row)
        sent = {name: value for name, value in change.items() if name != "password"}
        if row != before | sent:
            reply.fail("PATCH should change the fields that are sent, and leave the others.")
        if (now != kept) != ("password" in change):
            reply.fail("password_hash should change where a password is sent, and only then.")
        if "password" in change and (now is None) != (change["password"] is None):
            reply.fail("password_hash should be NULL where the password is null, and else not.")
    require_4xx(directory.patch(2_147_483_600, {"note": "x"}), "the id of no user", 404)


@pytest.mark.criterion("email.taken")
def test_an_address_is_taken_whatever_its_case(directory, draw):
    """By POST and PATCH, of users who were added here or elsewhere, active or not."""
    there = f"{draw.word(6).title()}@{draw.word(6).title()}.Example"
    owner = directory.user(email=there, active=False)
    mine = directory.email()
    added = directory.added(email=mine)
    before = len(directory.rows())
    for email in (there, there.lower(), there.upper(), mine, mine.title(), mine.swapcase()):
        require_4xx(directory.post(directory.body(email=email)), "an address that is taken", 409)
    for number, email in ((added, there), (added, there.upper()), (owner, mine.upper())):
        reply = directory.patch(number, {"email": email, "note": "x"})
        require_4xx(reply, "a change to an address that is taken", 409)
        if directory.row(number)["note"] == "x":
            reply.fail("A change that is refused changes nothing.")
    assert len(directory.rows()) == before, "An address that is taken has made a user."


@pytest.mark.criterion("email.taken")
def test_an_own_address_may_change_its_case(directory):
    """It is nobody else's; and one that was given up is free."""
    old = directory.email()
    number = directory.added(email=old)
    for email in (old, old.upper(), old.title()):
        reply = directory.patch(number, {"email": email})
        if reply.status != 200 or directory.row(number)["email"] != email:
            reply.fail(
                "A user may keep the address, and change its case: 200, and it stands in the table "
                f"as it was sent. This was {reply.status}."
            )
    directory.patch(number, {"email": directory.email()}).expect(200)
    directory.added(email=old.title())


@pytest.mark.criterion("email.race")
def test_one_of_many_gets_an_address(app, directory):
    """POST at the same moment, each in a case of its own."""
    for _ in range(ROUNDS):
        email = directory.email()
        cases = [email, email.upper(), email.title(), email.swapcase()] * (ACTORS // 4)
        bodies = [directory.body(email=one) for one in cases]
        replies = app.together([lambda b=body: directory.post(b) for body in bodies])
        for reply in replies:
            if reply.status not in (200, 201, 409):
                reply.fail(f"Of {ACTORS} at once each should get 201 or 409, not {reply.status}.")
        made, owners = sum(one.status < 300 for one in replies), directory.owners(email)
        if made != 1 or len(owners) != 1:
            replies[-1].fail(
                f"Of {ACTORS} who asked for one address at the same moment {made} got 201, and "
                f"{len(owners)} users have it; it should be one."
            )


@pytest.mark.criterion("email.race")
def test_one_of_many_changes_to_an_address(app, directory):
    """PATCH of different users at the same moment."""
    for _ in range(ROUNDS):
        ids, email = directory.users([{} for _ in range(ACTORS)]), directory.email()
        cases = [email, email.upper()] * (ACTORS // 2)
        calls = [
            lambda n=number, e=case: directory.patch(n, {"email": e})
            for number, case in zip(ids, cases, strict=True)
        ]
        replies = app.together(calls)
        for reply in replies:
            if reply.status not in (200, 409):
                reply.fail(f"Of {ACTORS} at once each should get 200 or 409, not {reply.status}.")
        owners = directory.owners(email)
        if len(owners) != 1 or sum(one.status == 200 for one in replies) != 1:
            replies[-1].fail(
                f"After {ACTORS} changes to one address at the same moment {len(owners)} users "
                "have it; it should be one."
            )
