"""Building a submission's image with BuildKit, under a deadline and with bounded output."""

from __future__ import annotations

import json
import os
import re
import tempfile
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader import process
from grader.errors import PlatformError
from grader.sandbox.build_causes import build_cause
from grader.sandbox.docker_plugins import plugin
from grader.sandbox.soundness import Platform
from grader.text import clean, clip, last_lines

OUTPUT_CAP = 8 * 1024 * 1024
FILE_CAP = 1024 * 1024 * 1024
"""Bytes that one file of a RUN step may have."""
DATA_CAP = 2 * 1024 * 1024 * 1024
"""Bytes of memory that one process of a RUN step may have for its data."""
STEP_LINES = 200
"""Lines of each step's output that are kept: its end, where the error is."""
STEP = re.compile(r"#(\d+) (.*)")
STEP_NAME = re.compile(r"\[(?:[\w.-]+ )?(?:stage-\d+ )?\s*\d+/\d+\] (.*)")
STEP_OUTPUT = re.compile(r"[0-9]+\.[0-9]+ (.*)")
WHERE = re.compile(r"(?=[^\s:]*[Dd]ockerfile)[^\s:]+:(\d+)$")
PASSED_ON = (
    "PATH",
    "HOME",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
)
"""All that builder and compose see of the host's environment."""
UNREADABLE = re.compile(
    r"dockerfile parse error|file with no instructions|no build stage|cannot be empty"
)
NO_SPACE = re.compile("no space left on device|disk is full|disk quota exceeded", re.IGNORECASE)
"""Words that have the disk looked at; nothing is believed for them."""
BUILDER_SECONDS = 20.0
"""How long the builder may take to say that it is there."""
DENIED = re.compile(r'[^"]*source "([^"]*)" (?:is )?(?:denied|not allowed) by policy')
"""What BuildKit says of a source that its policy forbids; it quotes a step's text before that."""
ELSEWHERE = re.compile(
    r"Temporary failure (?:in name resolution|resolving)|Could not resolve host|"
    r"Unable to fetch some archives|unable to resolve host address|Network is unreachable|"
    r"A build reaches Python's and Debian's packages and nothing else|"
    r"CONNECT tunnel failed|Tunnel connection failed|Proxy tunneling failed|"
    r"unsuccessful tunnel|tunnel error"
)
"""What programs print that look for another server than the package index."""
INDEX_ALONE = (
    " A build reaches Python's and Debian's packages and nothing else. Install what you need from "
    "there, build on an image that has it, or put the files into your repository."
)


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """What is to be built, and how long it may take (`deadline`, seconds)."""

    context: Path
    dockerfile: bytes
    contexts: Mapping[str, str]
    """Image references to the references used in their place."""
    images: tuple[str, ...] = ()
    """Further images that the build may use; of anything else BuildKit loads nothing."""
    hosts: Mapping[str, str]
    """Extra host names for RUN steps, to addresses."""
    proxy: str = ""
    """URL of what RUN steps ask for https; empty: nothing. No part of the image."""
    labels: Mapping[str, str]
    deadline: float
    namespace: str = ""
    """Keeps the cache mounts of this build (`RUN --mount=type=cache`) apart from all others'."""
    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    """The stage to build; empty: the last one."""
    cgroup: str = ""
    """The control group, with its limits, that RUN steps run in; empty: the engine's own."""
    use_cache: bool = True
    host_network: bool = False
    """Whether RUN steps are on the host's own network: for layers of the grader's alone."""
    name: str = ""
    """A name for the image, which it has from the moment that it is there; empty: none."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image that was built."""

    image: str
    """Its id, `sha256:…`."""
    cached: bool
    """Whether every step came from the cache."""


@dataclass(frozen=True, kw_only=True)
class BuildFailed:
    """The Dockerfile does not build: the student's fault."""

    rationale: str
    evidence: str
    timed_out: bool = False
    log: str = ""
    denied: str = ""
    """The source that BuildKit was told not to load; empty: none."""
    line: int = 0
    """The line of the Dockerfile that it fails at; 0 where none is known."""
    absent: str = ""
    """The path, from the build's context, that the step copies and does not find there."""


def build(
    request: BuildRequest,
    *,
    cancel: threading.Event,
    on_step: Callable[[str], None] = lambda step: None,
    platform: Platform | None = None,
) -> Built | BuildFailed:
    """Build an image; `on_step` hears of each step that begins.

    With `platform`, a build that fails is the student's only if that is as it should be: it raises
    `EngineUnavailable`, `DiskFull` or `PlatformError` where it is not. Where it was not for a
    moment (a disk that others had filled), or the builder failed and none of its steps, it is built
    once more, and what that comes to counts. Raises `Cancelled` once `cancel` is set. A cancelled
    client cancels the build in the engine.
    """
    result, log = _attempt(request, cancel, on_step, platform)
    if isinstance(result, Built) or platform is None:
        return result
    platform.require_engine()
    if not log.began:
        _require_builder(cancel)
    if result.timed_out:
        return result
    platform.require_space()
    if log.found_no_space or log.without_step:
        result, _ = _attempt(request, cancel, on_step, platform)
        if isinstance(result, BuildFailed):
            platform.require_engine()
            platform.require_space()
    return result


