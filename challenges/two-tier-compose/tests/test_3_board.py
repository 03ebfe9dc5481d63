"""The API, the page and its form."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from conftest import number_of, object_of

MAX_AUTHOR = 60
MAX_TEXT = 500
NEWEST = 50
ISO_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)")
NOW = timedelta(minutes=10)
WHITE = " \u00a0\u3000\n\t"
"""White space of several kinds."""

CHANGEABLE = "e\u0301\u00e9 \ufb01\u00bd\uff21"
"""Letters that each of Unicode's normal forms would change."""


def leads_to(location, path, host):
    """Whether a browser that asked `host` finds `path` at `location`."""
    parts = urlsplit(urljoin(f"http://{host}/", location))
    return parts.netloc == host and (parts.path or "/") == path


def plain_texts(draw, count):
    """Odd texts without emoji, and without white space at their ends, which may be removed."""
    cases = [case.value.strip() for case in draw.edge_texts()]
    return draw.sample([text for text in cases if max(text) < "\ud800"], count)


@pytest.mark.criterion("api.works")
def test_a_message_is_kept(board):
    """Whatever POST answers with, the message is read by its id, or stands in the list."""
    for message in (board.post(), board.post()):
        board.read(message)


@pytest.mark.criterion("contract.routes")
def test_a_message_is_answered(board):
    """POST answers with an id of the message's own, a number, and with what was sent."""
    ids = []
    for _ in range(2):
        sent, reply = board.send()
        message = reply.json(dict)
        good = number_of(message["id"]) and isinstance(message["id"], int)
        assert good, "The new message's id has to be a positive integer."
        for name, value in sent.items():
            assert message[name] == value, f"The new message has another {name} than was sent."
        ids.append(message["id"])
    assert ids[0] != ids[1], "Two messages have the same id."


@pytest.mark.criterion("contract.routes")
def test_a_message_is_read_by_its_id(app, board):
    """GET by its id answers with the message, and not with its neighbour."""
    first, second = board.post(), board.post()
    for message in (first, second):
        found = app.get(f"/api/messages/{message.id}").expect(200).json(dict)
        assert number_of(found["id"]) == message.id, "GET answers with another id than was asked."
        for name in ("author", "text"):
            assert found[name] == getattr(message, name), f"GET answers with another {name}."


@pytest.mark.criterion("api.created")
def test_creating_answers_201_with_location(app, board, draw):
    """The status is 201, and Location leads to the new message."""
    sent = {"author": board.author(), "text": board.text()}
    host = f"{draw.word(6)}.example"
    reply = app.post("/api/messages", json=sent, headers={"Host": host}).expect(201)
    path = f"/api/messages/{board.message(sent, reply).id}"
    location = reply.headers.get("Location", "")
    assert location, "The answer to POST /api/messages has no Location header."
    if not leads_to(location, path, host):
        reply.fail(
            f"Location should lead to {path}, on the host that was asked, {host}, if it names one; "
            f"it is {location[:200]!r}."
        )


@pytest.mark.criterion("api.created")
def test_created_at_is_now_in_utc(board):
    """created_at is the time of creation, ISO 8601 in UTC, and the same on the next reading."""
    sent, reply = board.send()
    message = board.message(sent, reply)
    read = board.read(message)["created_at"]
    text = object_of(reply).get("created_at", read)
    form = "created_at has to look like 2030-01-15T09:30:00Z (or +00:00 in place of Z)."
    assert isinstance(text, str), "created_at has to be a text."
    assert ISO_UTC.fullmatch(text), form
    try:
        created = datetime.fromisoformat(text)
    except ValueError:
        created = None
    assert created, form
    off = abs(datetime.now(UTC) - created)
    assert off < NOW, "created_at is not the time at which the message was saved, in UTC."
    assert read == text, "created_at has changed on the next GET."


