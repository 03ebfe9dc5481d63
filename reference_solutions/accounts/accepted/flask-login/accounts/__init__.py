"""Accounts with private notes."""

import os

from flask import Flask, render_template
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from sqlalchemy import URL
from werkzeug.exceptions import HTTPException

from .models import User, db, prepare
from .views import admin, users

login_manager = LoginManager()
login_manager.login_view = "users.login"
login_manager.login_message = None


@login_manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


def failed(error):
    return render_template("error.html", error=error), error.code


def create_app():
    env = os.environ
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=env["SECRET_KEY"],
        SESSION_COOKIE_SAMESITE="Strict",
        REMEMBER_COOKIE_SAMESITE="Strict",
        ADMIN_USERNAME=env["ADMIN_USERNAME"],
        ADMIN_PASSWORD=env["ADMIN_PASSWORD"],
        SQLALCHEMY_DATABASE_URI=URL.create(
            "mysql+pymysql", username=env["DB_USER"], password=env["DB_PASSWORD"],
            host=env["DB_HOST"], port=int(env["DB_PORT"]), database=env["DB_NAME"],
            query={"charset": "utf8mb4"},
        ),
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True},
    )
    app.logger.setLevel("INFO")
    db.init_app(app)
    CSRFProtect(app)
    login_manager.init_app(app)
    app.register_blueprint(users)
    app.register_blueprint(admin)
    app.register_error_handler(HTTPException, failed)
    with app.app_context():
        prepare(app)
    return app
