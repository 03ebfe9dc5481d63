"""Pages of entries and authors, with rows of the grader's; what changes and deletes them."""

from urllib.parse import urlencode

import pytest

PAGE = 20


def require_ids(page, found, wanted, what):
    """Fail unless a page shows exactly these entries, in this order."""
    if found == wanted:
        return
    if sorted(found) == sorted(wanted):
        page.fail(f"{what} should stand in the order {wanted}; they are {found}.")
    lacks = [one for one in wanted if one not in found]
    more = [one for one in found if one not in wanted]
    page.fail(f"{what} should be those of {wanted}. Missing are {lacks}, too many {more}.")


# -- entries -------------------------------------------------------------------------------------


@pytest.mark.criterion("list.newest")
def test_the_list_has_the_newest_first(book, draw):
    """By written_at, not by id; where that is the same, the higher id first."""
    one, other = book.author(), book.author()
    times = [book.later() for _ in range(4)]
    rows = [(draw.choice([one, other]), at) for at in (*draw.sample(times, 4), times[1], times[1])]
    placed = [(at, book.add(author, at=at)) for author, at in rows]
    wanted = [number for _, number in sorted(placed, reverse=True)]
    page = book.page("/")
    require_ids(page, book.ids(page)[:6], wanted, "On / the first entries")
    shown = {entry.id: entry for entry in book.entries(page)}
    for author in (one, other):
        for row in book.of(author):
            entry = shown[row.id]
            require_entry(page, entry, row, book.name_of(author))
            if f"/authors/{author}" not in [link.rstrip("/") for link in entry.links]:
                page.fail(f"The name of the entry {row.id} is no link to /authors/{author}.")


def require_entry(page, entry, row, name):
    """Fail unless a page shows an entry as it stands in the table."""
    wanted = {"name": name, "message": row.message, "rating": str(row.rating)}
    for field, value in wanted.items():
        if getattr(entry, field) != value:
            page.fail(
                f"The entry {row.id} should have an element with data-field={field!r} and the text "
                f"{value!r}; this is {getattr(entry, field)!r}."
            )


@pytest.mark.criterion("list.newest")
def test_the_list_follows_the_tables(book, draw):
    """What was changed or deleted a moment ago."""
    author = book.author()
    kept, gone = book.add(author, at=book.later()), book.add(author, at=book.later())
    book.page("/")
    text, name = draw.sentence(), book.name()
    book.change("UPDATE entries SET message = %s WHERE id = %s", [text, kept])
    book.change("UPDATE authors SET name = %s WHERE id = %s", [name, author])
    book.change("DELETE FROM entries WHERE id = %s", [gone])
    page = book.page("/")
    first = next(iter(book.entries(page)), None)
    if first is None or (first.id, first.name, first.message) != (kept, name, text):
        page.fail("Rows were changed and deleted in MySQL, and / does not show them as they are.")


@pytest.mark.criterion("list.pages")
def test_there_are_twenty_on_a_page(book):
    """And a link to the next page, up to the last one."""
    author = book.author()
    ids = book.add_many(author, 3 * PAGE - 1, book.later())
    page = book.page("/")
    for number in (1, 2):
        wanted = ids[(number - 1) * PAGE : number * PAGE]
        require_ids(page, book.ids(page), wanted, f"On page {number} the entries")
        require_ids(
            (same := book.page(f"/?page={number}")), book.ids(same), wanted,
            f"With ?page={number} the entries",
        )  # fmt: skip
        if not book.next_link(page):
            page.fail(f'Page {number} should have a link with rel="next" to the next one.')
        page = book.page(book.next_link(page))
    require_ids(page, book.ids(page)[: PAGE - 1], ids[2 * PAGE :], "On page 3 the first entries")
    # so that the last page is a full one
    book.add_many(author, PAGE - book.count("entries") % PAGE, book.later())
    last = book.count("entries") // PAGE
    page = book.page(f"/?page={last}")
    if len(book.ids(page)) != PAGE or book.next_link(page):
        page.fail(
            f"Of {last * PAGE} entries page {last} is the last one: it should have {PAGE}, and no "
            f'link with rel="next"; it has {len(book.ids(page))} and '
            f"{'one' if book.next_link(page) else 'none'}."
        )


