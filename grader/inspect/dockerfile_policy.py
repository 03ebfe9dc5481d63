"""What a Dockerfile may not ask for: what reaches out of the build, and foreign base images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import assert_never

from grader.inspect.buildkit.grammar import Instruction, parse
from grader.inspect.buildkit.growth import ONBUILD
from grader.inspect.buildkit.sources import BuildSource, SourceUse
from grader.inspect.dockerfile import SIZE, Dockerfile
from grader.text import clip

FORBIDDEN = {
    ("security", "insecure"): "it would give the step all rights on the host",
    ("network", "host"): "it would put the step on the host's own network",
    ("device", ""): "it would give the step a device of the host",
}
"""Options of RUN, with the value for which they are forbidden; empty: any."""
MOUNTS = {
    "ssh": "it would hand the host's SSH agent to the build",
    "secret": "the exam gives a build no secrets",
}


def violations(dockerfile: Dockerfile) -> list[str]:
    """Return what breaks the exam's policy, each a sentence with file and line.

    Nothing of it may run.
    """
    found = []
    if dockerfile.too_long:
        found.append(f"{dockerfile.path} is longer than {SIZE >> 10} KiB; shorten it.")
    if dockerfile.foreign_frontend:
        found.append(
            f"{dockerfile.path}, line 1: `# syntax={dockerfile.frontend}` names a frontend other "
            "than docker/dockerfile:1. It would run before anything is built; remove the line."
        )
    said = [(one.line, text) for one in dockerfile.instructions for text in _options(one)]
    said += [(one.line, text) for one in dockerfile.sources if (text := _refusal(one))]
    said += [(one.line, _dispute(one)) for one in dockerfile.disputed]
    lines = (f"{dockerfile.path}, line {line}: {text}" for line, text in sorted(said))
    return [*found, *dict.fromkeys(lines)]


def _options(instruction: Instruction) -> Iterator[str]:
    """Yield why options of a RUN are forbidden, also of one that ONBUILD triggers."""
    flags = instruction.flags
    if instruction.name == "ONBUILD":
        flags = parse(ONBUILD.sub("", instruction.original))[0][0].flags
    for flag in flags:
        name, _, value = flag.removeprefix("--").partition("=")
        for (forbidden, when), reason in FORBIDDEN.items():
            if name.lower() == forbidden and (not when or value.lower() == when):
                yield f"`RUN {clip(flag, 60)}` is not allowed: {reason}. Remove the option."


def _refusal(source: BuildSource) -> str:
    """Return why a build may not use `source`; empty where that is for the exam to say."""
    written = clip(source.written, 80)
    match source.use:
        case SourceUse.FETCH:
            told = "" if source.written == source.text else f" (that is {clip(source.text, 80)})"
            return (
                f"`ADD {written}`{told} is not allowed: the engine would fetch it from outside. "
                "Put the file into your repository and COPY it."
            )
        case SourceUse.MOUNT:
            return f"`RUN {written}` is not allowed: {MOUNTS[source.text]}. Remove the option."
        case SourceUse.UNDECIDED:
            return (
                f"`{source.command} … {written}` cannot be judged before the build: what its "
                f"variable stands for is not known here. {_advice(source)}"
            )
        case SourceUse.TOO_LONG:
            return (
                f"`{source.command} {written}` grows beyond what any build needs with its "
                "variables filled in. Write a shorter value."
            )
        case SourceUse.IMAGE:
            return ""
        case _:
            assert_never(source.use)


def _advice(source: BuildSource) -> str:
    match source.command:
        case "ADD":
            return "Use COPY for a file of your repository, or write the name out."
        case "COPY":
            return "Name a stage (`FROM … AS name`) in `--from`, or write the image out."
        case _:
            return "Write the value out."


def _dispute(source: BuildSource) -> str:
    return (
        f"versions of Docker differ on whether `{source.command} … {clip(source.written, 80)}` is "
        "an instruction. Write `<<EOF` without a blank before the name, nothing after a JSON list, "
        "and no `# check=` line."
    )


def not_allowed(reference: str, patterns: Sequence[str], *, who: str = "this exam allows") -> str:
    """Return why nothing may be built on the image `reference`; empty where it may.

    `patterns` are repositories without registry and tag, `*` standing for any text; `who` are
    those that decide, in words.
    """
    repository = re.sub(r"@sha256:\w+$", "", reference)
    repository = re.sub(r":[^/:]*$", "", repository)
    repository = re.sub(r"^(?:docker\.io/|index\.docker\.io/)?(?:library/)?", "", repository)
    if any(fnmatchcase(repository, pattern) for pattern in patterns):
        return ""
    allowed = ", ".join(patterns)
    return (
        f"The base image {clip(reference, 120)!r} is none that {who}. "
        f"Build on one of these: {allowed}."
    )
