"""Sizes as challenge.yml writes them."""

from __future__ import annotations

import re


def size(text: str) -> int:
    """Return the bytes of a size like `512m`, `64k` or `1g`. Raises `ValueError` for another."""
    found = re.fullmatch(r"([0-9]+)([kmg])", text)
    if found is None:
        msg = f"{text!r} is no size such as 64k, 512m or 1g"
        raise ValueError(msg)
    return int(found[1]) << 10 * ("kmg".index(found[2]) + 1)
