"""The certificates that the index shows where a build asks a package index of its own choice.

uv, Poetry and Pipenv name the hosts of an index in what they lock, and have no setting that every
version of them keeps to. So this machine's index answers for these hosts, with certificates of an
authority of this machine alone. Only what is built from the base images here trusts it.
"""

from __future__ import annotations

import datetime as dt
import os
import ssl
import threading
from collections import OrderedDict
from pathlib import Path

from grader.sandbox.certificates import (
    builder,
    named,
    pem,
    pem_of_key,
    root_certificate,
    signed_by,
    usage,
)
from grader.sandbox.file_lock import locked
from grader.settings import Settings

DAYS = 3650
RENEWED = 60
"""Days before its end that the authority is made again."""
HOSTS = 64
"""Hosts whose certificates are kept at a time."""


def authority(settings: Settings) -> bytes:
    """Return the authority's certificate (PEM), which is made where there is none that holds."""
    folder = key_file(settings).parent
    with locked(settings.state / "locks" / "index-authority"):
        if not _holds(folder):
            _make(folder)
        return (folder / "authority.crt").read_bytes()


def key_file(settings: Settings) -> Path:
    """Return the file with the authority's certificate and key, which its owner alone reads."""
    return settings.state / "index" / "certificates" / "authority.pem"


class Certificates:
    """Makes a certificate for each host that is asked for."""

    def __init__(self, authority_file: Path) -> None:
        """`authority_file` has the authority's certificate and its key."""
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        content = authority_file.read_bytes()
        self._root = x509.load_pem_x509_certificate(content)
        self._signing = serialization.load_pem_private_key(content, None)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._folder = authority_file.parent
        self._lock = threading.Lock()
        self._made: OrderedDict[str, ssl.SSLContext] = OrderedDict()

    def context(self, host: str) -> ssl.SSLContext:
        """Return the context of a server that shows a certificate for `host`."""
        with self._lock:
            found = self._made.pop(host, None) or self._make(host)
            self._made[host] = found
            if len(self._made) > HOSTS:
                self._made.popitem(last=False)
            return found

    def _make(self, host: str) -> ssl.SSLContext:
        from cryptography import x509
        from cryptography.x509.oid import ExtendedKeyUsageOID

        leaf = (
            builder(named(host[:64]), self._root.subject, self._key.public_key(), days=DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        signed = signed_by(leaf, self._root, self._signing)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        partial = self._folder / f"{os.getpid()}.partial"
        try:
            _write(partial, pem(signed) + pem_of_key(self._key))
            context.load_cert_chain(partial)  # takes a file, and nothing else
        finally:
            partial.unlink(missing_ok=True)
        return context


def _holds(folder: Path) -> bool:
    from cryptography import x509

    try:
        shown = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
        own = x509.load_pem_x509_certificate((folder / "authority.pem").read_bytes())
    except (OSError, ValueError):
        return False
    left = own.not_valid_after_utc - dt.datetime.now(dt.UTC)
    return shown == own and left > dt.timedelta(days=RENEWED)


def _make(folder: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    signing = ec.generate_private_key(ec.SECP256R1())
    root = root_certificate("practical-exam-grader package index", signing, days=DAYS)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    for path, content in (
        (folder / "authority.pem", pem(root) + pem_of_key(signing)),
        (folder / "authority.crt", pem(root)),
    ):
        partial = path.with_suffix(".partial")
        _write(partial, content)
        partial.replace(path)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
