"""Where TLS is spoken that a suite asks for, a part of `protocol`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TlsAddress:
    """Where TLS is spoken."""

    host: str
    port: int
    """Host and port on the grader's machine."""
    shown: str
    """The base URL that a student reads in their place."""
    name: str
    """The host name that is asked for."""
