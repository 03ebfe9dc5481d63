"""The form: what is saved, what is refused, and how that is said."""

import pytest

FIELDS = ("name", "email", "subject", "message", "consent")
BLANKS = ("", "   ", "\t \u00a0 ")
GOOD = (
    "{}@example.org",
    "{}.b_c-d+e@mail-1.example.co.uk",
    "x{}9@1and1.example.com",
    "{}@a.b.c.d.example.net",
)
BAD = (
    ("{}", "no @"),
    ("{}@", "nothing behind the @"),
    ("@{}.org", "nothing before the @"),
    ("{}@localhost", "a domain of one part"),
    ("{}@@example.org", "two @ side by side"),
    ("{}@b@example.org", "two @"),
    ("{} b@example.org", "a blank before the @"),
    ("{}@exam ple.org", "a blank in the domain"),
    ("{}\tb@example.org", "a tab in it"),
    ("{}@.example.org", "a domain that begins with a dot"),
    ("{}@example.org.", "a domain that ends with a dot"),
    ("{}@example..org", "two dots side by side in the domain"),
    ("{}@example.org, b@example.org", "a second address behind it"),
)
LONGEST = 254


@pytest.mark.criterion("form.saves")
def test_a_valid_message_is_saved(db, site):
    """Its four values stand in four columns, whichever way they were entered."""
    for subject in site.subjects:
        values, _ = site.sent(subject=subject)
        places = {name: db.find(values[name]) for name in ("name", "email", "subject", "message")}
        for name, found in places.items():
            if not found:
                pytest.fail(
                    f"A message was answered as if it were saved, and its {name} stands in no "
                    "column of the database by itself."
                )
        columns = {name: set(found) for name, found in places.items()}
        for name in ("email", "message"):
            others = set().union(*(columns[one] for one in columns if one != name))
            assert columns[name] - others, f"The {name} of a message has no column of its own."


@pytest.mark.criterion("form.saves")
def test_blanks_around_name_and_address_do_not_count(app, db, site):
    """They are taken off before anything else."""
    values = site.valid()
    padded = values | {"name": f"  {values['name']} ", "email": f" {values['email']}  "}
    reply = site.send(app.session(), padded)
    if reply.status >= 400:
        reply.fail(
            "Blanks at the ends of name and address do not count, and this message was answered "
            f"with {reply.status}."
        )
    for name in ("name", "email"):
        if not db.find(values[name]):
            reply.fail(f"The {name} should be saved without the blanks at its ends.")


@pytest.mark.criterion("form.saves")
def test_a_message_of_several_lines_is_saved(draw, site):
    """A line break in a message is fine."""
    text = f"{draw.sentence()}\r\n\r\n{draw.sentence()}"
    site.sent(message=text)
    assert site.is_stored(text), "A message of several lines is not saved as it was entered."


@pytest.mark.criterion("form.required")
@pytest.mark.parametrize("field", FIELDS)
def test_what_is_missing_is_refused(app, site, field):
    """Empty, blank, or left out: 400, and nothing is saved."""
    control, _ = site.sent()
    assert site.is_stored(control["message"]), "A valid message is not saved."
    texts = field in {"name", "email", "message"}
    for value in (*(BLANKS if texts else ("",)), None):
        values = site.valid(**{field: value})
        what = "left out" if value is None else "empty" if not value else "blank"
        require_refused(site, site.forged(app.session(), values), values, f"{field} is {what}")


@pytest.mark.criterion("form.email")
def test_what_is_an_address_is_taken(app, site, draw):
    """Dots, digits, a plus sign, a hyphen, several parts."""
    for pattern in GOOD:
        address = pattern.format(draw.word(6))
        reply = site.send(app.session(), site.valid(email=address))
        if reply.status >= 400:
            reply.fail(f"{address!r} is an e-mail address; it was answered with {reply.status}.")
        assert site.is_stored(address), f"The address {address!r} is not saved."


@pytest.mark.criterion("form.email")
def test_what_is_none_is_refused(app, site, draw):
    """By the rules of the brief, with 400."""
    for pattern, why in BAD:
        values = site.valid(email=pattern.format(draw.word(8)))
        reply = site.forged(app.session(), values)
        require_refused(site, reply, values, f"an address has {why}")


@pytest.mark.criterion("form.choices")
def test_the_subjects_are_offered(app, site):
    """Each once, and nothing else but one without a value."""
    form = site.form(app)
    options = form.tag.select("select[name=subject] option")
    offered = [str(one.get("value", one.get_text().strip())) for one in options]
    rest = [one for one in offered if one]
    if sorted(rest) != sorted(site.subjects):
        form.fail(f"The subject should offer {site.subjects}; it offers {rest}.")
    if offered.count("") > 1:
        form.fail("The subject should offer one option without a value at most.")


