"""The command, PostgreSQL, errors, and what is still there in a new container."""

import pytest
from answers import require_4xx, require_user

COMMAND = ["create-admin"]
WITHIN = 30


def create_admin(app, email=None, password=None, **more):
    """What `create-admin` did with these variables; one that is None is left out."""
    given = {"ADMIN_EMAIL": email, "ADMIN_PASSWORD": password} | more
    environment = {name: value for name, value in given.items() if value is not None}
    return app.run(COMMAND, within=WITHIN, environment=environment)


@pytest.mark.criterion("command.creates")
def test_it_adds_an_admin(app, directory, draw):
    """Who is in the table, may log in, and is nobody else."""
    email, password = directory.email().title(), f"{draw.word(9)} {draw.word(9)}"
    before = len(directory.rows())
    ran = create_admin(app, email, password).expect(0)
    owners = directory.owners(email)
    if len(owners) != 1 or len(directory.rows()) != before + 1:
        ran.fail(f"It should have added one user; there are {len(owners)} with this address.")
    row = directory.row(owners[0])
    if (row["email"], row["role"], row["active"]) != (email, "admin", True):
        ran.fail("It should add an active admin with the address as it was given.")
    if password in ran.output + ran.errors:
        ran.fail("It prints the password.")
    reply = directory.log_in(email, password)
    if reply.status != 200 and can_log_in(directory, draw):
        reply.fail(f"The new admin should be able to log in: 200, not {reply.status}.")


def can_log_in(directory, draw):
    """Whether a log-in works for others; that has a criterion of its own."""
    email, password = directory.email(), draw.word(12)
    directory.added(email=email, password=password)
    return directory.log_in(email, password).status == 200


@pytest.mark.criterion("command.creates")
def test_a_start_adds_nobody(app, directory):
    """To a table that is empty."""
    directory.shared["holds"] = ""
    directory.db.write("DELETE FROM sessions")
    directory.db.write("DELETE FROM users")
    app.recreate()
    found = len(directory.rows())
    assert not found, (
        f"With an empty table users, a start of the app has added {found}: an admin whose password "
        "stands in the code is everybody's."
    )


@pytest.mark.criterion("command.refused")
def test_it_changes_nothing_where_it_cannot(app, directory, draw):
    """An address that is taken, a variable that is missing or breaks a rule."""
    taken, password = directory.email(), draw.word(14)
    directory.user(email=taken)
    rows = directory.rows()
    kept = directory.hash(directory.owners(taken)[0])
    for what, email, secret in (
        ("an address that is taken", taken.upper(), password),
        ("no ADMIN_PASSWORD", directory.email(), None),
        ("no ADMIN_EMAIL", None, password),
        ("a password of nine characters", directory.email(), draw.word(9)),
        ("an address that is none", draw.word(9), password),
    ):
        ran = create_admin(app, email, secret)
        if ran.exit_code == 0:
            ran.fail(f"With {what} it should end with another exit code than 0.")
        if directory.rows() != rows:
            ran.fail(f"With {what} it should change nothing in the table users.")
        if not (ran.output + ran.errors).strip():
            ran.fail(f"With {what} it should say why it ends.")
    assert directory.hash(directory.owners(taken)[0]) == kept, "It has changed a password."


@pytest.mark.criterion("db.sslmode")
def test_the_mode_comes_from_the_environment(app, directory, draw):
    """The exam's server has no TLS: `require` fails, `disable` and `prefer` do not."""
    refused, disabled, preferred = (directory.email() for _ in range(3))
    ran = create_admin(app, refused, draw.word(14), DB_SSLMODE="require")
    if ran.exit_code == 0 or directory.owners(refused):
        ran.fail(
            "PostgreSQL has no TLS here, so that with DB_SSLMODE=require the connection fails and "
            "nobody is added; it ended with exit code "
            f"{ran.exit_code} and added {len(directory.owners(refused))}."
        )
    for email, mode in ((disabled, "disable"), (preferred, "prefer")):
        ran = create_admin(app, email, draw.word(14), DB_SSLMODE=mode)
        if ran.exit_code or len(directory.owners(email)) != 1:
            ran.fail(f"With DB_SSLMODE={mode} it connects without TLS, and adds the admin.")


