"""The fields of the forms."""

import re

from flask import abort, request


def line(name, most):
    text = request.form.get(name, "").strip()
    if not re.fullmatch(rf"[^\r\n\0]{{1,{most}}}", text):
        abort(400)
    return text


def prose(name, most):
    text = request.form.get(name, "").replace("\r\n", "\n")
    if text.isspace() or not 0 < len(text) <= most:
        abort(400)
    return text


def choice(name, options):
    value = request.form.get(name)
    if value not in options:
        abort(400)
    return int(value)
