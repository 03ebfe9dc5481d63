"""Certificates of authorities of our own, made with `cryptography`.

It is loaded where it is used: most commands need none of it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography import x509

RSA_BITS = 2048
"""Of a server's key: lists of ciphers that students copy know RSA, and not all know other keys."""
EARLIER = 1
"""Days before now that a certificate begins."""


@dataclass(frozen=True, kw_only=True)
class IssuedCertificate:
    """A server's certificate and its key, in PEM."""

    certificate: str
    key: str


class Authority:
    """An authority that lives as long as this object: its own key is kept nowhere else."""

    def __init__(self, title: str, *, days: int) -> None:
        """`title` is what its certificate calls it, which is good for so many `days`."""
        from cryptography.hazmat.primitives.asymmetric import ec

        self._signing = ec.generate_private_key(ec.SECP256R1())
        self._root = root_certificate(title, self._signing, days=days)

    @property
    def certificate(self) -> str:
        """Its own certificate, in PEM: whoever is given it trusts what it issues."""
        return pem(self._root).decode("ascii")

    def issue(
        self, names: Iterable[str], *, days: int, begins: int = -EARLIER
    ) -> IssuedCertificate:
        """Return a certificate for `names`: host names and addresses, the first one its title.

        It is good until so many `days` from now; `begins` is when from, in days from now.
        """
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.x509.oid import ExtendedKeyUsageOID

        wanted = list(dict.fromkeys(names))
        key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        subject = named(wanted[0][:64])
        leaf = (
            builder(subject, self._root.subject, key.public_key(), days=days, begins=begins)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(map(_name, wanted)), critical=False)
            .add_extension(usage(signs=False, enciphers=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        signed = signed_by(leaf, self._root, self._signing)
        return IssuedCertificate(
            certificate=pem(signed).decode("ascii"), key=pem_of_key(key).decode("ascii")
        )


def root_certificate(title: str, signing: Any, *, days: int) -> x509.Certificate:
    """Return the certificate of an authority that signs with the key `signing`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    name = named(title)
    return (
        builder(name, name, signing.public_key(), days=days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signs=True), critical=True)
        .sign(signing, hashes.SHA256())
    )


def signed_by(
    leaf: x509.CertificateBuilder, root: x509.Certificate, signing: Any
) -> x509.Certificate:
    """Return `leaf`, signed with the key `signing` of the authority that `root` is of."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    signer: Any = root.public_key()
    return leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False
    ).sign(signing, hashes.SHA256())


def named(name: str) -> x509.Name:
    """Return `name` as a certificate has the names of its two sides."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def builder(
    subject: x509.Name, issuer: x509.Name, key: Any, *, days: int, begins: int = -EARLIER
) -> x509.CertificateBuilder:
    """Return a certificate of the public `key` to be signed, good until `days` from now."""
    from cryptography import x509

    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=begins))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def usage(*, signs: bool, enciphers: bool = False) -> x509.KeyUsage:
    """Return what a key is for: to sign certificates, or to be a server's.

    One that `enciphers` is RSA's, whose older ciphers (TLS 1.2 without ECDHE) need that.
    """
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs,
        content_commitment=False, key_encipherment=enciphers, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate in PEM."""
    from cryptography.hazmat.primitives import serialization

    return certificate.public_bytes(serialization.Encoding.PEM)


def pem_of_key(key: Any) -> bytes:
    """Return a private key in PEM (PKCS 8), not encrypted."""
    from cryptography.hazmat.primitives import serialization

    found: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return found


def _name(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
