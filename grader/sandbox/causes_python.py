"""What Python, Flask and its servers print where they cannot load an app, and what that means."""

from __future__ import annotations

import re

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes_imports import name_cause
from grader.sandbox.causes_modules import module_cause, run_module_cause
from grader.sandbox.outdated_names import ATTRIBUTES, gone_attribute
from grader.sandbox.packages import library_advice
from grader.sandbox.tracebacks import last_raised
from grader.text import clip


def _library(found: re.Match[str], _where: AppSettings) -> str:
    name = next(group for group in found.groups() if group)
    return (
        f"A package needs the system's library {name}, which the image does not have. "
        f"{library_advice(name)}"
    )


# -- Flask and gunicorn --------------------------------------------------------------------------


def _no_flask_app(_found: re.Match[str], where: AppSettings) -> str:
    sources = where.sources()
    apps = sources.creates_app() if sources else ()
    begin = "`flask run` finds no app: there is no app.py or wsgi.py, and FLASK_APP is not set."
    if not apps:
        return f"{begin} Name the file with `ENV FLASK_APP=…` in the Dockerfile."
    return (
        f"{begin} Your app is in {apps[0]}: write `ENV FLASK_APP={apps[0]}` in the Dockerfile, or "
        f"`flask --app {apps[0]} run`."
    )


def _cannot_import(found: re.Match[str], where: AppSettings) -> str:
    sources = where.sources()
    apps = sources.creates_app() if sources else ()
    other = f" Your app is in {apps[0]}." if apps else ""
    return (
        f"Flask cannot import {found[1]!r}, which FLASK_APP or --app names: there is no such "
        f"module where the container starts.{other} Correct the name, WORKDIR or COPY in the "
        f"Dockerfile."
    )


def _no_attribute(found: re.Match[str], _where: AppSettings) -> str:
    server = "Flask" if found[0].startswith("Error: ") else "Gunicorn"
    return (
        f"{server} finds no {found[1]!r} in the module {found[2]!r}; correct the last line of "
        "your Dockerfile or the name in your code."
    )


def _no_factory(found: re.Match[str], _where: AppSettings) -> str:
    return (
        f"Flask finds no app in the module {found[1]!r}: nothing in it is a Flask object called "
        "`app` or `application`, nor a function `create_app`. Name it: FLASK_APP=MODULE:NAME."
    )


def _syntax(found: re.Match[str], _where: AppSettings) -> str:
    raised = last_raised(found.string[: found.end() + 1])
    last = raised.frames[-1] if raised and raised.frames else None
    at = f"{last.file}, line {last.line}" if last else "a file"
    return f"Python cannot read {at}: {clip(found[2], 200)} ({found[1]})."


def _missing_file(found: re.Match[str], where: AppSettings) -> str:
    path = found[1]
    sources = where.sources()
    begin = f"It opens {path!r}, which is not in the container (FileNotFoundError)"
    if sources and (out := sources.kept_out(path)):
        return f"{begin}: {out} keeps it out. {KEPT_OUT}"
    if sources and (own := sources.named(path)):
        return (
            f"{begin}; your repository has it at {own}. COPY it, and open it by a path that counts "
            "from the file itself (`Path(__file__).parent`) and not from where the app starts."
        )
    nor = ", nor in your repository" if sources else ""
    return (
        f"{begin}{nor}. Commit it, or have the app do without it; a folder has "
        "to be made first (`RUN mkdir -p …`)."
    )


KEPT_OUT = (
    "Who clones your repository does not have it either: commit a version without secrets, or take "
    "those values from environment variables."
)

