"""What lists refuse, and what is never taken for SQL."""

import base64
import json
from urllib.parse import quote

import pytest
from conftest import V1, V2, require_4xx

NO_NUMBERS = {
    "no digit at all", "one less than the least", "one more than the most", "a negative number",
    "a number of 21 digits", "a line break behind", "an underscore inside",
    "a digit of another script", "a superscript digit", "a fraction", "letters",
}  # fmt: skip
"""Of what `draw.bad_numbers` gives: what int(), isdigit() and patterns take, each."""
SLEEP = 2
"""Seconds that an answer takes at least where a SLEEP(2) in it was run."""


@pytest.mark.criterion("query.refused")
def test_unknown_parameters_and_names_are_refused(api, draw):
    """Of all lists, and of one product's fields."""
    word, number = draw.word(), api.product()
    refused = [
        *((V2, {name: value}) for name, value in (
            (word, "1"), ("page", "1"), ("per_page", "5"), ("Sort", "id"), ("offset", "1"),
            ("sort", word), ("sort", ""), ("sort", "--id"), ("sort", "-"), ("sort", "id,name"),
            ("sort", "description"), ("sort", "sku"), ("sort", "ID"), ("sort", "+id"),
            ("sort", "id "), ("fields", word), ("fields", ""), ("fields", f"id,{word}"),
            ("fields", "id,,name"), ("fields", "id, name"), ("fields", "*"), ("fields", "key_hash"),
            ("in_stock", "1"), ("in_stock", "TRUE"), ("in_stock", ""), ("in_stock", "yes"),
            ("cursor", ""), ("cursor", word), ("cursor", "0"), ("cursor", "%%%"),
            ("min_price_cents", ""), ("max_price_cents", ""), ("limit", ""),
        )),
        *((V1, {name: value}) for name, value in (
            (word, "1"), ("limit", "5"), ("sort", "id"), ("cursor", "x"), ("in_stock", "true"),
            ("page", ""), ("per_page", ""),
        )),
        *((f"{V2}/{number}", {"fields": value}) for value in (word, "", f"sku,{word}", "*")),
    ]  # fmt: skip
    for path, params in refused:
        require_400(api, path, params)


@pytest.mark.criterion("query.refused")
@pytest.mark.parametrize(
    "rule",
    [(V2, "limit", 1, 100), (V2, "min_price_cents", 0, 10_000_000),
     (V2, "max_price_cents", 0, 10_000_000), (V1, "page", 1, 100_000), (V1, "per_page", 1, 100)],
    ids=lambda rule: rule[1],
)  # fmt: skip
def test_what_is_no_number_in_range_is_refused(api, draw, rule):
    """Too small, too large, and what only int() takes for a number."""
    path, name, least, most = rule
    for value, why in draw.bad_numbers(least, most):
        if why in NO_NUMBERS:
            require_400(api, path, {name: value}, f" ({why})")
    for value in (least, most):
        reply = api.get(path, params={name: value})
        if reply.status != 200:
            reply.fail(f"?{name}={value} is allowed; it should be a 200, not {reply.status}.")


@pytest.mark.criterion("query.refused")
def test_a_cursor_is_of_its_own_sort(api):
    """With another one it is a 400."""
    api.stock_up()
    for sort, other in (("name", "price_cents"), ("price_cents", "-price_cents"), ("id", "stock")):
        _, body, reply = api.page(sort=sort, limit=3)
        cursor = body.get("next_cursor")
        if not isinstance(cursor, str):
            reply.fail("A page that is not the last should have a `next_cursor`.")
        require_400(api, V2, {"sort": other, "limit": "3", "cursor": cursor})


def require_400(api, path, params, why=""):
    """Fail unless these parameters are refused."""
    reply = api.get(path, params=params)
    if reply.status != 400:
        name, value = next(iter(params.items()))
        reply.fail(f"?{name}={value[:60]} should be a 400{why}, not {reply.status}.")


@pytest.mark.criterion("query.injection")
def test_sql_in_parameters_is_none(api, draw):
    """It is refused, or finds nothing; it neither runs nor fails."""
    rows = api.stock_up()
    known = {row["category"] for row in rows}
    tail = draw.injections()
    values = {
        "sort": ["id;SELECT SLEEP(2)", "(SELECT SLEEP(2))", "IF(1=1,id,name)", "id DESC",
                 "price_cents,(SELECT SLEEP(2))", "id--", "1", "-(SELECT SLEEP(2))",
                 "id`", "name LIMIT 1 -- ", "-id, name"],
        "fields": ["id,(SELECT key_hash FROM api_keys LIMIT 1)", "id FROM api_keys -- ",
                   "1", "id,SLEEP(2)", "COUNT(*)", "id AS sku", "`id`"],
        "category": [*tail, *(f"{row['category']}{tail[0]}" for row in rows[:1]),
                     "' OR SLEEP(2) -- ", "\\", "%", "_"],
        "min_price_cents": ["0 OR 1=1", "1) OR (1=1", "SLEEP(2)", "0x1"],
        "in_stock": ["true OR 1=1", "1=1", "true' -- "],
        "limit": ["1;DROP TABLE products", "1 OFFSET 2", "1,5", "SLEEP(2)"],
        "cursor": [*tail[:3], "' UNION SELECT * FROM api_keys -- ", "SLEEP(2)"],
    }  # fmt: skip
    for name, texts in values.items():
        ignored = api.get(V2, params={name: draw.word()})  # what is wrong may be ignored as such
        for text in texts:
            reply = api.get(V2, params={name: text})
            unharmed(reply, f"?{name}={text}")
            if "SLEEP" in text:
                require_awake(api, reply, {name: text})
            if reply.status == 200 and (ignored.status != 200 or ignored.body != reply.body):
                require_nothing(reply, name, text in known)
    for text in (*tail[:1], "1 OR 1=1", "1' OR '1'='1", "0 UNION SELECT 1"):
        for path in (f"{V2}/{quote(text, safe='')}", f"{V1}/{quote(text, safe='')}"):
            reply = api.get(path)
            unharmed(reply, path)
            if reply.status == 200:
                reply.fail("SQL in the place of an id was taken for an id.")
        reply = api.get(V1, params={"category": text})
        unharmed(reply, f"{V1}?category={text}")
        if reply.status == 200 and reply.json(dict, labelled=False).get("total", 0):
            reply.fail(f"?category={text} of version 1 was taken for SQL.")
    assert api.rows() == rows, "SQL in a parameter has changed the table."


