"""The export as CSV: what it holds, and how it comes."""

import csv
import io

import pytest
from answers import FIELDS, moment_of

from grader.waiting import wait_until

TEXTS = ("email", "name", "note")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ABANDONED = 24
MOST = 20
SOON, EACH = 3.0, 10
"""Seconds within which connections are given back, and what a slow app has on top for each of a
request's."""


def exported(directory, **params):
    """The users of an export, each a dict of texts, and the answer."""
    reply = directory.get("/users.csv", **params)
    if reply.status != 200:
        reply.fail(f"This export should be answered with 200, not {reply.status}.")
    try:
        text = reply.body.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        reply.fail(f"The export should be CSV in UTF-8; it cannot be read: {error}")
    if not lines or lines[0] != list(FIELDS):
        reply.fail(f"The first line should be {','.join(FIELDS)}.")
    if any(len(line) != len(FIELDS) for line in lines[1:]):
        reply.fail("Each line should have seven values, as the first one has.")
    return [dict(zip(FIELDS, line, strict=True)) for line in lines[1:]], reply


def require_rows(found, rows, reply, guarded=lambda text: text, names=FIELDS):
    """Fail unless the export has these rows in their order; texts as `guarded` gives them."""
    numbers, wanted = [one["id"] for one in found], [str(row["id"]) for row in rows]
    if numbers != wanted:
        same = sorted(numbers) == sorted(wanted)
        reply.fail(
            "The users of the export should stand by id." if same else
            f"The export should have {len(wanted)} users; it has {len(numbers)}, or others."
        )  # fmt: skip
    for one, row in zip(found, rows, strict=True):
        for name in names:
            wanted = shown(name, row[name], guarded)
            given = moment_of(one[name]) if name == "created_at" else one[name]
            if given != wanted:
                reply.fail(
                    f"`{name}` of user {row['id']} should be {str(wanted)[:60]!r} in the export; "
                    f"it is {one[name][:60]!r}."
                )


def shown(name, value, guarded):
    """What the export has of a value: a moment for created_at, else a text."""
    if name == "created_at":
        return value
    if name in TEXTS:
        return guarded(value)
    return str(value).lower() if name == "active" else str(value)


@pytest.mark.criterion("export.rows")
def test_everybody_is_in_the_export(directory):
    """5,000 users by id, as a file."""
    rows = directory.crowd()
    found, reply = exported(directory)
    require_rows(found, rows, reply)
    if reply.media_type != "text/csv":
        reply.fail("The export is text/csv.")
    if not reply.headers.get("Content-Disposition", "").lower().startswith("attachment"):
        reply.fail("The export should be a file: Content-Disposition: attachment.")
    clan = directory.shared["clans"][3]
    for params, matches in (
        ({"q": clan}, lambda row: clan in row["name"]),
        ({"role": "admin", "active": "true"}, lambda row: row["role"] == "admin" and row["active"]),
        ({"q": clan * 2}, lambda row: False),
    ):
        found, reply = exported(directory, **params)
        require_rows(found, [row for row in rows if matches(row)], reply)


@pytest.mark.criterion("export.rows")
def test_values_are_quoted(directory, draw):
    """Commas, quotes, line breaks, every script; % is no pattern here either."""
    directory.clear()
    texts = [text for text, _ in draw.edge_texts(100)]
    texts += ["a,b", '"', 'a"b"', "a\nb", "a\r\nb", "a;b", " a ", "", "5%", draw.unicode(), "'a'"]
    directory.users([
        {"name": text or draw.word(3), "note": texts[-at]} for at, text in enumerate(texts)
        if not text.startswith(FORMULA) and not texts[-at].startswith(FORMULA)
    ])  # fmt: skip
    found, reply = exported(directory)
    require_rows(found, directory.rows(), reply)


@pytest.mark.criterion("export.formulas")
def test_no_cell_is_a_formula(directory, draw):
    """In each column of text; what only has such a sign inside stays as it is."""
    directory.clear()
    word = draw.word(6)
    begun = [f"{sign}{text}" for sign in FORMULA for text in (f"1+{word}", "")]
    begun += [f'=HYPERLINK("http://{word}","x")', "=1,2", "-5", "+49 30", "@a", "==", "\t=1"]
    begun += ["\r\n", "-", "@"]
    inside = [f"{word}=1", f" ={word}", f"1-{word}", f"'={word}", f"\n={word}", "'", f"a@{word}"]
    texts = [*begun, *inside]
    directory.users([{"note": text} for text in texts])
    directory.users([{"name": text} for text in texts])
    directory.users([
        {"email": f"{sign}{draw.word(6)}@{word}.example"}
        for sign in ("+", "-", "=", "@", "a+", "_")
    ])  # fmt: skip

    def guarded(text):
        return f"'{text}" if text.startswith(FORMULA) else text

    found, reply = exported(directory)
    found.sort(key=lambda one: (len(one["id"]), one["id"]))  # their order is export.rows'
    require_rows(found, directory.rows(), reply, guarded, TEXTS)


@pytest.mark.criterion("export.streams")
def test_a_large_export_begins_at_once(directory):
    """300 MB, of which the first four are read, with another request at the same moment."""
    directory.heavy()
    what = "An export of 300 MB should begin within 5 seconds, with 256 MB of memory."
    directory.begin_export(what)
    _, reply = directory.app.together(
        [lambda: directory.begin_export(what), lambda: directory.get("/me")]
    )
    if reply.status != 200:
        reply.fail(f"During an export /me should be answered with 200, not {reply.status}.")


@pytest.mark.criterion("export.abandoned")
def test_what_is_broken_off_leaves_nothing(directory, db):
    """Many exports whose clients go away; then the app has few connections, and answers."""
    directory.heavy()
    what = f"After exports that were broken off (up to {ABANDONED}) the next one should begin."
    try:
        for _ in range(ABANDONED):
            directory.begin_export(what)
        require_few(directory, db)
        directory.clear()
        exported(directory)
    except AssertionError:  # it may never find back, which is to cost nothing else
        directory.app.restart()
        raise


def require_few(directory, db):
    """Fail unless the app answers, and has few connections."""
    for reply in directory.app.together([lambda: directory.get("/me")] * 8):
        if reply.status != 200:
            reply.fail(
                f"After {ABANDONED} exports that were broken off /me should be answered with 200, "
                f"not {reply.status}."
            )
    within = SOON + EACH * reply.seconds
    left = wait_until(lambda: db.connections() <= MOST, within=within)
    assert left, (
        f"After {ABANDONED} exports that were broken off the app has {db.connections()} "
        f"connections to PostgreSQL; {MOST} are the most."
    )
