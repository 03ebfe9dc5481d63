"""What a Dockerfile may not ask for: what reaches out of the build, and foreign base images."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from grader.inspect.dockerfile import Dockerfile, Instruction
from grader.text import clip

REMOTE = re.compile(r"^(?:[a-z][a-z0-9+.-]*://|git@|[\w.-]+@[\w.-]+:|github\.com/)", re.IGNORECASE)
"""What ADD fetches from elsewhere: the engine does it, from the host's own network."""
FLAGS = {
    re.compile(r"--mount=\S*\btype=ssh\b"): "it would hand the host's SSH agent to the build",
    re.compile(r"--mount=\S*\btype=secret\b"): "the exam gives a build no secrets",
    re.compile(r"--security=insecure\b"): "it would give the step all rights on the host",
    re.compile(r"--network=host\b"): "it would put the step on the host's own network",
    re.compile(r"--device\b"): "it would give the step a device of the host",
}


def violations(dockerfile: Dockerfile) -> list[str]:
    """What breaks the exam's policy, each a sentence with file and line; nothing of it may run."""
    found = []
    if dockerfile.foreign_frontend:
        found.append(
            f"{dockerfile.path}, line 1: `# syntax={dockerfile.frontend}` names a frontend other "
            "than docker/dockerfile:1. It would run before anything is built; remove the line."
        )
    for one in dockerfile.instructions:
        name, value = (one.name, one.value)
        if name == "ONBUILD":
            name, _, value = value.partition(" ")
        found += [
            f"{dockerfile.path}, line {one.line}: {sentence}"
            for sentence in _judge(Instruction(name=name.upper(), value=value, line=one.line))
        ]
    return found


def _judge(instruction: Instruction) -> list[str]:
    match instruction.name:
        case "RUN":
            flags = _flags(instruction.value)
            return [
                f"`RUN {clip(flag[0], 60)}` is not allowed: {reason}. Remove the option."
                for pattern, reason in FLAGS.items()
                if (flag := pattern.search(flags))
            ]
        case "ADD":
            remote = [word for word in _words(instruction.value) if REMOTE.match(word)]
            return [
                f"`ADD {clip(word, 80)}` is not allowed: the engine would fetch it from outside. "
                "Put the file into your repository and COPY it."
                for word in remote
            ]
        case _:
            return []


def _flags(value: str) -> str:
    """The options at the beginning of a RUN, without its command."""
    words = []
    for word in value.split():
        if not word.startswith("--"):
            break
        words.append(word)
    return " ".join(words)


def _words(value: str) -> list[str]:
    """The sources and the target of an ADD, in either form."""
    text = value.strip()
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', text) if "[" in text else text.split()
    return [part for part in parts if not part.startswith("--")]


def not_allowed(reference: str, patterns: Sequence[str]) -> str:
    """Why nothing may be built on the image `reference`; empty where it may.

    `patterns` are repositories without registry and tag, `*` standing for any text.
    """
    repository = re.sub(r"@sha256:\w+$", "", reference)
    repository = re.sub(r":[^/:]*$", "", repository)
    repository = re.sub(r"^(?:docker\.io/|index\.docker\.io/)?(?:library/)?", "", repository)
    if any(fnmatchcase(repository, pattern) for pattern in patterns):
        return ""
    allowed = ", ".join(patterns)
    return (
        f"The base image {clip(reference, 120)!r} is none that this exam allows. "
        f"Build on one of these: {allowed}."
    )