PYTHON = (
    (
        "module-not-found",
        r"ModuleNotFoundError: No module named '([^']+)'[^\n]*",
        module_cause,
    ),
    (
        "module-not-found",
        r"(?m)^\S*python[\d.]*: No module named ([\w.]+)",
        run_module_cause,
    ),
    (
        "module-not-found",
        r"(?m)^\S*python[\d.]*: Error while finding module specification for '([\w.]+)'",
        run_module_cause,
    ),
    (
        "removed-name",
        (
            r"ImportError: cannot import name '([^']+)' from (?:partially initialized module )?"
            r"'([^']+)'(?: \(most likely[^)\n]*\))?(?: \(([^)\n]*)\))?[^\n]*"
        ),
        name_cause,
    ),
    (
        "broken-driver",
        (
            r"(?:ImportError|OSError): (lib[\w.+-]+\.so[.\d]*): cannot open shared object file|"
            r"OSError: cannot load library '([\w.+-]{1,60})'|"
            r"ImportError: Unable to find ([\w.+-]{1,60}) shared library|"
            r"ImportError: (lib[\w.+-]{1,60}) (?:was )?not found|"
            r"ImportError: failed to find (libmagic)"
        ),
        _library,
    ),
    (
        "broken-driver",
        r"NameError: name '(_mysql)' is not defined",
        (
            "The driver mysqlclient is installed, but a library of the system that it needs is "
            "not. "
            "Install it with apt-get in the stage that runs the app (libmariadb3), or use PyMySQL."
        ),
    ),
    (
        "removed-name",
        "AttributeError: ((?:" + "|".join(pattern for pattern, _ in ATTRIBUTES) + ")[^\n]*)",
        lambda found, where: f"{found[1]} (AttributeError). {gone_attribute(found[1])}",
    ),
    (
        "no-such-app",
        r"Error: Could not locate a Flask application",
        _no_flask_app,
    ),
    (
        "no-such-app",
        r"Error: Could not import '([^'\n]+)'",
        _cannot_import,
    ),
    (
        "no-such-app",
        r"(?:Error: )?Failed to find attribute '([^'\n]+)' in '([^'\n]+)'",
        _no_attribute,
    ),
    (
        "no-such-app",
        r"Error: Failed to find Flask application or factory in module '([^'\n]+)'",
        _no_factory,
    ),
    (
        "no-such-app",
        (
            r"Error: (Detected multiple Flask applications in module '[^'\n]+'|Detected factory "
            r"'[^'\n]+' in module '[^'\n]+', but could not call it without arguments)"
        ),
        lambda found, where: (
            f"Flask cannot tell which app to start: {found[1]}. Name it: FLASK_APP=MODULE:NAME, or "
            "`flask --app 'MODULE:create_app(…)' run`."
        ),
    ),
    (
        "no-such-app",
        r"Failed to parse '([^'\n]+)' as an attribute name or function call",
        lambda found, where: (
            f"Gunicorn does not understand {found[1]!r} as the name of an app; write "
            "MODULE:NAME, such as app:app."
        ),
    ),
    (
        "syntax",
        r"(?m)^(SyntaxError|IndentationError|TabError): ([^\n]*)",
        _syntax,
    ),
    (
        "no-user-name",
        r"OSError: No username set in the environment|KeyError: 'getpwuid\(\): uid not found: \d+'",
        (
            "It asks for the name of the user that it runs as, and that user's number has no entry "
            "in /etc/passwd (PyMySQL before 1.1.2 asks when it is imported). Create the user in "
            "the Dockerfile (`RUN useradd --uid 10001 app`, and `USER app`), or write `ENV "
            "USER=app`."
        ),
    ),
    (
        "file-not-found",
        r"FileNotFoundError: \[Errno 2\] No such file or directory: '([^'\n]+)'",
        _missing_file,
    ),
    (
        "template-not-found",
        r"jinja2\.exceptions\.TemplateNotFound: ([^\n]+)",
        lambda found, where: (
            f"Flask finds no template {found[1]!r}. It looks in the folder `templates` next to the "
            "file that makes the app; COPY that folder too, and mind capital letters."
        ),
    ),
)
"""Names of causes, what to look for and the sentence, as `causes.LOG_CAUSES` has them."""
