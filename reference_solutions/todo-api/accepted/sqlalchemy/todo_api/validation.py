"""Checks of what a client sends. Each check of a field gives the value or raises ValueError."""

from datetime import date

from .errors import ValidationError


def title(value):
    text = description(value, limit=120)
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def description(value, limit=1000):
    if not isinstance(value, str):
        raise ValueError("must be a text")
    if not value.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("holds half of a character, such as the escape \\ud83d alone")
    if len(value) > limit:
        raise ValueError(f"must not be longer than {limit} characters")
    return value


def done(value):
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def due_date(value):
    if value is None:
        return None
    try:
        # Only YYYY-MM-DD: fromisoformat would also take 20300131 and week dates.
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a date as YYYY-MM-DD, or null")


CHECKS = {"title": title, "description": description, "done": done, "due_date": due_date}


def checked_fields(body, required=()):
    """The fields in `body`, each checked. Raises ValidationError with all that is wrong."""
    if not isinstance(body, dict):
        raise ValidationError("The body must be a JSON object.")
    values, wrong = {}, {name: "is required" for name in required if name not in body}
    for name, value in body.items():
        if name not in CHECKS:
            wrong[name] = "is unknown or read-only"
            continue
        try:
            values[name] = CHECKS[name](value)
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise ValidationError("Some fields are wrong.", **wrong)
    if not values:
        raise ValidationError("There is nothing to change in the body.")
    return values


def whole_number(text, highest):
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= highest):
        raise ValidationError(f"{text!r} is no whole number from 1 to {highest}.")
    return int(text)


def true_or_false(text):
    if text not in {"true", "false"}:
        raise ValidationError(f"{text!r} is neither true nor false.")
    return text == "true"