@pytest.mark.criterion("list.pages")
def test_a_page_that_is_none(book):
    """0, negative, letters; and one that is beyond the last."""
    for value in ("0", "-1", "abc", "-0", "1.5"):
        reply = book.get(f"/?page={value}")
        if reply.status not in (400, 404):
            reply.fail(f"page={value} should be answered with 400 or 404, not {reply.status}.")
    for value in ("99999", "9" * 12, "9" * 19, "9" * 40):
        reply = book.get(f"/?page={value}").expect(200, 404)
        if reply.status == 200 and book.ids(reply.page()):
            reply.fail(f"There is no page {value[:20]}; it should show no entries.")


@pytest.mark.criterion("list.search")
def test_a_search_finds_messages_and_names(book, draw):
    """In any case, the newest first, and nothing else."""
    word, at = draw.word(9), [book.later() for _ in range(4)]
    named, other = book.author(f"{draw.word(5)} {word.title()}"), book.author()
    found = [
        book.add(named, at=at[0]), book.add(other, f"{draw.word()}{word}{draw.word()}", at=at[1]),
        book.add(other, f"{draw.sentence()} {word.upper()}", at=at[2]), book.add(named, at=at[3]),
    ]  # fmt: skip
    book.add(other)
    wanted = found[::-1]
    for text in (word, word.upper(), word[1:-1]):
        page = book.page(f"/?q={text}")
        require_ids(page, book.ids(page), wanted, f"What q={text} finds")
    page = book.page(f"/?q={draw.word(12)}")
    require_ids(page, book.ids(page), [], "What nothing holds")
    page, everything = book.page("/?q="), book.page("/")
    require_ids(page, book.ids(page), book.ids(everything), "With an empty q the entries")


@pytest.mark.criterion("list.search")
def test_what_a_search_finds_has_pages(book, draw):
    """The link to the next one goes on with the search, whatever it is for."""
    author, text = book.author(), f"{draw.word(5)} & {draw.word(5)}+ü"
    ids = book.add_many(author, PAGE + 3, book.later(), text)
    book.add_many(author, PAGE, book.later())
    page = book.page(f"/?{urlencode({'q': text})}")
    require_ids(page, book.ids(page), ids[:PAGE], "On the first page of a search the entries")
    if not book.next_link(page):
        page.fail(f'A search has found {PAGE + 3} entries, and there is no link with rel="next".')
    page = book.page(book.next_link(page))
    require_ids(page, book.ids(page), ids[PAGE:], "On the second page of a search the entries")
    if book.next_link(page):
        page.fail('The last page of a search should have no link with rel="next".')


@pytest.mark.criterion("search.literal")
def test_signs_stand_for_themselves(book, draw):
    """Percent, underscore, backslash, quote; in messages as in names."""
    word = draw.word(6)
    author = book.author()
    named = book.author(f"{word}_%\\{draw.word(4)}")
    for other in ("x", "", "xyz", "/"):
        book.add(author, f"{word} a{other}b")
    signs = ("%", "_", "\\", "'", '"', "|", "!", "%%", "\\%", "\\_")
    right = {sign: book.add(author, f"{word} a{sign}b") for sign in signs}
    own = book.add(named)
    for sign, number in right.items():
        page = book.page(f"/?{urlencode({'q': f'{word} a{sign}b'})}")
        require_ids(page, book.ids(page), [number], f"What q={word} a{sign}b finds")
    for text, wanted in ((f"{word}_%\\", [own]), (f"{word}%_", []), (f"{word}__", [])):
        page = book.page(f"/?{urlencode({'q': text})}")
        require_ids(page, book.ids(page), wanted, f"What q={text} finds")


@pytest.mark.criterion("pages.forms")
def test_the_pages_have_their_forms(book, redirects):
    """Filled in and sent as a browser does."""
    author = book.author()
    number = book.add(author, at=book.later())
    values = book.valid()
    reply = book.page("/").form(action="/entries", method="POST", having=values).submit(values)
    redirects(reply, "/", "The form of / for an entry")
    home = book.page("/")
    form = home.form(action=f"/entries/{number}/delete", method="POST")
    redirects(form.submit(), "/", "The form to delete an entry")
    page = book.page(f"/authors/{author}")
    form = page.form(action=f"/authors/{author}/rename", method="POST", having=["name"])
    redirects(form.submit({"name": book.name()}), f"/authors/{author}", "The form to rename")
    form = book.page(f"/authors/{author}").form(action=f"/authors/{author}/delete", method="POST")
    redirects(form.submit(), "/authors", "The form to delete an author")


