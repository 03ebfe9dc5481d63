"""The pages."""

from functools import wraps

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user, login_required, login_user, logout_user
from sqlalchemy.exc import IntegrityError

from .forms import LoginForm, NoteForm, PasswordForm, RegistrationForm
from .models import Note, User, by_name, db

users = Blueprint("users", __name__)
admin = Blueprint("admin", __name__, url_prefix="/admin")


def page(name, form, status=200, message=None):
    if message is None:
        message = " ".join(text for texts in form.errors.values() for text in texts) or None
    return render_template(name, form=form, message=message), status


@users.get("/health")
def health():
    return "OK"


@users.get("/")
def home():
    return render_template("home.html")


@users.route("/register", methods=["GET", "POST"])
def register():
    form = RegistrationForm()
    if request.method == "GET":
        return page("register.html", form)
    if not form.validate():
        return page("register.html", form, 400)
    user = User(username=form.username.data)
    user.set_password(form.password.data)
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return page("register.html", form, 409, "Somebody has this name already.")
    current_app.logger.info("new account %s", user.username)
    return redirect(url_for("users.login"))


@users.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if request.method == "GET":
        return page("login.html", form)
    user = by_name(form.username.data)
    if user is None or not user.has_password(form.password.data):
        return page("login.html", form, 401, "That did not work.")
    login_user(user, remember=True)
    return redirect(url_for("users.account"))


@users.post("/logout")
def logout():
    logout_user()
    return redirect(url_for("users.login"))


def account_page(status=200, message=None):
    return render_template("account.html", message=message), status


@users.get("/account")
@login_required
def account():
    return account_page()


@users.post("/account/password")
@login_required
def change_password():
    form = PasswordForm()
    if not current_user.has_password(form.current_password.data or ""):
        return account_page(403, "This is not your password.")
    if not form.validate():
        return account_page(400, "A password has 8 to 64 characters.")
    current_user.set_password(form.new_password.data)
    db.session.commit()
    return redirect(url_for("users.account"))


@users.post("/notes")
@login_required
def create_note():
    form = NoteForm()
    if not form.validate():
        return account_page(400, "A note has 1 to 500 characters.")
    note = Note(text=form.text.data)
    current_user.notes.append(note)
    db.session.commit()
    return redirect(url_for("users.show_note", note_id=note.id))


def own_note(note_id):
    note = db.get_or_404(Note, note_id)
    if note.user_id != current_user.id:
        abort(403)
    return note


@users.get("/notes/<int:note_id>")
@login_required
def show_note(note_id):
    return render_template("note.html", note=own_note(note_id))


@users.post("/notes/<int:note_id>/delete")
@login_required
def delete_note(note_id):
    db.session.delete(own_note(note_id))
    db.session.commit()
    return redirect(url_for("users.account"))


def admin_required(view):
    @wraps(view)
    @login_required
    def checked(*args, **kwargs):
        if not current_user.is_admin:
            abort(403)
        return view(*args, **kwargs)

    return checked


@admin.get("/users")
@admin_required
def list_users():
    return render_template("users.html", users=db.session.scalars(db.select(User)))


@admin.post("/users/<username>/delete")
@admin_required
def delete_user(username):
    user = by_name(username) or abort(404)
    if user.is_admin:
        abort(403)
    db.session.delete(user)
    db.session.commit()
    return redirect(url_for("admin.list_users"))
