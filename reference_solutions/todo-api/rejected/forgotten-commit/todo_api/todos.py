"""The routes below /todos."""

from flask import Blueprint, request, url_for
from sqlalchemy import or_

from .models import Todo, db
from .validation import checked_fields, true_or_false, whole_number

todos = Blueprint("todos", __name__)

DEFAULTS = {"description": "", "done": False, "due_date": None}


def get_or_404(todo_id):
    return db.get_or_404(Todo, todo_id, description="There is no todo with this id.")


@todos.get("")
def index():
    page = whole_number(request.args.get("page", "1"), highest=1_000_000)
    per_page = whole_number(request.args.get("per_page", "20"), highest=100)

    query = db.select(Todo).order_by(Todo.id.desc())
    if "done" in request.args:
        query = query.where(Todo.done.is_(true_or_false(request.args["done"])))
    if text := request.args.get("q"):
        # autoescape: % and _ in the text are ordinary characters.
        in_title = Todo.title.contains(text, autoescape=True)
        in_description = Todo.description.contains(text, autoescape=True)
        query = query.where(or_(in_title, in_description))

    found = db.paginate(query, page=page, per_page=per_page, error_out=False)
    return {
        "items": [todo.as_dict() for todo in found.items],
        "page": page,
        "per_page": per_page,
        "total": found.total,
    }


@todos.post("")
def create():
    todo = Todo(**checked_fields(request.get_json(), required=["title"]))
    db.session.add(todo)
    db.session.flush()
    return todo.as_dict(), 201, {"Location": url_for(".show", todo_id=todo.id)}


@todos.get("/<int:todo_id>")
def show(todo_id):
    return get_or_404(todo_id).as_dict()


@todos.put("/<int:todo_id>")
def replace(todo_id):
    return update(todo_id, DEFAULTS | checked_fields(request.get_json(), required=["title"]))


@todos.patch("/<int:todo_id>")
def change(todo_id):
    return update(todo_id, checked_fields(request.get_json()))


def update(todo_id, values):
    todo = get_or_404(todo_id)
    for name, value in values.items():
        setattr(todo, name, value)
    db.session.commit()
    return todo.as_dict()


@todos.delete("/<int:todo_id>")
def delete(todo_id):
    todo = get_or_404(todo_id)
    db.session.delete(todo)
    db.session.commit()
    return "", 204