# -- authors -------------------------------------------------------------------------------------


def require_row(page, listed, number, wanted):
    """Fail unless /authors shows name, number of entries and average of an author."""
    found = listed.get(number)
    if found is None:
        page.fail(f'/authors should have an element with data-author="{number}".')
    for field, shown, value in zip(("name", "entries", "average"), found, wanted, strict=True):
        if shown != value:
            page.fail(
                f"The author {number} should have an element with data-field={field!r} and the "
                f"text {value!r}; this is {shown!r}."
            )


@pytest.mark.criterion("authors.list")
def test_authors_have_number_and_average(book, draw):
    """Those with the most entries first, then the lower id."""
    ratings = [[4, 5, 5], [3, 3], [5, 1, 1, 2, 2, 2, 4], [1, 5], [2], [5, 5, 4, 4, 4, 3]]
    averages = ["4.7", "3.0", "2.4", "3.0", "2.0", "4.2"]
    order = draw.sample(range(6), 6)
    names = {number: book.name() for number in order}
    ids = {number: book.author(names[number]) for number in order}
    for number in draw.sample(order, 6):
        for rating in ratings[number]:
            book.add(ids[number], rating=rating)
    page = book.page("/authors")
    listed = book.authors(page)
    for number in order:
        count = str(len(ratings[number]))
        require_row(page, listed, ids[number], (names[number], count, averages[number]))
    ours = [one for one in listed if one in ids.values()]
    wanted = sorted(ids.values(), key=lambda one: (-len(book.of(one)), one))
    if ours != wanted:
        page.fail(f"The authors should stand in the order {wanted}; they are {ours}.")
    writing = book.db.value("SELECT COUNT(DISTINCT author_id) FROM entries")
    if len(listed) < writing:
        page.fail(f"{writing} authors have written; the page has {len(listed)}.")


@pytest.mark.criterion("authors.empty")
def test_who_has_no_entry_is_there_as_well(book):
    """With 0, after those who have one, and with no average."""
    never, once, written = book.author(), book.author(), book.author()
    entry = book.add(once)
    book.add(written)
    book.page("/authors")
    book.change("DELETE FROM entries WHERE id = %s", [entry])
    page = book.page("/authors")
    listed = book.authors(page)
    for number in (never, once):
        if number not in listed:
            page.fail(f"The author {number}, who has no entry, is not on the page.")
        if listed[number][1] != "0":
            page.fail(f"An author without an entry should have 0 entries, not {listed[number][1]}.")
        if any(sign.isdigit() for sign in listed[number][2] or ""):
            page.fail(f"Without an entry there is no average; this is {listed[number][2]!r}.")
    order = [one for one in listed if one in (never, once, written)]
    if order != [written, never, once]:
        page.fail(f"The order should be {[written, never, once]}; it is {order}.")


@pytest.mark.criterion("authors.page")
def test_an_author_has_a_page(book):
    """With all entries, and nobody else's, the newest first."""
    name = book.name()
    author, other = book.author(name), book.author()
    at = book.later()
    foreign = book.add_many(other, 2, at)
    ids = book.add_many(author, 27, at)
    last = book.add(author, at=at.replace(year=at.year - 9))
    page = book.page(f"/authors/{author}")
    require_ids(page, book.ids(page), [*ids, last], "The entries of the author")
    if name not in [" ".join(tag.get_text().split()) for tag in page.find("h1")]:
        page.fail(f"The page should have an <h1> with the name {name!r}.")
    for entry, row in zip(book.entries(page), book.of(author), strict=True):
        if (entry.message, entry.rating) != (row.message, str(row.rating)):
            page.fail(f"The entry {row.id} is not shown with its message and its rating.")
    page = book.page(f"/authors/{other}")
    require_ids(page, book.ids(page), foreign, "The entries of the other author")
    empty = book.author()
    assert not book.ids(book.page(f"/authors/{empty}")), "This author has written nothing."
    book.remove(author, other, empty)
    for gone in (author, empty):
        book.get(f"/authors/{gone}").expect(404)


