"""Where the database says who is an administrator, and how that is changed there."""

from collections import defaultdict


def run(db, changes, *, flat=False):
    """Change rows; each is a statement with its values."""
    for steps in changes:
        for sql, values in [steps] if flat else steps:
            db.write(sql, values)


def role_changes(db, admin, person, other):
    """How to take the role of `admin` and to give it to `person`: (taken, given, undone) each.

    A role is a column in which all users but the administrator have one value, or rows of another
    table that name the administrator and nobody else.
    """
    found, keys = [], defaultdict(set)
    records = {table: texts_of(db.records(table)) for table in db.tables()}
    for table, rows in records.items():
        named = {
            who: [row for row in rows if who in row.values()] for who in (admin, person, other)
        }
        if all(len(rows) == 1 for rows in named.values()):
            (chief,), (user,), (third,) = named.values()
            name = next(column for column, value in chief.items() if value == admin)
            rest = [row for row in rows if row is not chief]
            for column, value in chief.items():
                values = {row[column] for row in rest}
                if len(values) == 1 and value not in values:
                    found.append(column_change(table, column, name, chief, user))
                elif value != chief[name] and user[column] != third[column]:
                    keys[value].add((user[column], third[column]))
            keys[admin].add((person, other))
    return found or [
        change for table, rows in records.items() for change in row_changes(table, rows, keys)
    ]


def texts_of(rows):
    """Rows with what binary columns hold as text."""
    return [{column: text_of(value) for column, value in row.items()} for row in rows]


def text_of(value):
    """A value of a binary column as the text that it is, where it is one."""
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return value


def column_change(table, column, name, chief, user):
    """The change where a column of the users' table holds the role."""
    sql = f"UPDATE `{table}` SET `{column}` = %s WHERE `{name}` = %s"
    old, new = user[column], chief[column]
    return (
        [(sql, [old, chief[name]])],
        [(sql, [new, user[name]])],
        [(sql, [new, chief[name]]), (sql, [old, user[name]])],
    )


def row_changes(table, rows, keys):
    """The changes where rows of another table hold it: they become those of another user."""
    for key, users in keys.items():
        for user, third in users:
            for column in rows[0] if rows else ():
                values = [row[column] for row in rows]
                if key in values and user not in values and third not in values:
                    sql = f"UPDATE `{table}` SET `{column}` = %s WHERE `{column}` = %s"
                    yield [(sql, [user, key])], [], [(sql, [key, user])]
                    return
