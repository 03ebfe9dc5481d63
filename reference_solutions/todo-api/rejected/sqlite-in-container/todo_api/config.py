"""Configuration comes from the environment, and has no defaults for secrets."""

import os


def from_environment():
    return {
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "SQLALCHEMY_DATABASE_URI": "sqlite:////tmp/todos.db",
    }
