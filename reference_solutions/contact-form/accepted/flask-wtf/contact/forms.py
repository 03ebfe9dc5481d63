"""The rules of each form."""

import re

from flask import current_app
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

LOCAL = re.compile(r"[^\s@\x00]+")
DOMAIN = re.compile(r"[^\s@.\x00]+(?:\.[^\s@.\x00]+)+")


def stripped(text):
    return (text or "").strip()


def one_line(_form, field):
    if len((field.data or "").splitlines()) > 1:
        raise ValidationError("This is one line.")


def address(_form, field):
    local, _, domain = field.data.rpartition("@")
    if not LOCAL.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise ValidationError("Please enter an address like ada@example.org.")


class Consent(BooleanField):
    """Ticked is what sends `yes`, and nothing else."""

    def process_formdata(self, valuelist):
        self.data = valuelist[:1] == ["yes"]

    def _value(self):
        return "yes"


class MessageForm(FlaskForm):
    name = StringField(filters=[stripped], validators=[DataRequired(), Length(max=80), one_line])
    email = StringField(
        filters=[stripped], validators=[DataRequired(), Length(max=254), one_line, address]
    )
    subject = SelectField(validators=[InputRequired()])
    message = TextAreaField(validators=[DataRequired(), Length(max=1000)])
    consent = Consent(validators=[DataRequired("We need your consent.")])

    def __init__(self, **values):
        super().__init__(**values)
        subjects = current_app.config["SUBJECTS"]
        self.subject.choices = [("", "Please choose"), *((one, one) for one in subjects)]


class LoginForm(FlaskForm):
    username = StringField()
    password = PasswordField()
