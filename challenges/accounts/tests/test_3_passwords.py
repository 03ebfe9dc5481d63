"""What the database holds of a password, and how a password is changed."""

import base64
import hashlib
import hmac
import re

import pytest

FAST = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b",
        "blake2s")  # fmt: skip
LONG = 16
"""Characters or bytes from which on equal values are no coincidence."""
PIECES = re.compile(rb"[$:.,;|&=\s]+")


def cells(db):
    """Every row of every table as (table, {column: bytes}), texts and binary values only."""
    found = []
    for table in db.tables():
        for row in db.records(table):
            values = {
                name: value if isinstance(value, bytes) else str(value).encode()
                for name, value in row.items()
                if isinstance(value, str | bytes)
            }
            found.append((table, values))
    return found


def spellings(raw):
    """`raw` as it is, in hex and in base64."""
    encoded = base64.b64encode(raw).rstrip(b"=")
    return {raw, raw.hex().encode(), encoded, encoded.replace(b"+", b"-").replace(b"/", b"_")}


def readable(password):
    """What a password may be written as, without being hashed."""
    raw = password.encode()
    return spellings(raw) | spellings(raw[::-1]) | {raw.hex().upper().encode()}


def digests(password, salts):
    """Every spelling of a fast hash of `password`, alone and with each of `salts`, by its name."""
    raw, found = password.encode(), {}
    for name in FAST:
        made = [hashlib.new(name, raw).digest()]
        made.append(hashlib.new(name, made[0].hex().encode()).digest())
        for salt in salts:
            made += [hashlib.new(name, salt + raw).digest(), hashlib.new(name, raw + salt).digest()]
            made.append(hmac.digest(salt, raw, name))
        found |= {text.lower(): name for one in made for text in spellings(one)}
    return found


def parts(values):
    """The cells of a row: whole values, and pieces between `$`, `:` and the like."""
    found = set()
    for value in values:
        for piece in (value, *PIECES.split(value)):
            found.add(piece)
            try:
                found.add(bytes.fromhex(piece.decode()))
            except ValueError:
                continue
    return {one for one in found if one and len(one) <= 128}


@pytest.mark.criterion("passwords.hashed")
def test_no_password_can_be_read(db, site):
    """Neither the password nor an encoding of it stands in any column."""
    person = site.member()
    stored = cells(db)
    assert stored, "The MySQL database that the app was given holds no rows at all."
    for table, row in stored:
        for column, value in row.items():
            for needle in readable(person.password):
                assert needle not in value, (
                    f"The column {column} of {table} holds a password, as it is or in an encoding "
                    "that everybody can undo."
                )


@pytest.mark.criterion("passwords.slow")
def test_no_password_has_a_fast_hash(db, site, secrets):
    """No column holds MD5, SHA or their like of the password, with whatever salt of the row."""
    person = site.register()
    salts = {person.name.encode(), *(value.encode() for value in secrets.values())}
    plain = digests(person.password, salts)
    for table, row in cells(db):
        found = parts(row.values())
        salted = digests(person.password, {one for one in found if len(one) <= 64})
        for piece in found:
            name = plain.get(piece.lower()) or salted.get(piece.lower())
            assert not name, (
                f"The table {table} holds a password as {name.upper()}: a thief tries billions of "
                "passwords in a second. Use a slow hash that is made for passwords."
            )


@pytest.mark.criterion("passwords.salted")
def test_equal_passwords_differ(db, site):
    """Two users with one password have nothing in common that a third has not."""
    site.register()
    before = {(table, name, value) for table, row in cells(db) for name, value in row.items()}
    password = site.password()
    site.register(password=password)
    site.register(password=password)
    seen = set()
    for table, row in cells(db):
        for name, value in row.items():
            place = (table, name, value)
            assert len(value) < LONG or place in before or place not in seen, (
                f"Two users with the same password have the same value in the column {name} of "
                f"{table}: each password needs a random salt of its own."
            )
            seen.add(place)


@pytest.mark.criterion("passwords.change")
def test_a_password_is_changed(app, site, submit, redirects_to):
    """With the current password; then the new one counts, and the old one no longer."""
    person, new = site.member(), site.password()
    fields = ("current_password", "new_password")

    def change(current, wanted):
        form = person.browser.page("/account").form(having=fields)
        return submit(form, {"current_password": current, "new_password": wanted})

    reply = change(site.password(), new)
    if reply.status != 403:
        reply.fail(f"With a wrong current password it should answer 403, not {reply.status}.")
    reply = change(person.password, "short")
    if reply.status != 400:
        reply.fail(f"A new password of 5 characters should get a 400, not {reply.status}.")
    site.login(person)
    redirects_to(change(person.password, new), "/account", "A change of the password")
    site.logging_in(app.session(), person.name, person.password).expect(401)
    site.login(type(person)(person.name, new, None))
