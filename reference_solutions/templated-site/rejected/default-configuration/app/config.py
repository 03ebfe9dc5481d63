"""The configuration comes from the environment. Nothing has a default: what is missing is noticed."""

import os

NAMES = (
    "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD",
    "SITE_TITLE", "CURRENCY", "SUPPORT_EMAIL",
)  # fmt: skip


DEVELOPMENT = {"SITE_TITLE": "Test shop", "CURRENCY": "EUR", "SUPPORT_EMAIL": "me@localhost"}


def from_environment():
    return {name: os.environ[name] for name in NAMES} | DEVELOPMENT
