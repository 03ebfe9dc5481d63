"""Findings become `secrets.tree` and `secrets.history`."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.inspect.secrets import Blob, scan_blobs
from grader.inspect.secrets.criteria import check_history, check_tree
from grader.model import Outcome

WEAK = Blob(path="app.py", content=b'app.secret_key = "dev"\n', commit="a" * 40)
OWN = Blob(path="app.py", content=b'app.secret_key = "Kestrel_vino77"\n', commit="b" * 40)


def test_nothing_found_passes() -> None:
    """With what was not read as evidence."""
    result = check_tree(scan_blobs([Blob(path="a.bin", content=bytes(range(256)))]))
    assert result.outcome is Outcome.PASSED
    assert "a.bin (it is binary" in result.evidence


def test_the_gravest_is_told_first() -> None:
    """Place, reason and how to fix it; never the value."""
    scan = scan_blobs([WEAK, OWN])
    result = check_tree(scan)
    assert (result.criterion, result.outcome) == ("secrets.tree", Outcome.FAILED)
    assert result.rationale.startswith("Your repository holds a secret at app.py:1 (bbbbbbbbbb)")
    assert ", and 1 more" in result.rationale
    assert "Kestrel" not in result.rationale + result.evidence


@pytest.mark.parametrize(
    ("line", "kept", "said"),
    [
        (b'app.secret_key = "dev"\n', Fraction(2, 3), "costs a third"),
        (b'app.secret_key = "Kestrel_vino77"\n', Fraction(1, 3), "costs two thirds"),
        (b"-----BEGIN RSA " + b"PRIVATE KEY-----\n" + b"MIIEpAIBAAKCAQEA7bqk3n2" * 20, Fraction(0),
         "costs all"),
    ],
)  # fmt: skip
def test_the_gravest_finding_decides_what_is_kept(line: bytes, kept: Fraction, said: str) -> None:
    """A development literal, a secret of the app's own, a private key."""
    result = check_tree(scan_blobs([Blob(path="config.py", content=line)]))
    assert result.outcome is Outcome.FAILED
    assert result.kept == kept
    assert said in result.evidence


def test_an_old_development_literal_is_forgiven_in_history() -> None:
    """It needs no rotation; a secret of the app's own does."""
    assert check_history(scan_blobs([WEAK])).outcome is Outcome.PASSED
    result = check_history(scan_blobs([OWN]))
    assert result.outcome is Outcome.FAILED
    assert "rotate it" in result.rationale


def test_what_the_tree_holds_is_not_told_again() -> None:
    """One secret costs one criterion; the first commit that holds it is named."""
    tree = scan_blobs([Blob(path="app.py", content=OWN.content)])
    assert scan_blobs([OWN], known=tree).findings == ()
    later = Blob(path="app.py", content=b"# more\n" + OWN.content, commit="c" * 40)
    (one,) = scan_blobs([OWN, later]).findings
    assert one.commit == "b" * 40
