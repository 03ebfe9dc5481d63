"""The articles, which roles are tried on."""

from flask import Blueprint

blueprint = Blueprint("articles", __name__)

# TODO: GET and POST /articles; PUT and DELETE /articles/<id>.
