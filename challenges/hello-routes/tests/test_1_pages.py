"""The server, greetings, users, and which route answers."""

import re

import pytest

DEVELOPMENT = ("Werkzeug", "WSGIServer", "BaseHTTP", "SimpleHTTP")
"""In the Server header of servers whose own documentation says that they are for development."""
FLASK_RUN = re.compile(r"(^|[\s/])flask\s(.*\s)?run(\s|$)")
LONGEST_LINE = 65536
"""Bytes of a request's first line that http.server reads, and the servers built on it."""
HTTP_SERVER = "Error code explanation"
"""What http.server says by itself to a longer one, whatever its Server header is set to."""
SIGNS = ("_", "-", ".", "+", "/", "%", "ß", "٣", "²", "\N{KELVIN SIGN}", "\x00")
"""None of them has a place in a name."""
METHODS = [
    ("/", {"get"}),
    ("/hello", {"get"}),
    ("/hello/{word}", {"get"}),
    ("/users/new", {"get", "post"}),
    ("/users/ada", {"get"}),
    ("/boom", {"get"}),
    ("/health", {"get"}),
    ("/api/calc/add/1/2", {"get"}),
    ("/api/echo", {"post"}),
    ("/api/notes", {"get", "post"}),
    ("/api/notes/{note}", {"get", "delete"}),
    ("/api/boom", {"get"}),
]


@pytest.mark.criterion("server.production")
def test_a_production_server_answers(app):
    """Neither the Server header nor a command in the container is that of `flask run`."""
    reply = app.get("/health").expect(200)
    server = reply.headers.get("Server", "")
    if any(name.lower() in server.lower() for name in DEVELOPMENT):
        reply.fail(
            f"The Server header says {server[:100]!r}: that is a development server. It is neither "
            "fast nor safe enough for others to use."
        )
    running = next((line for line in app.commands() if FLASK_RUN.search(line)), None)
    assert running is None, (
        f"The app was started with {running[:200]!r}: that is Flask's development server, "
        "whatever the Server header says."
    )


@pytest.mark.criterion("server.production")
def test_no_development_server_in_disguise(app):
    """Python's http.server, which development servers are built on, answers by itself here."""
    path = "/" + "a" * (LONGEST_LINE - len("GET / HTTP/1.1\r\n") + 1)
    for _ in range(3):
        try:
            reply = app.get(path, headers={"Connection": "close"})
        except AssertionError:  # a server may close the connection: that is no sign of anything
            continue
        if HTTP_SERVER in reply.text:
            reply.fail(
                "A request line that is too long is answered by Python's http.server, on which "
                "development servers are built (Werkzeug's, wsgiref's), whatever the Server "
                "header says. Start the app with gunicorn, waitress or uvicorn."
            )
        return


@pytest.mark.criterion("hello.name")
def test_hello_world(site):
    """/hello greets the world."""
    page = site.see("/hello")
    if "Hello, World!" not in page.text:
        page.reply.fail('The page at /hello has to say "Hello, World!".')


@pytest.mark.criterion("hello.name")
def test_hello_by_name(site, draw, encoded):
    """/hello/{name} greets that name, of any script."""
    names = [draw.name(), draw.unicode(), "new", "World", str(draw.integer(0, 99))]
    for name in [*names, *(value for value, _ in draw.edge_names())]:
        page = site.see(f"/hello/{encoded(name)}")
        if f"Hello, {name}!" not in page.raw_text:
            page.reply.fail(f'This page has to say "Hello, {name}!".')


@pytest.mark.criterion("hello.name")
def test_a_name_is_shown_as_it_was_sent(site, draw, encoded):
    """No blank, sign or accent is lost or changed; markup has a criterion of its own."""
    for name, why in draw.edge_paths():
        if "<" in name:
            continue
        page = site.see(f"/hello/{encoded(name)}")
        if f"Hello, {name}!" not in page.raw_text:
            page.reply.fail(
                f"The name has to be shown just as it was sent; this one has {why}. In the text "
                f"of the page there should be {f'Hello, {name}!'!r}."
            )


@pytest.mark.criterion("hello.escaped")
def test_a_name_is_text(site, draw, encoded):
    """Markup in a name is shown, and never becomes a part of the page."""
    tag = draw.word()
    for name in (
        f"<i id={tag}>{tag}", f'"&amp; {tag}', f"<script>{tag}", f"&lt;{tag}&#60;",
        f"'\"><img src={tag}>", f"{{{{ 7*7 }}}}{tag}", f"<!-- {tag}", f"<style>{tag}<b>",
    ):  # fmt: skip
        page = site.see(f"/hello/{encoded(name)}")
        if f"Hello, {name}!" not in page.raw_text:
            page.reply.fail("The name has to be shown just as it was sent, markup included.")


