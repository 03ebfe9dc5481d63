"""The certificate that the index shows where a build asks for PyPI itself.

uv, Poetry and Pipenv name PyPI's hosts in what they lock, and have no setting that every version of
them keeps to. So the index answers for these hosts, with a certificate of an authority of this
machine alone, which base images trust. That authority's key signs one certificate, for these hosts,
and is thrown away at once: nothing else can ever be signed with it.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.sandbox.lock import locked
from grader.settings import Settings

if TYPE_CHECKING:
    from cryptography import x509

HOSTS = ("pypi.org", "files.pythonhosted.org")
"""The hosts that the index answers for."""
DAYS = 3650
RENEWED = 60
"""Days before its end that a certificate is made again."""


def authority(settings: Settings) -> bytes:
    """Return the authority's certificate (PEM), which is made where there is none that holds."""
    folder = _folder(settings)
    with locked(settings.state / "locks" / "index-authority"):
        if not _holds(folder):
            _make(folder)
        return (folder / "authority.crt").read_bytes()


def server_certificate(settings: Settings) -> Path:
    """Return the file with the index's own certificate and key, as `load_cert_chain` takes it."""
    authority(settings)
    return _folder(settings) / "server.pem"


def _folder(settings: Settings) -> Path:
    return settings.state / "index" / "certificates"


def _holds(folder: Path) -> bool:
    from cryptography import x509

    try:
        (folder / "server.pem").read_bytes()
        own = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    except (OSError, ValueError):
        return False
    left = own.not_valid_after_utc - dt.datetime.now(dt.UTC)
    return left > dt.timedelta(days=RENEWED)


def _make(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    signing, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    title = _named("practical-exam-grader package index")
    names = [x509.DNSName(host) for host in HOSTS]
    only = x509.NameConstraints(permitted_subtrees=names, excluded_subtrees=None)
    root = (
        _builder(title, title, signing.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(only, critical=True)
        .sign(signing, hashes.SHA256())
    )
    leaf = (
        _builder(_named(HOSTS[0]), title, own.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
            critical=False,
        )
        .sign(signing, hashes.SHA256())
    )
    key = own.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    _write(folder / "server.pem", leaf.public_bytes(serialization.Encoding.PEM) + key)
    _write(folder / "authority.crt", root.public_bytes(serialization.Encoding.PEM))


def _named(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject: x509.Name, issuer: x509.Name, key: object) -> x509.CertificateBuilder:
    from cryptography import x509

    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key),  # type: ignore[arg-type]
            critical=False,
        )
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    partial.replace(path)