@pytest.mark.criterion("api.list")
def test_the_newest_message_comes_first(board, draw):
    """The list is in the reverse order of posting, also within one second, and counts all."""
    before = board.list().total
    names = [case.value for case in draw.edge_names() if len(case.value) <= MAX_AUTHOR]
    names = draw.sample(names, len(names))
    sent = list(zip(names, plain_texts(draw, len(names)), strict=True))
    made = [board.post(author=author, text=text).id for author, text in sent]
    after = board.list()
    for number, item, (author, text) in zip(after.ids, after.items, reversed(sent), strict=False):
        if number in made and (item.get("author"), item.get("text")) != (author, text):
            pytest.fail(
                f"The list has a message otherwise than it was sent: {author!r}, {text!r} has "
                f"become {item.get('author')!r}, {item.get('text')!r}."[:600]
            )
    assert after.ids[: len(made)] == made[::-1], (
        "The message that was posted last comes first, and so on."
    )
    assert after.total == before + len(made), "After so many more messages total is not more."


@pytest.mark.criterion("api.validation")
def test_a_bad_message_is_refused(app, board, draw):
    """Blank and too long values are answered with 400, and nothing is saved."""
    board.post()
    before = board.list().total
    cases = (
        ("author", "", "an empty author"),
        ("author", "   ", "only white space for an author"),
        ("author", WHITE, "only white space (U+00A0 and U+3000 among it) for an author"),
        ("author", draw.text(MAX_AUTHOR + 1), f"an author of {MAX_AUTHOR + 1} characters"),
        ("text", "", "an empty text"),
        ("text", WHITE, "only white space (U+00A0 and U+3000 among it) for a text"),
        ("text", "é" * (MAX_TEXT + 1), f"a text of {MAX_TEXT + 1} characters"),
        ("text", draw.text(MAX_TEXT + 1), f"a text of {MAX_TEXT + 1} characters"),
    )
    for name, value, what in cases:
        sent = {"author": board.author(), "text": board.text()} | {name: value}
        reply = app.post("/api/messages", json=sent)
        if reply.status != 400:
            reply.fail(f"A message with {what} has to be refused with 400, not {reply.status}.")
    assert board.list().total == before, "A message was refused with 400, but saved all the same."


@pytest.mark.criterion("api.validation")
def test_the_longest_message_is_taken(board, draw):
    """60 and 500 characters are allowed, also where each is more than one byte in UTF-8."""
    letter = draw.choice("漢語日本")  # three bytes; emoji have a criterion of their own
    message = board.post(author=letter * MAX_AUTHOR, text=letter * MAX_TEXT)
    board.read(message, "The longest author with the longest text: ")


@pytest.mark.criterion("api.created")
def test_id_and_date_are_the_apps(app, board):
    """What a body says of id and created_at is ignored: both are set by the app."""
    message = board.post()
    sent = {"author": board.author(), "text": board.text(), "id": message.id}
    reply = app.post("/api/messages", json=sent | {"created_at": "2001-02-03T04:05:06Z"})
    if reply.status >= 400:
        return  # unknown fields are ignored: contract.errors has the reason
    made = board.message(sent, reply)
    assert made.id != message.id, "The body had an id in it, and the app took it for its own."
    dates = [one.get("created_at") for one in (object_of(reply), board.read(made))]
    if "2001" in [str(date)[:4] for date in dates]:
        reply.fail("The body had a created_at in it, and the app took it: it sets that by itself.")


def require_error(reply, *statuses, when):
    """Fail unless the answer is an error as the brief describes it."""
    if reply.status not in statuses:
        wanted = " or ".join(map(str, statuses))
        reply.fail(f"{when} should be answered with {wanted}, not {reply.status}.")
    body = reply.json(dict)
    if not isinstance(body.get("error"), str) or not body["error"].strip():
        reply.fail(f'{when} should be answered with a sentence: {{"error": "…"}}.')


@pytest.mark.criterion("contract.errors")
def test_an_id_of_no_message(app, board, draw):
    """404 in JSON, whatever the id looks like."""
    known = board.post().id
    parts = [case.value for case in draw.bad_ids(known)] + ["milk"]
    parts += [f"{known}.0", f"{known}e0", f"+{known}", f" {known}", f"0_{known}"]
    for part in parts:
        reply = app.get(f"/api/messages/{quote(part, safe='')}")
        require_error(reply, 404, when=f"An id of no message ({part[:40]!r})")


