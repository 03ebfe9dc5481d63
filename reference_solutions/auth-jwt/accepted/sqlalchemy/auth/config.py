"""Configuration comes from the environment, and has no defaults."""

import os

from sqlalchemy import URL


def from_environment():
    return {
        "JWT_SECRET": os.environ["JWT_SECRET"],
        "JWT_ISSUER": os.environ["JWT_ISSUER"],
        "JWT_AUDIENCE": os.environ["JWT_AUDIENCE"],
        "ACCESS_SECONDS": int(os.environ["ACCESS_SECONDS"]),
        "REFRESH_SECONDS": int(os.environ["REFRESH_SECONDS"]),
        "ADMIN_USERNAME": os.environ["ADMIN_USERNAME"],
        "ADMIN_PASSWORD": os.environ["ADMIN_PASSWORD"],
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
            "pool_pre_ping": True,
            # Each statement sees what others have committed before it.
            "isolation_level": "READ COMMITTED",
            "connect_args": {"connect_timeout": 2, "read_timeout": 4, "write_timeout": 4},
        },
    }