@pytest.mark.criterion("hello.escaped")
def test_what_is_sent_is_text_on_every_page(app, site, draw, encoded):
    """A profile, a refused form and the pages for errors show no markup of a client's either."""
    tag, name = draw.word(), site.username()
    markup = f"\"'><i id={tag}>{tag}</i>"
    bare = f"{tag} {tag}x=1 "
    site.register(name, markup)
    pages = [
        ("the profile", app.get(f"/users/{name}").expect(200)),
        ("a form that was refused", app.post("/users/new", data={"name": markup, "about": markup})),
        ("a form that was refused", app.post("/users/new", data={"name": name, "about": markup})),
        ("a form that was refused", app.post("/users/new", data={"name": bare, "about": bare})),
        ("the page for 404", app.get(f"/{encoded(markup.replace('/', ''))}")),
        ("the page for 404", app.get(f"/users/{encoded(markup.replace('/', ''))}")),
        ("the page for 500", app.get("/boom", params={"why": markup})),
        ("the form", app.get("/users/new", params={"name": markup, "about": markup, tag: markup})),
    ]
    for where, reply in pages:
        soup = site.page(reply).soup
        if soup.find(id=tag):
            reply.fail(f"Markup that was sent has become a part of {where}; it has to be text.")
        if soup.find(attrs={f"{tag}x": True}):
            reply.fail(
                f"A part of a name that was sent has become an attribute in {where}: put the value "
                "of each attribute into quotation marks."
            )


@pytest.mark.criterion("users.form")
def test_the_form_is_shown(site):
    """GET /users/new shows a form that is sent with POST, to the same path."""
    page = site.see("/users/new")
    form = page.form
    if form is None:
        page.reply.fail('There is no <form method="post"> with fields named name and about.')
    action = form.action.partition("?")[0]
    if action.rstrip("/") != "/users/new":
        page.reply.fail(f"The form has to be sent to /users/new, not to {action[:100]!r}.")


@pytest.mark.criterion("users.register")
def test_registering_leads_to_the_profile(app, site, draw):
    """POST redirects to the new profile, which shows name and about; the form gives neither."""
    name, about = site.username(), draw.sentence()
    reply = app.post("/users/new", data={"name": name, "about": about}).expect(302, 303)
    if site.place(reply).rstrip("/") != f"/users/{name}":
        location = reply.headers["Location"]
        reply.fail(f"Location should lead to /users/{name}, but is {location[:200]!r}.")
    host, other = f"{draw.word()}.example:8080", {"name": site.username()}
    site.place(app.post("/users/new", data=other, headers={"Host": host}).expect(302, 303), host)
    page = site.see(f"/users/{name}")
    for what, text in (("name", name), ("about", about)):
        if text not in page.text:
            page.reply.fail(f"The profile does not show the {what} that was sent.")
    for reply in site.everywhere(f"/users/{name}"):
        if reply.status != 200:
            reply.fail(
                f"/users/{name} was there a moment ago, and over a new connection it is not: all "
                "processes of the app have to know the same users, so start one worker."
            )


@pytest.mark.criterion("users.register")
def test_every_good_name_and_about_is_taken(site, draw):
    """The shortest and the longest name, digits alone, and an about of any text."""
    digit = str(draw.integer(0, 9))
    names = [digit, draw.text(1), draw.text(20), f"0{draw.integer(10**5, 10**9)}", f"{digit}new",
             "new" + draw.text(3)]  # fmt: skip
    abouts = [case for case in draw.edge_texts() if "<" not in case.value]
    for name in names:
        site.register(name).expect(302, 303)
        if name not in site.see(f"/users/{name}").text:
            site.see(f"/users/{name}").reply.fail(f"/users/{name} does not show {name}.")
    abouts = [(case.value, case.why) for case in draw.sample(abouts, 7)]
    abouts += [(sign * 200, f"200 times {sign}") for sign in (draw.text(1), "é", "😀")]
    for about, why in abouts:
        name = site.username()
        site.register(name, about).expect(302, 303)
        page = site.see(f"/users/{name}")
        if " ".join(about.split()) not in page.text:
            page.reply.fail(
                f"The profile has to show the about as it was sent; this one has {why}: {about!r}."
            )


