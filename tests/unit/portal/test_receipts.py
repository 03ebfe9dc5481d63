"""Receipts that can be checked without the portal."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli.receipt import receipt as command
from grader.portal.receipts import (
    Receipt,
    ReceiptInvalid,
    fingerprint,
    load_or_make_key,
    public_bytes,
    sign,
    verify,
)

ARCHIVE = b"PK the answer"
RECEIPT = Receipt(
    submission=7,
    number=2,
    course="Web 1",
    assignment="Exam",
    student="ada@school.example",
    source="answer.zip",
    digest=f"sha256:{hashlib.sha256(ARCHIVE).hexdigest()}",
    received="2030-06-30T17:59:58+00:00",
)


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A receipt's file, alongside the archive that it is of."""
    file = tmp_path / "receipt.json"
    file.write_text(sign(RECEIPT, load_or_make_key(tmp_path / "key")), "utf-8")
    (tmp_path / "answer.zip").write_bytes(ARCHIVE)
    return file


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """And only its owner can read it."""
    first = load_or_make_key(tmp_path / "new" / "key")
    again = load_or_make_key(tmp_path / "new" / "key")
    assert public_bytes(first) == public_bytes(again)
    assert (tmp_path / "new" / "key").stat().st_mode & 0o077 == 0


def test_a_genuine_one(signed: Path) -> None:
    """Its contents, and who signed it."""
    found, signer = verify(signed.read_text("utf-8"))
    assert found == RECEIPT
    assert signer == fingerprint(public_bytes(load_or_make_key(signed.parent / "key")))
    assert verify(signed.read_text("utf-8"), key=signer)[0] == RECEIPT


@pytest.mark.parametrize("name", sorted(asdict(RECEIPT)))
def test_any_change_shows(signed: Path, name: str) -> None:
    """Of each field."""
    document = json.loads(signed.read_text("utf-8"))
    document["receipt"][name] = "2030-06-30T10:00:00+00:00"
    with pytest.raises(ReceiptInvalid, match="was changed"):
        verify(json.dumps(document))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"receipt": 1, "key": "", "signature": ""}', "[" * 9000, "x" * 70_000]
)
def test_what_is_no_receipt(text: str) -> None:
    """One sentence, whatever it is."""
    with pytest.raises(ReceiptInvalid):
        verify(text)


def test_one_of_another_portal(signed: Path, tmp_path: Path) -> None:
    """Anybody can sign; the key says who did."""
    other = fingerprint(public_bytes(load_or_make_key(tmp_path / "other")))
    with pytest.raises(ReceiptInvalid, match="signed by another key"):
        verify(signed.read_text("utf-8"), key=other)


def test_the_command(signed: Path) -> None:
    """Says what was received and when, and whether a file is what was handed in."""
    done = CliRunner().invoke(command, [str(signed)])
    assert done.exit_code == 0
    assert "Received: 2030-06-30T17:59:58+00:00" in done.output
    assert "compare this" in done.output
    archive = signed.parent / "answer.zip"
    assert CliRunner().invoke(command, [str(signed), "--submission", str(archive)]).exit_code == 0
    archive.write_bytes(b"another")
    failed = CliRunner().invoke(command, [str(signed), "--submission", str(archive)])
    assert isinstance(failed.exception, ReceiptInvalid)
    assert "is not what was handed in" in str(failed.exception)
