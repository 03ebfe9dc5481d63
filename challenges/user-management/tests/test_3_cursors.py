"""What becomes of pages where the table changes, and of cursors that nobody has given out."""

import base64
from datetime import timedelta

import pytest
from answers import require_4xx
from conftest import BEGINNING, UNKNOWN


@pytest.mark.criterion("page.stable")
@pytest.mark.parametrize("sort", ["id", "name", "-name", "created_at", "-created_at"])
def test_users_come_and_go(directory, draw, sort):
    """Before and behind the place that was reached, that place itself among them."""
    directory.clear()
    names = [draw.word(5) for _ in range(12)]
    directory.users([
        {
            "name": draw.choice(names),
            "created_at": BEGINNING + timedelta(days=draw.integer(10, 40), microseconds=n % 3),
        }
        for n in range(70)
    ])  # fmt: skip
    before = directory.ordered(sort)
    state = {"left": 5}

    def change(ids):
        """Add some before and behind, and delete some that were seen, the last of them as well."""
        if not state["left"] or not ids:
            return
        state["left"] -= 1
        seen = [one for one in {ids[-1], ids[0]} if one != directory.admin]
        directory.db.write("DELETE FROM users WHERE id = ANY (%s)", [seen])
        directory.users([
            {"name": name, "created_at": BEGINNING + timedelta(days=days)}
            for name, days in (("a", 0), ("zzzzzz", 900), (draw.choice(names), 25))
            for _ in range(2)
        ])  # fmt: skip

    pages = directory.walk(change, sort=sort, limit=9)
    found = [one for page in pages for one in page if one in set(before)]
    twice = len(found) - len(set(found))
    left = [one for one in before if one not in found]
    if twice or left:
        pytest.fail(
            f"While users were added and deleted, with sort={sort}, {twice} users came twice and "
            f"{len(left)} who were there all the time were left out."
        )
    assert found == before, f"While users come and go, those of sort={sort} stand in a wrong order."


@pytest.mark.criterion("page.cursor_bound")
def test_a_cursor_is_for_its_own_order(directory):
    """One of another order is refused, also where the column is the same."""
    directory.clear()
    directory.users([{} for _ in range(30)])
    sorts = (None, "-id", "name", "-name", "email", "created_at", "-created_at")
    for made in sorts:
        cursor = directory.page(limit=5, **({} if made is None else {"sort": made})).cursor
        if not isinstance(cursor, str):
            continue  # that has a criterion of its own
        for asked in sorts:
            if asked == made:
                continue
            params = {"cursor": cursor} | ({} if asked is None else {"sort": asked})
            what = f"a cursor of sort={made or 'id'} with sort={asked or 'id'}"
            require_4xx(directory.get("/users", **params), what, 400)
    directory.page(sort="id", cursor=directory.page(limit=5).cursor)


@pytest.mark.criterion("page.cursor_bound")
def test_what_is_no_cursor(directory, draw):
    """Words, JSON of every kind in base64; and never a 5xx for a cursor that was changed."""
    directory.clear()
    directory.users([{} for _ in range(30)])
    inside = ("{}", "[]", "null", "true", '"x"', '["name"]', '["id", null, null]', "\0", "'",
              '{"sort": "id", "id": "x"}', '["created_at", "never", 5]',
              "[" + "9" * 60 + "]")  # fmt: skip
    texts = [draw.word(12), "%", "é", "🐍", "=", "===", "null", "' OR '1'='1", "x" * 2600]
    texts += [base64.urlsafe_b64encode(text.encode()).decode() for text in inside]
    for sort in ("id", "name", "created_at"):
        for text in texts:
            reply = directory.get("/users", sort=sort, cursor=text)
            require_4xx(reply, f"the cursor {text[:40]!r}, which is none", 400)
        cursor = directory.page(sort=sort, limit=5).cursor
        if not isinstance(cursor, str) or not cursor:
            continue
        for at in draw.sample(list(range(len(cursor))), min(12, len(cursor))):
            for changed in (cursor[:at], cursor[:at] + "A" + cursor[at + 1 :], cursor[at:]):
                reply = directory.get("/users", sort=sort, cursor=changed) if changed else None
                if reply is not None and reply.status not in (200, 400):
                    reply.fail(f"A cursor that was changed is a 400, or leads on: {reply.status}.")


@pytest.mark.criterion("page.bounded")
def test_a_page_of_many_long_notes(directory):
    """300 MB of notes, of which a page has twenty."""
    directory.heavy()
    cursor = None
    for asked in ({}, {"sort": "name"}, {"sort": "-created_at"}, {"offset": 14_000},
                  {"active": "true"}, "next"):  # fmt: skip
        if asked == "next" and not isinstance(cursor, str):
            break
        page = directory.page(**({"cursor": cursor} if asked == "next" else asked))
        cursor = cursor or page.cursor
        if len(page.ids) != 20:
            page.reply.fail(f"This page should have 20 users; it has {len(page.ids)}.")
    reply = directory.get(f"/users/{UNKNOWN}")
    if reply.status >= 500:
        reply.fail("After pages of a large table a request should be answered as ever.")
