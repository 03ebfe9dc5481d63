"""What clients of RabbitMQ print where nobody answers them, or lets them in, and why."""

from __future__ import annotations

import re

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes_stores import unreachable

FRAME = re.compile(r'^ {1,8}File "([^"\n]{1,300})", line \d+', re.MULTILINE)
PACKAGES = re.compile(r"/(?:site|dist)-packages/|/lib/python\d")
WRITTEN = re.compile(
    r"(?:ConnectionParameters\(\s*(?:host\s*=\s*)?|\bhost\s*=\s*)[\"']([A-Za-z0-9][\w.-]{0,100})[\"']"
    r"|amqps?://(?:[^@/\s\"']{0,100}@)?([A-Za-z0-9][\w.-]{0,100})[:/\"']"
)
"""A host that stands in the code of an app."""
MOST_FILES = 20


def _written_host(log: str, where: AppSettings) -> str:
    """Return the host that stands in the files which a traceback names; empty where none does.

    pika's own exceptions do not tell it.
    """
    sources = where.sources()
    if sources is None:
        return ""
    programs = [one for one in dict.fromkeys(FRAME.findall(log)) if not PACKAGES.search(one)]
    for program in reversed(programs[-MOST_FILES:]):
        path = sources.named(program)
        found = WRITTEN.search(sources.text(path)) if path else None
        if found:
            return found[1] or found[2]
    return ""


def _unreachable(found: re.Match[str], where: AppSettings) -> str:
    told = next((one for one in found.groups() if one), "")
    if host := told or _written_host(found.string, where):
        return unreachable("RabbitMQ", host, where)
    return (
        "It cannot reach RabbitMQ: nobody answers where it looks for one. Take host and port from "
        f"the environment variables that {where.source}, and try again in the app until it answers."
    )


BROKERS = (
    (
        "service-unreachable",
        (
            r"Connect call failed \('([\w.:-]+)', 567[12](?:, \d+, \d+)?\)|"
            r"pika\.exceptions\.AMQPConnectionError|"
            r"/pika/adapters/utils/selector_ioloop_adapter\.py\", line \d+, in _resolve"
        ),
        _unreachable,
    ),
    (
        "broker-credentials",
        r"ACCESS_REFUSED\W{1,4}Login was refused|pika\.exceptions\.ProbableAuthenticationError",
        lambda found, where: (
            "RabbitMQ refused its user or password. Take both from the environment variables that "
            f"{where.source}; they are new at every start."
        ),
    ),
    (
        "broker-vhost",
        (
            r"\b530\b[^\n]{0,40}vhost (\S{1,100}) not found|"
            r"pika\.exceptions\.ProbableAccessDeniedError"
        ),
        lambda found, where: (
            "RabbitMQ has no such virtual host for it. Take its name from the environment variable "
            f"that {where.source}; without one, clients ask for '/'."
        ),
    ),
)
"""Names of causes, what to look for and the sentence, as `causes.LOG_CAUSES` has them."""
