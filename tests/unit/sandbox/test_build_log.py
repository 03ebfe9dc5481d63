"""What the builder prints, and what a failed build is called after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.process import Completed
from grader.sandbox.build import BuildRequest, full_name, source_policy
from grader.sandbox.build_log import BuildFailed, BuildLog, explain_log, failure_of

HEAD = """#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 56B done
#1 DONE 0.0s
"""
UNKNOWN = """Dockerfile:2
--------------------
   1 |     FROM scratch
   2 | >>> FRO x
   3 |     
--------------------
ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: FRO (did you mean FROM?)
"""  # noqa: E501, W291 - as the builder prints it
MISSING = """#4 [1/1] COPY nope /x
#4 ERROR: failed to calculate checksum of ref 4c45::ehy3: "/nope": not found
------
 > [1/1] COPY nope /x:
------
Dockerfile:2
--------------------
   1 |     FROM scratch
   2 | >>> COPY nope /x
--------------------
ERROR: failed to solve: failed to calculate checksum of ref 4c45::ehy3: "/nope": not found
"""
RUN = """#4 [1/3] FROM docker.io/library/python:3.11-slim
#4 CACHED

#5 [2/3] COPY . .
#5 DONE 0.1s

#6 [3/3] RUN echo hello &&   exit 3
#6 0.288 hello
#6 0.300 OUTPUT
#6 ERROR: process "/bin/sh -c echo hello &&   exit 3" did not complete successfully: exit code: 3
------
 > [3/3] RUN echo hello &&   exit 3:
0.288 hello
0.300 OUTPUT
------
Dockerfile:3
--------------------
   3 | >>> RUN echo hello && \\
   4 | >>>   exit 3
--------------------
ERROR: failed to solve: process "/bin/sh -c echo hello &&   exit 3" did not complete successfully: exit code: 3
"""  # noqa: E501


def read(text: str) -> tuple[BuildLog, list[str]]:
    steps: list[str] = []
    log = BuildLog(steps.append)
    for line in text.splitlines():
        log.line(line)
    return log, steps


def failed(text: str, *, timed_out: bool = False, flooded: bool = False) -> BuildFailed:
    log, _ = read(HEAD + text)
    completed = Completed(
        returncode=1, tail=text.rstrip(), timed_out=timed_out, flooded=flooded, duration=1.0
    )
    return failure_of(completed, log, 300)


def test_steps_are_told_as_they_begin() -> None:
    """Those of the Dockerfile, each once; not what the builder does for itself."""
    log, steps = read(HEAD + RUN)
    assert steps == [
        "FROM docker.io/library/python:3.11-slim",
        "COPY . .",
        "RUN echo hello &&   exit 3",
    ]
    assert log.error.step == "6"


@pytest.mark.parametrize(("end", "cached"), [("CACHED", True), ("DONE 0.3s", False)])
def test_a_build_is_cached_where_no_step_ran(end: str, cached: bool) -> None:
    """The base image's own step does not count."""
    log, _ = read(f"#4 [1/2] FROM a\n#4 DONE 0.1s\n#5 [stage-1 2/2] RUN b\n#5 {end}\n")
    assert log.cached is cached


def test_a_dockerfile_that_cannot_be_read() -> None:
    """The line and what is wrong with it."""
    fault = failed(UNKNOWN)
    assert fault.rationale == (
        "Your Dockerfile cannot be read (line 2): dockerfile parse error on line 2: unknown "
        "instruction: FRO (did you mean FROM?)."
    )
    assert fault.evidence == "FRO x"
    empty = failed("ERROR: failed to solve: the Dockerfile cannot be empty\n")
    assert empty.rationale == "Your Dockerfile cannot be read: the Dockerfile cannot be empty."


def test_a_copy_of_what_is_not_there() -> None:
    """The name is said, and that .dockerignore may hide it."""
    assert failed(MISSING).rationale == (
        "This step of your Dockerfile fails (line 2): COPY nope /x. There is no 'nope' in your "
        "repository (or .dockerignore hides it)."
    )


def test_a_step_that_fails() -> None:
    """The step with its line; its last lines are the evidence."""
    fault = failed(RUN)
    assert fault.rationale == (
        "This step of your Dockerfile fails (line 3): RUN echo hello &&   exit 3. It ended with "
        "exit code: 3; its last lines are below."
    )
    assert fault.evidence == "hello\nOUTPUT"
    assert not fault.timed_out


def test_a_build_without_an_end() -> None:
    """Over its time, or flooding: the step that ran is named."""
    begun = "#5 [2/2] RUN sleep 999\n#5 0.1 waiting\n"
    slow = failed(begun, timed_out=True)
    assert slow.timed_out
    assert slow.rationale == ("The build was stopped after 300 s, in the step: RUN sleep 999")
    assert slow.evidence == "waiting"
    assert failed(begun, flooded=True).rationale.startswith("The build printed more than 8 MiB")


