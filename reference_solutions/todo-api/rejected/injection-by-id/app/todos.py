"""The routes."""

from flask import Blueprint, abort, request, url_for

from . import validation
from .database import connection

blueprint = Blueprint("todos", __name__)

MAX_PAGE = 1_000_000
MAX_PER_PAGE = 100


def to_json(row):
    """A row as it is answered: the dates as ISO 8601, done as true or false."""
    return {
        "id": row["id"],
        "title": row["title"],
        "description": row["description"],
        "done": bool(row["done"]),
        "due_date": row["due_date"].isoformat() if row["due_date"] else None,
        "created_at": row["created_at"].isoformat() + "Z",
    }


def find(todo_id):
    with connection().cursor() as cursor:
        cursor.execute(f"SELECT * FROM todos WHERE id = {todo_id}")
        row = cursor.fetchone()
    if row is None:
        abort(404, "There is no such todo.")
    return row


def literally(text):
    """`text` for LIKE, where %, _ and \\ have a meaning."""
    for sign in "\\%_":
        text = text.replace(sign, "\\" + sign)
    return f"%{text}%"


@blueprint.get("/todos")
def list_todos():
    page = validation.number(request.args, "page", default=1, maximum=MAX_PAGE)
    per_page = validation.number(request.args, "per_page", default=20, maximum=MAX_PER_PAGE)
    done = validation.flag(request.args, "done")
    query = request.args.get("q", "")

    # Only fixed pieces of SQL are put together here; all values are passed as parameters.
    conditions, values = ["TRUE"], []
    if done is not None:
        conditions.append("done = %s")
        values.append(done)
    if query:
        conditions.append("(title LIKE %s OR description LIKE %s)")
        values += [literally(query)] * 2
    where = " AND ".join(conditions)

    with connection().cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) AS total FROM todos WHERE {where}", values)
        total = cursor.fetchone()["total"]
        cursor.execute(
            # The ids grow, so this is the order of creation also within one second.
            f"SELECT * FROM todos WHERE {where} ORDER BY id DESC LIMIT %s OFFSET %s",
            [*values, per_page, (page - 1) * per_page],
        )
        items = [to_json(row) for row in cursor.fetchall()]
    return {"items": items, "page": page, "per_page": per_page, "total": total}


@blueprint.post("/todos")
def create_todo():
    todo = validation.whole_todo(request.get_json())
    with connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO todos (title, description, done, due_date, created_at) "
            "VALUES (%(title)s, %(description)s, %(done)s, %(due_date)s, UTC_TIMESTAMP())",
            todo,
        )
        todo_id = cursor.lastrowid
    connection().commit()
    location = url_for("todos.get_todo", todo_id=todo_id)
    return to_json(find(todo_id)), 201, {"Location": location}


@blueprint.get("/todos/<todo_id>")
def get_todo(todo_id):
    return to_json(find(todo_id))


@blueprint.put("/todos/<int:todo_id>")
def replace_todo(todo_id):
    return save(todo_id, validation.whole_todo(request.get_json()))


@blueprint.patch("/todos/<int:todo_id>")
def change_todo(todo_id):
    return save(todo_id, validation.changes(request.get_json()))


def save(todo_id, changes):
    # These names are safe to put into SQL: validation has refused all but a todo's own fields.
    assignments = ", ".join(f"{name} = %({name})s" for name in changes)
    with connection().cursor() as cursor:
        cursor.execute(
            f"UPDATE todos SET {assignments} WHERE id = %(id)s", changes | {"id": todo_id}
        )
    connection().commit()
    # MySQL's row count does not tell whether the todo exists: it is 0 as well where the UPDATE
    # found nothing to change. Reading it does.
    return to_json(find(todo_id))


@blueprint.delete("/todos/<int:todo_id>")
def delete_todo(todo_id):
    with connection().cursor() as cursor:
        deleted = cursor.execute("DELETE FROM todos WHERE id = %s", [todo_id])
    connection().commit()
    if not deleted:
        abort(404, "There is no such todo.")
    return "", 204
