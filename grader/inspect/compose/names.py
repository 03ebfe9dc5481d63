"""What a variable's name says of it: whether it is a secret, and what it stands for."""

from __future__ import annotations

import re
from enum import StrEnum

SECRET = re.compile(
    r"PASSWORD|PASSWD|SECRET"
    r"|(?:^|[_.-])(?:[A-Z]*PASS|[A-Z]*PWD|[A-Z]*TOKEN"
    r"|(?:API|PRIVATE|ACCESS|AUTH|APP|JWT)?KEYS?)(?=$|[_.\d-])"
)
ABOUT = re.compile(
    r"(?:^|[_.-])(?:FILE|PATH|DIR|URL|URI|HOST|PORT|USER|USERNAME|NAME|ALGORITHM|TYPE|HEADER"
    r"|HEADERS|LOCATION|PREFIX|LENGTH|LEN|MIN|MAX|SIZE|ROUNDS|ISSUER|AGE|TTL|TIMEOUT|LIFETIME"
    r"|EXPIRY|EXPIRES?|EXPIRES?_IN|EXPIRATION|DAYS|HOURS|MINUTES|SECONDS|REQUIRED|ENABLED)$"
    r"|EXPIR|ALLOW_EMPTY|RANDOM_ROOT|BYPASS|COMPASS"
)
"""Names that speak of a secret and hold none, such as `JWT_TOKEN_LOCATION`."""


class Role(StrEnum):
    """What a variable stands for."""

    ROOT = "root"
    """The password of the database's root."""
    PASSWORD = "password"  # noqa: S105 - a role, no password
    SECRET = "secret"  # noqa: S105 - another secret, each of its own
    URL = "url"
    """The URL of a database."""
    USER = "user"
    HOST = "host"
    LISTEN = "listen"
    """The address that a server binds to."""
    PORT = "port"
    DATABASE_PORT = "database port"
    DATABASE = "database"
    OWNER = "owner"
    """The number of a user or group of the machine."""
    TAG = "tag"
    """The version of an image."""
    OTHER = "other"


ROLES: tuple[tuple[str, Role], ...] = (
    (r"(?:DB|MYSQL|DATABASE|SQLALCHEMY).*(?:URL|URI|DSN)$", Role.URL),
    (r"USER", Role.USER),
    (r"(?:DB|MYSQL|DATABASE|MARIADB).*(?:HOST|SERVER|ADDR)", Role.HOST),
    (r"^HOST$|(?:FLASK|APP|WEB|API|SERVER|BIND|LISTEN).*HOST|HOST.*BIND", Role.LISTEN),
    (r"HOST", Role.HOST),
    (r"(?:DB|MYSQL|DATABASE|MARIADB).*PORT", Role.DATABASE_PORT),
    (r"PORT", Role.PORT),
    (r"^P?[UG]ID$|_[UG]ID$", Role.OWNER),
    (r"(?:^|_)(?:TAG|VERSION)$", Role.TAG),
    (r"DATABASE|(?:^|_)DB|DB(?:$|_)|SCHEMA", Role.DATABASE),
)


def is_secret(name: str) -> bool:
    """Return whether a variable of that name holds a secret."""
    name = _upper(name)
    return bool(SECRET.search(name)) and not ABOUT.search(name)


def is_of_database(name: str) -> bool:
    """Return whether a variable of that name is about a database."""
    return bool(re.search(r"DATABASE|MYSQL|MARIADB|(?:^|_)DB", _upper(name)))


def role(name: str) -> Role:
    """Return what a variable of that name stands for."""
    name = _upper(name)
    if is_secret(name):
        if "ROOT" in name:
            return Role.ROOT
        return Role.PASSWORD if re.search(r"PASS|PWD", name) else Role.SECRET
    return next((role for pattern, role in ROLES if re.search(pattern, name)), Role.OTHER)


def _upper(name: str) -> str:
    """`dbPassword` as `DB_PASSWORD`."""
    return re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", name[:200]).upper()
