"""Configuration comes from the environment, and has no defaults for secrets."""

import os

from sqlalchemy import URL


class Config:
    """What every environment has in common."""

    def __init__(self):
        self.SITE_TITLE = os.environ["SITE_TITLE"]
        self.CURRENCY = os.environ["CURRENCY"]
        self.SUPPORT_EMAIL = os.environ["SUPPORT_EMAIL"]
        # URL.create quotes: a password may hold @ or /.
        self.SQLALCHEMY_DATABASE_URI = URL.create(
            "mysql+pymysql",
            username=os.environ["DB_USER"],
            password=os.environ["DB_PASSWORD"],
            host=os.environ["DB_HOST"],
            port=int(os.environ["DB_PORT"]),
            database=os.environ["DB_NAME"],
            query={"charset": "utf8mb4"},
        )
        # Look whether a pooled connection is still alive before it is used.
        self.SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}


class DevelopmentConfig(Config):
    """For one's own desk: templates are read anew at each request."""

    TEMPLATES_AUTO_RELOAD = True
