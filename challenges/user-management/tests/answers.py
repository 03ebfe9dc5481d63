"""How answers are looked at: nothing that an app answers may crash a test."""

from datetime import datetime

FIELDS = ("id", "email", "name", "role", "active", "note", "created_at")
TRACES = ("Traceback (most recent call last)", "werkzeug.debug", "psycopg", "asyncpg",
          "sqlalchemy.exc", "syntax error at or near", "invalid input syntax",
          "violates unique constraint", "out of range for type")  # fmt: skip


def clipped(value):
    """A value for a message."""
    text = repr(value)
    return text if len(text) < 90 else f"{text[:80]}…"


def moment_of(value):
    """A moment of JSON or CSV; None where it is none with an offset."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def require_cursor(page):
    """Fail unless a page has a cursor that leads on."""
    if not isinstance(page.cursor, str) or not 0 < len(page.cursor) <= 2000:
        page.reply.fail("`next_cursor` should be a text of 1 to 2000 characters, or null.")


def require_user(reply, found, wanted):
    """Fail unless `found` is the user whose row is `wanted`, and has seven fields."""
    if wanted is None:
        reply.fail("The user should be a row of the table users; there is none.")
    for name in FIELDS:
        if name not in found:
            reply.fail(f"The user should have the field `{name}`.")
        value, other = found[name], wanted[name]
        if name == "created_at":
            if moment_of(value) != other:
                reply.fail(
                    f"`created_at` should be {other.isoformat()} in ISO 8601 with an offset, to "
                    f"the microsecond; it is {clipped(value)}."
                )
        elif type(value) is not type(other) or value != other:
            reply.fail(f"`{name}` of the user should be {clipped(other)}; it is {clipped(value)}.")
    more = sorted(set(found) - set(FIELDS))
    if more:
        reply.fail(f"A user is answered with seven fields; `{more[0][:40]}` is none of them.")


def require_4xx(reply, what, *statuses):
    """Fail unless bad input was answered so, without the insides of the app."""
    wanted = statuses or range(400, 500)
    if reply.status not in wanted:
        said = " or ".join(map(str, statuses)) or "a 4xx"
        reply.fail(f"It was {what}, which should get {said}, not {reply.status}.")
    if any(trace in reply.text for trace in TRACES):
        reply.fail(f"It was {what}, and the answer shows the insides of the app.")
