"""Entries that are sent: saved under their author, or refused."""

import pytest


def require_entry(reply, book, values, name):
    """The entry with the message of `values`; fails unless it stands there once, and as it was."""
    found = book.saved(values["message"])
    if len(found) != 1:
        reply.fail(
            f"After the answer {reply.status} the table entries should have one row with the "
            f"message that was sent; it has {len(found)}."
        )
    entry = found[0]
    if entry.name is None:
        reply.fail("The entry's author_id is not the id of a row of authors.")
    if entry.name != name:
        reply.fail(f"The entry should be one of {name!r}; its author is {str(entry.name)[:80]!r}.")
    if str(entry.rating) != values["rating"]:
        reply.fail(f"The rating that was sent is {values['rating']}; saved is {entry.rating}.")
    return entry


@pytest.mark.criterion("entry.saved")
def test_an_entry_stands_in_mysql(book):
    """Under a new author, and under one who is there."""
    for name in (book.name(), book.name()):
        values, reply = book.write(name=name)
        require_entry(reply, book, values, name)
    name = book.name()
    book.author(name)
    book.refresh()
    values, reply = book.write(name=name)
    require_entry(reply, book, values, name)


@pytest.mark.criterion("entry.author")
def test_who_writes_again_is_the_same_author(book):
    """Also with blanks around the name, and where the grader has put the author in."""
    known, new = book.name(), book.name()
    number = book.author(known)
    for name in (known, f"  {known} ", new, new, f"{new}\t"):
        book.refresh()
        values, reply = book.write(name=name)
        found = book.ids_of(name.strip())
        if len(found) != 1:
            reply.fail(
                f"{name!r} has written, and authors has {len(found)} rows with exactly this name "
                "(without the white space at its ends). It should be one."
            )
        if values["message"] not in [one.message for one in book.of(found[0])]:
            reply.fail("The entry does not stand under the author who has its name.")
    assert book.ids_of(known) == [number], "The author who was there has another id now."
    assert len(book.of(number)) == 2, "The two entries of an author are not both there."


@pytest.mark.criterion("entry.rules")
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", ["", "   ", "\t\n", None, "two\nlines {}", "two\r\nlines {}"]),
        ("message", ["", "   ", " \r\n\t ", None]),
        ("rating", ["", None, "0", "6", "-1", "55", "3.5", "five", "1;"]),
    ],
)
def test_a_form_that_breaks_a_rule_saves_nothing(book, draw, field, values):
    """Neither the entry nor its author."""
    for value in values:
        sent = book.valid(**{field: value and value.replace("{}", draw.word())})
        before = book.counts()
        reply = book.send(sent)
        what = f"`{field}` was {value!r}" if value is not None else f"`{field}` was missing"
        if reply.status != 400:
            reply.fail(f"{what}, which should be answered with 400, not {reply.status}.")
        if book.counts() != before:
            reply.fail(f"{what}, and a row was saved all the same, in entries or in authors.")


@pytest.mark.criterion("text.exact")
def test_texts_are_saved_and_shown_as_they_were(book, draw, spaced):
    """Blanks at their ends, quotes, percent signs, accents, emoji; SQL is only text."""
    texts = [(case.value, case.why) for case in draw.edge_texts(500)]
    texts += [(f"{one} {draw.word()}", "SQL") for one in draw.injections()]
    texts += [(f"{draw.word()} {draw.unicode()}\r\n{draw.word()}", "several scripts, two lines")]
    for start in range(0, len(texts), 12):
        name, some = book.name(), texts[start : start + 12]
        for text, why in some:
            _, reply = book.write(name=name, message=text)
            if len(book.saved(text)) != 1:
                reply.fail(f"The message has {why}; it does not stand in entries as it was sent.")
        page = book.page(f"/authors/{next(iter(book.ids_of(name)), 0)}")
        on_page = [one.message for one in book.entries(page)]
        for text, why in some:
            if spaced(text) not in on_page:
                page.fail(f"The author's page does not show a message as it was; it has {why}.")


