"""What a challenge.yml says of TLS: `tls` of the app and of roles, and what goes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from grader.yamldoc import Document

VALUES = ("tls.certificate", "tls.key", "tls.authority")
"""The placeholders of `app.env`: paths of the files that the exam gives."""
APP = "app"


def tls_port(role: Mapping[str, Any]) -> int:
    """Return the port on which a service of `role` speaks TLS; 0: on none."""
    asked = role.get("tls", 0)
    return int(role.get("port", 0)) if asked is True else int(asked)


def tls_values(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the placeholders that a challenge has which asks for TLS; none where it does not."""
    parts = [_mapping(spec.get("app")), *map(_mapping, _roles(spec).values())]
    return VALUES if any(one.get("tls") for one in parts) else ()


def tls_problems(document: Document, spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each `tls` that does not fit."""
    app = _mapping(spec.get("app"))
    if "tls" in app and app.get("tls") == app.get("port"):
        yield (
            f"{document.at((APP, 'tls'))} is app.port as well, on which the app answers without "
            "TLS; give it another one."
        )
    for name, one in _roles(spec).items():
        role, where = _mapping(one), document.at(("submission", "roles", name, "tls"))
        if "tls" in role and name == APP:
            yield f"{where}: of the app it is said in `app`; write `tls:` there."
        elif role.get("tls") is True and not role.get("port"):
            yield f"{where} is true, and the role names no port; write `port: 443` alongside it."


def _roles(spec: Mapping[str, Any]) -> dict[str, Any]:
    return _mapping(_mapping(spec.get("submission")).get("roles"))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
