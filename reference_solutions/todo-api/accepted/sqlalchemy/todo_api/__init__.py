"""A JSON API for todos."""

from flask import Flask

from .config import from_environment
from .errors import register_errors
from .health import health
from .models import create_tables, db
from .todos import todos


def create_app(config=None):
    """Make the app, with `config` (for tests) or with what the environment says."""
    app = Flask(__name__)
    app.config.update(config or from_environment())
    db.init_app(app)
    register_errors(app)
    app.register_blueprint(health)
    app.register_blueprint(todos, url_prefix="/todos")
    with app.app_context():
        create_tables()
    return app