@pytest.mark.criterion("contract.errors")
def test_odd_bodies(app, board):
    """Neither a type other than JSON nor text that is none leads to a 500; more fields are fine."""
    before = board.list().total
    good = {"author": board.author(), "text": board.text()}
    pairs = f'{{"author": "{good["author"]}", "text": "{good["text"]}"}}'.encode()
    for kind, body in (
        ("text/plain", pairs), ("application/x-www-form-urlencoded", b"author=Ada&text=Hi"),
        ("application/xml", b"<author>Ada</author>"), ("", pairs),
    ):  # fmt: skip
        reply = app.post("/api/messages", body=body, headers={"Content-Type": kind} if kind else {})
        require_error(reply, 415, 400, when=f"A body that is sent as {kind or 'no type at all'}")
    wrong = {"author": None, "text": [good["text"]]}
    for name, value in wrong.items():
        reply = app.post("/api/messages", json=good | {name: value})
        require_error(reply, 400, when=f"A message with {name} {value!r}")
    for body in (b"null", b"12", b'"text"', b"[[]]", b'{"author": "\xff", "text": "a"}'):
        reply = app.post("/api/messages", body=body, headers={"Content-Type": "application/json"})
        require_error(reply, 400, when=f"The body {body!r}")
    if (total := board.list().total) != before:
        pytest.fail(f"{total - before} of the refused messages were saved all the same.")
    for text in (b"\\ud800", b"a\\u0000b"):
        body = b'{"author": "Ada", "text": "%s"}' % text
        reply = app.post("/api/messages", body=body, headers={"Content-Type": "application/json"})
        if reply.status >= 500:
            reply.fail(f"No input leads to a 500: {text.decode()} in a text does.")
    more = good | {"id": 1, "mood": "fine", "tags": []}
    reply = app.post("/api/messages", json=more)
    if not 200 <= reply.status < 300:
        reply.fail(f"Unknown fields are ignored; this message is valid, but got {reply.status}.")


@pytest.mark.criterion("page.list")
def test_the_page_shows_messages(board):
    """What is sent with the form stands on the page."""
    author, text = board.author(), board.text()
    board.submitted(author, text)
    seen = board.page().text
    assert author in seen, f"The page does not show the author of a new message: {author}."
    assert text in seen, f"The page does not show the text of a new message: {text}"


@pytest.mark.criterion("page.order")
def test_the_newest_message_is_on_top(board):
    """The page is in the reverse order of saving, also within one second."""
    texts = [board.text() for _ in range(4)]
    for text in texts:
        board.submitted(board.author(), text)
    seen = board.page().text
    places = [seen.find(text) for text in texts]
    assert min(places) >= 0, "The page does not show each of four new messages."
    assert places == sorted(places, reverse=True), (
        "The page should show the newest message first, and so on; it does not."
    )


def run_by_browser(html, tag=""):
    """The tag that came out of a message into a page; empty if none did."""
    soup = BeautifulSoup(html, "html.parser")
    for found in soup.find_all(name=True):
        if tag and any(name.startswith(f"data-{tag}") for name in found.attrs):
            return f"an attribute data-{tag}"
    if soup.find("script", string=lambda text: text and "alert(" in text):
        return "<script>"
    return "<img>" if soup.find("img", attrs={"onerror": True}) else ""


