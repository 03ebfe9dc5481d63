"""The user directory: the beginning of it."""

import sys

from flask import Flask


def create_app():
    app = Flask(__name__)

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.cli.command("create-admin")
    def create_admin():
        sys.exit("Nobody has written this yet.")

    # The rest is yours: the tables, the sessions, the users, the export.
    return app
