"""Filter, search, pages and order."""

from html import unescape
from itertools import zip_longest

import pytest

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
LARGEST_PAGE_NUMBER = 1_000_000
NO_NUMBERS = {
    "no digit at all", "one less than the least", "one more than the most", "a negative number",
    "a number of 21 digits", "a line break behind", "an underscore inside",
    "a digit of another script", "a superscript digit", "a fraction", "letters",
}  # fmt: skip
"""Of what `draw.bad_numbers` gives: what int(), isdigit() and patterns take, each."""


def refused(app, name, cases):
    """GET /todos with each of `cases` for the parameter `name` has to be answered with 400."""
    for value, why in cases:
        reply = app.get("/todos", params={name: value})
        if reply.status != 400:
            reply.fail(
                f"?{name}={value[:80]} has to be refused with 400 ({why}); this was {reply.status}."
            )


@pytest.mark.criterion("filter.done")
@pytest.mark.parametrize("done", [True, False])
def test_done_filters_the_list(app, todos, done):
    """?done=true shows what is done, ?done=false what is open; total counts only these."""
    shown = "true" if done else "false"
    before = todos.page(done=shown, per_page=LARGEST_PAGE)
    todos.make(done=done)
    changed = todos.make(done=not done)
    after = todos.page(done=shown, per_page=LARGEST_PAGE)
    for item in after.items:
        assert item.get("done") == done, f"?done={shown} shows a todo for which that is not so."
    assert after.items, f"There is a todo with done set to {shown}, but ?done={shown} shows none."
    grown = after.total == before.total + 1
    assert grown, f"After one more todo with done set to {shown}, total should be one more."
    reply = app.patch(f"/todos/{changed['id']}", json={"done": done})
    assert reply.status != 200 or changed["id"] in todos.page(done=shown).ids, (
        f"After PATCH has set done to {shown} in a todo, ?done={shown} should show it."
    )


@pytest.mark.criterion("filter.done")
def test_another_value_of_done_is_refused(app, draw):
    """Only true and false mean something."""
    values = ["", "1", "0", "True", "FALSE", "yes", "true ", draw.word()]
    refused(app, "done", [(value, "it is neither true nor false") for value in values])


@pytest.mark.criterion("search.text")
def test_search_looks_into_title_and_description(todos, draw):
    """A text inside the title or the description is found, whatever its case; others are not."""
    tag = todos.tag()
    in_title = todos.make(title=f"{draw.word()} {tag} {draw.word()}")
    in_description = todos.make(description=f"{draw.sentence()} x{tag}x")
    todos.make(description=draw.sentence())
    for query in (tag, tag.upper(), tag[1:-1]):
        found = todos.page(q=query)
        right = sorted(found.ids) == sorted([in_title["id"], in_description["id"]])
        assert right, (
            "?q= should find the todo with it in its title and the one in its description."
        )
        assert found.total == 2, "total has to count what the search finds."
    for query in (f" {tag}", f"{tag} "):
        assert todos.page(q=query).ids == [in_title["id"]], (
            f"?q= should find what holds the text {query!r}, with its blanks; one todo does."
        )


@pytest.mark.criterion("search.text")
def test_the_case_of_no_letter_counts(todos, draw):
    """Letters of every script that has small and capital ones are found in either case."""
    tag = todos.tag()
    text = "".join(draw.choice(letters) for letters in ("äöüéñ", "жщыю", "λμπω")) + tag
    small, capital = todos.make(title=text), todos.make(description=f"- {text.upper()} -")
    for query in (text, text.upper()):
        assert sorted(todos.page(q=query).ids) == sorted([small["id"], capital["id"]]), (
            f"?q={query} should find both todos that hold it, whatever the case of the letters: "
            f"{text} and {text.upper()}."
        )


@pytest.mark.criterion("search.text")
def test_search_finds_the_text_and_not_its_words(todos, draw):
    """The words in another order, or of title and description together, find nothing."""
    first, second, third = todos.tag(), todos.tag(), todos.tag()
    whole = todos.make(title=f"{first} {second}", description=f"{third} {draw.word()}")
    assert todos.page(q=f"{first} {second}").ids == [whole["id"]], (
        "?q= with the whole title of a todo, two words, should find that one."
    )
    for query in (f"{second} {first}", f"{first}  {second}", f"{second} {third}", second + third):
        found = todos.page(q=query)
        assert not found.items, (
            f"No title and no description holds the text {query!r}, but ?q= with it finds a todo. "
            f"(The title is {first} {second}, the description begins with {third}.)"
        )