@pytest.mark.criterion("page.escaped")
def test_markup_is_shown_as_text(board, draw):
    """A script in a text, and a tag in a name, are letters on the page."""
    author, text = f"<b>{draw.word()}</b>", f"{draw.markup()} {board.text()}"
    board.submitted(author, text)
    page = board.page()
    if found := run_by_browser(page.reply.text):
        page.reply.fail(f"A message with {found} was put into the page as HTML; a browser runs it.")
    for what, value in (("author", author), ("text", text)):
        if value not in page.text:
            page.reply.fail(f"HTML in the {what} should be shown to the letter: {value}")
    tag = draw.word(5)
    author = f"{tag} data-{tag} \"data-{tag}\" 'data-{tag}' <i data-{tag}>"
    text = f"{tag}</title></textarea></script>--><i data-{tag}> \" data-{tag} ' data-{tag}=1 &amp;"
    board.submitted(author, text)
    page = board.page()
    if found := run_by_browser(page.reply.text, tag):
        page.reply.fail(
            f"Text of a message has become {found} of an element: put quotes around attributes, "
            "and let Jinja escape what is in them."
        )
    for what, value in (("author", author), ("text", text)):
        if value not in page.text:
            page.reply.fail(f"HTML in the {what} should be shown to the letter: {value}")


@pytest.mark.criterion("page.escaped")
def test_markup_in_the_form_is_text(board, draw, entered):
    """What is shown again in the form cannot break out of its field, and is there to the letter."""
    author, text = f'"><script>alert("{draw.word(6)}")</script>', f"</textarea>{draw.markup()}"
    tag = draw.word(5)
    for sent in ((author, ""), ("", text), (f'{tag} "\' data-{tag} x=" data-{tag}', "")):
        reply = board.submit(*sent)
        if found := run_by_browser(reply.text, tag):
            reply.fail(f"{found} in a form that was refused came back as HTML; a browser runs it.")
        for name, given in zip(("author", "text"), sent, strict=True):
            try:
                shown = entered(reply.page(), name)
            except AssertionError:  # form.errors has the reason
                continue
            if given and shown and shown != given:
                reply.fail(
                    f"HTML in the {name} of a refused form should come back in its field to the "
                    f"letter: {given[:80]!r} has become {shown[:80]!r}."
                )


@pytest.mark.criterion("page.unicode")
def test_the_page_is_utf8(board, draw):
    """Letters of several scripts, quotes and emoji are kept, and the page says that it is UTF-8."""
    author = f"{draw.unicode()[:40].strip()} {CHANGEABLE} \N{SHRIMP}"
    text = f"{draw.unicode()} {draw.injections()[0]} {CHANGEABLE} {board.text()}"
    board.submitted(author, text)
    page = board.page()
    try:
        page.reply.body.decode("utf-8")
    except UnicodeDecodeError:
        page.reply.fail("The page is not encoded in UTF-8.")
    if not says_utf8(page):
        page.reply.fail("Neither the Content-Type nor a meta tag says that the page is UTF-8.")
    for what, value in (("author", author), ("text", text)):
        if value not in page.text:
            page.reply.fail(f"The {what} was changed on its way; it was sent as: {value}")
    emoji = draw.choice("🎉🐍🚀🦐")
    author, text = emoji * MAX_AUTHOR, emoji * (MAX_TEXT - 9) + str(draw.integer(10**8, 10**9 - 1))
    board.submitted(author, text)
    seen = board.page().text
    if author not in seen or text not in seen:
        pytest.fail(f"A name of {MAX_AUTHOR} and a text of {MAX_TEXT} emoji are not kept whole.")


def says_utf8(page):
    """Whether the Content-Type, or else a meta tag, says UTF-8."""
    kind = page.reply.headers.get("Content-Type", "").lower()
    if "charset=" in kind:
        return bool(re.search(r"charset=\"?utf-?8", kind))
    tags = page.soup.find_all("meta")
    said = [f"{tag.get('charset', '')} {tag.get('content', '')}".lower() for tag in tags]
    return any("utf-8" in one or "utf8" in one for one in said)


