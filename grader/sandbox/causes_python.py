"""What Python, Flask and its servers print where they cannot load an app, and what that means."""

from __future__ import annotations

import re

from grader.requirement_files import normalised
from grader.sandbox.app_settings import AppSettings
from grader.sandbox.drivers import dead_connector, replace_connector
from grader.sandbox.outdated_names import ATTRIBUTES, gone_attribute, gone_module, gone_name
from grader.sandbox.packages import package_of
from grader.sandbox.tracebacks import last_raised
from grader.text import clip

DRIVER = (
    "SQLAlchemy takes MySQLdb (the package mysqlclient) for a URL that begins with mysql://. Write "
    "mysql+pymysql:// where PyMySQL is installed, or add mysqlclient to requirements.txt."
)
BROKEN = "_version", "version", "_about", "__about__", "__version__"
"""Modules that a package makes of itself when it is built."""


def _module(found: re.Match[str], where: AppSettings) -> str:
    name = found[1]
    top = name.partition(".")[0]
    raised = last_raised(found.string[: found.end() + 1])
    caller = raised.frames[-1].package if raised and raised.frames else ""
    if top == "MySQLdb" and caller.lower().startswith(("sqlalchemy", "flask_sqlalchemy")):
        return f"Python has no module {name!r} in the image (ModuleNotFoundError). {DRIVER}"
    if rot := gone_module(name):
        return rot
    if "is not a package" in found[0]:
        return (
            f"Python takes a file of yours for the package {top!r} and finds no {name!r} in it "
            f"(ModuleNotFoundError). Rename {top}.py."
        )
    if caller and (caller == top or name.rpartition(".")[2] in BROKEN):
        return _broken(name, caller, where)
    return f"Python has no module {name!r} in the image (ModuleNotFoundError). " + _advice(
        name, caller, where
    )


def _advice(name: str, caller: str, where: AppSettings) -> str:
    """Return what to do where the module `name` is missing.

    `caller` is the package that asks for it.
    """
    top, package = name.partition(".")[0], package_of(name)
    sources = where.sources()
    if sources:
        own = sources.named(f"{name.replace('.', '/')}.py") or sources.named(f"{top}.py")
        if own and not caller:
            mounts = ", and what your Compose file mounts over it" if where.composed else ""
            return (
                f"It is a file of your own, {own}: COPY it, and start the app from the folder that "
                f"the import counts from (WORKDIR){mounts}."
            )
        if (out := sources.kept_out(f"{top}.py")) and not caller:
            return f"{out} keeps {top}.py out. Commit it, or COPY it, without secrets in it."
        if sources.requires(package):
            return (
                f"Your repository names its package, {package}, but the Dockerfile installs it for "
                "another Python, in another stage, or not at all."
            )
    if package != top:
        return f"Add its package, {package}, to requirements.txt."
    asks = f" ({caller} asks for it)" if caller and caller != top else ""
    return f"Add its package to requirements.txt{asks}, or COPY the file if it is your own."


def _broken(name: str, package: str, where: AppSettings) -> str:
    """Say that the installed `package` lacks its part `name`, and which line brought it."""
    begin = f"The package {package} is broken as it is installed: its own part {name!r} is missing."
    sources = where.sources()
    packages = sources.requirements() if sources else ()
    if package == "mysql" and (dead := dead_connector(packages)):
        return f"{begin} {replace_connector(dead)}"
    wanted = {normalised(package), normalised(package_of(package))}
    if own := next((one for one in packages if one.name in wanted), None):
        return f"{begin} {own.where} names `{own.written}`: name another version of it."
    return f"{begin} Name another version of {package_of(package)} in requirements.txt."


def _run_module(found: re.Match[str], where: AppSettings) -> str:
    name = found[1]
    if name.endswith("__main__"):
        return (
            f"`python -m` cannot run {name.removesuffix('.__main__')!r}: it is a package without "
            "`__main__.py`. Name the module that starts the app."
        )
    return (
        f"Python has no module {name!r} in the image (`python -m {name}`). "
        f"{_advice(name, '', where)}"
    )


def _name(found: re.Match[str], where: AppSettings) -> str:
    """Return an `ImportError: cannot import name`."""
    name, module, file = found[1], found[2] or "", found[3] or ""
    begin = f"Python cannot import {name!r} from {module!r} (ImportError)"
    if "partially initialized" in found[0] or "circular" in found[0]:
        return (
            f"{begin}: the modules import each other in a circle. Move the import into the "
            "function that needs it, or make the app in a function of its own (create_app)."
        )
    if advice := gone_name(name, module):
        return f"{begin}. {advice}"
    raised = last_raised(found.string[: found.end() + 1])
    caller = raised.frames[-1].package if raised and raised.frames else ""
    if name in BROKEN or (caller and caller == module.partition(".")[0]):
        return _broken(name, module.partition(".")[0] or caller, where)
    if "site-packages" in file or "dist-packages" in file:
        return (
            f"{begin}: the version of {module.partition('.')[0]} that is installed does not have "
            "it. Name the version that you wrote it with in requirements.txt, or change the import."
        )
    return f"{begin}. Check how it is spelt, and that this file is the one that you mean."


def _library(found: re.Match[str], _where: AppSettings) -> str:
    package = "libmariadb3" if "mysql" in found[1] or "maria" in found[1] else ""
    how = (
        f"`RUN apt-get update && apt-get install -y {package}` in the stage that runs the app"
        if package
        else "apt-get in the stage that runs the app"
    )
    return (
        f"A package needs the system's library {found[1]}, which the image does not have. Install "
        f"it with {how}{', or use PyMySQL' if package else ''}."
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
        _module,
    ),
    (
        "module-not-found",
        r"(?m)^\S*python[\d.]*: No module named ([\w.]+)",
        _run_module,
    ),
    (
        "module-not-found",
        r"(?m)^\S*python[\d.]*: Error while finding module specification for '([\w.]+)'",
        _run_module,
    ),
    (
        "removed-name",
        (
            r"ImportError: cannot import name '([^']+)' from (?:partially initialized module )?"
            r"'([^']+)'(?: \(([^)\n]*)\))?[^\n]*"
        ),
        _name,
    ),
    (
        "broken-driver",
        r"ImportError: (lib[\w.+-]+\.so[.\d]*): cannot open shared object file",
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
