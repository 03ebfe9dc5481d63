"""What MySQL says of the tables: columns, indexes, foreign keys; and which tables hold the tags."""

from dataclasses import dataclass

TABLES = ("users", "posts", "comments")
NUMBERS = {"int", "bigint", "mediumint"}
TEXTS = {"text", "mediumtext", "longtext"}
FIRST = {
    "users": {"id": (NUMBERS, None), "name": ({"varchar"}, 50)},
    "posts": {
        "id": (NUMBERS, None), "author_id": (NUMBERS, None), "title": ({"varchar"}, 120),
        "body": (TEXTS, None), "created_at": ({"datetime"}, None),
    },
    "comments": {
        "id": (NUMBERS, None), "post_id": (NUMBERS, None), "author_id": (NUMBERS, None),
        "body": ({"varchar"}, 500), "created_at": ({"datetime"}, None),
    },
}  # fmt: skip
"""The first schema: the types that each column may have, and how many characters it holds."""
COLUMNS = """
SELECT table_name AS t, column_name AS c, data_type AS kind, character_maximum_length AS most,
is_nullable AS nullable, character_set_name AS letters, extra AS more
FROM information_schema.columns WHERE table_schema = %s
"""
INDEXES = """
SELECT table_name AS t, index_name AS name, column_name AS c, non_unique AS several
FROM information_schema.statistics WHERE table_schema = %s ORDER BY t, name, seq_in_index
"""
FOREIGN = """
SELECT table_name AS t, column_name AS c, referenced_table_name AS other,
referenced_column_name AS target
FROM information_schema.key_column_usage
WHERE table_schema = %s AND referenced_table_schema = %s
"""


@dataclass(frozen=True)
class Schema:
    """The tables at one moment."""

    tables: frozenset
    columns: dict
    """Table and column to type, length, whether it may be NULL, character set and what more."""
    indexes: frozenset
    """Table, the columns in their order, whether it is unique."""
    foreign: frozenset
    """Table and column, with the table and column that it refers to."""

    def of(self, tables):
        """What there is of `tables` only."""
        return Schema(
            self.tables & set(tables),
            {place: what for place, what in self.columns.items() if place[0] in tables},
            frozenset(one for one in self.indexes if one[0] in tables),
            frozenset(one for one in self.foreign if one[0] in tables),
        )

    def names(self, table):
        """The names of the columns of a table."""
        return {column for place, column in self.columns if place == table}


def read_schema(db):
    """The schema as it is now."""
    columns = {
        (str(one["t"]), str(one["c"]).lower()): (
            str(one["kind"]).lower(), one["most"], one["nullable"] == "YES", one["letters"],
            "auto_increment" in str(one["more"]).lower(),
        )
        for one in db.rows(COLUMNS, [db.name])
    }  # fmt: skip
    indexes = {}
    for one in db.rows(INDEXES, [db.name]):
        key = (str(one["t"]), str(one["name"]), not one["several"])
        indexes.setdefault(key, []).append(str(one["c"]).lower())
    foreign = {
        (str(one["t"]), str(one["c"]).lower(), str(one["other"]), str(one["target"]).lower())
        for one in db.rows(FOREIGN, [db.name, db.name])
    }
    return Schema(
        frozenset(db.tables()),
        columns,
        frozenset((table, tuple(names), unique) for (table, _, unique), names in indexes.items()),
        frozenset(foreign),
    )


def difference_from_first(schema):
    """What of the three tables is not as in the first schema, in words; empty where all is."""
    for table, columns in FIRST.items():
        if table not in schema.tables:
            return f"there is no table {table}"
        if missing := sorted(set(columns) - schema.names(table)):
            return f"the table {table} has no column {missing[0]}"
        if more := sorted(schema.names(table) - set(columns)):
            return f"the table {table} has the column {more[0]}, which the first schema has not"
        for column, (kinds, most) in columns.items():
            kind, length, nullable, letters, counts = schema.columns[table, column]
            if kind not in kinds or (most is not None and length != most):
                return f"{table}.{column} is of another type ({kind}, length {length})"
            if nullable:
                return f"{table}.{column} may be NULL"
            if letters is not None and letters != "utf8mb4":
                return f"{table}.{column} has the character set {letters}"
            if column == "id" and not counts:
                return f"{table}.id is not AUTO_INCREMENT"
    return ""


def additions_to_first(schema):
    """Keys and indexes of the three tables that the first schema has not, in words."""
    for table, column, other, _ in sorted(schema.foreign):
        if table in TABLES:
            return f"{table}.{column} has a foreign key to {other}"
    for table in TABLES:
        found = {(names, unique) for place, names, unique in schema.indexes if place == table}
        if (("id",), True) not in found:
            return f"{table}.id is not the primary key"
        if more := sorted(found - {(("id",), True)}):
            return f"the table {table} has an index for {', '.join(more[0][0])}"
    return ""


@dataclass(frozen=True)
class Links:
    """The table that links posts and tags, and the table of the tags."""

    table: str
    post: str
    """Its column for the post."""
    tag: str
    """Its column for the tag."""
    tags: str
    """The table of the tags."""
    key: str
    """The column of that which links refer to."""


def find_links(schema):
    """The tables of the tags by their foreign keys; None where no table links posts to another."""
    for table, column, other, key in sorted(schema.foreign):
        if table in TABLES or other != "posts" or key != "id":
            continue
        for again, second, tags, target in sorted(schema.foreign):
            if again == table and tags not in TABLES and second != column:
                return Links(table, column, second, tags, target)
    return None