@pytest.mark.criterion("users.register")
def test_no_part_of_an_about_is_left_out(site, draw):
    """What looks like markup is as much a part of it; that it is no text costs hello.escaped."""
    word, other = draw.word(), draw.word()
    for about in (f"<b>{word}</b> 1 < 2 & <{other}>", f"&lt;{word} <!-- {other} --> \"'{word}'"):
        name = site.username()
        site.register(name, about)
        page = site.see(f"/users/{name}")
        if about not in page.text and about not in page.reply.text:
            page.reply.fail(
                "The profile has to show the about as it was sent, with all its signs: nothing "
                f"is taken out, and nothing is escaped twice. This one was {about!r}."
            )


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
    """No name, an empty one, other signs, and one of 21 characters: 400, with a page, for good."""
    word = site.username()
    bad = [
        ({"about": draw.sentence()}, "no name"),
        ({}, "no fields"),
        ({"name": ""}, "an empty name"),
        ({"name": " "}, "a blank for a name"),
        ({"name": f"{word[:4]}é"}, "an é in the name"),
        ({"name": "ADA"}, "capital letters in the name"),
        ({"name": draw.text(21)}, "a name of 21 characters"),
        ({"name": draw.text(200)}, "a name of 200 characters"),
    ]
    bad += [({"name": f"{word[:4]}{sign}{word[4:]}"}, f"{sign!r} in the name") for sign in SIGNS]
    near = [case for case in draw.lookalikes(word) if not re.fullmatch("[a-z0-9]+", case.value)]
    bad += [({"name": name}, f"a name that has {why}") for name, why in near]
    for form, what in bad:
        reply = app.post("/users/new", data=form)
        if reply.status != 400:
            reply.fail(f"A form with {what} has to be refused with 400; this was {reply.status}.")
        site.page(reply)
    reply = app.get(f"/users/{word}")
    if reply.status != 404:
        reply.fail(
            "All forms with a name like this one were refused, but a user of this name is there."
        )


@pytest.mark.criterion("users.refused")
def test_a_long_about_is_refused(app, site, draw):
    """201 characters are too many, whatever bytes they need; nothing is kept."""
    for about, what in ((draw.text(201), "201 letters"), ("😀" * 201, "201 emoji"),
                        (draw.text(3000), "3000 letters")):  # fmt: skip
        name = site.username()
        reply = app.post("/users/new", data={"name": name, "about": about})
        if reply.status != 400:
            reply.fail(f"An about of {what} has to be refused with 400; this was {reply.status}.")
        site.page(reply)
        reply = app.get(f"/users/{name}")
        if reply.status != 404:
            reply.fail("The form was refused with 400, but the user was registered all the same.")


@pytest.mark.criterion("users.refused")
def test_a_taken_name_is_refused(app, site, draw):
    """The second one of a name gets 409, and changes nothing; ada is taken from the start."""
    name, about, later = site.username(), draw.sentence(), draw.sentence()
    site.register(name, about)
    before = site.see("/users/ada").text
    for taken in (name, "ada"):
        for form in ({"name": taken, "about": later}, {"name": taken, "about": "x"}):
            reply = app.post("/users/new", data=form)
            if reply.status != 409:
                reply.fail(f"The name is taken, so 409 is the answer; this was {reply.status}.")
            site.page(reply)
    page = site.see(f"/users/{name}")
    if about not in page.text or later in page.text:
        page.reply.fail("A refused form has changed the profile of the one who has the name.")
    page = site.see("/users/ada")
    if page.text != before:
        page.reply.fail("A refused form has changed the profile of ada, who has the name.")


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
    for user in (name, "ada"):
        for path in (f"/users/{user}", f"/users/{user}/"):
            page = site.see(path)
            if user not in page.text.lower() or page.form:
                page.reply.fail(f"{path} has to show (or lead to) the profile of {user}.")


@pytest.mark.criterion("routing.new")
def test_nobody_is_called_new(app, site, draw):
    """A user of that name would have no profile, so the name is refused."""
    for about in ("", draw.sentence()):
        reply = app.post("/users/new", data={"name": "new", "about": about})
        if reply.status != 400:
            reply.fail(f"The name new has to be refused with 400; this was {reply.status}.")
    page = site.see("/users/new")
    if not page.has_form:
        page.reply.fail("/users/new has to show the form, whatever was sent to it.")


@pytest.mark.criterion("methods.head")
def test_head_answers_as_get(app, site, draw):
    """The same status and Content-Type; a HEAD that runs the code of POST is found here."""
    note, word = site.make_note()["id"], draw.word()
    paths = [path.format(word=word, note=note) for path, methods in METHODS if "get" in methods]
    paths += [f"/{word}", f"/users/{word}", f"/api/{word}", f"/api/notes/{note + 10**6}",
              "/api/calc/divide/1/0", f"/api/calc/{word}/1/2"]  # fmt: skip
    for path in paths:
        got, headed = app.get(path), app.head(path)
        if headed.status != got.status:
            headed.fail(f"GET {path} answers {got.status}, so HEAD has to; it is {headed.status}.")
        if headed.media_type != got.media_type:
            headed.fail(f"HEAD {path} has to have the Content-Type of GET, {got.media_type}.")


@pytest.mark.criterion("methods.options")
def test_options_lists_the_methods(app, draw, listed, site):
    """The Allow header of the answer lists what the path takes, whether or not it holds a note."""
    note, word = site.make_note()["id"], draw.word()
    paths = [(path.format(word=word, note=note), methods) for path, methods in METHODS]
    for path, methods in [*paths, (f"/api/notes/{note + 10**6}", {"get", "delete"})]:
        reply = app.options(path).expect(200, 204)
        if not methods <= listed(reply, "Allow"):
            wanted = ", ".join(sorted(methods)).upper()
            reply.fail(f"The Allow header for OPTIONS {path} has to list {wanted}.")
