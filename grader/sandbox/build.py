"""Building a submission's image with BuildKit, under a deadline and with bounded output."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader import process
from grader.errors import PlatformError
from grader.sandbox.build_log import OUTPUT_CAP, BuildFailed, BuildLog, failure_of
from grader.sandbox.docker_plugins import plugin
from grader.sandbox.soundness import Platform
from grader.text import last_lines

FILE_CAP = 1024 * 1024 * 1024
"""Bytes that one file of a RUN step may have."""
DATA_CAP = 2 * 1024 * 1024 * 1024
"""Bytes of memory that one process of a RUN step may have for its data."""
PASSED_ON = (
    "PATH",
    "HOME",
    "DOCKER_HOST",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
)
"""All that builder and compose see of the host's environment."""
STEPS_NETWORK = "bridge"
"""The network that RUN steps have."""
BUILDER_SECONDS = 20.0
"""How long the builder may take to say that it is there."""


@dataclass(frozen=True, kw_only=True)
class StepEnvironment:
    """What the RUN steps of a build run in."""

    hosts: Mapping[str, str] = field(default_factory=dict)
    """Extra host names, to addresses."""
    proxy: str = ""
    """URL of what they ask for https; empty: nothing. No part of the image."""
    cgroup: str = ""
    """The control group, with its limits; empty: the engine's own."""
    host_network: bool = False
    """Whether they are on the host's own network: for layers of the grader's alone."""


@dataclass(frozen=True, kw_only=True)
class BuildStage:
    """Which part of a Dockerfile is built, and with which arguments."""

    name: str = ""
    """The stage; empty: the last one."""
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class BuildCache:
    """What a build takes over from builds before."""

    layers: bool = True
    """Whether a step that was built before is taken as it is."""
    mounts: str = ""
    """Keeps the cache mounts (`RUN --mount=type=cache`) apart from those of other names."""


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """What is to be built, and how long it may take (`deadline`, seconds)."""

    context: Path
    dockerfile: bytes
    stage: BuildStage = field(default_factory=BuildStage)
    contexts: Mapping[str, str]
    """Image references to the references used in their place."""
    images: tuple[str, ...] = ()
    """Further images that the build may use; of anything else BuildKit loads nothing."""
    steps: StepEnvironment = field(default_factory=StepEnvironment)
    labels: Mapping[str, str]
    deadline: float
    cache: BuildCache = field(default_factory=BuildCache)
    name: str = ""
    """A name for the image, which it has from the moment that it is there; empty: none."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image that was built."""

    image: str
    """Its id, `sha256:…`."""
    cached: bool
    """Whether every step came from the cache."""


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
    once more, and what that comes to counts. Where a step ended without an exit code, a container
    of ours has to start on the network that steps have. Raises `Cancelled` once `cancel` is set. A
    cancelled client cancels the build in the engine.
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
    elif log.without_exit_code:
        platform.require_sound(STEPS_NETWORK)
    return result


def _attempt(
    request: BuildRequest,
    cancel: threading.Event,
    on_step: Callable[[str], None],
    platform: Platform | None,
) -> tuple[Built | BuildFailed, BuildLog]:
    with tempfile.TemporaryDirectory(prefix="grader-build-") as scratch:
        dockerfile = Path(scratch, "Dockerfile")
        dockerfile.write_bytes(request.dockerfile)
        policy = Path(scratch, "policy.json")
        policy.write_text(source_policy(request), "utf-8")
        image = Path(scratch, "image")
        log = BuildLog(on_step, platform.disk_is_full if platform else lambda: False)
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
    return failure_of(completed, log, request.deadline), log


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
    if not request.cache.layers:
        command.append("--no-cache")
    for name, value in request.labels.items():
        command.append(f"--label={name}={value}")
    for wanted, used in request.contexts.items():
        command.append(f"--build-context={wanted}=docker-image://{used}")
    for host, address in request.steps.hosts.items():
        command.append(f"--add-host={host}:{address}")
    for name, value in {**request.stage.args, **_proxies(request.steps.proxy)}.items():
        command.append(f"--build-arg={name}={value}")
    command.append(f"--build-arg=BUILDKIT_CACHE_MOUNT_NS={request.cache.mounts}")
    command += [f"--ulimit=fsize={FILE_CAP}", f"--ulimit=data={DATA_CAP}"]
    if request.steps.host_network:
        command.append("--network=host")
    if request.stage.name:
        command.append(f"--target={request.stage.name}")
    if request.name:
        command.append(f"--tag={request.name}")
    if request.steps.cgroup:
        command.append(f"--cgroup-parent={request.steps.cgroup}")
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
