"""Orders and pages, among 5,000 users."""

from datetime import timedelta

import pytest
from answers import require_4xx, require_cursor
from conftest import BEGINNING

SORTS = ("id", "-id", "name", "-name", "email", "-email", "created_at", "-created_at")


def stock_up(directory, draw, count):
    """Fill the table with users of whom several have the same name and moment."""
    directory.clear()
    names = [draw.word(6) for _ in range(count // 5)]
    moments = [
        BEGINNING + timedelta(days=draw.integer(1, 400), microseconds=micro)
        for micro in (0, 0, 1, 2, 999_999, 500_000)
    ]
    moments += [one + timedelta(microseconds=1) for one in moments[:3]]
    directory.users([
        {"name": draw.choice(names), "created_at": draw.choice(moments)} for _ in range(count)
    ])  # fmt: skip
    # a row that is changed stands somewhere else in the table
    some = [one["id"] for one in directory.rows()][2 : count // 2 : 3]
    directory.db.write("UPDATE users SET note = 'x' WHERE id = ANY (%s)", [some])


def require_ids(page, wanted, what):
    """Fail unless a page has these users in this order."""
    if page.ids == wanted:
        return
    if sorted(page.ids) == sorted(wanted):
        page.reply.fail(f"{what}: these are the right users in a wrong order.")
    page.reply.fail(f"{what}: these are not the users who should stand here.")


@pytest.mark.criterion("sort.order")
def test_every_sort(directory, draw):
    """Up and down; equal values by id, the smallest first; by id without a sort."""
    stock_up(directory, draw, 60)
    for sort in SORTS:
        page = directory.page(sort=sort, limit=100)
        require_ids(page, directory.ordered(sort), f"sort={sort}, equal ones by id, ascending")
    page = directory.page(limit=100)
    require_ids(page, directory.ordered("id"), "The list without a sort stands by id")


@pytest.mark.criterion("page.limit")
def test_twenty_unless_limit_says_otherwise(directory):
    """Of 5,000, with and without q and filters."""
    directory.crowd()
    clan = directory.shared["clans"][0]
    for asked in ({}, {"q": clan}, {"role": "member"}, {"active": "true", "sort": "-name"},
                  {"offset": 40}):  # fmt: skip
        for limit, count in ((None, 20), (1, 1), (7, 7), (99, 99), (100, 100)):
            page = directory.page(**asked, **({} if limit is None else {"limit": limit}))
            if len(page.ids) != count:
                page.reply.fail(
                    f"Of more than {count} users this page should have {count}; it has "
                    f"{len(page.ids)}."
                )


@pytest.mark.criterion("page.limit")
def test_never_more_than_a_hundred(directory):
    """Whatever else is asked for, and on a page that a cursor leads to."""
    directory.crowd()
    cursor = directory.page(limit=3).cursor
    for limit in (101, 5000, 1_000_000, 10**20, 0, -1, -100):
        for asked in ({}, {"q": "a"}, {"offset": 10}, {"sort": "name", "active": "true"}):
            require_4xx(directory.get("/users", limit=limit, **asked), f"?limit={limit}", 400)
        if isinstance(cursor, str):
            reply = directory.get("/users", limit=limit, cursor=cursor)
            require_4xx(reply, f"a cursor with limit={limit}", 400)
    if isinstance(cursor, str):
        page = directory.page(cursor=cursor)
        if len(page.ids) != 20:
            page.reply.fail("A page by a cursor has 20 users, too, unless limit says otherwise.")


@pytest.mark.criterion("page.offset")
def test_an_offset_begins_anywhere(directory, draw):
    """From the first user to the last, in orders with many equal values."""
    rows = directory.crowd()
    count = len(rows)
    for sort in ("id", "name", "-created_at"):
        wanted = directory.ordered(sort)
        for start in (0, 1, 19, 100, draw.integer(200, 4000), count - 5, count - 1):
            page = directory.page(sort=sort, offset=start, limit=50)
            require_ids(page, wanted[start : start + 50], f"sort={sort} from offset {start} on")
    for start in (count, count + 1, 1_000_000):
        page = directory.page(offset=start)
        if page.ids or page.cursor is not None:
            page.reply.fail("Behind the last user `items` is empty, and `next_cursor` null.")


@pytest.mark.criterion("page.total")
def test_total_is_the_same_on_every_page(directory):
    """Of all users and of those that match; in the middle and behind the end."""
    rows = directory.crowd()
    clan = directory.shared["clans"][1]
    asked = {
        "all": ({}, len(rows)),
        "a role": ({"role": "viewer"}, sum(row["role"] == "viewer" for row in rows)),
        "q": ({"q": clan}, sum(clan in row["name"] for row in rows)),
        "nobody": ({"q": f"{clan}{clan}"}, 0),
    }
    for what, (params, wanted) in asked.items():
        pages = [{"limit": 100}, {"offset": 60, "limit": 3}, {"offset": 9000}, {"sort": "-name"}]
        first = directory.page(**params, limit=10)
        if isinstance(first.cursor, str):
            pages.append({"cursor": first.cursor, "limit": 10})
        for more in pages:
            page = directory.page(**params, **more)
            if type(page.total) is not int or page.total != wanted:
                page.reply.fail(
                    f"`total` of {what} should be {wanted} on every page; it is "
                    f"{str(page.total)[:40]!r}."
                )


@pytest.mark.criterion("page.cursor")
def test_cursors_lead_through_everybody(directory):
    """5,000 users, each once, by id."""
    wanted = [row["id"] for row in directory.crowd()]
    pages = directory.walk(limit=100)
    found = [number for page in pages for number in page]
    if found != wanted:
        twice, left = len(found) - len(set(found)), len(set(wanted) - set(found))
        pytest.fail(
            f"Page by page there should be {len(wanted)} users by id; {twice} came twice, {left} "
            "were left out, and the rest may stand in another order."
        )


@pytest.mark.criterion("page.cursor")
def test_cursors_with_filters_and_from_an_offset(directory, draw):
    """The limit may change on the way, and a page with an offset has a cursor, too."""
    rows = directory.crowd()
    clan = directory.shared["clans"][2]
    for params, wanted in (
        ({"q": clan, "limit": 90}, [row["id"] for row in rows if clan in row["name"]]),
        ({"role": "viewer", "limit": 95}, [row["id"] for row in rows if row["role"] == "viewer"]),
    ):
        pages = directory.walk(**params)
        assert [number for page in pages for number in page] == wanted, (
            "Page by page a list with q or a role should have each user that matches, once."
        )
    start = draw.integer(100, 3000)
    page = directory.page(offset=start, limit=5)
    for limit, begin in ((30, start + 5), (2, start + 35)):
        require_cursor(page)
        page = directory.page(cursor=page.cursor, limit=limit)
        wanted = [row["id"] for row in rows[begin : begin + limit]]
        require_ids(page, wanted, "The page behind one that began with an offset")


@pytest.mark.criterion("page.cursor")
def test_the_last_page_has_no_cursor(directory):
    """Also where it is full."""
    directory.clear()
    directory.users([{} for _ in range(39)])  # and the admin
    for limit in (40, 20, 39, 41, 100):
        pages = directory.walk(limit=limit)
        sizes = [len(page) for page in pages]
        wanted = [40] if limit >= 40 else [limit, 40 - limit]
        assert sizes == wanted, (
            f"With limit={limit}, 40 users stand on pages of {wanted} users; by next_cursor they "
            f"came in pages of {sizes}."
        )


@pytest.mark.criterion("page.cursor_sorted")
@pytest.mark.parametrize("sort", SORTS[2:])
def test_cursors_in_every_order(directory, draw, sort):
    """Equal values on both sides of a page's end, and moments that differ in a microsecond."""
    stock_up(directory, draw, 40)
    wanted = directory.ordered(sort)
    for limit in (1, 7):
        found = [one for page in directory.walk(sort=sort, limit=limit, most=70) for one in page]
        if sorted(set(found)) != sorted(found) or set(found) != set(wanted):
            twice, left = len(found) - len(set(found)), len(set(wanted) - set(found))
            pytest.fail(
                f"Page by page, with sort={sort} and limit={limit}, {twice} users came twice and "
                f"{left} were left out."
            )
        assert found == wanted, f"Page by page, with sort={sort}, they stand in a wrong order."
