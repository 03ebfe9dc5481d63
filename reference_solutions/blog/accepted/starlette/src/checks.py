"""Requests, and what is wrong with them."""

import json
import re

from starlette.exceptions import HTTPException


def bad(text):
    return HTTPException(400, text)


async def body_of(request):
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise bad("This is no JSON.") from None
    if not isinstance(found, dict):
        raise bad("This is no JSON object.")
    return found


def text(found, name, most):
    value = found.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= most or value.isspace():
        raise bad(f"{name}: a text of 1 to {most} characters, please.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad(f"{name}: half of a character is none.") from None
    return value


def identity(found):
    value = found.get("author_id")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 31:
        raise bad("author_id: the id of a user, please.")
    return value


def slug(found):
    value = found.get("slug")
    if not isinstance(value, str) or not is_slug(value):
        raise bad("slug: groups of a-z and 0-9 with single hyphens, 80 characters at most, please.")
    return value


def is_slug(value):
    return len(value) <= 80 and re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", value) is not None


def tags(value):
    if not isinstance(value, list) or len(value) > 5:
        raise bad("tags: a list of five names at most, please.")
    for one in value:
        if not isinstance(one, str) or not is_tag(one):
            raise bad("tags: names of a-z and 0-9, 30 characters at most, please.")
    return sorted(set(value))


def is_tag(value):
    return re.fullmatch("[a-z0-9]{1,30}", value) is not None


def count(request, name, usual, most):
    value = request.query_params.get(name, str(usual))
    if re.fullmatch("[0-9]{1,7}", value) is None or not 1 <= int(value) <= most:
        raise bad(f"{name}: a number from 1 to {most}, please.")
    return int(value)
