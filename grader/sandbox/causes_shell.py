"""What a container's log says where its command itself cannot be run, and what a shell prints."""

from __future__ import annotations

import re

from grader.sandbox.app_settings import AppSettings
from grader.sandbox.packages import program_advice
from grader.text import clip

MEND_CRLF = (
    "Save it with line ends of Linux (LF): in your editor, or with `*.sh text eol=lf` in "
    ".gitattributes."
)
BUILTINS = {
    "source": "`source` is bash's: write `.` in its place, or run the script with bash.",
    "[[": "`[[` is bash's: write `[`, or run the script with bash (`#!/bin/bash`).",
    "function": "`function` is bash's: write `name() {`, or run the script with bash.",
}
"""Words of bash that sh takes for programs."""
MARKS = "[],\"'\u201c\u201d\u2018\u2019"
"""Signs of a list, and the quotes that editors put in the place of straight ones."""
MAX_WORDS = 8
"""Words of a command that are written out as a list."""


def _crlf(found: re.Match[str], where: AppSettings) -> str:
    sources = where.sources()
    scripts = sources.crlf_scripts() if sources else ()
    named = [one for one in scripts if one.rpartition("/")[2] in found.string]
    which = (named or [*scripts])[:1]
    script = which[0] if which else "A script that it starts"
    return (
        f"{script} has line ends of Windows (CRLF), which a shell on Linux takes for a part of "
        f"each line. {MEND_CRLF}"
    )


def explain_exec(program: str, said: str, where: AppSettings) -> tuple[str, str]:
    """Return cause and sentence where the system refuses to execute `program`, as `said`."""
    sources = where.sources()
    path = sources.named(program) if sources else ""
    shown = path or program
    if "format error" in said:
        return "exec-format", _no_shebang(program, path, where)
    if "permission denied" in said.lower():
        return "not-executable", _not_executable(program, path, where)
    first = sources.text(path).partition("\n")[0].strip() if sources and path else ""
    if sources and path and sources.has_crlf(path):
        line = f": its first line names the program {first[2:].strip()!r} and a carriage return"
        return "crlf", (
            f"{shown} has line ends of Windows (CRLF), so Linux cannot run it"
            f"{line if first.startswith('#!') else ''}. {MEND_CRLF}"
        )
    if first.startswith("#!"):
        interpreter = first[2:].split()[0] if first[2:].split() else ""
        return "no-interpreter", (
            f"{shown} cannot be run: its first line asks for {interpreter}, which the image does "
            f"not have. Name one that it has (#!/bin/sh), or install it in the Dockerfile."
        )
    return "no-interpreter", (
        f"{program} is there, but what has to run it is not: the program of its first line "
        "(#!/…) is not in the image, or its lines end as on Windows (CRLF)."
    )


def _no_shebang(program: str, path: str, where: AppSettings) -> str:
    shown = path or program
    sources = where.sources()
    place = sources.command(program) if sources else ""
    at = f" ({place})" if place else ""
    if program.endswith(".py"):
        return (
            f"{shown} cannot be run by itself: it does not begin with a line such as "
            f"`#!/usr/bin/env python3`. Start it with Python{at}: "
            f'["python", "{program}"].'
        )
    return (
        f"{shown} cannot be run by itself: it does not begin with a line such as `#!/bin/sh` that "
        f'says what runs it. Add that line, or start it with a shell{at}: ["sh", "{program}"].'
    )


def _not_executable(program: str, path: str, where: AppSettings) -> str:
    sources = where.sources()
    shown = path or program
    begin = f"{shown} may not be executed: its execute bit is not set"
    mounted = sources.mounted_over(program) if sources else ""
    if mounted and sources and path and not sources.is_executable(path):
        chmod = (
            "; the `chmod` of your Dockerfile changed the image's own copy, which is hidden"
            if sources.changes_mode(path)
            else ""
        )
        return (
            f"{begin} in your repository, and {mounted} mounts the repository over the image's "
            f"files{chmod}. Run `git update-index --chmod=+x {shown}` and commit, or start it with "
            f'a shell: ["sh", "{program}"].'
        )
    return (
        f"{begin}. Add `RUN chmod +x {program}` to the Dockerfile after the COPY, or run "
        f"`git update-index --chmod=+x {shown}` and commit."
    )


def _exec_in_log(found: re.Match[str], where: AppSettings) -> str:
    return explain_exec(found[1], found[2], where)[1]


def no_list(text: str, place: str) -> str:
    """Say how to write a command that was to be a list and is none, as `text` stands at `place`."""
    words = [word for word in re.split(rf"[\s{re.escape(MARKS)}]+", text) if word]
    more = ", …" if len(words) > MAX_WORDS else ""
    listed = ", ".join(f'"{word}"' for word in words[:MAX_WORDS])
    return (
        f"{clip(text, 120)} is no list that Docker can read ({place}): it wants brackets, double "
        f"quotes around each word and commas between them, [{listed}{more}]."
    )


def _broken_list(name: str, found: re.Match[str], where: AppSettings) -> str:
    """Say of a `name` that a shell took for a program that it comes of a list that is none."""
    sources = where.sources()
    place, text = sources.broken_list() if sources else ("", "")
    if not re.match(r"(?:/bin/)?sh: 1: ", found[0].lstrip()) or name.strip(MARKS) == name:
        return ""
    if text and name.strip(MARKS) in text:
        return f"The shell finds no program {name!r}: {no_list(text, place)}"
    if name.endswith(","):
        return f"The shell finds no program {name!r}: {no_list(name, 'in CMD or ENTRYPOINT')}"
    return ""