@pytest.mark.criterion("form.redirect")
def test_a_saved_form_is_answered_with_a_redirect(app, board, draw):
    """302 or 303 to /, where the new message stands, on the host that was asked."""
    author, text = board.author(), board.text()
    reply = board.submit(author, text)
    if reply.status not in {302, 303}:
        reply.fail(
            f"After it has saved a message, POST /messages should answer 302 or 303, not "
            f"{reply.status}: a reload of the page would post it again."
        )
    location = reply.headers.get("Location", "")
    if not location or (urlsplit(location).path or "/") != "/":
        reply.fail(f"The redirect should lead to /, but its Location is {location[:200]!r}.")
    assert text in board.page().text, "It was answered with a redirect, but nothing was saved."
    host, browser, text = f"{draw.word(6)}.example", app.session(), board.text()
    form = board.form(browser)
    values = {name: form.value(name) for name in form.fields} | {"author": author, "text": text}
    reply = browser.post("/messages", data=values, headers={"Host": host})
    location = reply.headers.get("Location", "")
    if reply.status < 400 and not leads_to(location, "/", host):
        reply.fail(
            f"The browser has asked {host}; the redirect leads to {location[:200]!r}, which is "
            'another host. Redirect to a path: redirect(url_for("index")).'
        )


@pytest.mark.criterion("form.flash")
def test_the_page_says_saved_once(app, board):
    """The next page says "Saved.", to this browser only, and the one after it does not."""
    browser = app.session()
    reply = board.submit(board.author(), board.text(), browser)
    assert "Saved." not in board.page().text, 'Another browser is told "Saved.", too.'
    # what the redirect says after the path belongs to it: a browser goes there
    query = urlsplit(reply.headers.get("Location", "")).query
    path = f"/?{query}" if query else "/"
    first = browser.page(path)
    assert "Saved." in first.text, 'The page after a saved form should say "Saved."; it does not.'
    second = browser.page(path)
    said = 'The page still says "Saved." when it is loaded again'
    if "Saved." in second.text:
        second.fail(f"{said}: it is told so by its address, {path[:80]}." if query else f"{said}.")


@pytest.mark.criterion("form.errors")
@pytest.mark.parametrize("wrong", ["author", "text"])
def test_a_bad_form_comes_back(board, draw, entered, wrong):
    """400, the page with an error, and both fields as they were entered."""
    limit = {"author": MAX_AUTHOR, "text": MAX_TEXT}[wrong]
    for value in ("", " \u3000 ", draw.text(limit + 1), None):
        usual = board.page().strings
        sent = {"author": board.author(), "text": board.text()} | {wrong: value}
        reply = board.submit(**sent)
        shown = "that is missing" if value is None else "that is blank"
        shown = f"of {limit + 1} characters" if (value or "").strip() else shown
        sent = {name: given for name, given in sent.items() if given is not None}
        if reply.status != 400:
            reply.fail(f"A form with {wrong} {shown} should be answered with 400.")
        page = reply.page()
        for name, given in sent.items():
            if given.strip() and entered(page, name) != given:
                reply.fail(f"The form comes back without the {name} that was entered.")
        if not page.strings - usual - set(sent.values()):
            reply.fail(f"A form with {wrong} {shown} was refused, but the page does not say why.")
        kept = next(given for name, given in sent.items() if name != wrong)
        assert kept not in board.page().text, "The form was refused, but its message was saved."


@pytest.mark.criterion("api.list")
def test_the_list_has_50_messages(board):
    """However many messages there are, the list has the newest 50."""
    board.fill(NEWEST + 2)
    last = board.post()
    found = board.list()
    assert last.is_in(found.items[0]), "The message that was posted last comes first."
    assert len(found.items) == NEWEST, (
        f"There are {found.total} messages; the list should have the newest {NEWEST} of them, but "
        f"has {len(found.items)}."
    )
    assert found.total > NEWEST, f"There are more than {NEWEST} messages; total counts all."


@pytest.mark.criterion("page.order")
def test_the_page_has_50_messages(board):
    """The newest 50, and none of those before."""
    gone, last, *_, newest = [board.post().text for _ in range(NEWEST + 1)]
    page = board.page()
    assert newest in page.text, "The page does not show the newest message."
    if last not in page.text:
        page.reply.fail(f"The page should show {NEWEST} messages; the last of them is missing.")
    if gone in page.text:
        page.reply.fail(f"The page should show the newest {NEWEST} messages; it shows more.")
