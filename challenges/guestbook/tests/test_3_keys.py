"""The tables: what MySQL says of them, and what it refuses.

What is refused is tried next to what differs in this alone and has to be taken: a refusal for
another reason says nothing.
"""

import pytest

TABLES = ("authors", "entries")
AUTHOR = "INSERT INTO authors (name) VALUES (%s)"
BARE = "INSERT INTO entries (author_id, message, rating) VALUES (%s, %s, %s)"
ENTRY = "INSERT INTO entries (author_id, message, rating, written_at) VALUES (%s, %s, %s, NOW())"
AT = "INSERT INTO entries (author_id, message, rating, written_at) VALUES (%s, %s, %s, %s)"
UNKNOWN = 2_000_000_011
"""An id that nobody has, and that every type for ids holds."""


def require_refusal(book, sql, args, what):
    """Fail where MySQL takes a row or a change that breaks a rule."""
    if not book.refusal(sql, args):
        pytest.fail(f"MySQL has taken {what}; the table should refuse it, whoever writes it.")


@pytest.mark.criterion("keys.primary")
@pytest.mark.parametrize("table", TABLES)
def test_each_table_has_a_primary_key(book, table):
    """The column id, and it alone; MySQL gives a new one to each row."""
    found = book.db.rows(
        "SELECT column_name AS name FROM information_schema.statistics "
        "WHERE table_schema = %s AND table_name = %s AND index_name = 'PRIMARY'",
        [book.db.name, table],
    )
    names = [str(row["name"]).lower() for row in found]
    assert names == ["id"], f"The primary key of {table} should be id; it is {names or 'none'}."
    authors = [book.author(), book.author()]
    ids = authors if table == "authors" else [book.add(authors[0]), book.add(authors[0])]
    assert all(ids), f"MySQL gives a new row of {table} no id (AUTO_INCREMENT)."
    assert ids[0] != ids[1], f"Two rows of {table} have the same id."


@pytest.mark.criterion("keys.primary")
def test_the_moment_is_filled_in(book, draw):
    """With that of MySQL's clock; a given one is kept to the second."""
    author = book.author()
    if number := book.refusal(BARE, [author, draw.sentence(), 3]):
        pytest.fail(f"MySQL does not fill in written_at where it is left out (error {number}).")
    given = book.add(author, at="2031-05-17 20:45:07")
    found = book.db.rows(
        "SELECT id, IFNULL(ABS(TIMESTAMPDIFF(SECOND, written_at, NOW())), 0) AS off, "
        "CAST(written_at AS CHAR) AS at FROM entries WHERE author_id = %s",
        [author],
    )
    assert len(found) == 2, "Of two rows that were inserted into entries not both are there."
    by_itself = [row["off"] for row in found if row["id"] != given]
    assert min(by_itself, default=0) < 86400, "written_at should be the present moment by itself."
    kept = [str(row["at"]) for row in found if row["id"] == given]
    kept = next(iter(kept), "")
    assert kept.startswith("2031-05-17 20:45:07"), f"written_at should hold the time: {kept}."


@pytest.mark.criterion("keys.unique")
def test_a_name_is_unique(book):
    """A second row with it is refused, and so is a change to it."""
    name, other = book.name(), book.name()
    book.author(name)
    number = book.author(other)
    require_refusal(book, AUTHOR, [name], f"a second author called {name!r}")
    require_refusal(
        book, "UPDATE authors SET name = %s WHERE id = %s", [name, number],
        "a change of a name to one that another author has",
    )  # fmt: skip


@pytest.mark.criterion("keys.foreign")
def test_there_is_no_entry_of_nobody(book, draw):
    """An unknown author is refused, in a new row and in a change; so is one who was deleted."""
    author, gone = book.author(), book.author()
    entry = book.add(author)
    book.remove(gone)
    for number in (UNKNOWN, gone):
        require_refusal(
            book, ENTRY, [number, draw.sentence(), 3],
            f"an entry with author_id {number}, which is no author's",
        )  # fmt: skip
    require_refusal(
        book, "UPDATE entries SET author_id = %s WHERE id = %s", [UNKNOWN, entry],
        "a change of author_id to an id that is no author's",
    )  # fmt: skip
    other = book.author()
    book.db.write("UPDATE entries SET author_id = %s WHERE id = %s", [other, entry])
    assert [one.id for one in book.of(other)] == [entry], "An entry cannot change its author."