def _syntax(found: re.Match[str], where: AppSettings) -> str:
    sources = where.sources()
    place, text = sources.broken_list() if sources else ("", "")
    said = f"The shell cannot read the command that starts it ({found[1].strip()})"
    if text:
        return f"{said}: {no_list(text, place)}"
    return f"{said}. Check its quotes, brackets and signs such as & and |."


def _quoted_whole(found: re.Match[str], where: AppSettings) -> str:
    sources = where.sources()
    place = sources.command(found[1]) if sources else ""
    at = f" ({place})" if place else ""
    return (
        f"The shell takes the whole text {found[1]!r} for the name of one program{at}: write it "
        "without the quotes."
    )


def _not_found(found: re.Match[str], where: AppSettings) -> str:
    name = next(group for group in found.groups() if group)
    if said := _broken_list(name, found, where):
        return said
    if advice := BUILTINS.get(name):
        return f"The shell finds no program {name!r}: {advice}"
    sources = where.sources()
    if "/" in name and sources and (path := sources.named(name)) and sources.has_crlf(path):
        return _crlf(found, where)
    if any(letter in name for letter in "/.") and not name.startswith("/usr"):
        return (
            f"The shell finds no {name!r} in the container. Check the path, WORKDIR and COPY in "
            "the Dockerfile, and what your Compose file mounts over it."
        )
    line = clip(found[0].strip(), 160)
    return f"The shell finds no program {name!r} in the image ({line}). {program_advice(name)}"


def _unexpanded(found: re.Match[str], where: AppSettings) -> str:
    text = next(group for group in found.groups() if group)
    name = text.strip("${}").partition(":")[0]
    sources = where.sources()
    place = sources.command(text) if sources else ""
    at = f" in {place}" if place else ' in a list such as CMD ["…"]'
    return (
        f"The program was given the text {text!r} itself: no shell puts the value of {name} in its "
        f"place{at}. Write the command without the brackets (CMD gunicorn -b 0.0.0.0:$PORT …), "
        f'start a shell (["sh", "-c", "…"]), or write the number.'
    )


def _port(found: re.Match[str], where: AppSettings) -> str:
    value = next((group for group in found.groups() if group is not None), "")
    if "$" in value:
        return _unexpanded(found, where)
    empty = "" if value else ": the variable that should hold it is empty or not set"
    return f"{value!r} is no port{empty}. Give the server a number, such as 5000."


def _env(found: re.Match[str], where: AppSettings) -> str:
    if r"\r" in found[0] or found[1].endswith("\n"):
        return _crlf(found, where)
    name = found[1].strip()
    return (
        f"A script's first line asks for {name!r}, which the image does not have. "
        f"{program_advice(name)}"
    )


SHELL = (
    (
        "crlf",
        (
            r"\$'\\r': command not found|Illegal option -\r?\n|: \r?\n?: not found|"
            r"(?:env|/usr/bin/env): [^\n]{0,100}(?:\\r|\n)['\u2019]?: No such file|"
            r"bad interpreter: [^\n]{0,100}\^M|"
            r"can't open file '[^'\n]{0,200}(?:\\r'|\n)|"
            r"syntax error near unexpected token `(?:\$'[a-z]*\\r'|(?:in|do|elif|fi|\{)\\r)|"
            r"(?:Can't|cannot) open [^\n']{0,200}\\r"
        ),
        _crlf,
    ),
    (
        "exec-format",
        r"(?m)^exec (\S+): (exec format error)$",
        _exec_in_log,
    ),
    (
        "no-interpreter",
        r"(?m)^exec (/\S+|\.\S+): (no such file or directory)$",
        _exec_in_log,
    ),
    (
        "not-executable",
        r"(?m)^exec (\S+): (permission denied)$",
        _exec_in_log,
    ),
    (
        "not-executable",
        r"(?m)(?:^|: )(?:\d+: |line \d+: )?(?:exec: )?(\.?/[\w./-]+): ([Pp]ermission denied)$",
        _exec_in_log,
    ),
    (
        "bad-port",
        (
            r"Error: '([^'\n]{0,100})' is not a valid port number|"
            r"Invalid value for '--port'[^\n:]{0,40}: '([^'\n]{0,100})' is not a valid"
        ),
        _port,
    ),
    (
        "bad-port",
        r"invalid literal for int\(\) with base 10: '(\$\{?\w[^'\n]{0,100})'",
        _unexpanded,
    ),
    (
        "bad-command",
        r"(?m)^(?:/bin/)?sh: 1: (Syntax error: [^\n]*)$",
        _syntax,
    ),
    (
        "bad-command",
        r"(?m)^(?:/bin/)?sh: 1: ([^\n:]{1,100} [^\n:]{1,200}): not found$",
        _quoted_whole,
    ),
    (
        "no-such-program",
        (
            r"(?m)(?:^|[^\w/])(?:/bin/)?(?:ba|da|a)?sh: (?:(?:line )?\d{1,6}: )?(?:exec: )?"
            r"([^\s:]{1,200}): (?:command )?not found$|"
            r"^[^\s:]{1,200}: (?:line )?\d{1,6}: (?:exec: )?([^\s:]{1,200}): "
            r"(?:command )?not found$"
        ),
        _not_found,
    ),
    (
        "no-such-program",
        r"env: ['\u2018]([\w./-]+)['\u2019]: No such file or directory",
        _env,
    ),
)
"""Names of causes, what to look for and the sentence, as `causes.LOG_CAUSES` has them."""
