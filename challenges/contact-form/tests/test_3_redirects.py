"""Where redirects lead: after a POST, to the login, and back."""

from urllib.parse import parse_qs, quote

import pytest

ELSEWHERE = "elsewhere.example"
AWAY = (
    "http://{0}/", "https://{0}/messages", "HTTPS://{0}", "//{0}", "///{0}/", "////{0}", "/\\{0}",
    "\\\\{0}", "/\\/{0}", "\\/{0}", "http:{0}", "https:/{0}", "http:///{0}", "http://messages@{0}/",
    "//{0}/messages", " //{0}", "\t//{0}", "/\t/{0}", "/\n/{0}", "\r//{0}", "\0//{0}", "/ /{0}",
    "javascript:alert(1)", "data:text/html,{0}", "//{0}%2f..", "/%09/{0}", "/%2f{0}", "/%2f%2f{0}",
    "%2f%2f{0}", "/%5c{0}", "%2f%5c{0}", "/messages//{0}", "/..//{0}", "/.//{0}", "//{0}:80",
    "/\u3000/{0}", "\u2028//{0}", "/messages\r\nLocation: //{0}",
)  # fmt: skip
COUNT_FOR_NOTHING = (
    None, "", "messages", "messages/1", "//{0}/contact", "/\\{0}", "http://{0}/contact",
    "http://localhost:5000/contact", "/con tact", "/contact\t", " /contact", "/contact\n",
    "?next=/contact", "javascript:alert(1)",
)  # fmt: skip


@pytest.mark.criterion("redirect.post")
def test_each_post_redirects(app, site, redirects_to):
    """To the page that the table names; the browser's reload then sends nothing again."""
    browser = app.session()
    _, reply = site.sent(browser)
    redirects_to(reply, "/contact", "A message that was saved")
    redirects_to(site.choose(browser, "dark"), "/contact", "A theme that was chosen")
    redirects_to(site.choose(browser, "light", "/login"), "/contact", "A theme chosen on /login")


@pytest.mark.criterion("redirect.post")
def test_the_clerks_posts_redirect(site, redirects_to):
    """Deletion leads to the list, logout to the form."""
    clerk = site.clerk()
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    redirects_to(site.deleting(clerk, path), "/messages", "A message that was deleted")
    reply = site.form(clerk, "/messages", "/logout", ()).submit()
    redirects_to(reply, "/contact", "A logout")


@pytest.mark.criterion("redirect.login")
@pytest.mark.parametrize(
    "address",
    ["/messages", "/messages/{0}", "/messages/{0}?from=a%26b", "/messages?page=2&sort=a%2Bb",
     "/messages?text=%C3%BC%25%23&empty="],
)  # fmt: skip
def test_a_stranger_is_led_to_the_login(app, site, address_of, address):
    """With the path and the query that were asked for, all of it."""
    clerk = site.clerk() if "{0}" in address else None
    values, _ = site.sent() if clerk else ({}, None)
    number = site.path_of(clerk, values).rpartition("/")[2] if clerk else ""
    path = address.format(number)
    reply = app.session().get(path)
    place, _, query = reply.location.partition("?")
    if reply.status not in (302, 303) or place != "/login":
        reply.fail(f"Without a session GET {path} should redirect to /login?next=….")
    given = parse_qs(query, keep_blank_values=True).get("next", [""])
    if len(given) != 1 or not address_of(given[0], path):
        reply.fail(f"next should be {path!r} when the query is decoded; it is {given[0][:100]!r}.")


@pytest.mark.criterion("redirect.next")
def test_the_login_leads_back(app, site, address_of):
    """From the page that was asked for, by the login, to it."""
    clerk = site.clerk()
    values, _ = site.sent()
    path = site.path_of(clerk, values)
    for address in (path, f"{path}?from=a%26b&to=%C3%BC", "/messages?page=2"):
        browser = app.session()
        asked = browser.get(address)
        if not asked.location.startswith("/login"):
            asked.fail(f"Without a session GET {address} should lead to /login.")
        reply = site.sign_in(browser, query=asked.location.partition("?")[2])
        require_back(reply, address, address_of)


