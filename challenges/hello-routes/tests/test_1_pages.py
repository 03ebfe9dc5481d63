"""The server, greetings, users, and which route answers."""

import re
from urllib.parse import quote

import pytest

DEVELOPMENT = ("Werkzeug", "WSGIServer", "BaseHTTP", "SimpleHTTP")
"""In the Server header of servers whose own documentation says that they are for development."""
FLASK_RUN = re.compile(r"(^|[\s/])flask\s(.*\s)?run(\s|$)")


@pytest.mark.criterion("server.production")
def test_a_production_server_answers(app):
    """Neither the Server header nor a command in the container is that of `flask run`."""
    reply = app.get("/health").expect(200)
    server = reply.headers.get("Server", "")
    if any(name in server for name in DEVELOPMENT):
        reply.fail(
            f"The Server header says {server[:100]!r}: that is a development server. It is neither "
            "fast nor safe enough for others to use."
        )
    running = next((line for line in app.commands() if FLASK_RUN.search(line)), None)
    assert running is None, (
        f"The app was started with {running[:200]!r}: that is Flask's development server, "
        "whatever the Server header says."
    )


@pytest.mark.criterion("hello.name")
def test_hello_world(site):
    """/hello greets the world."""
    page = site.see("/hello")
    if "Hello, World!" not in page.text:
        page.reply.fail('The page at /hello has to say "Hello, World!".')


@pytest.mark.criterion("hello.name")
def test_hello_by_name(site, draw):
    """/hello/{name} greets that name, of any script."""
    for name in (draw.name(), " ".join(draw.unicode().split())):
        page = site.see(f"/hello/{quote(name)}")
        if f"Hello, {name}!" not in page.text:
            page.reply.fail(f'This page has to say "Hello, {name}!".')


@pytest.mark.criterion("hello.escaped")
def test_a_name_is_text(site, draw):
    """Markup in a name is shown, and never becomes a part of the page."""
    tag = draw.word()
    for name in (f"<i id={tag}>{tag}", f'"&amp; {tag}', f"<script>{tag}"):
        page = site.see(f"/hello/{quote(name)}")
        if f"Hello, {name}!" not in page.text:
            page.reply.fail("The name has to be shown just as it was sent, markup included.")


@pytest.mark.criterion("users.form")
def test_the_form_is_shown(site):
    """GET /users/new shows a form that is sent with POST, to the same path."""
    page = site.see("/users/new")
    form = page.form
    if form is None:
        page.reply.fail('There is no <form method="post"> with fields named name and about.')
    action = (form.get("action") or "/users/new").rstrip("/")
    if not action.endswith("/users/new"):
        page.reply.fail(f"The form has to be sent to /users/new, not to {action[:100]!r}.")


@pytest.mark.criterion("users.register")
def test_registering_leads_to_the_profile(app, site, draw):
    """POST redirects to the new profile, which shows name and about; the form gives neither."""
    name, about = site.username(), draw.sentence()
    reply = app.post("/users/new", data={"name": name, "about": about}).expect(302, 303)
    location = reply.headers.get("Location", "")
    leads = re.fullmatch(rf"(https?://[^/]+)?/users/{name}/?", location)
    if not leads:
        reply.fail(f"Location should lead to /users/{name}, but is {location[:200]!r}.")
    page = site.see(f"/users/{name}")
    for what, text in (("name", name), ("about", about)):
        if text not in page.text:
            page.reply.fail(f"The profile does not show the {what} that was sent.")


@pytest.mark.criterion("users.register")
def test_about_may_be_left_out(app, site):
    """Only the name is required; a profile shows its own user."""
    name, other = site.username(), site.username()
    app.post("/users/new", data={"name": name}).expect(302, 303)
    site.register(other)
    page = site.see(f"/users/{name}")
    if name not in page.text or other in page.text:
        page.reply.fail(f"/users/{name} has to show {name}, and no other user.")


