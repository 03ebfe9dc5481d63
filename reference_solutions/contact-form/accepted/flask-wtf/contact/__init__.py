"""The contact page and its inbox."""

import os

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin
from flask_wtf import CSRFProtect
from sqlalchemy import URL
from werkzeug.middleware.proxy_fix import ProxyFix

from .models import db, prepare
from .views import chosen_theme, pages

login_manager = LoginManager()
login_manager.login_view = "pages.login"
login_manager.login_message = None


class Clerk(UserMixin):
    id = "clerk"


class Sessions(SecureCookieSessionInterface):
    def get_cookie_secure(self, app):
        return request.is_secure


@login_manager.user_loader
def load_user(user_id):
    return Clerk() if user_id == Clerk.id else None


def create_app():
    env = os.environ
    app = Flask(__name__)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)
    app.session_interface = Sessions()
    app.config.update(
        SECRET_KEY=env["SECRET_KEY"],
        SESSION_COOKIE_SAMESITE="Lax",
        SUBJECTS=env["SUBJECTS"].split("|"),
        CLERK_USERNAME=env["CLERK_USERNAME"],
        CLERK_PASSWORD=env["CLERK_PASSWORD"],
        SQLALCHEMY_DATABASE_URI=URL.create(
            "mysql+pymysql", username=env["DB_USER"], password=env["DB_PASSWORD"],
            host=env["DB_HOST"], port=int(env["DB_PORT"]), database=env["DB_NAME"],
            query={"charset": "utf8mb4"},
        ),
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True},
    )
    app.clerk = Clerk()
    db.init_app(app)
    CSRFProtect(app)
    login_manager.init_app(app)
    app.register_blueprint(pages)
    app.context_processor(lambda: {"theme": chosen_theme()})
    with app.app_context():
        prepare()
    return app
