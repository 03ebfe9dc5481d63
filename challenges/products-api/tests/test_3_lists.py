"""Lists: filters, order, pages and fields. Each test begins with an empty table."""

import pytest
from conftest import PRODUCT, V2, ids_of

SORTS = ("id", "name", "price_cents", "stock")


def ordered(rows, sort):
    """The ids of rows in the order of `sort`."""
    column, down = sort.removeprefix("-"), sort.startswith("-")
    rows = sorted(rows, key=lambda row: row["id"])
    return [row["id"] for row in sorted(rows, key=lambda row: row[column], reverse=down)]


def every_sort():
    """What `sort` may be."""
    return [*SORTS, *(f"-{name}" for name in SORTS)]


@pytest.mark.criterion("query.filters")
def test_filters_find_what_they_should(api, draw):
    """One by one, at their limits, together; and nothing where nothing fits."""
    rows = api.stock_up()
    prices = sorted({row["price_cents"] for row in rows})
    low, high, some = prices[1], prices[2], rows[draw.integer(0, 9)]["category"]
    asked = (
        {}, {"category": some}, {"category": draw.word(9)}, {"in_stock": "true"},
        {"in_stock": "false"}, {"min_price_cents": low}, {"max_price_cents": high},
        {"min_price_cents": low + 1}, {"max_price_cents": high - 1},
        {"min_price_cents": low, "max_price_cents": high},
        {"min_price_cents": high, "max_price_cents": low}, {"max_price_cents": 0},
        {"min_price_cents": 0}, {"max_price_cents": 10_000_000},
        {"category": some, "in_stock": "true"}, {"category": some, "min_price_cents": high},
        {"category": some, "in_stock": "false", "max_price_cents": high},
        {"in_stock": "true", "sort": "-stock", "min_price_cents": low},
    )  # fmt: skip
    for params in asked:
        items, _, reply = api.page(**params)
        found = sorted(ids_of(items, reply))
        wanted = [row["id"] for row in rows if fits(row, params)]
        if found != wanted:
            reply.fail(
                f"These filters should find {len(wanted)} of {len(rows)} products; "
                f"{len(set(found) & set(wanted))} of them and {len(set(found) - set(wanted))} "
                "others came."
            )


def fits(row, params):
    """Whether a row is what the filters ask for."""
    stocked = params.get("in_stock")
    return (
        params.get("category", row["category"]) == row["category"]
        and row["price_cents"] >= params.get("min_price_cents", 0)
        and row["price_cents"] <= params.get("max_price_cents", 10**9)
        and (stocked is None or (row["stock"] > 0) == (stocked == "true"))
    )


@pytest.mark.criterion("query.sort")
def test_the_list_is_in_order(api):
    """Every field, both ways; what is equal stands by id."""
    rows = api.stock_up()
    for sort in (None, *every_sort()):
        items, _, reply = api.page(**({"sort": sort} if sort else {}))
        found = ids_of(items, reply)
        if found != ordered(rows, sort or "id"):
            column = (sort or "id").removeprefix("-")
            values = [item.get(column) for item in items]
            equal = values == sorted(values, reverse=bool(sort) and sort.startswith("-"))
            reply.fail(
                "Products with the same value should stand by id, the smallest first."
                if equal and len(found) == len(rows)
                else f"The list should have all products by {sort or 'id'}."
            )


@pytest.mark.criterion("query.fields")
def test_fields_leaves_what_is_asked_for(api, draw):
    """Just these, in lists and of one product; with filters and sorts on others."""
    rows = {row["id"]: row for row in api.stock_up()}
    number = draw.choice(list(rows))
    names = [("id", "name"), ("sku",), ("stock", "price_cents", "id"), ("description",), PRODUCT,
             ("name", "category")]  # fmt: skip
    for some in names:
        asked = ",".join(some)
        reply = api.get(f"{V2}/{number}", params={"fields": asked}).expect(200)
        wanted = {name: rows[number][name] for name in some}
        if reply.json(dict) != wanted:
            reply.fail(f"With ?fields={asked} a product should have just these fields.")
        items, _, reply = api.page(fields=asked, sort="-price_cents", in_stock="true")
        if not items:
            reply.fail("The list should not be empty.")
        for item in items:
            if set(item) != set(some):
                reply.fail(f"With ?fields={asked} each item should have just these fields.")
        if "id" in some and any(
            item != {name: rows[item["id"]][name] for name in some}
            for item in items
            if item["id"] in rows
        ):
            reply.fail("With ?fields= an item should have the values of its product.")