@pytest.mark.criterion("rename.works")
def test_an_author_gets_another_name(app, book, draw, redirects):
    """And keeps id and entries; the own name is fine, also with other capitals."""
    old, new = book.name(), book.name()
    author, other = book.author(old), book.author()
    entry = book.add(author)
    for sent in (new, new, f"  {new.upper()} ", draw.text(50), book.name()):
        reply = redirects(book.rename(author, sent), f"/authors/{author}", "A new name")
        if book.name_of(author) != sent.strip():
            reply.fail(f"The row should have the name {sent.strip()!r} now.")
    assert [one.id for one in book.of(author)] == [entry], "The entries are gone with the old name."
    book.page(f"/authors/{author}").expect(book.name_of(author))
    kept = book.name_of(author)
    for sent in ("", "  ", draw.text(51), f"{draw.word()}\n{draw.word()}"):
        reply = book.rename(author, sent)
        if reply.status != 400 or book.name_of(author) != kept:
            reply.fail(f"{sent!r} is no name: 400, and nothing changes; not {reply.status}.")
    reply = app.post(f"/authors/{author}/rename", data={}).expect(400)
    book.remove(other)
    book.rename(other, book.name()).expect(404)


@pytest.mark.criterion("rename.works")
def test_a_name_that_is_taken_is_refused(book):
    """And both authors are as they were."""
    names = book.name(), book.name()
    one, other = map(book.author, names)
    for sent in (names[1], f" {names[1]}  "):
        reply = book.rename(one, sent)
        if reply.status != 409:
            reply.fail(f"Another author has this name: 409, not {reply.status}.")
        if (book.name_of(one), book.name_of(other)) != names:
            reply.fail("A name that was refused has changed an author.")


@pytest.mark.criterion("delete.works")
def test_an_entry_is_deleted(book, redirects):
    """That one, and only once; its author stays."""
    author = book.author()
    gone, kept = book.add(author), book.add(author)
    redirects(book.delete("entries", gone), "/", "A deletion of an entry")
    assert [one.id for one in book.of(author)] == [kept], "Exactly that entry should be deleted."
    book.delete("entries", gone).expect(404)
    redirects(book.delete("entries", kept), "/", "A deletion of an entry")
    assert book.name_of(author), "With the last entry the author was deleted, who should stay."


@pytest.mark.criterion("delete.works")
def test_an_author_is_deleted(book, redirects):
    """With all entries of theirs, and none of others."""
    gone, kept = book.author(), book.author()
    entries = [book.add(gone) for _ in range(3)]
    own = book.add(kept)
    redirects(book.delete("authors", gone), "/authors", "A deletion of an author")
    assert book.name_of(gone) is None, "The author is still there."
    sql = f"SELECT COUNT(*) FROM entries WHERE id IN ({', '.join(map(str, entries))})"
    assert not book.db.value(sql), "The author's entries are still there."
    assert [one.id for one in book.of(kept)] == [own], "Another author has lost entries."
    book.delete("authors", gone).expect(404)


@pytest.mark.criterion("keys.case")
def test_other_capitals_are_the_same_name(book):
    """For the app as for MySQL; the author keeps the name as it was written first."""
    name = book.name()
    author, other = book.author(name), book.author()
    for sent in (name.upper(), name.lower(), name.swapcase()):
        if not book.refusal("INSERT INTO authors (name) VALUES (%s)", [sent]):
            pytest.fail(f"MySQL has taken {sent!r} as another author than {name!r}.")
        before = len(book.of(author))
        book.refresh()
        _, reply = book.write(name=sent)
        if len(book.of(author)) != before + 1:
            reply.fail(f"What {sent!r} writes should be an entry of {name!r}.")
        reply = book.rename(other, sent)
        if reply.status != 409:
            reply.fail(f"{name!r} is taken, so {sent!r} is, too: 409, not {reply.status}.")
    assert book.name_of(author) == name, "The author should keep the name as it was first."