@pytest.mark.criterion("search.text")
def test_any_text_can_be_searched(todos, draw):
    """Texts at the edges, each found by the whole of it, and by the description too."""
    stocked = todos.stocked()
    cases = [(text, one.why[name]) for one in stocked for name, text in one.fields.items()
             if not set("%_\\'\"\0") & set(text) and text == text.strip()]  # fmt: skip
    for text, why in draw.sample(cases, min(4, len(cases))):
        numbers = sorted(one.number for one in stocked if text in one.fields.values())
        assert sorted(todos.page(q=text).ids) == numbers, (
            f"?q= with the whole text of a title or description should find the todos that have "
            f"it; it has {why}: {text!r}."
        )


@pytest.mark.criterion("search.text")
def test_search_may_find_nothing(todos, draw):
    """A text that no todo has is answered with an empty list; an empty one finds everything."""
    todos.make()
    for query in (todos.tag(), draw.text(1500)):
        nothing = todos.page(q=query)
        assert nothing.items == [], "?q= with a text that no todo has should find nothing."
        assert nothing.total == 0, "total is 0 where nothing is found."
    assert todos.page(q="").total == todos.page().total, "An empty ?q= should find everything."


@pytest.mark.criterion("search.literal")
def test_signs_are_ordinary_characters(todos):
    r"""%, _ and \ find themselves only, wherever they stand."""
    tag = todos.tag()
    todos.make(title=f"{tag}z off z{tag}")
    for sign in ("%", "_", "\\"):
        todo = todos.make(title=f"{tag}{sign} off {sign}{tag}")
        for query in (f"{tag}{sign}", f"{sign}{tag}"):
            found = todos.page(q=query)
            assert found.ids == [todo["id"]], f"A search for {query} should find just that text."
        for item in todos.page(q=sign, per_page=LARGEST_PAGE).items:
            assert sign in f"{item.get('title')}{item.get('description')}", (
                f"A search for {sign} shows a todo that holds no such sign."
            )


def require_unescaped(reply, sent):
    """Fail where a todo comes back escaped for HTML: that is no matter of SQL."""
    now = reply.json(dict) if reply.status == 200 else {}
    for name, text in sent.items():
        answered = now.get(name)
        if isinstance(answered, str) and answered != text and unescape(answered) == text:
            reply.fail(
                f"The {name} was sent as {text!r} and comes back as {answered!r}: it is escaped "
                "for HTML, so that no search finds it as it was sent. A JSON API stores a text and "
                "answers with it as it is; who shows it escapes it.",
                hinted=False,
            )


@pytest.mark.criterion("search.injection")
def test_sql_is_only_text(app, todos, db, draw):
    """SQL in a title is saved as it is, and SQL in a search finds just that text."""
    tag, tables = todos.tag(), sorted(db.tables())
    other = todos.make(title=f"{tag} and more")
    texts = [f"{tag} {sql} {number}." for number, sql in enumerate(draw.injections())]
    for title, description in zip_longest(texts[::2], texts[1::2], fillvalue=""):
        todo = todos.make(title=title, description=description)
        for text in filter(None, (title, description)):
            found = todos.page(q=text)
            others = set(found.ids) - {todo["id"]}
            assert not others, "SQL in ?q= was not taken as text: it finds other todos."
            if text == title and "\\" not in text:  # both have criteria of their own
                if found.total != 1:
                    require_unescaped(app.get(f"/todos/{todo['id']}"), {"title": title})
                assert found.total == 1, "SQL in ?q= was not taken as text: total is not 1."
    path = f"/todos/{todo['id']}"
    for send, sql in zip((app.put, app.patch), draw.sample(draw.injections(), 2), strict=True):
        sent = {"title": f"a {sql} b", "description": f"{sql}', done = 1 -- "}
        reply = send(path, json=sent)
        now = reply.json(dict) if reply.status == 200 else sent  # that has other criteria
        for name, value in sent.items():
            if now[name] != value:
                require_unescaped(reply, {name: value})
            assert now[name] == value, f"SQL in the {name} of an update was not taken as text."
    assert todos.read(other["id"])["title"] == other["title"], "SQL has changed another todo."
    assert sorted(db.tables()) == tables, "SQL in the input has changed the tables."


@pytest.mark.criterion("search.injection")
def test_sql_is_no_id(app, todos, draw):
    """SQL behind an id makes it an id that no todo has."""
    todo = todos.make()
    number = draw.integer(1, 9)
    path = f"/todos/{todo['id']}%20OR%20{number}={number}"
    app.get(path).expect(400, 404)
    app.delete(path).expect(400, 404)