@pytest.mark.criterion("form.choices")
def test_another_subject_is_refused(app, site, draw):
    """One that is not on the list, or only looks like it."""
    subject = site.subjects[0]
    for other, why in (
        (draw.sentence(), "is not on the list"),
        (subject.upper(), "is on the list in small letters"),
        (subject[:-1], "is cut off"),
        (f"{subject} {draw.word(4)}", "has more behind it"),
        ("|".join(site.subjects[:2]), "is two of the list"),
        ("0", "is a number"),
    ):
        values = site.valid(subject=other)
        reply = site.forged(app.session(), values)
        require_refused(site, reply, values, f"the subject {why}")


@pytest.mark.criterion("form.choices")
def test_without_consent_it_is_refused(app, site):
    """Only `yes` is consent."""
    form = site.form(app)
    box = form.tag.select_one("input[name=consent]")
    if box is None or str(box.get("type", "")).lower() != "checkbox":
        form.fail("consent should be a check box.")
    if box.has_attr("checked"):
        form.fail("The box for consent should not be ticked when the page is opened.")
    for value in (None, "no", "0", "false", "Yes!"):
        values = site.valid(consent=value)
        reply = site.forged(app.session(), values)
        require_refused(
            site, reply, values, f"consent is {value!r}" if value else "no box is ticked"
        )


@pytest.mark.criterion("form.limits")
def test_what_just_fits_is_taken(app, site, draw):
    """Characters are counted, not bytes, and without the blanks at the ends."""
    for field, text in (
        ("name", draw.text(80)),
        ("name", f"{draw.word(8)}{'é🐍' * 36}"),
        ("name", f"  {draw.text(80)}  "),
        ("name", draw.word(1)),
        ("email", longest_address(draw)),
        ("message", draw.text(1000)),
        ("message", f"{draw.word(20)}{'🐍é' * 490}"),
        ("message", draw.word(1)),
    ):
        reply = site.send(app.session(), site.valid(**{field: text}))
        if reply.status >= 400:
            count = len(text.strip())
            reply.fail(
                f"{field} has {count} characters, which is fine; it was answered with "
                f"{reply.status}."
            )
        assert site.is_stored(text.strip()), f"A {field} that just fits is not saved whole."


@pytest.mark.criterion("form.limits")
def test_one_more_is_refused(app, site, draw):
    """A character, or a line."""
    for field, text, why in (
        ("name", draw.text(81), "has 81 characters"),
        ("name", f"{draw.word(6)}\n{draw.word(6)}", "has a line break"),
        ("name", f"{draw.word(6)}\r\nBcc: {draw.word(6)}@example.org", "has a line break"),
        ("email", f"a{longest_address(draw)}", "has 255 characters"),
        ("email", f"{draw.word(6)}@example.org\nBcc: {draw.word(6)}@example.org", "has two lines"),
        ("message", draw.text(1001), "has 1,001 characters"),
        ("message", f"{draw.word(21)}{'é' * 980}", "has 1,001 characters"),
    ):
        values = site.valid(**{field: text})
        reply = site.forged(app.session(), values)
        require_refused(site, reply, values, f"the {field} {why}")


@pytest.mark.criterion("form.errors")
@pytest.mark.parametrize(
    "wrong",
    [*((field,) for field in FIELDS), ("name", "consent"), ("email", "subject", "message"), FIELDS],
    ids="-".join,
)
def test_each_wrong_field_has_its_message(app, site, draw, wrong):
    """All at once, each one, and none for a field that is right."""
    values = site.valid(**{field: broken(field, draw) for field in wrong})
    page = site.forged(app.session(), values).expect(400).page()
    said = {}
    for tag in page.find("[data-error]"):
        if tag.get_text().strip():
            said.setdefault(str(tag["data-error"]).strip(), []).append(tag.get_text().strip())
    for field in wrong:
        if field not in said:
            page.fail(f'{field} is wrong, and no element with data-error="{field}" says so.')
        if len(said[field]) > 1:
            page.fail(f'There should be one element with data-error="{field}", not several.')
    for field in said:
        if field not in wrong:
            page.fail(f'{field!r} is right, and an element with data-error="{field}" accuses it.')


@pytest.mark.criterion("form.errors")
def test_a_form_that_was_not_sent_accuses_nothing(app):
    """GET /contact says of no field that it is wrong."""
    page = app.page("/contact")
    page.form(having=FIELDS, action="/contact", method="POST")
    if any(tag.get_text().strip() for tag in page.find("[data-error]")):
        page.fail("GET /contact says that a field is wrong before anything was entered.")


@pytest.mark.criterion("form.keeps")
@pytest.mark.parametrize("wrong", FIELDS)
def test_what_was_entered_is_still_there(app, site, draw, same_text, wrong):
    """Whichever field is wrong: the others, and what is wrong itself."""
    quoted = f'{draw.word(5)} "{draw.word(4)}" <{draw.word(3)}> & it\'s'
    values = site.valid(name=quoted, message=f"{quoted}\n{draw.sentence()} \\ &amp;")
    values[wrong] = broken(wrong, draw)
    page = site.forged(app.session(), values).expect(400).page()
    form = page.form(having=FIELDS, action="/contact", method="POST")
    for name in ("name", "email", "message"):
        held, wanted = form.value(name), values[name] or ""
        ends = str.strip if name != "message" else str
        if not same_text(ends(held), ends(wanted)):
            page.fail(f"{name} should still hold {wanted[:80]!r}; it holds {held[:80]!r}.")
    if wrong != "subject" and form.value("subject") != values["subject"]:
        page.fail(f"The subject {values['subject']!r} should still be selected.")
    ticked = form.tag.select_one("input[name=consent][checked]") is not None
    if ticked != (wrong != "consent"):
        said = "still be ticked, as it was" if wrong != "consent" else "not be ticked; it was not"
        page.fail(f"The box for consent should {said}.")