@pytest.mark.criterion("query.injection")
def test_sql_in_keys_and_fields_is_none(app, api, draw):
    """It is a text that comes back, or a key that does not count."""
    for text in draw.injections():
        reply = app.get(V2, headers={"X-API-Key": text.replace("\n", " ").strip() or "'"})
        unharmed(reply, f"the key {text}")
        if reply.status < 400:
            reply.fail(f"SQL in the place of a key counts as a key: {text}")
        body = api.body(name=f"a{text}"[:80].strip(), description=text)
        reply = api.post(body)
        row = api.row_of(body["sku"])  # that it is there at all is a matter of create.works
        if reply.status >= 400 or (
            row and (row["name"], row["description"].strip()) != (body["name"], text.strip())
        ):
            reply.fail(f"SQL in a text was not saved as the text that it is: {text}")
        number = api.product()
        reply = api.patch(number, {"description": f"b{text}"})
        if api.row(number)["description"].strip() != f"b{text}".strip():
            reply.fail(f"SQL in a PATCH was not saved as the text that it is: {text}")
    number = api.product()
    before, tag = api.row(number), api.tag(number)
    for name in ("stock = 0, name", "stock`", "name = 'x' -- ", "id = 5, stock"):
        unharmed(api.patch(number, {name: 1}, tag), f"a field {name}")
        unharmed(api.post(api.body() | {name: 1}), f"a field {name}")
    for text in ('"\' OR 1=1 -- "', "' OR '1'='1", '" OR ""="'):
        reply = api.patch(number, {"stock": 5}, text)
        unharmed(reply, f"If-Match: {text}")
    assert api.row(number) == before, "SQL in a field's name or in If-Match has changed a product."


@pytest.mark.criterion("query.injection")
def test_a_changed_cursor_is_no_sql(api, draw):
    """Where a cursor can be read, texts in it become SQL; it is a 400, or a page, and no 5xx."""
    rows = api.stock_up()
    known = {row["id"] for row in rows}
    for sort in ("name", "-price_cents"):
        _, body, _ = api.page(sort=sort, limit=2)
        for text in changed_cursors(body.get("next_cursor"), draw.injections()[:2]):
            reply = api.get(V2, params={"sort": sort, "limit": "2", "cursor": text})
            unharmed(reply, "a cursor that was changed")
            items = reply.json(dict, labelled=False).get("items") if reply.status == 200 else ()
            for item in items or ():
                if isinstance(item, dict) and item.get("id") not in known:
                    reply.fail("A cursor that was changed shows what is no product.")
    assert api.rows() == rows, "SQL in a cursor has changed the table."


def changed_cursors(cursor, texts):
    """The cursor with SQL in the place of each text and number in it, where it can be read."""
    if not isinstance(cursor, str):
        return []
    found = [cursor[:-3], f"{cursor}AAAA", cursor[::-1], *(f"{cursor}{text}" for text in texts)]
    try:
        value = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        return found
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for place, _ in list(items) if isinstance(value, dict | list) else ():
        for text in (*texts, "id, (SELECT SLEEP(2))", None, 10**30):
            other = value.copy()
            other[place] = text
            found.append(base64.urlsafe_b64encode(json.dumps(other).encode()).decode())
    return found


def require_awake(api, reply, params):
    """Fail where a SLEEP(2) was run: where the answer is late again and again, and others not."""
    for _ in range(3):
        if reply.seconds < SLEEP or api.app.get("/health").seconds > SLEEP / 4:
            return  # or it is the machine that is slow
        reply = api.get(V2, params=params)
    reply.fail(f"SLEEP was run in the database: the answer took {reply.seconds:.1f} s.")


def require_nothing(reply, name, known):
    """Fail where a list answers a parameter that is SQL with 200; a category may find nothing."""
    items = reply.json(dict, labelled=False).get("items")
    if name != "category" or known or items:
        reply.fail(f"SQL in ?{name}= was taken for SQL, or finds products.")


def unharmed(reply, what):
    """Fail where an answer is a 5xx, or shows the insides of the app."""
    if reply.status >= 500:
        reply.fail(f"It was {what}, which should be a 4xx or find nothing, not {reply.status}.")
    if reply.status >= 400:
        require_4xx(reply, what)
