"""Where on the grader's machine what a suite asks is reached: parts of the protocol's messages."""

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


@dataclass(frozen=True, kw_only=True)
class ReachedAt:
    """Where on the grader's machine a service is reached."""

    host: str
    port: int
    tls: TlsAddress | None = None
    """Where it speaks TLS; None where the exam does not ask for that."""
