"""The app."""

import os

from flask import Flask
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

import store
from models import db
from views import views

app = Flask(__name__)
app.config["BACKUP_TOKEN"] = os.environ["BACKUP_TOKEN"]
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['DATABASE_PATH']}"
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = store.options()
db.init_app(app)
app.register_blueprint(views)


@app.errorhandler(HTTPException)
def refused(error):
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(allowed)} if allowed else {}
    return {"error": error.description}, error.code, headers


@app.errorhandler(DBAPIError)
def unavailable(error):
    db.session.rollback()
    app.logger.error("SQLite: %s", error.orig)
    return {"error": "The notes cannot be saved now. Try again later."}, 503


with app.app_context():
    store.prepare(db.engine)
    try:
        db.create_all()
    except DBAPIError as error:
        app.logger.warning("No tables could be made: %s", error.orig)