@pytest.mark.criterion("redirect.next")
def test_any_path_of_the_site_counts(app, site, query_with, address_of):
    """Also one that nobody was led away from, with a query."""
    for address in ("/contact", "/messages?next=/contact", "/contact?a=1&b=%2F%2Fx"):
        reply = site.sign_in(app.session(), query=query_with(address))
        require_back(reply, address, address_of)


@pytest.mark.criterion("redirect.next")
def test_a_refused_login_keeps_it(app, site, query_with, address_of):
    """The form that comes back leads there, too."""
    browser, address = app.session(), "/contact?from=login"
    values = {"username": site.username, "password": f"{site.password}x"}
    refused = site.sign_in(browser, query=query_with(address), **values)
    for _ in range(2):
        form = refused.page().form(having=("username", "password"), action="/login")
        refused = form.submit(values)
    form = refused.page().form(having=("username", "password"), action="/login")
    right = values | {"password": site.password}
    require_back(form.submit(right), address, address_of)


@pytest.mark.criterion("redirect.open")
@pytest.mark.parametrize("way", ["query", "field", "both"])
def test_a_login_leads_to_no_other_site(app, site, query_with, is_away, way):
    """Whichever way the address is written, and whichever way it is sent."""
    for pattern in AWAY:
        value = pattern.format(ELSEWHERE)
        browser = app.session()
        query = "" if way == "field" else query_with(value)
        extra = None if way == "query" else {"next": value}
        reply = site.sign_in(browser, query=query, extra=extra)
        if reply.status >= 500:
            reply.fail(f"A login with next={value!r} is answered with {reply.status}.")
        if is_away(reply):
            reply.fail(f"A login with next={value!r} leads to another site.")
    control = site.sign_in(app.session(), query=query_with("/messages"))
    if control.status not in (302, 303):
        control.fail("A login with a next of this site should redirect.")


@pytest.mark.criterion("redirect.open")
def test_no_other_redirect_leads_away(app, site, is_away):
    """A next with a message or a theme, a page of another site that it was sent from."""
    there = f"https://{ELSEWHERE}/contact"
    browser = app.session()
    claims = dict.fromkeys(("next", "url", "redirect", "return_to", "back"), there)
    query = "&".join(f"{name}={quote(there, safe='')}" for name in claims)
    replies = {
        "A message": site.form(browser).submit(site.valid(), extra=claims, to=f"/contact?{query}"),
        "A theme": site.choose(browser, "dark", extra=claims),
        "A page for the clerk": app.get(f"/messages?{query}"),
        "A theme that is sent from another site's page": site.post(
            browser, "/theme", {"theme": "dark"}, headers={"Referer": there}
        ),
    }
    for what, reply in replies.items():
        if is_away(reply):
            reply.fail(f"{what} with addresses of another site leads there.")


@pytest.mark.criterion("redirect.default")
def test_what_is_no_path_of_the_site_counts_for_nothing(app, site, query_with, redirects_to):
    """Then the login leads to /messages."""
    for pattern in COUNT_FOR_NOTHING:
        value = None if pattern is None else pattern.format(ELSEWHERE)
        query = "" if value is None else query_with(value)
        reply = site.sign_in(app.session(), query=query)
        what = "without next" if value is None else f"with next={value!r}"
        redirects_to(reply, "/messages", f"A login {what}")


def require_back(reply, address, address_of):
    """Fail unless a login has led to `address`."""
    if reply.status not in (302, 303) or not address_of(reply.location, address):
        to = reply.headers.get("Location", "")[:100]
        reply.fail(
            f"After the login the browser should be led to {address}; this was {reply.status}"
            f"{f' to {to!r}' if to else ''}."
        )
