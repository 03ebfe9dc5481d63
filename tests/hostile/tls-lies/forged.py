"""Makes an authority that calls itself what the exam's is called, and a certificate of it."""
import datetime as dt
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

given = x509.load_pem_x509_certificate(Path(os.environ["TLS_CERTIFICATE"]).read_bytes())
now = dt.datetime.now(dt.timezone.utc)


def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def builder(subject, whose):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(given.issuer)
        .public_key(whose.public_key())
        .serial_number(given.serial_number)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365))
    )


signing, own = key(), key()
root = builder(given.issuer, signing).add_extension(x509.BasicConstraints(True, None), True).sign(signing, hashes.SHA256())
made = builder(given.subject, own)
for one in given.extensions:
    made = made.add_extension(one.value, one.critical)
leaf = made.sign(signing, hashes.SHA256())
Path("/tmp/forged.pem").write_bytes(
    own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    + leaf.public_bytes(serialization.Encoding.PEM)
    + root.public_bytes(serialization.Encoding.PEM)
)
