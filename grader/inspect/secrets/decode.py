"""From bytes to text: by byte-order mark, by how the zeros lie, else UTF-8 or Latin-1."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PACKED = (
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"),
    (b"RIFF", "a picture or sound"), (b"%PDF", "a PDF"), (b"wOFF", "a font"), (b"wOF2", "a font"),
    (b"\0\0\1\0", "a picture"), (b"7z\xbc\xaf", "a 7z archive"), (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd"), (b"ID3", "sound"), (b"OggS", "sound"),
)  # fmt: skip
"""How files begin whose bytes say nothing without unpacking, and what they are."""
BASE64, SHORT = (
    re.compile(rf"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{{{least},8192}}={{0,2}}(?![A-Za-z0-9+/=_-])")
    for least in (24, 12)
)
SEPARATORS = str.maketrans(dict.fromkeys("\"'`<>(){}[],;|", " "))
CHUNK = 256 * 1024
"""Characters that are taken apart at once."""
OVERLAP = 400
"""Characters that a chunk shares with the next, so that each run is whole in one of them."""
SHORT_RUN, LONG_RUN = 16, 24
MAX_BASE64 = 200
"""Pieces of base64 in one file that are decoded."""


def text_of(raw: bytes) -> str | None:
    """Return the text of `raw`; None where it is none."""
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    head = raw[:4096]
    zeros = head.count(0)
    if zeros:
        for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if (
                head[offset::2].count(0) * 10 >= len(head[offset::2]) * 8
                and zeros * 10 <= len(head) * 6
            ):
                return raw.decode(encoding, "replace")
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if controls * 20 > len(head):
        return None
    return raw.decode("utf-8", "replace") if raw[:-4].isascii() else raw.decode("latin-1")


def lowered(text: str) -> str:
    """`text` in small letters, each at its place: a capital I with a dot becomes two otherwise."""
    return text.replace("\u0130", "i").lower()


def packed(raw: bytes) -> str:
    """Return what kind of packed file `raw` is; empty where it is none of those known."""
    return next((what for sign, what in PACKED if raw.startswith(sign)), "")


@lru_cache(maxsize=4)
def runs(text: str) -> frozenset[str]:
    """Return what in `text` has no space, quote, bracket or comma in it, from 16 characters on.

    Whatever a machine drew is a part of one, and few texts have any.
    """
    found: set[str] = set()
    for start in range(0, max(len(text), 1), CHUNK):
        words = text[start : start + CHUNK + OVERLAP].translate(SEPARATORS).split()
        found.update([word for word in words if len(word) >= SHORT_RUN])
    return frozenset(found)


@lru_cache(maxsize=4)
def longest_run(text: str) -> int:
    """Return the length of the longest of `runs`; 0 where there are none."""
    return max(map(len, runs(text)), default=0)


def base64_texts(text: str, *, short: bool = False) -> Iterator[tuple[int, str]]:
    """Yield what is written in base64 in `text`: where each piece stands, and what it says.

    Pieces have 24 characters at least, or 12 with `short`.
    """
    if not short and longest_run(text) < LONG_RUN:
        return
    left = MAX_BASE64
    for found in (SHORT if short else BASE64).finditer(text):
        piece = found[0].rstrip("=")
        left -= 1
        if left < 0:
            return
        if len(piece) % 4 == 1 or (piece.isalpha() and piece.islower()):
            continue
        try:
            raw = base64.b64decode(piece + "=" * (-len(piece) % 4))
            inner = raw.decode("utf-8")
        except (ValueError, binascii.Error):
            continue
        if inner.isprintable() or (
            inner.strip() and all(c.isprintable() or c in "\r\n\t" for c in inner)
        ):
            yield found.start(), inner
