"""Links and other addresses of a page, resolved as a browser does.

The rules are those of https://url.spec.whatwg.org/#concept-basic-url-parser, as far as they differ
from `urllib`'s for what stands in pages: blanks around, line breaks inside, backslashes, `///`.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

AROUND = "".join(map(chr, range(0x21)))
"""Control characters and the blank, which a browser takes off both ends."""
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
SLASHES = re.compile(r"(https?:)?//+", re.IGNORECASE)
WEB = {"http", "https"}
ACCEPTED = "text/html,application/xhtml+xml,*/*;q=0.8"
"""What a browser accepts where it opens a page."""


def joined(base: str, address: str) -> str:
    """Return the whole URL that `address` on a page whose addresses start at `base` leads to.

    Raises `ValueError` where no browser takes it for an address.
    """
    text = address.strip(AROUND).translate({9: None, 10: None, 13: None})
    scheme = SCHEME.match(text)
    if scheme and scheme[0][:-1].lower() not in WEB:
        return text  # mailto:, data:, javascript:
    end = min((at for at in map(text.find, "?#") if at >= 0), default=len(text))
    text = text[:end].replace("\\", "/") + text[end:]
    return urljoin(base, SLASHES.sub(lambda found: f"{found[1] or ''}//", text, count=1)
                   if SLASHES.match(text) else text)  # fmt: skip


def split(url: str) -> SplitResult:
    """Return the parts of a URL; raises `ValueError` for a port that is none."""
    parts = urlsplit(url)
    _ = parts.port
    return parts


def target_of(parts: SplitResult) -> str:
    """Return path and query of a URL, as they are sent; a fragment never is."""
    return urlunsplit(("", "", re.sub("^/*", "/", parts.path), parts.query, ""))


def same_path(one: str, other: str) -> bool:
    """Return whether two targets have the same path, in whatever encoding, with any query."""
    return unquote(one.partition("?")[0]) == unquote(other.partition("?")[0])
