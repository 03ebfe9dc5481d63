"""The command `migrate`: runs the steps of migrations/ forward and back."""

import os
import sys
from pathlib import Path

from .database import connect, settings

FOLDER = Path(__file__).parent.parent / "migrations"
STEPS = sorted(path.name.removesuffix(".up.sql") for path in FOLDER.glob("*.up.sql"))
NAMES = [step.partition("_")[2] for step in STEPS]
USAGE = "Say `migrate upgrade [first]` or `migrate downgrade first|base`."


def execute(cursor, path):
    for statement in path.read_text().split(";\n"):
        if statement.strip():
            cursor.execute(statement)


def migrate(connection, level):
    """Lead to the schema after so many steps."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS schema_steps (step VARCHAR(60) PRIMARY KEY)")
        cursor.execute("SELECT step FROM schema_steps")
        done = {row["step"] for row in cursor.fetchall()}
        for step in STEPS[:level]:
            if step not in done:
                execute(cursor, FOLDER / f"{step}.up.sql")
                cursor.execute("INSERT INTO schema_steps VALUES (%s)", [step])
                connection.commit()
        for step in reversed(STEPS[level:]):
            if step in done:
                execute(cursor, FOLDER / f"{step}.down.sql")
                cursor.execute("DELETE FROM schema_steps WHERE step = %s", [step])
                connection.commit()


def main(arguments):
    match arguments:
        case ["upgrade"]:
            level = len(STEPS)
        case ["downgrade", "base"]:
            level = 0
        case ["upgrade" | "downgrade", name] if name in NAMES:
            level = NAMES.index(name) + 1
        case _:
            sys.exit(USAGE)
    connection = connect(settings(os.environ))
    migrate(connection, level)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
