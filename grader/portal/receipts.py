"""Signed receipts: proof of what was handed in, and when, that can be checked without the portal.

Ed25519 (RFC 8032) over the receipt's canonical JSON. It needs nothing of the portal's extra.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from grader.errors import UsageError
from grader.portal.secret_files import drawn_once

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORMAT = 1
MAX_BYTES = 64 * 1024
"""More than any receipt has."""


class ReceiptInvalid(UsageError):
    """A receipt that is none, was changed, or was not signed by the key named."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the portal confirms."""

    submission: int
    """Its id in the portal."""
    number: int
    """Which one it is of this student in this assignment, from 1."""
    course: str
    assignment: str
    student: str
    """The e-mail address."""
    source: str
    """The name of the file, or the address of the repository."""
    digest: str
    """`sha256:…` of the bytes received; empty for a git address."""
    received: str
    """UTC, ISO 8601."""


def fingerprint(public: bytes) -> str:
    """Return what people compare a public key by."""
    return "SHA256:" + hashlib.sha256(public).hexdigest()[:32]


def load_or_make_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key in the file `path`; a new one is made where there is none."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    def drawn() -> bytes:
        return Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
            serialization.NoEncryption(),
        )  # fmt: skip

    return Ed25519PrivateKey.from_private_bytes(drawn_once(path, drawn))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of its public key."""
    from cryptography.hazmat.primitives import serialization

    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def sign(receipt: Receipt, key: Ed25519PrivateKey) -> str:
    """Return the receipt as a JSON document with its signature."""
    body = {"format": FORMAT, **asdict(receipt)}
    document = {
        "receipt": body,
        "key": base64.b64encode(public_bytes(key)).decode(),
        "signature": base64.b64encode(key.sign(_canonical(body))).decode(),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def verify(text: str, *, key: str = "") -> tuple[Receipt, str]:
    """Return the receipt in `text` and the fingerprint of the key that signed it.

    `key` is the portal's public key in base64, or its fingerprint; where it is empty, whoever reads
    the fingerprint has to compare it. Raises `ReceiptInvalid`.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    body, public, signature = _parts(text)
    found = fingerprint(public)
    if key and key.strip() not in {found, base64.b64encode(public).decode()}:
        msg = (
            f"This receipt was signed by another key, {found}: it is not from that portal. Get the "
            "portal's key from its page /receipt-key."
        )
        raise ReceiptInvalid(msg)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _canonical(body))
    except (InvalidSignature, ValueError):
        msg = "The signature does not fit: this receipt was changed. Download it again."
        raise ReceiptInvalid(msg) from None
    return _receipt(body), found


def _parts(text: str) -> tuple[dict[str, Any], bytes, bytes]:
    if len(text) > MAX_BYTES:
        _refuse("it is too long")
    try:
        document = json.loads(text)
        body = document["receipt"]
        public = base64.b64decode(document["key"], validate=True)
        signature = base64.b64decode(document["signature"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        _refuse("it has no receipt, key and signature")
    if not isinstance(body, dict):
        _refuse("its receipt is no object")
    return body, public, signature


def _receipt(body: Mapping[str, Any]) -> Receipt:
    if body.get("format") != FORMAT:
        _refuse(f"its format is not {FORMAT}")
    try:
        return Receipt(**{name: body[name] for name in Receipt.__dataclass_fields__})
    except KeyError as error:
        _refuse(f"it lacks {error}")


def _canonical(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _refuse(why: str) -> NoReturn:
    msg = f"This is no receipt of a portal: {why}. Download it again from the submission's page."
    raise ReceiptInvalid(msg)
