"""The search: by text, by category, and its form."""

from urllib.parse import quote

import pytest


def search(shop, **query):
    """The page that the query leads to."""
    listed = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return shop.see(f"/products?{listed}")


def require_found(view, *products):
    wanted = sorted(one.id for one in products)
    found = sorted(one for one in view.ids if one is not None)
    if found != wanted:
        view.fail(f"This search should find the products {wanted}; it finds {found}.")


def odd_texts(draw):
    """Texts that stand in one line, with what is special about each."""
    return [case for case in draw.edge_texts(80) if not set(case.value) & set("\n\r\t")]


@pytest.mark.criterion("search.text")
def test_search_looks_into_name_and_description(shop, draw):
    """In any case of letters, and nothing else."""
    text = f"{draw.word()} ümlaut жук {draw.word()}"
    named, described = shop.add(name=f"Green {text} cup"), shop.add(description=f"With {text}.")
    far = shop.add(description=f"{draw.sentence()} {draw.text(90)}\n{draw.sentence()} {text}")
    shop.add()
    for q in (text, text.upper(), text[3:-3].title()):
        view = search(shop, q=q)
        require_found(view, named, described, far)
    everything = shop.see("/products?q=")
    if len(everything.ids) != 4:
        everything.fail("An empty q should find everything.")


@pytest.mark.criterion("search.text")
def test_search_finds_the_text_as_it_is(shop, draw):
    """Neither its words alone, nor a text over two columns, nor what another column holds."""
    one, two = draw.word(), draw.word()
    whole = shop.add(name=f"{one} {two}", category=f"{draw.word()}", price_cents=123400)
    shop.add(name=f"{two} {one}"), shop.add(name=one, description=two)
    shop.add(name=f"{one}{two}", description=f"{one}\n{two}")
    apart = shop.add(name=f"{one}  {two}")
    other = shop.add(category=f"{one} {two}")
    require_found(search(shop, q=f"{one} {two}"), whole)
    require_found(search(shop, q=f"{one[4:]} {two[:4]}"), whole)
    require_found(search(shop, q=f" {two}"), whole, apart)
    require_found(search(shop, q=whole.category))
    require_found(search(shop, q=other.name, category=other.category), other)


@pytest.mark.criterion("search.text")
def test_search_takes_every_character_as_it_is(shop, draw):
    """A quote ends no SQL, and the wildcards of LIKE are none."""
    word = draw.word()
    for sign in ("'", "%", "_", "\\", "\\%", '"', "|", "/", "!"):
        with_sign = shop.add(name=f"{word}{sign}x"), shop.add(description=f"{word}{sign}x")
        others = shop.add(name=f"{word}-x"), shop.add(description=f"{word}--x")
        require_found(search(shop, q=f"{word}{sign}x"), *with_sign)
        for product in (*with_sign, *others):
            shop.delete(product)
    cases = odd_texts(draw)
    products = shop.add_all([{"description": case.value} for case in cases])
    for case, product in zip(cases, products, strict=True):
        view = search(shop, q=case.value)
        if product.id not in view.ids:
            view.fail(f"A text with {case.why} stands in a description, but is not found there.")
    require_found(search(shop, q=f"{word}' OR 1=1 -- "))


@pytest.mark.criterion("search.text")
def test_nothing_is_found(shop, draw):
    """The page says so, and only then."""
    product = shop.add()
    for query in ({"q": draw.word()}, {"category": draw.word()},
                  {"q": draw.word(), "category": product.category}):  # fmt: skip
        view = search(shop, **query)
        require_found(view)
        if "No products found." not in view.text:
            view.fail('Nothing was found, so the page has to say "No products found."')
    for path in ("/products", f"/products?category={product.category}"):
        view = shop.see(path)
        if "No products found." in view.text:
            view.fail('There are products, and the page says "No products found."')


def search_form(view):
    """The form on the list; fails where it has not both fields."""
    form = view.page.form(having=("q", "category"))
    if form.method != "GET":
        view.fail("The search form has to be sent with GET.")
    for name in ("q", "category"):
        if name not in form.fields:
            view.fail(f"The search form has no field named {name!r}.")
    return form


def require_offered(view, *categories):
    """Fail unless the select has an option for all, and then each of `categories` once."""
    options = view.page.find('select[name="category"] option')
    offered = [str(tag.get("value", tag.get_text(strip=True))) for tag in options]
    wanted = ["", *sorted(categories)]
    if offered[:1] != [""] or sorted(offered[1:]) != wanted[1:]:
        view.fail(f"The select should offer {wanted}; it offers {offered[:20]}.")


@pytest.mark.criterion("search.category")
def test_the_form_filters_by_category(shop, draw):
    """Its choices come from the table; with a text, too."""
    one, other, text = draw.word(), draw.word(), draw.word()
    first = shop.add(category=one)
    second, third = shop.add(category=one, name=f"A {text}"), shop.add(category=other, name=text)
    view = shop.see("/products")
    form = search_form(view)
    require_offered(view, one, other)
    require_found(shop.seen(form.submit({"category": one}).expect(200)), first, second)
    found = shop.seen(form.submit({"q": text, "category": other}).expect(200))
    require_found(found, third)
    require_offered(found, one, other)
    require_found(shop.seen(form.submit({"q": text}).expect(200)), second, third)
    require_found(search(shop, category=draw.word()))
    shop.delete(third)
    new = shop.add()
    require_offered(shop.see("/products"), one, new.category)


@pytest.mark.criterion("search.category")
def test_a_category_is_matched_as_a_whole(shop, draw):
    """Neither a part of its name nor a longer one; nor the wildcards of LIKE."""
    word = draw.word()
    names = (word, f"{word} & co", f"new {word}", f"{word[:-1]}%", f"{word[:-1]}_", f"{word}'s")
    products = shop.add_all([{"category": name} for name in names])
    for product in products:
        require_found(search(shop, category=product.category), product)
    require_found(search(shop, category=word[:-2]))
    require_offered(search(shop, category=word), *names)


@pytest.mark.criterion("search.form")
def test_the_form_keeps_what_was_searched_for(shop, draw, spaced):
    """In its fields, and the text also outside of it; whether anything is found or not."""
    category = draw.word()
    shop.add_all([{"category": f"{category} set"}, {"category": category[:-1]}])
    shop.add(category=category)
    # what ends an attribute or SQL, or is a driver's placeholder in it, has criteria of its own
    odd = [case.value for case in odd_texts(draw) if not set(case.value) & set("'\"\\&<%")]
    for text in (draw.sentence(), f" {draw.word()} ", *draw.sample(odd, min(5, len(odd)))):
        view = search(shop, q=text, category=category)
        form = search_form(view)
        if form.value("q") != text:
            view.fail(
                f"The field q should still hold {text!r}; it holds {form.value('q')[:200]!r}."
            )
        require_selected(view, category)
        form.tag.extract()
        if spaced(text) not in spaced(view.page.soup.get_text()):
            view.fail("The page does not say, outside of the form, which text was searched for.")
    require_selected(shop.see("/products"), "")


def require_selected(view, category):
    """Fail unless the select has this one selected, and no other."""
    select = 'select[name="category"]'
    if (held := search_form(view).value("category")) != category:
        view.fail(f"The category {category!r} should still be selected; it is {held[:200]!r}.")
    marked = view.page.find(f"{select} option[selected]")
    if len(marked) > 1:
        values = [str(one.get("value", one.get_text(strip=True)))[:80] for one in marked]
        view.fail(f"Only the category that was searched for may be selected; here are {values}.")
