"""What the database holds of a password, and how a password is changed."""

import base64
import codecs
import hashlib
import hmac
import re
from urllib.parse import quote

import pytest

FAST = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b",
        "blake2s")  # fmt: skip
STRETCHED = ("md5", "sha1", "sha256", "sha512")
"""Those that are used over and over by hand."""
ROUNDS = 1000
"""How often, at most, for a hash to be taken for a fast one that is repeated."""
LONG = 16
"""Characters or bytes from which on equal values are no coincidence."""
PIECES = re.compile(rb"[$:.,;|&=\s]+")
LEAST_PBKDF2 = 20_000
LEAST_SCRYPT = 2**14 * 8
LEAST_BCRYPT = 10
LEAST_ARGON2 = 16 * 1024
TRIED = (1, 2, 5, 10, 16, 32, 50, 64, 100, 128, 200, 256, 500, 512, 1000, 1024, 2000, 2048, 4096,
         5000, 10_000)  # fmt: skip
"""Numbers of iterations that are too few, as people write them."""
COSTS = (
    (re.compile(rb"pbkdf2[:_-][a-z0-9-]+[:$](?:i=)?([0-9]{1,9})"), LEAST_PBKDF2, "PBKDF2",
     "iterations"),
    (re.compile(rb"(?:^|[^a-z0-9])scrypt:([0-9]{1,9}):([0-9]{1,3}):([0-9]{1,3})"), LEAST_SCRYPT,
     "scrypt", "for N times r times p"),
    (re.compile(rb"\$2[abxy]?\$([0-9]{2})\$"), LEAST_BCRYPT, "bcrypt", "for its cost"),
    (re.compile(rb"\$argon2[a-z]{1,2}\$(?:v=[0-9]+\$)?m=([0-9]{1,9}),t=([0-9]{1,6})"), LEAST_ARGON2,
     "Argon2", "KiB times passes"),
    (re.compile(rb"\$[56]\$rounds=([0-9]{1,9})\$"), LEAST_PBKDF2, "SHA-crypt", "rounds"),
)  # fmt: skip
"""Known forms of hashes, with what of them is multiplied and has to be so much."""
PASSLIB_SCRYPT = re.compile(rb"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,3}),p=([0-9]{1,3})")
FORMS = (*(form for form, *_ in COSTS), PASSLIB_SCRYPT)
MOST_SALTS = 4
"""Pieces of a row that are tried for a salt."""
OLD_CRYPT = re.compile(rb"^\$(1|apr1)\$")


def spellings(raw):
    """`raw` as it is, in hex and in base64."""
    encoded = base64.b64encode(raw).rstrip(b"=")
    return {raw, raw.hex().encode(), encoded, encoded.replace(b"+", b"-").replace(b"/", b"_")}


def readable(password):
    """What a password may be written as, without being hashed."""
    raw = password.encode()
    once = spellings(raw) | {
        raw.hex().upper().encode(), base64.b32encode(raw).rstrip(b"="), base64.b85encode(raw),
        base64.a85encode(raw), codecs.encode(password, "rot13").encode(), raw.swapcase(),
        quote(password).encode(), password.encode("utf-16-le"), b" ".join(map(bytes, zip(raw))),
        ",".join(map(str, raw)).encode(), bytes(byte + 1 for byte in raw),
    }  # fmt: skip
    both = spellings(raw) | spellings(raw[::-1])
    twice = both | {again for one in both for again in spellings(one)}
    return once | twice | {one[::-1] for one in once}


def digests(password, salts):
    """Every spelling of a fast hash of `password`, alone and with each of `salts`, by its name."""
    raw, found = password.encode(), {}
    for name in FAST:
        made = [hashlib.new(name, raw).digest()]
        made.append(hashlib.new(name, made[0].hex().encode()).digest())
        made.append(hashlib.new(name, made[0]).digest())
        made.append(hashlib.new("md5", made[0].hex().encode()).digest())
        for salt in salts:
            for between in (b"", b":", b"$", b"-"):
                made.append(hashlib.new(name, salt + between + raw).digest())
                made.append(hashlib.new(name, raw + between + salt).digest())
            made.append(hashlib.new(name, salt + raw + salt).digest())
            made.append(hashlib.new(name, salt + made[0].hex().encode()).digest())
            made.append(hashlib.new(name, made[0].hex().encode() + salt).digest())
            made.append(hmac.digest(salt, raw, name))
        found |= {text.lower(): name for one in made for text in spellings(one)}
    return found


