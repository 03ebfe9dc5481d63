"""What programs print that are started the wrong way: arguments, addresses, late installs."""

from __future__ import annotations

import re

from grader.sandbox.app_settings import AppSettings
from grader.text import clip

COMMANDS = {
    "db": (
        "It is Flask-Migrate's: add that to requirements.txt, and make `Migrate(app, db)` where "
        "the app is made."
    ),
    "runserver": "It was Flask-Script's: write `flask run --host 0.0.0.0`.",
}
"""Commands that Flask itself does not have."""


def _installs(found: re.Match[str], _where: AppSettings) -> str:
    of_uv = found[0].startswith("error")
    how = ": `uv run --no-sync`, or .venv/bin directly" if of_uv else ""
    return (
        "It installs packages when it starts, and a container reaches no package index. Install "
        f"them in the Dockerfile (RUN), and start the app without that{how}."
    )


def _arguments(found: re.Match[str], where: AppSettings) -> str:
    said = clip(next(group for group in found.groups() if group).strip(), 160)
    name = re.search(r"No such command '([\w-]+)'", said)
    advice = COMMANDS.get(name[1], "") if name else ""
    place = "the Dockerfile's CMD or your Compose file's `command`" if where.composed else "CMD"
    return f"The command that starts it is wrong: {said}. {advice or f'Correct {place}.'}"


def _address(found: re.Match[str], _where: AppSettings) -> str:
    named = next((group for group in found.groups() if group), "")
    at = f" ({clip(named, 60)})" if named else ""
    return (
        f"It listens on an address that is none of the container's{at}. Listen on all addresses: "
        'host="0.0.0.0".'
    )


INSTALLS = (
    r"(?m)^ERROR: No matching distribution found for [^\n]+|"
    r"^error: (?:Request failed after \d+ retries|Failed to (?:fetch|download))[^\n]*|"
    r"Could not find a version that satisfies the requirement|"
    r"\bpip[^\n]{0,40}NewConnectionError"
)
"""What pip and uv print that cannot reach their index."""
START = (
    (
        "installs-at-start",
        INSTALLS,
        _installs,
    ),
    (
        "bad-arguments",
        (
            r"(?m)^[\w./-]{1,60}: error: ((?:unrecognized arguments|argument |the following "
            r"arguments|invalid choice)[^\n]*)|"
            r"^Error: ((?:No such (?:option|command)|Got unexpected extra argument|Missing "
            r"(?:argument|option)|Option '[^'\n]{1,60}' requires)[^\n]*)"
        ),
        _arguments,
    ),
    (
        "bad-address",
        (
            r"\[Errno 99\] (?:Cannot assign requested|error while attempting to bind)[^\n]*|"
            r"(?:Invalid address: |Cannot assign requested address: )([^\n]{1,80})|"
            r"Failed to bind to? ([^\n]{1,80})"
        ),
        _address,
    ),
    (
        "missing-variable",
        (
            r"Either 'SQLALCHEMY_DATABASE_URI' or 'SQLALCHEMY_BINDS' must be set|"
            r"Could not parse SQLAlchemy URL from (?:given URL )?string '?(?:None)?'?$|"
            r"Expected string or URL object, got None"
        ),
        lambda found, where: (
            "The URL of its database is empty: the variable that the app takes it from is not set. "
            + (
                "Name it under `environment` of the app's service."
                if where.composed
                else "Read the variables that the brief names."
            )
        ),
    ),
)
"""Names of causes, what to look for and the sentence, as `causes.LOG_CAUSES` has them."""
