"""What pip, apt and shells print in a build step that fails, and what that means."""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.causes import from_log
from grader.sandbox.package_names import deprecated, other_machine, unknown_package
from grader.sandbox.package_sources import source_cause
from grader.sandbox.packages import DEBIAN_RENAMED
from grader.sandbox.tracebacks import last_raised
from grader.text import clip

SHOWN = 400
"""Characters of a line that is quoted."""
FROM_SHELL = frozenset({"no-such-program", "crlf", "exec-format", "not-executable"})
OTHER_MANAGERS = {"apk": "Alpine's", "yum": "Red Hat's", "dnf": "Red Hat's", "brew": "macOS's"}
COMPILERS = (
    r"(?:command '|directory: ')(?:/usr/bin/)?[\w-]*(?:gcc|cc|g\+\+)'|(?:gcc|cc): not found|"
    r"pkg-config: not found|mysql_config: not found|valid pkg-config name|Python\.h: No such file|"
    r"[\w/]+\.h: No such file"
)


def build_cause(output: str, step: str) -> str:
    """Say what the end of `output` of the build step `step` means; empty where that is unknown."""
    for explain in (source_cause, _apt, _other_tools, _pip, _shell):
        if sentence := explain(output, step):
            return sentence
    return ""


# -- apt -----------------------------------------------------------------------------------------


def _apt(output: str, step: str) -> str:
    lines = output.splitlines()
    if found := _last(r"^E: Package '([^']+)' has no installation candidate", lines):
        name = found[1]
        said = re.search(
            rf"Package {re.escape(name)} is a virtual package provided by:\n"
            r"((?:[ \t]+\S+ .*\n?)+)",
            output,
        )
        choices = re.findall(r"^[ \t]+([\w.+-]+) ", said[1], re.MULTILINE) if said else []
        instead = DEBIAN_RENAMED.get(name) or (choices[0] if choices else "")
        what = f": it is a name for {' or '.join(choices)}" if choices else ""
        return f"apt says: {found[0]}. Debian has no package {name!r} of its own{what}." + (
            f" Write {instead} in its place." if instead else " Ask for one that it has."
        )
    if found := _last(r"^E: Unable to locate package (\S+)", lines):
        name = found[1]
        if not re.search(r"\bapt(?:-get)?\s+(?:-\S{1,60}\s+){0,8}update\b", step):
            return (
                f"apt says: {found[0]}. It has no lists of packages yet: write `RUN apt-get update "
                f"&& apt-get install -y {clip(name, 60)}` as one step."
            )
        instead = DEBIAN_RENAMED.get(name, "")
        return f"apt says: {found[0]}. The Debian of this image has no package of that name." + (
            f" It is called {instead} there." if instead else " Check how it is spelt."
        )
    if found := _last(r"^E: Version '[^']+' for '[^']+' was not found", lines):
        return (
            f"apt says: {found[0]}. A Debian release has one version of each package, and it "
            "changes: leave the version out."
        )
    found = _last(r"^E: .*", lines[-4:])
    return f"apt says: {clip(found[0], SHOWN)}." if found else ""


# -- pip -----------------------------------------------------------------------------------------

