"""The forms, with a CSRF token each."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

PASSWORD = [InputRequired(), Length(8, 64, "A password has 8 to 64 characters.")]


class RegistrationForm(FlaskForm):
    username = StringField(
        validators=[InputRequired(), Regexp(r"[a-z0-9_]{3,30}\Z", message="Use a-z, 0-9 and _.")]
    )
    password = PasswordField(validators=PASSWORD)


class LoginForm(FlaskForm):
    username = StringField()
    password = PasswordField()


class PasswordForm(FlaskForm):
    current_password = PasswordField()
    new_password = PasswordField(validators=PASSWORD)


class NoteForm(FlaskForm):
    text = TextAreaField(validators=[DataRequired(), Length(1, 500)])
