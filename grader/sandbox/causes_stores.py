"""What clients of PostgreSQL, Redis, MongoDB and HTTP print where nobody answers them, and why."""

from __future__ import annotations

import re

from grader.sandbox.app_settings import AppSettings
from grader.text import clip

LOCAL = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0")
PRODUCTS = (("6379", "Redis"), ("27017", "MongoDB"), ("5432", "PostgreSQL"), ("5672", "RabbitMQ"))
"""What is at the usual ports."""
OF_POSTGRES = re.compile(
    r"translate host name|connection to server at|Is the server running|resolve"
)


def _product(said: str) -> str:
    """Return what the client looks for, by the port or by its words."""
    found = (name for port, name in PRODUCTS if f":{port}" in said)
    return next(found, "PostgreSQL" if OF_POSTGRES.search(said) else "a service")


def _unreachable(found: re.Match[str], where: AppSettings) -> str:
    host = next(group for group in found.groups() if group)
    return unreachable(_product(found[0]), host, where)


def unreachable(product: str, host: str, where: AppSettings) -> str:
    """Return the sentence for an app that finds no `product` at `host`."""
    begin = f"It cannot reach {product} at {clip(host, 60)!r}"
    services = where.literals.services
    if image := services.get(host):
        return (
            f"{begin}: that is your service {clip(host, 60)!r} ({clip(image, 80)}), which is not "
            "started here. Have the app start and answer without it, to see the rest of it."
        )
    if host in services:
        return (
            f"{begin}: that had not come up, or listens elsewhere. Wait for it: `depends_on` with "
            "`condition: service_healthy`, and try again in the app."
        )
    others = ", ".join(f"`{name}`" for name in list(services)[:6])
    if LOCAL.fullmatch(host):
        named = f" Write the name of the service: there is {others}." if others else ""
        return f"{begin}, which is the container itself.{named}"
    if "." in host:
        return (
            f"{begin}: an app reaches its own services, and no other server. Have it start and "
            "answer without that one."
        )
    if not where.composed:
        return f"{begin}: an app reaches what the brief names, and nothing else."
    known = f"they are called {others}" if others else "there is none but the app"
    return f"{begin}: no service of your Compose file has that name, {known}."


STORES = (
    (
        "service-unreachable",
        (
            r"could not translate host name \"([^\"\n]+)\" to address|"
            r"failed to resolve host '([^'\n]+)'|"
            r"connection to server at \"([^\"\n]+)\"[^\n]{0,80} failed: (?!FATAL)|"
            r"Is the server running on (?:that )?host \"([^\"\n]+)\"|"
            r"Error -?\d+ connecting to ([\w.-]+):\d+\.|"
            r"ServerSelectionTimeoutError: ([\w.-]+):\d+: |"
            r"Cannot connect to \w+://(?:[^@\s]*@)?([\w.-]+):\d+/|"
            r"HTTPConnectionPool\(host='([\w.-]+)', port=\d+\): Max retries exceeded"
        ),
        _unreachable,
    ),
)
"""Names of causes, what to look for and the sentence, as `causes.LOG_CAUSES` has them."""
