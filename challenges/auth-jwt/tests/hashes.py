"""What a password may be stored as: readable, as a fast hash, or as a slow one made fast."""

import base64
import codecs
import hashlib
import hmac
import re
from urllib.parse import quote

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
    twice = {again for one in spellings(raw) for again in spellings(one)}
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