Advice = str | Callable[[re.Match[str]], str]
PIP: tuple[tuple[str, Advice], ...] = (
    (
        r"Could not open requirements file: .*?'([^']+)'",
        lambda found: f"COPY {found[1].rpartition('/')[2]} before this step.",
    ),
    (
        r"Invalid requirement: '([\w.\[\]-]+)=(?!=)([^'=]*)'",
        lambda found: f"A version is named with two signs: {found[1]}=={found[2].split(':')[0]}.",
    ),
    (r"Invalid requirement", "Correct that line of the file."),
    (
        r"requires a different Python: (\S+) not in",
        lambda found: (
            f"That version is not made for Python {found[1]}: name another one, or another Python "
            "in FROM."
        ),
    ),
    (
        r"No matching distribution found for ([\w.\[\]-]+)(\S*)",
        lambda found: (
            unknown_package(found[1])
            or (
                f"There is no such version of {found[1]} for the Python of this image. Name one "
                "that there is."
                if found[2]
                else f"Check how {found[1]} is spelt in requirements.txt."
            )
        ),
    ),
    (
        r"(?:Cannot install|ResolutionImpossible|conflicting dependencies)",
        "The versions that you name do not go together: loosen or leave out one of them.",
    ),
    (
        r"(?:Failed building wheel for|Failed to build|Could not build wheels for) ?.*",
        "",  # `_unbuilt` says why
    ),
    (
        r"THESE PACKAGES DO NOT MATCH THE HASHES",
        "Make the file with the hashes again.",
    ),
    (
        r"externally-managed-environment",
        "Install into a virtual environment, or build on a python image (FROM python:3.11-slim).",
    ),
)
"""What pip says on its own line of an error, and what to do."""
TOO_OLD = (
    "That version is too old for the Python and the tools of this image. Name a newer one in "
    "requirements.txt, or an older Python in FROM."
)
UNBUILT: tuple[tuple[str, str], ...] = (
    (r"longintrepr|frameobject\.h|_PyErr_StackItem|tstate->|ob_digit|PyCode_New", TOO_OLD),
    (
        r"(?i)\bmysql-python\b",
        (
            "MySQL-python is made for Python 2 and has had no new version for years. Write "
            "mysqlclient, which has the same module, in its place."
        ),
    ),
    (
        r"mysql_config|pkg-config name|MYSQLCLIENT_CFLAGS|mysqlclient-dev",
        (
            "mysqlclient is compiled, and needs a compiler and MySQL's headers: `RUN apt-get "
            "update && "
            "apt-get install -y build-essential default-libmysqlclient-dev pkg-config` before "
            "it, or "
            "take PyMySQL."
        ),
    ),
    (
        r"pg_config|libpq",
        "It is compiled and needs PostgreSQL's headers; take psycopg2-binary.",
    ),
    (
        COMPILERS,
        (
            "It is compiled, and the image has no compiler or headers: `RUN apt-get update && "
            "apt-get "
            "install -y build-essential` before it, or name a version that PyPI has a wheel of."
        ),
    ),
    (
        r"[Rr]ust|cargo",
        (
            "It is compiled with Rust, which the image does not have: name a version that PyPI "
            "has a "
            "wheel of for this Python."
        ),
    ),
    (
        (
            r"use_2to3|cython_sources|distutils|imp'|Feature|fcompiler|pkgutil|build_ext|setuptools|"
            r"pkg_resources|egg_info|setup\.py|error: command"
        ),
        TOO_OLD,
    ),
)
"""What the log of a package shows that could not be built, and what to do."""


def _pip(output: str, step: str) -> str:
    lines = output.splitlines()
    if found := _last(
        r"^(?:no such option: (-\S+)|ambiguous option: .*|\S+ option requires .*)$", lines
    ):
        return f"pip says: {clip(found[0], SHOWN)}. {_option(found[1] or '', step)}"
    if found := _last(r"^ERROR: Could not open requirements file: .*'(equirements[^']*)'", lines):
        return f"pip says: {clip(found[0], SHOWN)}. Write a blank after -r: -r r{found[1]}."
    if _last(rf"{OF_PIP.pattern}|Failed building|Could not build|Failed to build", lines):
        return _unbuilt(output, lines)
    for pattern, advice in PIP:
        if found := _last(rf"^(?:ERROR|error): .*?{pattern}.*", lines):
            detail = re.search(pattern, found[0])
            assert detail is not None
            do = advice if isinstance(advice, str) else advice(detail)
            none = "No matching" in found[0] and "(from versions: none)" in output
            if none and detail[2] and not unknown_package(detail[1]):
                do = f"PyPI has no {detail[1]} for this Python at all: check how it is spelt."
            versions = _versions(output) if "No matching" in found[0] else ""
            return f"pip says: {clip(found[0], SHOWN)}. {versions}{do}"
    found = _last(r"^ERROR: .*", lines)
    if found and (path := other_machine(output)):
        return f"pip says: {clip(found[0], SHOWN)}. {path}"
    return f"pip says: {clip(found[0], SHOWN)}." if found else ""


def _option(refused: str, step: str) -> str:
    """Say how the option of `step` that pip refused as `refused` was meant."""
    letter = refused.removeprefix("-")
    long = (
        re.search(rf"(?<=\s)-({re.escape(letter)}[a-z][a-z-]*)", step) if len(letter) == 1 else None
    )
    if long:
        return f"An option of several letters begins with two dashes: --{long[1]}."
    return "Correct the options of this step."


def _versions(output: str) -> str:
    """Return what other versions there are, as pip lists them."""
    found = re.search(r"\(from versions: ([^()\n]+)\)", output)
    if not found or found[1] == "none":
        return ""
    listed = [one.strip() for one in found[1].split(",")][-6:]
    return f"There are {', '.join(listed)}, among others. "


BLOCK = " " * 6
"""What pip puts before each line that a package's own build has printed."""
OF_PIP = re.compile(
    r"error: (?:metadata-generation-failed|subprocess-exited-with-error|legacy-install-failure|"
    r"failed-wheel)|ERROR: Command errored out with exit status \d+: "
)
"""What pip calls a package's own failure."""
UNBUILT_NAMES = (
    r"Failed building wheel for ([\w.-]+)|"
    r"Failed to build [`']?(?!installable)([A-Za-z][\w.-]*)|"
    r"projects \(([\w.-]+)|Could not build wheels for ([\w.-]+)|^\s*Collecting ([\w.-]+\S*)|"
    r"\u2570\u2500> (?!See\b)([A-Za-z][\w.-]*)$"
)


