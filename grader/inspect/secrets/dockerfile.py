"""Secrets in a Dockerfile: ENV, defaults of ARG, what RUN is told, and a `.env` that is copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from grader.inspect.dockerfile import inline_dockerfile
from grader.inspect.secrets import phrases
from grader.inspect.secrets.file_roles import FileRole
from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.lines import assignments
from grader.inspect.secrets.names import Sureness, sureness
from grader.inspect.secrets.styles import SHELL
from grader.inspect.secrets.values import judge

PAIR = re.compile(
    r"([A-Za-z_][\w.-]{0,100})=(\"(?:[^\"\\]|\\.){0,1000}\"|'[^']{0,1000}'|(?:[^\s\\]|\\.){0,1000})"
)
ENV_FILE = re.compile(r"(?:^|/)\.env(?:\.[\w-]+)?$")
EXAMPLES = re.compile(r"\.(?:example|sample|template|dist)$")
PREFIX = re.compile(r"(?:^|[;&|(]|\bthen|\bdo|\benv)\s*(?:[A-Za-z_]\w*+=[^\s;&|]*+\s++)*+$")
"""What stands before a variable that is set for one command."""
MAX_CHARACTERS = 256 * 1024


def read_dockerfile(text: str, place: FileRole) -> Iterator[Hit]:
    """Yield the hits, each with its line."""
    lines = text.splitlines()
    for one in inline_dockerfile(text[:MAX_CHARACTERS].encode(), {}).instructions:
        name, value = one.name, one.value
        if name == "ONBUILD":
            name, _, value = value.partition(" ")
        for hit in _judge(name.upper(), value, place):
            yield replace(hit, line=_line(lines, one.line, hit))


def _line(lines: list[str], first: int, hit: Hit) -> int:
    """Return the line of an instruction of several lines in which the hit's value stands."""
    for number in range(first, min(len(lines), first + 200) + 1):
        if hit.value and hit.value in lines[number - 1]:
            return number
        if not lines[number - 1].rstrip().endswith("\\"):
            break
    return first


def _judge(name: str, value: str, place: FileRole) -> Iterator[Hit]:
    match name:
        case "ENV" | "ARG" | "LABEL":
            rule = {"ENV": "dockerfile.env", "ARG": "dockerfile.arg"}.get(name, "dockerfile.env")
            yield from _pairs(name, value, rule, place)
        case "COPY" | "ADD":
            words = [word.strip("[]\",'") for word in value.split() if not word.startswith("--")]
            for word in words[:-1]:
                if ENV_FILE.search(word) and not EXAMPLES.search(word) and place is FileRole.RUNS:
                    yield Hit(rule="dockerfile.copies-env", severity=Severity.DEFAULT, line=0,
                              name=f"{name} {word}", value=word)  # fmt: skip
            return
        case "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK":
            text = re.sub(r"[\[\]\",]+", " ", value) if value.lstrip().startswith("[") else value
            found = [
                *(one for one in assignments(text, place, SHELL) if not _is_prefix(text, *one)),
                *phrases.commands(text, place),
                *phrases.sql(text, place),
            ]
            yield from (replace(hit, rule="dockerfile.run") for _, hit in found)
    for _, hit in phrases.urls(value, place):
        yield hit


def _is_prefix(text: str, at: int, hit: Hit) -> bool:
    """Return whether a gap is filled for one command, as in `SECRET_KEY=dummy flask digest`."""
    end = text.find(hit.value, at) + len(hit.value)
    command = re.match(r"[\"']?[ \t]{1,9}[\w./]", text[end : end + 12])
    before = PREFIX.search(text[max(0, at - 200) : at])
    return hit.severity is Severity.WEAK and bool(command and before)


def _pairs(name: str, value: str, rule: str, place: FileRole) -> Iterator[Hit]:
    pairs = PAIR.findall(value)
    if not pairs and name == "ENV":
        pairs = [value.split(None, 1)] if len(value.split(None, 1)) == 2 else []
    for key, written in pairs:
        text = written.strip().strip("\"'")
        sure = sureness(key)
        default = re.fullmatch(r"\$\{\w+:?-([^}$]+)\}", text)
        text = default[1] if default else text
        severity = judge(text, place, sure)
        if severity and sure is not Sureness.NO:
            yield Hit(rule=rule, severity=severity, line=0, name=key, value=text)