@pytest.mark.criterion("query.combined")
def test_filter_and_search_and_pages(todos):
    """A todo is shown where the filter and the search both hold; pages are cut from these."""
    tag = todos.tag()
    open_title = todos.make(title=f"{tag} one")
    done_title = todos.make(title=f"{tag} two", done=True)
    open_text = todos.make(description=f"three {tag}")
    done_text = todos.make(description=f"four {tag}", done=True)
    for done, two in (("false", (open_title, open_text)), ("true", (done_title, done_text))):
        wanted = sorted(todo["id"] for todo in two)
        found = todos.page(q=tag, done=done)
        assert sorted(found.ids) == wanted, (
            f"?q= with ?done={done} should find what holds the text and has done set to {done}."
        )
        assert found.total == len(wanted), (
            "total has to count what filter and search find together."
        )
        if done == "true":
            continue
        pages = [todos.page(q=tag, done=done, page=number, per_page=1) for number in (1, 2, 3)]
        assert [len(page.items) for page in pages] == [1, 1, 0], (
            "The pages of a search are cut wrongly."
        )
        everything = sorted(todo_id for page in pages for todo_id in page.ids)
        assert everything == wanted, (
            "The pages of a search should hold each todo that it finds once."
        )


@pytest.mark.criterion("paging.window")
def test_pages_are_windows(todos, draw):
    """A page has per_page todos, the last one the rest, one behind it none; total is the same."""
    todos.stock()
    size = draw.integer(3, 5)
    whole = todos.page(per_page=LARGEST_PAGE)
    total = whole.total
    assert total >= 10, "Ten todos and more were just created, but total is less."
    full, rest = divmod(total, size)
    sizes = {1: size, 3: size, full: size, full + 1: rest, full + 2: 0, 10**6: 0}
    for number, count in sizes.items():
        page = todos.page(page=number, per_page=size)
        assert len(page.items) == count, (
            f"Of {total} todos in pages of {size}, page {number} should have {count}."
        )
        assert page.number == number, f"It is page {number}, but the answer says another number."
        assert page.per_page == size, f"per_page is {size}, but the answer says another number."
        assert page.total == total, "total should be the same on every page."
        part = whole.ids[(number - 1) * size : number * size]
        if len(part) == count:  # what lies behind the largest page was not listed
            assert sorted(page.ids) == sorted(part), (
                f"Page {number} of {size} each should have the todos {(number - 1) * size + 1} to "
                f"{number * size} of the list."
            )


@pytest.mark.criterion("paging.limits")
def test_a_page_has_20_by_default(todos):
    """Without per_page a page has 20 todos; up to 100 can be asked for."""
    todos.stock()
    for _ in range(DEFAULT_PAGE + 1 - todos.page().total):
        todos.make()
    for params in ({}, {"page": 1}):
        page = todos.page(**params)
        assert page.per_page == DEFAULT_PAGE, "per_page is 20 where none is asked for."
        assert len(page.items) == DEFAULT_PAGE, (
            "There are more than 20 todos; a page should have 20."
        )
    for size in (1, LARGEST_PAGE):
        page = todos.page(per_page=size)
        count = min(size, page.total)
        assert len(page.items) == count, f"With ?per_page={size} there should be {count} todos."


@pytest.mark.criterion("paging.limits")
def test_pages_out_of_range_are_refused(app, draw):
    """What is no number in digits, below 1 or over the cap is refused."""
    for name, most in (("page", LARGEST_PAGE_NUMBER), ("per_page", LARGEST_PAGE)):
        cases = draw.bad_numbers(1, most)
        refused(app, name, [case for case in cases if case.why in NO_NUMBERS])


@pytest.mark.criterion("order.newest_first")
def test_the_newest_todo_comes_first(app, todos, draw):
    """Todos come in the reverse order of their creation, also those of one second.

    Whatever else they are: done, due, of any title, or changed since.
    """
    made = []
    for at in range(6):
        due = f"20{draw.integer(30, 60)}-0{draw.integer(1, 9)}-17"
        made.append(todos.make(done=at % 3 == 0, due_date=due)["id"])
    app.patch(f"/todos/{made[1]}", json={"done": True, "title": todos.title()})
    shown = todos.page(per_page=len(made)).ids[: len(made)]
    assert shown == made[::-1], (
        "The todo that was created last comes first, and so on, whatever its other fields are and "
        "whether it was changed since."
    )