@pytest.mark.criterion("users.refused")
def test_bad_names_are_refused(app, site, draw):
    """No name, an empty one, other signs, and one of 21 characters: 400, with a page."""
    word = site.username()
    bad = (
        ({"about": draw.sentence()}, "no name"),
        ({"name": ""}, "an empty name"),
        ({"name": word.upper()}, "capital letters in the name"),
        ({"name": f"{word[:4]} {word[4:]}"}, "a space in the name"),
        ({"name": f"{word[:4]}é"}, "an é in the name"),
        ({"name": draw.text(21)}, "a name of 21 characters"),
        ({"name": site.username(), "about": draw.text(201)}, "an about of 201 characters"),
    )
    for form, what in bad:
        reply = app.post("/users/new", data=form)
        if reply.status != 400:
            reply.fail(f"A form with {what} has to be refused with 400; this was {reply.status}.")
        site.page(reply)
    site.register(draw.text(20), draw.text(200))


@pytest.mark.criterion("users.refused")
def test_a_taken_name_is_refused(app, site, draw):
    """The second one of a name gets 409, and changes nothing."""
    name, about, later = site.username(), draw.sentence(), draw.sentence()
    site.register(name, about)
    reply = app.post("/users/new", data={"name": name, "about": later})
    if reply.status != 409:
        reply.fail(f"The name is taken, so 409 is the answer; this was {reply.status}.")
    site.page(reply)
    page = site.see(f"/users/{name}")
    if about not in page.text or later in page.text:
        page.reply.fail("A refused form has changed the profile of the one who has the name.")


@pytest.mark.criterion("routing.new")
def test_new_is_the_form(site):
    """/users/new is the form, with a slash at the end as well."""
    for path in ("/users/new", "/users/new/"):
        page = site.see(path)
        if not page.has_form:
            page.reply.fail(f"{path} has to show (or lead to) the form; no user can be called new.")


@pytest.mark.criterion("routing.new")
def test_a_name_is_a_profile(site):
    """/users/{name} is the profile, with a slash at the end as well."""
    name = site.username()
    site.register(name)
    for path in (f"/users/{name}", f"/users/{name}/"):
        page = site.see(path)
        if name not in page.text or page.form:
            page.reply.fail(f"{path} has to show (or lead to) the profile of {name}.")


@pytest.mark.criterion("routing.new")
def test_nobody_is_called_new(app, site):
    """A user of that name would have no profile, so the name is refused."""
    reply = app.post("/users/new", data={"name": "new", "about": ""})
    if reply.status != 400:
        reply.fail(f"The name new has to be refused with 400; this was {reply.status}.")
    page = site.see("/users/new")
    if not page.has_form:
        page.reply.fail("/users/new has to show the form, whatever was sent to it.")


@pytest.mark.criterion("methods.head")
@pytest.mark.parametrize("path", ["/", "/hello", "/users/new", "/api/notes"])
def test_head_answers_as_get(app, path):
    """The same status and Content-Type; a HEAD that runs the code of POST is found here."""
    got, headed = app.get(path).expect(200), app.head(path)
    if headed.status != got.status:
        headed.fail(f"GET {path} answers {got.status}, so HEAD has to; it is {headed.status}.")
    if headed.media_type != got.media_type:
        headed.fail(f"HEAD {path} has to have the Content-Type of GET, {got.media_type}.")


@pytest.mark.criterion("methods.options")
@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/hello", {"get"}),
        ("/users/new", {"get", "post"}),
        ("/api/notes", {"get", "post"}),
        ("/api/notes/1", {"get", "delete"}),
    ],
)
def test_options_lists_the_methods(app, listed, path, methods):
    """The Allow header of the answer lists what the path takes."""
    reply = app.options(path).expect(200, 204)
    if not methods <= listed(reply, "Allow"):
        wanted = ", ".join(sorted(methods)).upper()
        reply.fail(f"The Allow header for OPTIONS {path} has to list {wanted}.")
