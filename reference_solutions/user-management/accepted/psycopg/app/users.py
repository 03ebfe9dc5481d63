"""Users: one, a page of them, a new one, a change."""

import re

import psycopg
from flask import Blueprint, abort, g, request, url_for

from . import database, queries, rules, sessions

blueprint = Blueprint("users", __name__)
FIELDS = "id, email, name, role, active, note, created_at"
PARAMETERS = (*queries.FILTERS, "sort", "limit", "offset", "cursor")
TAKEN = "Another user has this e-mail address."


def shown(row):
    names = FIELDS.split(", ")
    return {name: row[name] for name in names} | {"created_at": row["created_at"].isoformat()}


@blueprint.get("/me")
@sessions.for_roles(*rules.ROLES)
def me():
    return shown(g.user)


@blueprint.get("/users")
@sessions.for_roles("viewer", "admin")
def page():
    args = request.args
    queries.only(args, PARAMETERS)
    column, down = queries.sort_of(args)
    limit = queries.number(args, "limit", 1, 100, 20)
    offset = queries.number(args, "offset", 0, 1_000_000, 0)
    found = queries.conditions(args)
    counted, values = queries.where(found)
    if "cursor" in args:
        if "offset" in args:
            abort(400, "A cursor says where the page begins; offset cannot be sent with it.")
        found = [*found, queries.after(args["cursor"], column, down)]
    listed, listed_values = queries.where(found)
    with database.connection() as connection:
        total = connection.execute(f"SELECT count(*) AS n FROM users {counted}", values)
        count = total.fetchone()["n"]
        rows = connection.execute(
            f"SELECT {FIELDS} FROM users {listed} {queries.order(column, down)} LIMIT %s OFFSET %s",
            [*listed_values, limit + 1, offset],
        ).fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    return {
        "items": [shown(row) for row in rows],
        "total": count,
        "next_cursor": queries.cursor_after(rows[-1], column, down) if more else None,
    }


@blueprint.post("/users")
@sessions.for_roles("admin")
def add():
    sent = rules.checked(rules.body(), ("email", "name", "role", "note", "password"))
    for name in ("email", "name"):
        if name not in sent:
            abort(400, f"{name} is missing.")
    row = inserted(sent)
    return shown(row), 201, {"Location": url_for("users.one", number=row["id"])}


def inserted(sent):
    """Insert a user whose fields keep the rules; gives the row."""
    try:
        return database.row(
            "INSERT INTO users (email, name, role, note, password_hash) "
            f"VALUES (%s, %s, %s, %s, %s) RETURNING {FIELDS}",
            sent["email"], sent["name"], sent.get("role", "member"), sent.get("note", ""),
            sessions.password_hash(sent.get("password")),
        )  # fmt: skip
    except psycopg.errors.UniqueViolation:
        abort(409, TAKEN)


def id_of(number):
    """The id that a part of a path is; a 404 where it is none."""
    if not re.fullmatch("[0-9]{1,18}", number):
        abort(404, "There is no such user.")
    return int(number)


@blueprint.get("/users/<number>")
@sessions.for_roles("viewer", "admin")
def one(number):
    row = database.row(f"SELECT {FIELDS} FROM users WHERE id = %s", id_of(number))
    if row is None:
        abort(404, "There is no such user.")
    return shown(row)


@blueprint.patch("/users/<number>")
@sessions.for_roles("admin")
def change(number):
    number = id_of(number)
    sent = rules.checked(rules.body(), tuple(rules.RULES))
    columns = {name: value for name, value in sent.items() if name != "password"}
    if "password" in sent:
        columns["password_hash"] = sessions.password_hash(sent["password"])
    try:
        with database.connection() as connection:
            return shown(changed(connection, number, columns))
    except psycopg.errors.UniqueViolation:
        abort(409, TAKEN)


def changed(connection, number, columns):
    """Change columns of a user; gives the row."""
    if "role" in columns or "active" in columns:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [database.ADMINS_LOCK])
    sql = f"SELECT {FIELDS} FROM users WHERE id = %s FOR UPDATE"
    row = connection.execute(sql, [number]).fetchone()
    if row is None:
        abort(404, "There is no such user.")
    if is_active_admin(row) and not is_active_admin(row | columns):
        require_another_admin(connection, number)
    if columns:
        assigned = ", ".join(f"{name} = %s" for name in columns)
        row = connection.execute(
            f"UPDATE users SET {assigned} WHERE id = %s RETURNING {FIELDS}",
            [*columns.values(), number],
        ).fetchone()
    if columns.get("active") is False:
        connection.execute("DELETE FROM sessions WHERE user_id = %s", [number])
    return row


def is_active_admin(row):
    return row["role"] == "admin" and row["active"]


def require_another_admin(connection, number):
    found = connection.execute(
        "SELECT 1 FROM users WHERE role = 'admin' AND active AND id <> %s LIMIT 1", [number]
    ).fetchone()
    if found is None:
        abort(409, "Somebody has to stay an active admin.")
