"""What a todo has to look like."""
import datetime
import json
import re

DEFAULTS = {"description": "", "done": False, "due_date": None}
KNOWN = ("title", "description", "done", "due_date")


class Invalid(Exception):
    def __init__(self, message, fields=None):
        super().__init__(message)
        self.message = message
        self.fields = fields

    def body(self):
        answer = {"error": self.message}
        if self.fields:
            answer["fields"] = self.fields
        return answer


def text_problem(value, most):
    if not isinstance(value, str):
        return "It must be a text."
    if any("\ud800" <= c <= "\udfff" for c in value):
        return "It holds half of a character."
    if len(value) > most:
        return f"It must have at most {most} characters."


def problem(name, value):
    if name == "title":
        return text_problem(value, 120) or (None if value.strip() else "It must not be blank.")
    if name == "description":
        return text_problem(value, 1000)
    if name == "done":
        return None if value is True or value is False else "It must be true or false."
    if name == "due_date":
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                datetime.date(*map(int, value.split("-")))
                return None
            except ValueError:
                return "There is no such date."
        return "It must be a date as YYYY-MM-DD, or null."
    return "There is no such field, or it cannot be set."


def parse(raw):
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise Invalid("The body is not valid JSON.") from None
    if not isinstance(data, dict):
        raise Invalid("The body must be a JSON object.")
    return data


def read(raw, whole):
    """The fields of a body. whole: for POST and PUT, with the defaults."""
    data = parse(raw)
    wrong = {}
    for name, value in data.items():
        what = problem(name, value)
        if what:
            wrong[name] = what
    if whole and "title" not in data:
        wrong["title"] = "It is required."
    if wrong:
        raise Invalid("The todo is not valid.", wrong)
    if not data:
        raise Invalid("Send at least one field.")
    return {**DEFAULTS, **data} if whole else data


def number(text, default, most, name):
    if text is None:
        return default
    # "007" is a number in digits, too
    if not re.fullmatch("[0-9]+", text) or len(text.lstrip("0")) > 7 or not 1 <= int(text.lstrip("0") or "0") <= most:
        raise Invalid(f"{name} must be a number from 1 to {most}.")
    return int(text.lstrip("0"))


def listing(get):
    """done, q, page, per_page; get gives the text of a parameter, or None."""
    done = get("done")
    if done not in (None, "true", "false"):
        raise Invalid("done must be true or false.")
    return (None if done is None else done == "true", get("q") or "",
            number(get("page"), 1, 1000000, "page"), number(get("per_page"), 20, 100, "per_page"))


def is_json(content_type):
    return (content_type or "").split(";")[0].strip().lower() == "application/json"