def weak(password, salts, pieces):
    """How one of `pieces` is made of `password`: a fast hash repeated, or a slow one made fast.

    Empty where none is.
    """
    raw, found = password.encode(), {piece.lower() for piece in pieces}
    starts = {raw, *(salt + raw for salt in salts), *(raw + salt for salt in salts)}
    for name in STRETCHED:
        if any(is_repeated(name, start, found) for start in starts):
            return f"{name}, if repeated"
    for salt in salts:
        for name in ("sha1", "sha256", "sha512"):
            for rounds in TRIED:
                if is_in(hashlib.pbkdf2_hmac(name, raw, salt, rounds), found):
                    return f"PBKDF2 with {rounds} iterations"
        for power in range(1, 12):
            if is_in(hashlib.scrypt(raw, salt=salt, n=2**power, r=8, p=1), found):
                return f"scrypt with N = {2**power}"
    return ""


def is_repeated(name, start, found):
    """Whether one of `found`, in small letters, is `start` hashed over and over."""
    by_bytes = by_text = start
    for _ in range(ROUNDS):
        by_bytes = hashlib.new(name, by_bytes).digest()
        by_text = hashlib.new(name, by_text).hexdigest().encode()
        if not found.isdisjoint((by_bytes.hex().encode(), by_bytes.lower(), by_text)):
            return True
    return False


def is_in(made, found):
    """Whether one of `found`, in small letters, spells `made`, or the beginning of it."""
    sizes = {16, 20, 24, 32, 64, len(made)}
    return any(one.lower() in found for size in sizes for one in spellings(made[:size]))


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
            found |= halves(piece)
    return {one for one in found if one and len(one) <= 128}


def halves(piece):
    """Salt and hash of a value that has both, one behind the other, in hex."""
    raw = bytes.fromhex(piece.decode())
    ends = [size for size in (8, 16, 32) if size < len(raw)]
    return {part for size in ends for part in (raw[:size], raw[size:], raw[:-size], raw[-size:])}


def cheap(value):
    """What of the form of a hash says that it is too fast; empty where nothing does."""
    for form, least, name, what in COSTS:
        for found in form.finditer(value):
            cost = 1
            for number in found.groups():
                cost *= int(number)
            if cost < least:
                return f"{name} with {cost:,} {what}; it should be {least:,} or more"
    for found in PASSLIB_SCRYPT.finditer(value):
        if 2 ** int(found[1]) * int(found[2]) * int(found[3]) < LEAST_SCRYPT:
            return (
                f"scrypt with N = 2^{int(found[1])}; N times r times p should be {LEAST_SCRYPT:,}"
            )
    return "MD5 by crypt, which is fast" if OLD_CRYPT.match(value) else ""


@pytest.mark.criterion("passwords.hashed")
def test_no_password_can_be_read(app, site, secrets):
    """Neither a password nor an encoding of it stands in any column, whatever was done with it."""
    person, wrong, new = site.member(), site.password(), site.password()
    after = {"a registration": [person.password, secrets["ADMIN_PASSWORD"]]}
    require_unreadable(site, after)
    site.logging_in(app.session(), person.name, wrong)
    site.logging_in(app.session(), site.name(), wrong)
    site.registering(app.session(), person.name, wrong)
    site.registering(app.session(), f"{site.name()}!", wrong)
    after["an attempt that was refused"] = [wrong]
    if site.changing(person, person.password, new).status < 400:
        after["a change of the password"] = [new, person.password]
        site.login(type(person)(person.name, new, None))
    require_unreadable(site, after)


def require_unreadable(site, passwords):
    """Fail where the database holds one of `passwords`, which are by what was done."""
    stored = site.cells()
    assert stored, "The MySQL database that the app was given holds no rows at all."
    for what, values in passwords.items():
        needles = set().union(*map(readable, values))
        for table, row in stored:
            for column, value in row.items():
                assert not any(needle in value for needle in needles), (
                    f"After {what} the column {column} of {table} holds a password, as it is or in "
                    "an encoding that everybody can undo."
                )


