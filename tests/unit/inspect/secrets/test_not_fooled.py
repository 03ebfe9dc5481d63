"""Allow-lists, encodings, archives, links and sizes: read, or named as skipped; never a hang."""

from __future__ import annotations

import base64
import gzip
import io
import os
import time
import zipfile
from pathlib import Path

import pytest

from grader.inspect.secrets import Blob, Scan, scan_blobs, scan_tree

SECRET = 'SECRET_KEY = "Kestrel_vino77"\n'


def scan(path: str, content: bytes) -> Scan:
    return scan_blobs([Blob(path=path, content=content)])


@pytest.mark.parametrize(
    "comment", ["gitleaks:allow", "pragma: allowlist secret", "nosec", "noqa: S105", "NOSONAR"]
)
def test_comments_switch_nothing_off(comment: str) -> None:
    """The line counts all the same, also for detect-secrets' own detectors."""
    assert scan("app.py", f"{SECRET[:-1]}  # {comment}\n".encode()).findings


def test_configuration_of_scanners_switches_nothing_off(tmp_path: Path) -> None:
    """Allow-lists and baselines that take in everything."""
    (tmp_path / "app.py").write_text(SECRET)
    (tmp_path / ".gitleaks.toml").write_text('[allowlist]\npaths = [".*"]\n')
    (tmp_path / ".gitleaksignore").write_text("app.py:generic-api-key:1\n")
    (tmp_path / ".secrets.baseline").write_text('{"exclude": {"files": ".*"}, "results": {}}')
    assert len(scan_tree(tmp_path).findings) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_encodings_are_read(encoding: str) -> None:
    """With and without a byte-order mark."""
    assert scan("app.py", f"# größe\n{SECRET}".encode(encoding)).findings


@pytest.mark.parametrize(
    "text",
    [
        'app.secret_key = "Kes" + "trel" + "_vino" + "77"',
        'app.secret_key = "".join(["Kes", "trel_vino77"])',
        'app.secret_key = "77oniv_lertseK"[::-1]',
        f'app.secret_key = base64.b64decode("{base64.b64encode(b"Kestrel_vino77").decode()}")',
        'a = "Kestrel_"\nb = "vino77"\napp.secret_key = f"{a}{b}"',
        'app.secret_key = "%s%s" % ("Kestrel", "_vino77")',
        'app.secret_key = codecs.decode("Xrfgery_ivab77", "rot13")',
        "app.secret_key = " + " + ".join(f'"{letter}"' for letter in "Kestrel_vino77" * 9),
    ],
)
def test_split_and_encoded_literals_are_put_together(text: str) -> None:
    """However a text is written down, it is there to read."""
    assert any(one.rule == "flask.secret-key" for one in scan("app.py", text.encode()).findings)


def test_a_url_is_found_however_it_is_cut() -> None:
    """Also where the cut goes through its signs."""
    text = 'url = "mysql:/" + "/root:Kestrel_vino77" + "@db/app"\n'
    assert scan("app.py", text.encode()).findings[0].rule == "url.password"


def test_archives_are_looked_into() -> None:
    """Also within each other, under a limit that is named."""
    raw = SECRET.encode()
    for depth in range(5):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("app.py" if depth == 0 else "inner.zip", raw)
        raw = out.getvalue()
        found = scan("old.zip", raw)
        if depth < 3:
            assert found.findings[0].path.endswith("!/app.py")
        else:
            assert [one.reason for one in found.skipped] == ["archives are nested more than 3 deep"]


@pytest.mark.slow
def test_bombs_and_broken_archives_end_soon() -> None:
    """What is unpacked has a cap; what cannot be is named."""
    started = time.thread_time()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.txt", b"\0" * (4 * 1024 * 1024))
    bomb = scan("bomb.zip", out.getvalue())
    assert any("only its first" in one.reason for one in bomb.skipped)
    assert scan("bomb.gz", gzip.compress(b"a" * 4_000_000)).skipped
    assert "cannot be read" in scan("x.zip", b"PK\3\4 nonsense").skipped[0].reason
    assert "cannot be read" in scan("x.tar.gz", b"\x1f\x8b nonsense").skipped[0].reason
    assert time.thread_time() - started < 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "password=" * 20_000,
        "password=" + "a" * 500_000,
        "://" * 100_000,
        "mysql://" + "a" * 300_000 + ":",
        "mysql " + "-p " * 100_000,
        "INSERT INTO users (" + "password," * 30_000 + ") VALUES (" + "'a'," * 30_000,
        "IDENTIFIED BY '" + "\\" * 200_000,
        "-----BEGIN PRIVATE KEY-----" + "A" * 300_000,
        "a" * 400_000 + "=",
        "eyJ" * 60_000,
        "${" * 100_000 + "PASSWORD:-x}",
    ],
)
@pytest.mark.parametrize("path", ["a.sh", "a.js", "a.yml", "a.md", "a.ini"])
def test_no_text_takes_long(path: str, text: str) -> None:
    """Hundreds of kilobytes that begin like something, again and again."""
    started = time.process_time()
    scan(path, text.encode())
    assert time.process_time() - started < 2


def test_deep_python_is_read_as_text() -> None:
    """What the parser gives up on is still read line by line."""
    text = "x = " + "(" * 5000 + ")" * 5000 + "\n" + SECRET
    assert scan("app.py", text.encode()).findings


def test_links_and_devices_are_named(tmp_path: Path) -> None:
    """Nothing is opened through a link, and a pipe does not hang the scan."""
    (tmp_path / "app.py").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "node_modules").mkdir()
    found = scan_tree(tmp_path)
    assert {one.path for one in found.skipped} == {"app.py", "pipe", "node_modules/"}


@pytest.mark.slow
def test_binary_and_large_files_are_named(tmp_path: Path) -> None:
    """A picture, other bytes, and the rest of a file beyond the limit."""
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (tmp_path / "data.bin").write_bytes(bytes(range(256)))
    (tmp_path / "big.txt").write_bytes(SECRET.encode() + b"x\n" * (5 * 1024 * 1024))
    reasons = {one.path: one.reason for one in scan_tree(tmp_path).skipped}
    assert reasons["logo.png"] == "it is a picture"
    assert reasons["data.bin"].startswith("it is binary")
    assert reasons["big.txt"] == "only its first 8 MiB were read"