def _attempt(
    request: BuildRequest,
    cancel: threading.Event,
    on_step: Callable[[str], None],
    platform: Platform | None,
) -> tuple[Built | BuildFailed, _Log]:
    with tempfile.TemporaryDirectory(prefix="grader-build-") as scratch:
        dockerfile = Path(scratch, "Dockerfile")
        dockerfile.write_bytes(request.dockerfile)
        policy = Path(scratch, "policy.json")
        policy.write_text(source_policy(request), "utf-8")
        image = Path(scratch, "image")
        log = _Log(on_step, platform.disk_is_full if platform else lambda: False)
        completed = process.run(
            _command(request, dockerfile, image),
            deadline=request.deadline,
            cancel=cancel,
            on_line=log.line,
            env=_environment() | {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": str(policy)},
            output_cap=OUTPUT_CAP,
            check=False,
        )
        if completed.returncode == 0 and image.exists():
            return Built(image=image.read_text("ascii").strip(), cached=log.cached), log
    return _failure(completed, log, request), log


def _require_builder(cancel: threading.Event) -> None:
    """Raise `PlatformError` where the builder, which has not begun, says that it is not there."""
    done = process.run(
        [*plugin("buildx"), "inspect", "default"], deadline=BUILDER_SECONDS, cancel=cancel,
        env=_environment(), check=False,
    )  # fmt: skip
    if done.returncode or done.timed_out:
        said = last_lines(done.tail, 2)
        msg = f"docker buildx does not work here: {said}. Run `grader doctor`."
        raise PlatformError(msg)


def _command(request: BuildRequest, dockerfile: Path, image: Path) -> list[str]:
    command = [*plugin("buildx"), "--builder", "default", "build", "--progress=plain", "--load"]
    command += ["--provenance=false", f"--file={dockerfile}", f"--iidfile={image}"]
    if not request.use_cache:
        command.append("--no-cache")
    for name, value in request.labels.items():
        command.append(f"--label={name}={value}")
    for wanted, used in request.contexts.items():
        command.append(f"--build-context={wanted}=docker-image://{used}")
    for host, address in request.hosts.items():
        command.append(f"--add-host={host}:{address}")
    for name, value in {**request.args, **_proxies(request.proxy)}.items():
        command.append(f"--build-arg={name}={value}")
    command.append(f"--build-arg=BUILDKIT_CACHE_MOUNT_NS={request.namespace}")
    command += [f"--ulimit=fsize={FILE_CAP}", f"--ulimit=data={DATA_CAP}"]
    if request.host_network:
        command.append("--network=host")
    if request.target:
        command.append(f"--target={request.target}")
    if request.name:
        command.append(f"--tag={request.name}")
    if request.cgroup:
        command.append(f"--cgroup-parent={request.cgroup}")
    return [*command, "--", str(request.context)]


def _proxies(url: str) -> dict[str, str]:
    """Arguments that BuildKit gives to RUN steps without being asked, and keeps in no image."""
    return dict.fromkeys(("HTTPS_PROXY", "https_proxy"), url) if url else {}


def source_policy(request: BuildRequest) -> str:
    """Return what BuildKit itself may load for `request`, in JSON: all else it refuses.

    The last rule that fits counts (moby/buildkit, docs/build-repro.md and sourcepolicy).
    """
    allowed = [("local://*", "WILDCARD")]
    for reference in (*request.contexts.values(), *request.images):
        identifier = f"docker-image://{full_name(reference)}"
        allowed += [(identifier, "EXACT"), (f"{identifier}@sha256:*", "WILDCARD")]
    rules = [("DENY", "*", "WILDCARD"), *(("ALLOW", *one) for one in allowed)]
    return json.dumps(
        {
            "rules": [
                {"action": action, "selector": {"identifier": name, "matchType": kind}}
                for action, name, kind in rules
            ]
        }
    )


def full_name(reference: str) -> str:
    """Return the whole name of an image: `python` is docker.io/library/python:latest."""
    name, at, digest = reference.partition("@")
    first, slash, _ = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        name = f"docker.io/{name}" if slash else f"docker.io/library/{name}"
    if not digest and ":" not in name.rpartition("/")[2]:
        name += ":latest"
    return f"{name}{at}{digest}"


def _environment() -> dict[str, str]:
    """Little of the host's; and no git in the context, whose configuration may name programs."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {"BUILDX_GIT_INFO": "false", "DOCKER_CLI_HINTS": "false", "LC_ALL": "C.UTF-8"}


@dataclass
class _Log:
    """What the builder prints (`--progress=plain`), kept by step."""

    on_step: Callable[[str], None]
    disk_is_full: Callable[[], bool] = lambda: False
    names: dict[str, str] = field(default_factory=dict)
    output: dict[str, deque[str]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=STEP_LINES))
    )
    failed: str = ""
    where: int = 0
    error: str = ""
    source: str = ""
    cached: bool = True
    began: bool = False
    """Whether the builder has begun at all: before that, no word of a student's is printed."""
    found_no_space: bool = False
    """Whether the disk was full at a moment when something complained of it."""

    @property
    def without_step(self) -> bool:
        """Whether it ended with no step failing, and the Dockerfile can be read."""
        return not self.failed and bool(self.error) and not UNREADABLE.search(self.error)

    def line(self, raw: str) -> None:
        """Take in one line."""
        line = clean(raw)
        if not self.found_no_space and NO_SPACE.search(line):
            self.found_no_space = self.disk_is_full()
        found = STEP.fullmatch(line)
        if found:
            self.began = True
            self._step(*found.groups())
        elif place := WHERE.match(line.strip()):
            self.where = int(place[1])
        elif line.lstrip()[:12].split("|")[-1].strip().startswith(">>>"):
            self.source = line.partition(">>>")[2].strip()
        elif line.startswith("ERROR: "):
            self.error = line.removeprefix("ERROR: ").removeprefix("failed to solve: ")

    def _step(self, number: str, text: str) -> None:
        if name := STEP_NAME.fullmatch(text):
            if number not in self.names:
                self.on_step(clip(name[1], 100))
            self.names[number] = name[1]
        elif text.startswith("ERROR"):
            self.failed = number
        elif text.startswith("DONE") and number in self.names:
            self.cached = self.cached and self.names[number].startswith("FROM")
        elif printed := STEP_OUTPUT.fullmatch(text):
            self.output[number].append(printed[1])

    def running(self) -> str:
        """The last step that began."""
        return list(self.names)[-1] if self.names else ""


def explain_log(text: str) -> BuildFailed:
    """What is said of a build that printed `text` and failed."""
    log = _Log(lambda step: None)
    for line in text.splitlines():
        log.line(line)
    completed = process.Completed(
        returncode=1, tail=text, timed_out=False, flooded=False, duration=0.0
    )
    request = BuildRequest(
        context=Path(), dockerfile=b"", contexts={}, hosts={}, labels={}, deadline=300
    )
    return _failure(completed, log, request)


def _failure(completed: process.Completed, log: _Log, request: BuildRequest) -> BuildFailed:
    step = log.failed or log.running()
    name = clip(log.names.get(step, log.source), 160)
    output = "\n".join(log.output.get(step, ()))
    if completed.timed_out:
        return BuildFailed(
            rationale=f"The build was stopped after {request.deadline:.0f} s, in the step: {name}",
            evidence=last_lines(output),
            timed_out=True,
        )
    if completed.flooded:
        return BuildFailed(
            rationale=f"The build printed more than {OUTPUT_CAP >> 20} MiB, in the step: {name}",
            evidence=last_lines(output),
        )
    if denied := DENIED.match(log.error):
        return BuildFailed(
            rationale=f"Your Dockerfile loads {clip(denied[1], 200)}, which is not allowed.",
            evidence=log.source,
            denied=denied[1],
            line=log.where,
        )
    line = f" (line {log.where})" if log.where else ""
    if not log.error or (not log.failed and UNREADABLE.search(log.error)):
        why = log.error or last_lines(completed.tail, 1)
        return BuildFailed(
            rationale=f"Your Dockerfile cannot be read{line}: {clip(why, 300)}.",
            evidence=log.source,
            line=log.where,
        )
    return BuildFailed(
        rationale=f"This step of your Dockerfile fails{line}: {name}. "
        f"{_reason(log.error)}{_cause(output, log.names.get(step, log.source))}"
        f"{INDEX_ALONE if ELSEWHERE.search(output) else ''}",
        evidence=last_lines(output) or clip(log.error, 600),
        log=output,
        line=log.where,
        absent=_absent(log.error),
    )


def _cause(output: str, step: str) -> str:
    """What the step's own words mean, as a sentence."""
    cause = build_cause(output, step)
    return f" {cause}" if cause else ""


def _reason(error: str) -> str:
    """The builder's message, without what only its makers understand."""
    if found := re.search(r"did not complete successfully: (exit code: \d+)", error):
        return f"It ended with {found[1]}; its last lines are below."
    if absent := _absent(error):
        return f"There is no {absent!r} in your repository (or .dockerignore hides it)."
    return clip(error, 300)


def _absent(error: str) -> str:
    """The path that the builder says it does not find; empty where that is not it."""
    found = re.search(r'"([^"]+)": not found', error)
    return found[1].lstrip("/") if found else ""