@pytest.mark.criterion("text.exact")
def test_names_are_saved_and_shown_as_they_were(book, draw, spaced):
    """Apostrophes, hyphens, other scripts, emoji."""
    names = [(case.value, case.why) for case in draw.edge_names()]
    names += [(f"{draw.word(5)} {one}".strip(), "SQL") for one in draw.injections()]
    names += [(f"{draw.word(6)} 🎈🐢 {draw.word(6)}", "emoji")]
    ids = {}
    for name, why in [one for one in names if len(one[0]) <= 50]:
        _, reply = book.write(name=name)
        found = book.ids_of(name)
        if len(found) != 1:
            reply.fail(f"The name has {why}; it does not stand in authors as it was sent.")
        ids[found[0]] = name, why
    listed = book.authors(book.page("/authors"))
    for number, (name, why) in ids.items():
        if listed.get(number, ("",))[0] != spaced(name):
            pytest.fail(f"/authors does not show a name as it was; it has {why}.")


@pytest.mark.criterion("text.markup")
def test_markup_is_only_text(book, draw):
    """On every page, and in the field of a form, whoever has put it in."""
    tag = draw.word(6)
    name, message = f"<b data-{tag}>{draw.word(5)}</b>", f'"><i data-{tag}>x</i>{draw.markup()}'
    number = book.author(name)
    book.add(number, message, at=book.later())
    for path in ("/", "/authors", f"/authors/{number}"):
        page = book.page(path)
        require_text(page, tag)
        page.expect(name)
    reply = book.get("/", params={"q": f'"><i data-{tag}>{draw.markup()}'}).expect(200)
    require_text(reply.page(), tag)


def require_text(page, tag):
    """Fail where the markup that `tag` marks has become a part of a page."""
    for found in page.soup.find_all(name=True):
        if any(name.startswith(f"data-{tag}") for name in found.attrs):
            page.fail(
                f"Markup that was entered has become a part of {page.name}: whoever writes it runs "
                "scripts in the browsers of others. Escape what was entered."
            )


@pytest.mark.criterion("entry.limits")
def test_lengths_are_counted_in_characters(book, draw):
    """Fifty and five hundred are fine, whatever the letters; one more is not."""
    longest = f"{draw.word(20)} {'🐍' * 28}!"
    for name in (draw.text(50), longest, f"  {draw.text(50)}   ", draw.choice("bcdfgxyz")):
        _, reply = book.write(name=name)
        if len(book.ids_of(name.strip())) != 1:
            reply.fail(f"A name of {len(name.strip())} characters does not stand in authors.")
    for message in (draw.text(500), f"{draw.word(10)}{'漢🎉' * 245}", f" {draw.text(498)} "):
        _, reply = book.write(message=message)
        if len(book.saved(message)) != 1:
            reply.fail(f"A message of {len(message)} characters does not stand in entries.")
    before = book.counts()
    for field, value in (
        ("name", draw.text(51)), ("name", longest + "🐍"), ("name", draw.text(3000)),
        ("message", draw.text(501)), ("message", f"{draw.text(500)} "),
        ("message", draw.text(20000)),
    ):  # fmt: skip
        reply = book.send(book.valid(**{field: value}))
        if reply.status not in (400, 413):
            reply.fail(f"`{field}` has {len(value)} characters; this was {shown_status(reply)}.")
    assert book.counts() == before, "Too long, and saved."


@pytest.mark.criterion("entry.limits")
def test_a_rating_is_one_digit(book, draw):
    """1 and 5 are fine; what only looks like a number is not."""
    for rating in ("1", "2", "3", "4", "5"):
        values, reply = book.write(rating=rating)
        if [str(one.rating) for one in book.saved(values["message"])] != [rating]:
            reply.fail(f"A rating of {rating} should be saved as it is.")
    before = book.count("entries")
    for case in draw.bad_numbers(1, 5):
        reply = book.send(book.valid(rating=case.value))
        if reply.status != 400:
            reply.fail(f"The rating is {case.why}, which is {shown_status(reply)}.")
    assert book.count("entries") == before, "A rating that is none was saved."


def shown_status(reply):
    """What was answered in the place of 400."""
    return f"answered with {reply.status} and not with 400"
