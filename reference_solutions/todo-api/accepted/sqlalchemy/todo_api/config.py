"""Configuration comes from the environment, and has no defaults for secrets."""

import os

from sqlalchemy import URL


def from_environment():
    return {
        "SECRET_KEY": os.environ["SECRET_KEY"],
        # URL.create quotes: a password may hold @ or /.
        "SQLALCHEMY_DATABASE_URI": URL.create(
            "mysql+pymysql",
            username=os.environ["DB_USER"],
            password=os.environ["DB_PASSWORD"],
            host=os.environ["DB_HOST"],
            port=int(os.environ["DB_PORT"]),
            database=os.environ["DB_NAME"],
            query={"charset": "utf8mb4"},
        ),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            # Look whether a pooled connection is still alive before it is used.
            "pool_pre_ping": True,
            "connect_args": {"connect_timeout": 2, "read_timeout": 3, "write_timeout": 3},
        },
    }