@pytest.mark.parametrize(
    "output",
    [
        "bash: -c: line 1: unexpected EOF while looking for matching `''",
        "curl: (56) Recv failure: connection reset by peer",
        "Cannot connect to the Docker daemon",
        "ERROR: failed to solve: code = Unavailable",
        "cp: error writing '/x': No space left on device",
        "ERROR: no builder found",
        "docker: 'buildx' is not a docker command.",
        "the Dockerfile cannot be empty",
    ],
)
def test_what_a_step_prints_is_not_the_builders_word(output: str) -> None:
    """A student's own program cannot make the engine look gone, nor its disk full."""
    assert failed(RUN.replace("OUTPUT", output)).rationale.startswith("This step of your")


def test_what_is_printed_is_cleaned() -> None:
    """Escape sequences do not reach a terminal."""
    assert "\x1b" not in failed(RUN.replace("OUTPUT", "\x1b[31mred")).evidence


@pytest.mark.parametrize(
    ("reference", "whole"),
    [
        ("python", "docker.io/library/python:latest"),
        ("python:3.11-slim", "docker.io/library/python:3.11-slim"),
        ("grader/base:x-1", "docker.io/grader/base:x-1"),
        ("ghcr.io/a/uv:0.5", "ghcr.io/a/uv:0.5"),
        ("localhost/x", "localhost/x:latest"),
        ("host:5000/x", "host:5000/x:latest"),
        ("python@sha256:ab", "docker.io/library/python@sha256:ab"),
        ("python:3@sha256:ab", "docker.io/library/python:3@sha256:ab"),
    ],
)
def test_images_have_whole_names(reference: str, whole: str) -> None:
    """As BuildKit writes them."""
    assert full_name(reference) == whole


def test_buildkit_may_load_what_is_supplied_and_nothing_else() -> None:
    """All is denied first; the last rule that fits counts."""
    request = BuildRequest(
        context=Path(), dockerfile=b"", contexts={"python:3.11": "grader/base:1"},
        images=("a/b",), labels={}, deadline=1,
    )  # fmt: skip
    first, *others = json.loads(source_policy(request))["rules"]
    assert first == {"action": "DENY", "selector": {"identifier": "*", "matchType": "WILDCARD"}}
    assert {one["action"] for one in others} == {"ALLOW"}
    assert [one["selector"]["identifier"] for one in others] == [
        "local://*",
        "docker-image://docker.io/grader/base:1",
        "docker-image://docker.io/grader/base:1@sha256:*",
        "docker-image://docker.io/a/b:latest",
        "docker-image://docker.io/a/b:latest@sha256:*",
    ]


def test_a_source_that_was_denied_is_named() -> None:
    """BuildKit's own words; what a step prints in the same words says nothing."""
    words = 'source "http://127.0.0.1/x" denied by policy: source denied by policy'
    head = "ERROR: failed to solve: failed to load LLB: error evaluating the source policy: "
    assert explain_log(HEAD + head + words).denied == "http://127.0.0.1/x"
    assert explain_log(f"{HEAD}#5 [1/1] RUN x\n#5 0.1 {words}\n#5 ERROR: x\nERROR: x").denied == ""
    said = f'ERROR: failed to solve: process "/bin/sh -c echo {words}" did not complete'
    assert explain_log(f"{HEAD}#5 [1/1] RUN x\n#5 ERROR: x\n{said}").denied == ""


def test_who_looks_for_the_internet_is_told() -> None:
    """The step's own message would lead astray."""
    step = "#5 [2/3] RUN apt-get update\n#5 1.2 W: Temporary failure resolving 'packages.invalid'\n"
    said = explain_log(f"{HEAD}{step}#5 ERROR: process\nERROR: failed to solve: process").rationale
    assert "reaches Python's and Debian's packages and nothing else" in said


def test_what_apt_says_is_quoted() -> None:
    """The line that names the package, and no word on the network, which was there."""
    step = (
        "#5 [2/3] RUN apt-get install -y netcat\n#5 0.9 Package netcat is a virtual package\n"
        "#5 1.0 \n#5 1.2 E: Package 'netcat' has no installation candidate\n"
    )
    said = explain_log(f"{HEAD}{step}#5 ERROR: process\nERROR: failed to solve: process").rationale
    assert "apt says: E: Package 'netcat' has no installation candidate." in said
    assert "reaches Python's" not in said


def test_a_package_source_of_another_maker_is_told() -> None:
    """The index's own refusal, as apt prints it."""
    refusal = "403  http://deb.example/x is no package archive of Debian's or Ubuntu's. A build "
    step = f"#5 [2/3] RUN apt-get update\n#5 1.2 E: Failed to fetch {refusal}reaches Python's and "
    step += "Debian's packages and nothing else [IP: 172.17.0.1 4041]\n"
    said = explain_log(f"{HEAD}{step}#5 ERROR: process\nERROR: failed to solve: process").rationale
    assert "Install what you need from there" in said


def test_a_step_that_was_killed() -> None:
    """Its exit code says for what."""
    said = failed(RUN.replace("exit code: 3", "exit code: 137")).rationale
    assert "It was killed: it took more memory than a build has." in said
    assert "killed" not in failed(RUN).rationale
