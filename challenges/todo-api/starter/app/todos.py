"""The routes."""

from flask import Blueprint

blueprint = Blueprint("todos", __name__)

# TODO: GET and POST /todos; GET, PUT, PATCH and DELETE /todos/<int:todo_id>.
#
# @blueprint.post("/todos")
# def create_todo():
#     data = request.get_json()
#     …
#     return todo, 201, {"Location": url_for("todos.get_todo", todo_id=todo["id"])}
