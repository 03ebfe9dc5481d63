"""What is said once, after a message was sent."""

import pytest


@pytest.mark.criterion("flash.shown")
@pytest.mark.parametrize("path", ["/contact", "/login"])
def test_the_next_page_says_thank_you(app, site, news, path):
    """With the name: on the page that the redirect leads to, and on any other."""
    browser = app.session()
    values, _ = site.sent(browser)
    page = browser.page(path)
    wanted = f"Thank you, {values['name']}"
    if wanted not in news(page):
        page.fail(
            f'The next page after a message was saved should have an element with role="status" '
            f"that says {wanted!r}."
        )


@pytest.mark.criterion("flash.shown")
def test_the_name_is_the_one_that_was_entered(app, site, draw, news):
    """Letter by letter, with quotes and signs."""
    browser, name = app.session(), f'{draw.word(6)} & "{draw.word(4)}" O\'{draw.word(5)} <3'
    site.sent(browser, name=name)
    page = browser.page("/contact")
    if f"Thank you, {name}" not in news(page):
        page.fail(f"What is said should name {name!r}, as it was entered.")


@pytest.mark.criterion("flash.once")
def test_it_is_said_once(app, site, news):
    """The page after the next one says nothing, nor does the address of the redirect, again."""
    browser = app.session()
    _, reply = site.sent(browser)
    first = browser.page(reply.location if reply.location.startswith("/") else "/contact")
    if not news(first):
        first.fail("The first page after a message was saved does not say so.")
    for path in (first.reply.sent.path, "/contact", "/login"):
        page = browser.page(path)
        if news(page):
            page.fail(f"It was said before, and {page.name} says it again: {news(page)[:80]!r}.")


@pytest.mark.criterion("flash.once")
def test_each_message_has_its_own(app, site, news):
    """A second message is thanked for as the first one was, and no name is said twice."""
    browser = app.session()
    names = []
    for _ in range(2):
        values, _ = site.sent(browser)
        said = news(browser.page("/contact"))
        assert said, "The second message of a browser is not thanked for."
        assert not any(name in said for name in names), "An earlier name is said again."
        names.append(values["name"])


@pytest.mark.criterion("flash.once")
def test_a_refused_form_says_nothing_of_it(app, site, draw, news):
    """There is nothing to thank for."""
    browser = app.session()
    values = site.valid(name=draw.text(81))
    reply = site.forged(browser, values)
    if reply.status != 400:  # which is a matter of form.limits
        return
    page = reply.page()
    if "Thank you" in news(page) or "Thank you" in news(browser.page("/contact")):
        page.fail("A form that was refused is thanked for.")


@pytest.mark.criterion("flash.own")
def test_nobody_else_hears_it(app, site, news):
    """Another browser that opens the page first, and the one that has sent it after that."""
    for _ in range(3):
        browser, other = app.session(), app.session()
        other.page("/contact")
        values, _ = site.sent(browser)
        for stranger in (other, app.session()):
            page = stranger.page("/contact")
            if values["name"] in page.text:
                page.fail("Another visitor's page shows the name of who has sent a message.")
            if news(page):
                page.fail(f"Another visitor is told {news(page)[:80]!r}.")
        page = browser.page("/contact")
        if not news(page):
            page.fail("Whoever has sent the message is not thanked: another took it away.")