@pytest.mark.criterion("db.reconnects")
def test_a_connection_that_was_closed_is_no_error(app, directory, db):
    """PostgreSQL ends all of the app's, one after another request and several at once."""
    number = directory.user()
    try:
        for _ in range(2):
            app.together([lambda: directory.get("/me")] * 8)
            db.disconnect()
            require_answered([directory.patch(number, {"note": directory.draw.word(5)})])
            app.together([lambda: directory.get("/me")] * 8)
            db.disconnect()
            require_answered(app.together([lambda: directory.get("/users", limit=2)] * 8))
    except AssertionError:  # it may never find back, which is to cost nothing else
        app.restart()
        raise


def require_answered(replies):
    """Fail unless all went well after connections were closed."""
    for reply in replies:
        if reply.status != 200:
            reply.fail(
                "PostgreSQL has closed the app's connections, as it does when it is restarted; a "
                f"request after that was answered with {reply.status}."
            )


@pytest.mark.criterion("errors.json")
def test_every_error_is_an_object(app, directory, draw):
    """Of every status, of routes, of unknown addresses and methods."""
    taken = directory.email()
    number = directory.user(email=taken)
    member = directory.signed_in("member")[1]
    errors = {
        "a bad limit": (directory.get("/users", limit="x"), 400),
        "an export with a bad role": (directory.get("/users.csv", role="x"), 400),
        "a bad user": (directory.post({"email": "x"}), 400),
        "no JSON": (directory.call("POST", "/users", body=b"{", headers={
            "Content-Type": "application/json"}), 400),
        "no session": (app.get("/users"), 401),
        "a wrong log-in": (directory.log_in(directory.email(), draw.word(12)), 401),
        "a member": (directory.get("/users", member), 403),
        "a member who exports": (directory.get("/users.csv", member), 403),
        "an unknown user": (directory.get("/users/2147483600"), 404),
        "an id that is no number": (directory.get(f"/users/{draw.word(6)}"), 404),
        "an unknown address": (directory.get(f"/{draw.word(6)}/{draw.word(4)}"), 404),
        "another method": (directory.call("DELETE", f"/users/{number}"), 405),
        "another method of the list": (directory.call("PUT", "/users", json={}), 405),
        "another method of the log-in": (directory.get("/login"), 405),
        "an address that is taken": (directory.post(directory.body(email=taken)), 409),
    }  # fmt: skip
    for what, (reply, status) in errors.items():
        if not 400 <= reply.status < 500:
            reply.fail(f"It was {what}, which should be a {status}, not {reply.status}.")
        if what.startswith("another") and reply.status != 405:
            reply.fail(f"It was {what}, which should be a 405, not {reply.status}.")
        said = reply.json(dict).get("error")
        if not isinstance(said, str) or not said.strip():
            reply.fail(f"It was {what}; the error should have a text `error`.")


@pytest.mark.criterion("users.persist")
def test_all_is_there_in_a_new_container(app, directory, draw):
    """Users, their sessions and passwords; and it goes on from there."""
    email, password = directory.email(), draw.word(13)
    number = directory.added(email=email, role="viewer", password=password, note=draw.unicode())
    token = directory.session(number)
    rows, known = directory.rows(), directory.log_in(email, password).status
    app.recreate()
    assert directory.rows() == rows, "A new container of the app has changed the table users."
    reply = directory.get("/me", token).expect(200)
    require_user(reply, reply.json(dict), directory.row(number))
    reply = directory.log_in(email, password)
    if reply.status != known:
        reply.fail(f"In a new container a log-in is answered {reply.status}, and was {known}.")
    directory.added()
    require_4xx(directory.post(directory.body(email=email)), "an address that is taken", 409)
