"""Argon2, with the library's own costs."""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_hasher = PasswordHasher()
_of_nobody = _hasher.hash("of nobody at all")

hash_password = _hasher.hash


def is_right(stored, password):
    """Whether the password fits; takes as long where there is nothing stored."""
    try:
        return _hasher.verify(stored or _of_nobody, password) and stored is not None
    except VerifyMismatchError:
        return False