def _unbuilt(output: str, lines: list[str]) -> str:
    """Return why a package could not be built, and which it is."""
    quoted = _last(r"^ERROR: (?:Failed|Could not build).*", lines) or _last(
        r"^(?:ERROR|error): .*", lines
    )
    said = clip(quoted[0], SHOWN) if quoted else "a package could not be built"
    named = _last(UNBUILT_NAMES, lines)
    name = next(filter(None, named.groups())) if named else ""
    inner = last_raised("\n".join(line.removeprefix(BLOCK) for line in lines))
    own = _last(r"^\s*(?:[^\s:]+:[\d:]* )?((?:\w+Error|(?:fatal )?error|Exception): .*)",
                [line for line in lines if not OF_PIP.search(line)])  # fmt: skip
    because = inner.text if inner else own[1] if own else ""
    known = (do for pattern, do in UNBUILT if re.search(pattern, output))
    advice = deprecated(output) or next(known, "")
    package = f" The package is {name}." if name and name not in said else ""
    why = f" It failed with: {clip(because, SHOWN)}." if because and because not in said else ""
    return f"pip says: {said}.{package}{why} {advice}".strip()


# -- uv, Poetry and Pipenv ------------------------------------------------------------------------

TOOLS: tuple[tuple[str, str, str], ...] = (
    (
        "uv",
        r"error: No interpreter found for Python .*|error: .*requested Python version.*",
        (
            "uv would download that Python, and a build reaches packages alone: build on an "
            "image that "
            "has it (FROM python:3.12-slim, for one), or lower `requires-python`."
        ),
    ),
    (
        "uv",
        r".*[Ll]ockfile.* needs to be updated.*|error: Unable to find lockfile.*",
        "Run `uv lock` and commit uv.lock.",
    ),
    (
        "uv",
        r"\s*\u2570\u2500\u25b6 (?:Because|Failed to build|\u00d7|x) .*|error: Failed to build .*",
        "Change the versions that pyproject.toml asks for.",
    ),
    (
        "Poetry",
        (
            r"pyproject\.toml changed significantly since poetry\.lock.*|.*poetry\.lock .*not up "
            r"to date.*|.*lock file is not compatible with the current version of Poetry.*"
        ),
        "Run `poetry lock` and commit poetry.lock.",
    ),
    (
        "Poetry",
        r".*current project could not be installed.*|.*does not contain any element.*",
        "Write `poetry install --no-root`, or `package-mode = false` in pyproject.toml.",
    ),
    (
        "Poetry",
        (
            r"Because .*(?:version solving failed|depends on|requires Python).*|"
            r".*version solving failed.*|.*is not allowed by the project's supported Python.*|"
            r"Current Python version \(.*\) is not allowed.*"
        ),
        "Change the versions that pyproject.toml asks for, or the Python in FROM.",
    ),
    (
        "Poetry",
        (
            r"The (?:option|command) \S+ (?:does not exist|is not defined).*|"
            r'The "--no-dev" option does not exist.*'
        ),
        "Poetry 2 has removed it: write `--only main` in place of `--no-dev`.",
    ),
    (
        "Pipenv",
        r".*Pipfile\.lock .*(?:is )?out[- ]of[- ]date.*|.*Pipfile\.lock not found.*",
        "Run `pipenv lock` and commit Pipfile.lock.",
    ),
)
"""A tool, its own line of an error, and what to do."""


def _other_tools(output: str, step: str) -> str:
    lines = output.splitlines()
    for tool, pattern, advice in TOOLS:
        if not re.search(rf"\b{tool}\b", step, re.IGNORECASE):
            continue
        if found := _last(rf"^(?:{pattern})$", lines):
            said = found[0].strip("\u2570\u2500\u25b6 \t")
            return f"{tool} says: {clip(said, SHOWN)}. {advice}"
    return ""


# -- the shell -----------------------------------------------------------------------------------


def _shell(output: str, _step: str) -> str:
    cause, sentence = from_log(output, AppSettings())
    if found := re.search(r"finds no program '(apk|yum|dnf|brew)'", sentence):
        return (
            f"This image has no {found[1]}, which is {OTHER_MANAGERS[found[1]]}: install with "
            "`apt-get update && apt-get install -y …`."
        )
    return sentence if cause in FROM_SHELL or cause == "module-not-found" else ""


def _last(pattern: str, lines: list[str]) -> re.Match[str] | None:
    """Return the match in the last of `lines` that has one."""
    compiled = re.compile(pattern)
    for line in reversed(lines):
        if found := compiled.search(line):
            return found
    return None
