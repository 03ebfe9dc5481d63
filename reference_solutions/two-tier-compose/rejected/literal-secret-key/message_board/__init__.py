"""A message board over MySQL."""

import os

from flask import Flask

from .api import api
from .errors import register_errors
from .models import create_tables, db
from .views import views


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "b0ard-0f-messages"
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        # Look whether a pooled connection is still alive before it is used.
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 2, "read_timeout": 3, "write_timeout": 3},
    }
    if not app.config["SECRET_KEY"]:
        raise RuntimeError("SECRET_KEY is empty")

    db.init_app(app)
    register_errors(app)
    app.register_blueprint(views)
    app.register_blueprint(api, url_prefix="/api/messages")
    with app.app_context():
        create_tables()
    return app
