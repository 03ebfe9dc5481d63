"""Filter, search, pages and order."""

import pytest

DEFAULT_PAGE = 20
LARGEST_PAGE = 100


def refused(app, name, values):
    """GET /todos with each of `values` for the parameter `name` has to be answered with 400."""
    for value in values:
        reply = app.get("/todos", params={name: value})
        if reply.status != 400:
            reply.fail(f"?{name}={value} has to be refused with 400; this was {reply.status}.")


@pytest.mark.criterion("filter.done")
@pytest.mark.parametrize("done", [True, False])
def test_done_filters_the_list(todos, done):
    """?done=true shows what is done, ?done=false what is open; total counts only these."""
    shown = "true" if done else "false"
    before = todos.page(done=shown, per_page=LARGEST_PAGE)
    todos.make(done=done)
    todos.make(done=not done)
    after = todos.page(done=shown, per_page=LARGEST_PAGE)
    for item in after.items:
        assert item.get("done") is done, f"?done={shown} shows a todo for which that is not so."
    assert after.items, f"There is a todo with done set to {shown}, but ?done={shown} shows none."
    grown = after.total == before.total + 1
    assert grown, f"After one more todo with done set to {shown}, total should be one more."


@pytest.mark.criterion("filter.done")
def test_another_value_of_done_is_refused(app, draw):
    """Only true and false mean something."""
    refused(app, "done", [draw.word()])


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


@pytest.mark.criterion("search.text")
def test_search_may_find_nothing(todos):
    """A text that no todo has is answered with an empty list; an empty one finds everything."""
    todos.make()
    nothing = todos.page(q=todos.tag())
    assert nothing.items == [], "?q= with a text that no todo has should find nothing."
    assert nothing.total == 0, "total is 0 where nothing is found."
    assert todos.page(q="").total == todos.page().total, "An empty ?q= should find everything."


@pytest.mark.criterion("search.literal")
@pytest.mark.parametrize("sign", ["%", "_", "\\"])
def test_signs_are_ordinary_characters(todos, sign):
    r"""%, _ and \ find themselves only."""
    tag = todos.tag()
    with_sign = todos.make(title=f"{tag}{sign} off")
    todos.make(title=f"{tag}z off")
    found = todos.page(q=f"{tag}{sign}")
    assert found.ids == [with_sign["id"]], f"A search for {sign} should find just that sign."


@pytest.mark.criterion("search.injection")
def test_sql_is_only_text(todos, db, draw):
    """SQL in a title is saved as it is, and SQL in a search finds just that text."""
    tag, tables = todos.tag(), sorted(db.tables())
    todos.make(title=f"{tag} and more")
    for number, sql in enumerate(draw.injections()):
        title = f"{tag} {sql} {number}."
        if len(title) > 120:
            continue
        todo = todos.make(title=title)
        found = todos.page(q=title)
        others = set(found.ids) - {todo["id"]}
        assert not others, "SQL in ?q= was not taken as text: it finds other todos."
        if "\\" not in sql:  # whether a search takes a backslash as it is has its own criterion
            assert found.total == 1, "SQL in ?q= was not taken as text: total is not 1."
    assert sorted(db.tables()) == tables, "SQL in the input has changed the tables."


@pytest.mark.criterion("search.injection")
def test_sql_is_no_id(app, todos, draw):
    """SQL behind an id makes it an id that no todo has."""
    todo = todos.make()
    number = draw.integer(1, 9)
    app.get(f"/todos/{todo['id']}%20OR%20{number}={number}").expect(400, 404)


@pytest.mark.criterion("query.combined")
def test_filter_and_search_and_pages(todos):
    """A todo is shown where the filter and the search both hold; pages are cut from these."""
    tag = todos.tag()
    open_title = todos.make(title=f"{tag} one")
    todos.make(title=f"{tag} two", done=True)
    open_text = todos.make(description=f"three {tag}")
    todos.make(description=f"four {tag}", done=True)
    wanted = sorted([open_title["id"], open_text["id"]])
    found = todos.page(q=tag, done="false")
    assert sorted(found.ids) == wanted, (
        "?q= with ?done=false should find what is open and holds it."
    )
    assert found.total == len(wanted), "total has to count what filter and search find together."
    pages = [todos.page(q=tag, done="false", page=number, per_page=1) for number in (1, 2, 3)]
    assert [len(page.items) for page in pages] == [1, 1, 0], (
        "The pages of a search are cut wrongly."
    )
    everything = sorted(todo_id for page in pages for todo_id in page.ids)
    assert everything == wanted, "The pages of a search should hold each todo that it finds once."


@pytest.mark.criterion("paging.window")
def test_pages_are_windows(todos, draw):
    """A page has per_page todos, the last one the rest, one behind it none; total is the same."""
    for _ in range(5):
        todos.make()
    size = draw.integer(2, 4)
    total = todos.page().total
    assert total >= 5, "Five todos were just created, but total is less."
    full, rest = divmod(total, size)
    sizes = {1: size, full: size, full + 1: rest, full + 2: 0}
    for number, count in sizes.items():
        page = todos.page(page=number, per_page=size)
        assert len(page.items) == count, (
            f"Of {total} todos in pages of {size}, page {number} should have {count}."
        )
        assert page.number == number, f"It is page {number}, but the answer says another number."
        assert page.per_page == size, f"per_page is {size}, but the answer says another number."
        assert page.total == total, "total should be the same on every page."


@pytest.mark.criterion("paging.limits")
def test_a_page_has_20_by_default(todos):
    """Without per_page a page has 20 todos; up to 100 can be asked for."""
    for _ in range(DEFAULT_PAGE + 1 - todos.page().total):
        todos.make()
    page = todos.page()
    assert page.per_page == DEFAULT_PAGE, "per_page is 20 where none is asked for."
    assert len(page.items) == DEFAULT_PAGE, "There are more than 20 todos; a page should have 20."
    largest = todos.page(per_page=LARGEST_PAGE)
    count = min(LARGEST_PAGE, largest.total)
    assert len(largest.items) == count, f"With ?per_page=100 there should be {count} todos."


@pytest.mark.criterion("paging.limits")
def test_pages_out_of_range_are_refused(app, draw):
    """What is no number, below 1 or over the cap is refused."""
    refused(app, "page", ["0", "-1", draw.word()])
    refused(app, "per_page", ["0", "-1", draw.word(), str(LARGEST_PAGE + 1), "1000000"])


@pytest.mark.criterion("order.newest_first")
def test_the_newest_todo_comes_first(todos):
    """Todos come in the reverse order of their creation, also those of one second."""
    made = [todos.make()["id"] for _ in range(8)]
    shown = todos.page(per_page=len(made)).ids[: len(made)]
    assert shown == made[::-1], "The todo that was created last comes first, and so on."