@pytest.mark.criterion("passwords.slow")
def test_no_password_has_a_fast_hash(site, secrets):
    """No column holds MD5, SHA or their like of a password, with whatever salt of the row."""
    person, changed, new = site.register(), site.member(), site.password()
    before = {value for _, row in site.cells() for value in row.values()}

    def row_is_new(row):
        return not before.issuperset(row.values())

    if site.changing(changed, changed.password, new).status >= 400:
        new = changed.password
    names = {person.name: person.password, changed.name: new,
             site.admin_name(): secrets["ADMIN_PASSWORD"]}  # fmt: skip
    peppers = {value.encode() for value in secrets.values()}
    for table, row in site.cells():
        for value in row.values():
            if said := cheap(value):
                pytest.fail(f"The table {table} holds a password as {said}.")
        texts = {value.decode("utf-8", "replace") for value in row.values()}
        # where names are in another table, it may be anybody's
        whose = [name for name in names if name in texts] or (names if row_is_new(row) else ())
        for name in whose:
            kind = fast(names[name], row, peppers | {name.encode()})
            assert not kind, (
                f"The table {table} holds a password as {kind.replace('_', '-')}: a thief tries "
                "billions of passwords in a second. Use a slow hash that is made for passwords."
            )


def fast(password, row, peppers):
    """How `row` holds a fast hash of `password`; empty where it holds none."""
    found = parts(row.values())
    salts = {one for one in found if len(one) <= 64}
    known = digests(password, salts | peppers)
    for piece in found:
        if kind := known.get(piece.lower()):
            return kind.upper()
    if any(form.search(value) for value in row.values() for form in FORMS):
        return ""  # it says itself how slow it is
    likely = sorted((one for one in salts if 8 <= len(one) <= 32), key=len)[:MOST_SALTS]
    return weak(password, {*likely, b""}, found)


@pytest.mark.criterion("passwords.salted")
def test_equal_passwords_differ(site):
    """Users with one password have nothing in common that others have not."""
    site.register()
    first = site.member()
    before = {(table, name, value) for table, row in site.cells() for name, value in row.items()}
    password = site.password()
    site.register(password=password)
    site.register(password=password)
    site.changing(first, first.password, password)
    seen = set()
    for table, row in site.cells():
        for name, value in row.items():
            place = (table, name, value)
            assert len(value) < LONG or place in before or place not in seen, (
                f"Two users with the same password have the same value in the column {name} of "
                f"{table}: each password needs a random salt of its own."
            )
            seen.add(place)


@pytest.mark.criterion("passwords.change")
def test_a_password_is_changed(app, site, redirects_to, is_refused):
    """With the current password; then the new one counts, and the old one no longer."""
    person, new, other = site.member(), site.password(), site.register()
    claims = {"username": other.name, "user": other.name, "user_id": "1", "id": "1"}
    wrong = (
        (site.password(), "a wrong current password"),
        (f"{person.password} ", "a space behind the current password"),
        (new, "the new password for the current one"),
    )
    for current, what in wrong:
        reply = site.changing(person, current, new)
        if reply.status != 403:
            reply.fail(f"With {what} it should answer 403, not {reply.status}.")
    missing = {"new_password": new}
    reply = site.act(person, "/account/password", missing | {"current_password": ""})
    if reply.status < 400:
        reply.fail("Without the current password it should answer 403 and change nothing.")
    site.login(person)
    redirects_to(
        site.changing(person, person.password, new, claims), "/account", "A change of the password"
    )
    if person.browser.get("/account").status != 200:
        pytest.fail("Who changes the password should stay signed in with this browser.")
    browser = app.session()
    is_refused(site.logging_in(browser, person.name, person.password), browser, "the old password")
    site.login(type(person)(person.name, new, None))
    site.login(other)


@pytest.mark.criterion("passwords.change")
def test_a_new_password_keeps_the_rules(app, site, draw, is_refused):
    """8 to 64 characters, of any kind; every one counts."""
    person = site.member()
    for bad, what in (
        ("", "no characters"),
        (draw.text(7), "7 characters"),
        (draw.text(65), "65 characters"),
        ("€🐍" * 3 + "é", "7 characters that are more bytes"),
    ):
        reply = site.changing(person, person.password, bad)
        if reply.status != 400:
            reply.fail(f"A new password of {what} should get a 400, not {reply.status}.")
    person = site.login(person)
    spaced = f" {draw.word(4)}  {draw.word(4)} "
    for new in (f"{'€' * 63}a", spaced):
        reply = site.changing(person, person.password, new)
        if reply.status >= 400:
            reply.fail(f"The new password {new!r} keeps the rules: not {reply.status}.")
        person = site.login(type(person)(person.name, new, None))
    browser = app.session()
    what = "a new password without the spaces at its ends"
    is_refused(site.logging_in(browser, person.name, spaced.strip()), browser, what)
