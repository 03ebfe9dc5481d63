"""What a variable's name says of it."""

from __future__ import annotations

import pytest

from grader.inspect.compose.names import Role, is_secret, role


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD", "DB_PASSWORD", "MYSQL_ROOT_PASSWORD", "MYSQL_PASSWD", "DB_PASS", "DBPASS",
        "DB_PWD", "SECRET", "SECRET_KEY", "FLASK_SECRET_KEY", "SECRETKEY", "JWT_SECRET",
        "JWT_SECRET_KEY", "API_KEY", "APIKEY", "KEY", "TOKEN", "ACCESS_TOKEN", "AUTHTOKEN",
        "db_password", "dbPassword", "db-password", "PASSWORD1", "AWS_ACCESS_KEY_ID",
    ],
)  # fmt: skip
def test_secrets(name: str) -> None:
    """In whatever case, with or without a boundary."""
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "DB_USER", "DB_HOST", "DATABASE_URL", "MYSQL_ROOT_PASSWORD_FILE", "SECRET_FILE",
        "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD", "JWT_TOKEN_LOCATION",
        "JWT_ACCESS_TOKEN_EXPIRES", "TOKEN_EXPIRE_MINUTES", "PASSWORD_MIN_LENGTH", "MAX_TOKENS",
        "TOKENIZERS_PARALLELISM", "MONKEY", "KEYBOARD", "COMPASS", "BYPASS_CACHE", "PASSENGER",
        "SECRET_NAME", "TOKEN_URL", "KEYCLOAK_HOST",
    ],
)  # fmt: skip
def test_what_only_sounds_like_one(name: str) -> None:
    """A file, a length, a lifetime, a switch of MySQL's."""
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MYSQL_ROOT_PASSWORD", Role.ROOT), ("DB_PASSWORD", Role.PASSWORD),
        ("DB_PWD", Role.PASSWORD),
        ("SECRET_KEY", Role.SECRET), ("DB_USER", Role.USER), ("MYSQL_USERNAME", Role.USER),
        ("DB_HOST", Role.HOST), ("MYSQL_SERVER", Role.HOST), ("APP_DB_HOST", Role.HOST),
        ("HOST", Role.LISTEN), ("FLASK_RUN_HOST", Role.LISTEN), ("REDIS_HOST", Role.HOST),
        ("DB_PORT", Role.DATABASE_PORT), ("MYSQL_TCP_PORT", Role.DATABASE_PORT),
        ("DATABASE_PORT", Role.DATABASE_PORT), ("PORT", Role.PORT), ("FLASK_RUN_PORT", Role.PORT),
        ("MYSQL_DATABASE", Role.DATABASE), ("DB_NAME", Role.DATABASE), ("MYSQL_DB", Role.DATABASE),
        ("DB", Role.DATABASE), ("DB_SCHEMA", Role.DATABASE), ("FEEDBACK", Role.OTHER),
        ("DATABASE_URL", Role.URL), ("SQLALCHEMY_DATABASE_URI", Role.URL), ("UID", Role.OWNER),
        ("GID", Role.OWNER), ("PUID", Role.OWNER), ("IMAGE_TAG", Role.TAG),
        ("MYSQL_VERSION", Role.TAG),
        ("FLASK_ENV", Role.OTHER),
    ],
)  # fmt: skip
def test_roles(name: str, expected: Role) -> None:
    """What a value that is made up has to be like."""
    assert role(name) is expected