@pytest.mark.criterion("keys.cascade")
def test_entries_go_with_their_author(book):
    """Where the row of the author is deleted in MySQL; those of others stay."""
    gone, kept = book.author(), book.author()
    entries = [book.add(gone) for _ in range(3)]
    own = book.add(kept)
    if number := book.refusal("DELETE FROM authors WHERE id = %s", [gone]):
        pytest.fail(
            f"An author with entries cannot be deleted in MySQL (error {number}); the entries "
            "should be deleted as well."
        )
    marks = ", ".join(map(str, entries))
    left = book.db.value(f"SELECT COUNT(*) FROM entries WHERE id IN ({marks})")
    assert left == 0, f"An author was deleted in MySQL, and {left} entries are left of 3."
    assert [one.id for one in book.of(kept)] == [own], "Another author has lost an entry."


@pytest.mark.criterion("keys.not_null")
def test_no_column_takes_null(book, draw):
    """In a new row and in a change."""
    author = book.author()
    entry = book.add(author)
    require_refusal(book, AUTHOR, [None], "an author whose name is NULL")
    right = {"author_id": author, "message": draw.sentence(), "rating": 4,
             "written_at": "2031-05-17 20:45:07"}  # fmt: skip
    book.db.write(AT, list(right.values()))
    for column in right:
        values = right | {column: None}
        require_refusal(book, AT, list(values.values()), f"an entry whose {column} is NULL")
        require_refusal(
            book, f"UPDATE entries SET {column} = NULL WHERE id = %s", [entry],
            f"a change of {column} to NULL",
        )  # fmt: skip


@pytest.mark.criterion("keys.values")
def test_lengths_have_their_limit(book, draw):
    """50 and 500 characters are taken whole, one more is refused."""
    name, message = draw.text(50), draw.text(500)
    author = book.author(name)
    assert book.name_of(author) == name, "A name of 50 characters was cut off."
    book.add(author, message)
    assert book.saved(message), "A message of 500 characters was cut off."
    require_refusal(book, AUTHOR, [draw.text(51)], "a name of 51 characters")
    require_refusal(book, ENTRY, [author, draw.text(501), 3], "a message of 501 characters")


@pytest.mark.criterion("keys.values")
def test_a_rating_is_from_one_to_five(book, draw):
    """Nothing else gets in, by a new row or by a change."""
    author = book.author()
    entries = [book.add(author, rating=rating) for rating in (1, 2, 3, 4, 5)]
    for rating in (0, 6, -1, 10, 100):
        require_refusal(book, ENTRY, [author, draw.sentence(), rating], f"a rating of {rating}")
    sql = "UPDATE entries SET rating = %s WHERE id = %s"
    require_refusal(book, sql, [6, entries[0]], "a change of a rating to 6")
    book.db.write(sql, [5, entries[0]])


@pytest.mark.criterion("tables.kind")
@pytest.mark.parametrize("table", TABLES)
def test_the_engine_has_transactions(book, table):
    """As MySQL's own list of engines says."""
    found = book.db.rows(
        "SELECT t.engine AS name, e.transactions AS has FROM information_schema.tables t "
        "JOIN information_schema.engines e ON e.engine = t.engine "
        "WHERE t.table_schema = %s AND t.table_name = %s",
        [book.db.name, table],
    )
    assert found, f"There is no table {table}."
    has = found[0]["has"]
    assert has == "YES", f"{table} has the engine {found[0]['name']}, which has no transactions."


@pytest.mark.criterion("tables.kind")
def test_texts_take_every_character(book, draw):
    """Emoji and rare letters, as many as a column holds."""
    name = f"{draw.word(8)}{'🎈' * 42}"
    message = f"{draw.word(8)}{'🐢𝄞é漢' * 123}"
    refusal = book.refusal(AUTHOR, [name])
    assert not refusal, f"authors.name refuses 50 characters with emoji (error {refusal})."
    found = book.ids_of(name)
    assert len(found) == 1, "authors.name does not hold emoji as they are."
    refusal = book.refusal(ENTRY, [found[0], message, 3])
    assert not refusal, f"entries.message refuses 500 characters with emoji (error {refusal})."
    assert len(book.saved(message)) == 1, "entries.message does not hold emoji as they are."