@pytest.mark.criterion("page.cursor")
def test_cursors_lead_through_the_list(api, draw):
    """Each product once, full pages, and null on the last one: also where that is full."""
    rows = api.stock_up(20)
    for limit in (3, 5, 19, 20):
        for sort in draw.sample(every_sort(), 2 if limit < 19 else 1):
            pages = api.walk(sort=sort, limit=limit)
            sizes = [min(limit, len(rows) - at) for at in range(0, len(rows), limit)]
            found = [number for page in pages for number in page]
            if sorted(found) != sorted(row["id"] for row in rows):
                pytest.fail(
                    f"With ?sort={sort}&limit={limit} the pages should have each of {len(rows)} "
                    f"products once; they have {len(set(found))} of them, {len(found)} in all."
                )
            if [len(page) for page in pages] != sizes:
                pytest.fail(
                    f"{len(rows)} products in pages of {limit} should be {sizes}; they were "
                    f"{[len(page) for page in pages]}. next_cursor is null on the last page."
                )
            whole = api.ids(sort=sort, limit=100)
            assert found == whole, f"With ?sort={sort} the pages have another order than the list."


@pytest.mark.criterion("page.cursor")
def test_a_page_has_20_by_default(api):
    """And a cursor goes with the filters; a list of nothing has no other page."""
    rows = api.stock_up(24)
    assert [len(page) for page in api.walk()] == [20, 4], "Of 24 products 20 are on a page, then 4."
    pages = api.walk(in_stock="true", sort="-name", limit=4)
    wanted = sorted(row["id"] for row in rows if row["stock"])
    found = sorted(number for page in pages for number in page)
    assert found == wanted, "The pages with ?in_stock=true should have each of these once."
    pages = api.walk(sort="-price_cents", fields="id", limit=7)
    found = sorted(number for page in pages for number in page)
    every = [row["id"] for row in rows]
    assert found == every, "With ?fields=id the pages should have each product once, too."
    api.clear()
    assert api.walk() == [[]], "A list of nothing should be one page, with next_cursor null."


@pytest.mark.criterion("page.stable")
@pytest.mark.parametrize("sort", ["id", "price_cents", "-price_cents", "name", "-stock"])
def test_others_come_and_go_meanwhile(api, sort):
    """Rows are added everywhere, and deleted: the last one of a page, one before, one behind."""
    rows = {row["id"]: row for row in api.stock_up(18)}
    order = ordered(rows.values(), sort)
    gone = set()

    def meanwhile(page):
        least, most = (pick(row["price_cents"] for row in rows.values()) for pick in (min, max))
        api.products([
            {"price_cents": least - 1, "name": "a", "stock": 0},
            {"price_cents": most + 1, "name": "zzzzzzzz", "stock": 900},
        ])  # fmt: skip
        if page and page[-1] in rows:
            behind = order[order.index(page[-1]) + 3 :]
            for number in {page[-1], page[0], *behind[:1]} - gone:
                api.remove(number)
                gone.add(number)

    pages = api.walk(meanwhile, sort=sort, limit=4)
    found = [number for page in pages for number in page]
    if len(set(found)) != len(found):
        pytest.fail(f"With ?sort={sort}, products that came or went made others come twice.")
    left = set(rows) - gone
    if not left <= set(found):
        pytest.fail(
            f"With ?sort={sort}, products that came or went made {len(left - set(found))} others "
            "be left out."
        )
