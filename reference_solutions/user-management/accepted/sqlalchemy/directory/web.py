"""The app: routes, errors, the command."""

import os
import sys

from flask import Flask, g, request
from sqlalchemy import URL, func, select
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, abort

from . import fields, lists, people, sheet
from .fields import Wrong
from .models import User, db

LISTED = lists.FOUND_BY | {"sort", "limit", "offset", "cursor"}


def database_url():
    env = os.environ
    return URL.create(
        "postgresql+psycopg",
        username=env["DB_USER"],
        password=env["DB_PASSWORD"],
        host=env["DB_HOST"],
        port=int(env["DB_PORT"]),
        database=env["DB_NAME"],
        query={"sslmode": env["DB_SSLMODE"], "connect_timeout": "4"},
    )


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url()
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": 10, "max_overflow": 4, "pool_timeout": 4, "pool_pre_ping": True,
    }  # fmt: skip
    app.config["MAX_CONTENT_LENGTH"] = 2**20
    db.init_app(app)
    app.register_error_handler(
        HTTPException, lambda error: refused(error.code, error.description, error)
    )
    app.register_error_handler(Wrong, lambda error: refused(400, str(error)))
    app.register_error_handler(IntegrityError, taken)
    add_routes(app)
    app.cli.command("create-admin")(create_admin)
    if sys.argv[-1] != "create-admin":
        with app.app_context():
            db.create_all()
    return app


def refused(code, sentence, error=None):
    headers = [one for one in (error.get_headers() if error else ()) if one[0] == "Allow"]
    return {"error": sentence or "That did not work."}, code, headers


def taken(_error):
    db.session.rollback()
    return refused(409, "This address belongs to somebody else.")


def create_admin():
    """Add the first admin, from ADMIN_EMAIL and ADMIN_PASSWORD."""
    try:
        db.create_all()
        email = fields.email(os.environ.get("ADMIN_EMAIL"))
        password = fields.text(os.environ.get("ADMIN_PASSWORD"), "ADMIN_PASSWORD", 10, 200)
        user = User(email=email, name="Administrator", role="admin")
        user.password_hash = people.HASHER.hash(password)
        db.session.add(user)
        db.session.commit()
    except IntegrityError:
        sys.exit("This address belongs to somebody else.")
    except Wrong as wrong:
        sys.exit(str(wrong))
    except SQLAlchemyError as error:
        sys.exit(f"PostgreSQL does not take it: {getattr(error, 'orig', error)}")
    print("The admin can log in now.")


def find(number):
    user = db.session.get(User, int(number)) if number.isascii() and is_id(number) else None
    return user or abort(404, "There is no such user.")


def is_id(number):
    return number.isdigit() and len(number) < 19


def page():
    args = request.args
    lists.known_only(args, LISTED)
    order, found = lists.Order.of(args), lists.filters(args)
    limit = lists.whole(args, "limit", 1, 100, 20)
    offset = lists.whole(args, "offset", 0, 1_000_000, 0)
    if "cursor" in args and "offset" in args:
        raise Wrong("Send a cursor or an offset.")
    total = db.session.scalar(select(func.count()).select_from(User).where(*found))
    query = select(User).where(*found)
    if "cursor" in args:
        query = query.where(order.behind(args["cursor"]))
    users = list(db.session.scalars(query.order_by(*order.by()).offset(offset).limit(limit + 1)))
    cursor = order.cursor(users[limit - 1]) if len(users) > limit else None
    items = [user.told() for user in users[:limit]]
    return {"items": items, "total": total, "next_cursor": cursor}


def add():
    values = fields.read(request.get_json(silent=True), fields.NEW)
    if not {"email", "name"} <= values.keys():
        raise Wrong("A user needs an email and a name.")
    password = values.pop("password", None)
    user = User(**values)
    user.password_hash = None if password is None else people.HASHER.hash(password)
    db.session.add(user)
    db.session.commit()
    return user.told(), 201, {"Location": f"/users/{user.id}"}


def change(number):
    number = find(number).id
    values = fields.read(request.get_json(silent=True), fields.CHANGE)
    return people.change(number, values).told()


def log_in():
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    email = fields.text(body.get("email"), "email")
    password = fields.text(body.get("password"), "password")
    user = people.whose(email)
    if not people.is_password(user, password) or not user.active:
        abort(401, "Nobody who is active has this address and this password.")
    return {"token": people.new_session(user)}


def export():
    lists.known_only(request.args, lists.FOUND_BY)
    return sheet.response(lists.filters(request.args))


def add_routes(app):
    reads, every = people.only("viewer", "admin"), people.only("member", "viewer", "admin")
    writes = people.only("admin")
    app.add_url_rule("/health", "health", lambda: {"up": True})
    app.add_url_rule("/login", "log_in", log_in, methods=["POST"])
    app.add_url_rule("/me", "me", every(lambda: g.user.told()))
    app.add_url_rule("/users", "page", reads(page))
    app.add_url_rule("/users", "add", writes(add), methods=["POST"])
    app.add_url_rule("/users.csv", "export", reads(export))
    app.add_url_rule("/users/<number>", "one", reads(lambda number: find(number).told()))
    app.add_url_rule("/users/<number>", "change", writes(change), methods=["PATCH"])
    app.register_error_handler(
        OperationalError, lambda error: refused(503, "The database does not answer.")
    )
