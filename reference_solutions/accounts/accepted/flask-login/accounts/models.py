"""Users and notes."""

import time

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import OperationalError

db = SQLAlchemy()
hasher = PasswordHasher()
START_SECONDS = 25


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    # by itself MySQL takes Ada, ADA and "ada " for one
    username = db.Column(db.String(30, "utf8mb4_0900_bin"), unique=True, nullable=False)
    secret = db.Column(db.String(200), nullable=False)
    role = db.Column(db.String(20), nullable=False, default="user")
    notes = db.relationship("Note", cascade="all, delete-orphan", order_by="Note.id.desc()")

    @property
    def is_admin(self):
        return self.role == "admin"

    def set_password(self, password):
        self.secret = hasher.hash(password)

    def has_password(self, password):
        try:
            return hasher.verify(self.secret, password)
        except VerifyMismatchError:
            return False


class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.ForeignKey("user.id"), nullable=False, index=True)
    text = db.Column(db.String(500), nullable=False)


def by_name(username):
    return db.session.scalar(db.select(User).filter_by(username=username))


def prepare(app):
    """Wait for MySQL, create the tables that are missing, and the administrator."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            db.create_all()
            break
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    if by_name(app.config["ADMIN_USERNAME"]) is None:
        admin = User(username=app.config["ADMIN_USERNAME"], role="admin")
        admin.set_password(app.config["ADMIN_PASSWORD"])
        db.session.add(admin)
        db.session.commit()
