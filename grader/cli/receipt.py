"""`grader receipt`: whether a portal's receipt is genuine, without the portal."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from grader.errors import UsageError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key", default="", metavar="KEY",
    help="The portal's public key, or its fingerprint, from the portal's page /receipt-key.",
)  # fmt: skip
@click.option(
    "--submission", type=click.Path(path_type=Path), metavar="ARCHIVE",
    help="Check that this file is what was handed in.",
)  # fmt: skip
def receipt(file: Path, *, key: str, submission: Path | None) -> None:
    """Check the receipt FILE, which a portal gave for a submission.

    Nothing is asked of the portal. Without --key, compare the fingerprint that is printed with the
    one that the portal shows: anybody can sign a receipt with a key of their own.

    Exit codes: 0 the receipt is genuine, 2 it is not, or cannot be read.
    """
    from grader.portal.receipts import ReceiptInvalid, verify
    from grader.text import clean

    found, signer = verify(_text(file), key=key)
    if submission is not None and _digest(submission) != found.digest:
        msg = f"{submission} is not what was handed in: its digest is not {found.digest}."
        raise ReceiptInvalid(msg)
    for line in (
        f"Genuine. {'It fits the key given.' if key else f'Signed by {signer}: compare this.'}",
        f"Received: {found.received}",
        f"Student: {found.student}",
        f"Assignment: {found.course}, {found.assignment}, submission {found.number}",
        f"Source: {found.source}",
        *([f"Digest: {found.digest}"] if found.digest else []),
    ):
        click.echo(clean(line))


def _text(file: Path) -> str:
    from grader.portal.receipts import MAX_BYTES

    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(MAX_BYTES + 1)
    except (OSError, UnicodeDecodeError):
        msg = f"{file} cannot be read as text. Name the receipt that the portal gave."
        raise UsageError(msg) from None


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}. Name the archive that you handed in."
        raise UsageError(msg) from None