@pytest.mark.criterion("text.exact")
def test_every_character_is_saved(app, site, draw):
    """Quotes, blanks, emoji, what looks like SQL: in name and message."""
    for text, why in (
        *((one.value, one.why) for one in draw.edge_texts(200)),
        *((one, "SQL in it") for one in draw.injections()),
        (f"{draw.unicode()} {draw.word()}", "emoji and other scripts"),
    ):
        values = site.valid(message=text)
        reply = site.send(app.session(), values)
        if reply.status >= 400:
            reply.fail(f"A message with {why} should be saved, not answered with {reply.status}.")
        if not site.is_stored(text):
            reply.fail(f"A message with {why} is not saved as it was entered.")
    for one in draw.edge_names():
        name = one.value.strip()
        reply = site.send(app.session(), site.valid(name=name))
        if reply.status >= 400:
            reply.fail(f"A name with {one.why} should be taken, not answered with {reply.status}.")
        assert site.is_stored(name), f"A name with {one.why} is not saved as it was entered."


@pytest.mark.criterion("text.exact")
def test_every_character_is_shown(site, draw):
    """The whole message, on its page."""
    clerk = site.clerk()
    for text in (f'It\'s "{draw.word()}" & <{draw.word()}> {{{{ 7*7 }}}}', draw.text(1000)):
        values, _ = site.sent(message=text)
        page = clerk.page(site.path_of(clerk, values)).expect(text)
        page.expect(values["name"])
        page.expect(values["subject"])


@pytest.mark.criterion("text.markup")
def test_markup_is_only_text(app, site, draw, no_element):
    """Where it comes back, where it is said, in what was refused, in an address."""
    tag = draw.word(8)
    for markup in (
        f"<b data-{tag}>x</b><script>{tag}</script>",
        f"""'"></textarea></select></title><img src=x data-{tag}=1>""",
    ):
        browser, values = app.session(), site.valid(name=markup, message=markup)
        reply = site.send(browser, values)
        if reply.status >= 400:
            reply.fail(f"Markup in a name and a message is text, not a {reply.status}.")
        no_element(browser.page("/contact"), tag, "a name, in what is said once,")
        refused = site.valid(
            name=markup, email=markup, subject=markup, message=f"{markup}{'x' * 999}"
        )
        answers = {
            "a form that was refused": site.forged(app.session(), refused),
            "the username of a login": site.sign_in(app.session(), username=markup, password="x"),
            "a next": app.get("/login", params={"next": f"/{markup}"}),
            "a query": app.get(
                "/contact", params={"name": markup, "error": markup, "sent": markup}
            ),
            "the cookie for the theme": app.get(
                "/contact", headers={"Cookie": f'theme="{markup.replace(chr(34), "")}"'}
            ),
        }
        for what, answer in answers.items():
            if answer.media_type == "text/html":
                no_element(answer.page(), tag, what)


@pytest.mark.criterion("text.markup")
def test_markup_is_only_text_to_the_clerk(site, draw, no_element):
    """In the list and on the page of the message."""
    clerk, tag = site.clerk(), draw.word(8)
    markup = f"""</title><b data-{tag}>x</b><script>{tag}</script>'">"""
    values, _ = site.sent(name=markup, message=f"{markup}</pre></textarea><i data-{tag}>")
    no_element(clerk.page("/messages"), tag, "a name")
    no_element(clerk.page(site.path_of(clerk, values)), tag, "a message")


def require_refused(site, reply, values, what):
    """Fail unless what is wrong was answered with 400, and saved nothing."""
    if reply.status != 400:
        reply.fail(f"Where {what}, the answer should be 400, not {reply.status}.")
    text = values["email"] if values["email"] and "@" in values["email"] else values["message"]
    if text and text.strip() and site.is_stored(text.strip()):
        reply.fail(f"Where {what}, nothing should be saved; MySQL holds the message.")
    kept = values["message"]
    if kept and kept.strip() and site.is_stored(kept):
        reply.fail(f"Where {what}, nothing should be saved; MySQL holds the message.")


def broken(field, draw):
    """A value that breaks the rule of a field."""
    return {
        "name": draw.text(81),
        "email": f"{draw.word(8)}.example.org",
        "subject": "",
        "message": "",
        "consent": None,
    }[field]


def longest_address(draw):
    """An address of 254 characters whose parts are as long as the standards let them be."""
    local = draw.text(60)
    parts = [draw.text(60), draw.text(60), draw.text(60)]
    rest = LONGEST - len(local) - 1 - sum(len(one) + 1 for one in parts)
    return f"{local}@{'.'.join([*parts, draw.text(rest)])}".lower()
