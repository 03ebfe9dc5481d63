"""`grader doctor`: what this machine lacks, and what to do about it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
from rich.text import Text

from grader import installation, process
from grader.cli.common import console, settings
from grader.errors import GraderError
from grader.sandbox.engine import Engine, translated
from grader.service_catalogue import MANIFEST, built_in, manifest_at
from grader.settings import Settings

MINIMUM_DISK = 5 * 1024**3
SHOWN = 5
"""Packages that are named."""
HOLES = {
    "runc": ((1, 1, 12), "CVE-2024-21626: a build or a container could leave its sandbox"),
    "containerd": ((1, 6, 12), "CVE-2022-23471: a container could use up the host's memory"),
}
"""Components to the first upstream version without a known hole, and what the hole is.

BuildKit's (CVE-2024-23651 to 23653, fixed in 0.12.5) are not in an engine of 26 or newer.
"""


@dataclass(frozen=True, kw_only=True)
class MachineCheck:
    """One thing that was looked at."""

    what: str
    good: bool
    said: str
    remedy: str = ""
    fatal: bool = True
    """Whether grading cannot work without it."""


@click.command()
def doctor() -> None:
    """Look at the engine, its versions, disk, images and package index; name each remedy.

    The images are those that the known exams need, as `grader images status` lists them. Ends
    with 3 where grading cannot work.
    """
    bad = False
    out = console()
    for finding in findings(settings()):
        style, mark = (
            ("green", "✔") if finding.good else (("red", "✘") if finding.fatal else ("yellow", "!"))
        )
        out.print(Text.assemble((f"{mark} {finding.what}: ", style), finding.said))
        if not finding.good:
            out.print(Text(f"  {finding.remedy}", style="cyan"))
            bad = bad or finding.fatal
    sys.exit(3 if bad else 0)


def findings(machine: Settings) -> Iterator[MachineCheck]:
    """Yield what is found, one after the other; without an engine there is little to look at."""
    yield _packages()
    yield _services(machine)
    try:
        engine = Engine.connect(machine.docker_host)
    except GraderError as error:
        yield MachineCheck(what="Docker engine", good=False, said="not usable", remedy=str(error))
        return
    yield MachineCheck(what="Docker engine", good=True, said=f"version {engine.version}")
    looks: tuple[Callable[[Engine, Settings], Iterator[MachineCheck]], ...] = (
        _tools, _versions, _disk, _images, _index, _confinement,
    )  # fmt: skip
    for look in looks:
        try:
            yield from look(engine, machine)
        except GraderError as error:
            name = look.__name__.strip("_")
            yield MachineCheck(
                what=name, good=False, said="could not be looked at", remedy=str(error)
            )


def _packages() -> MachineCheck:
    """Return whether what is installed is what the lock names, for the same score elsewhere."""
    try:
        lock = installation.read_lock("run")
    except OSError:
        found: tuple[str, ...] = ("there is no lock",)
    else:
        found = installation.deviations(lock, installation.installed(sys.path))
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return MachineCheck(
        what="packages",
        good=not found,
        said=f"{', '.join(found[:SHOWN])}{more}" if found else "as locked",
        remedy="Scores may differ from those elsewhere, and reports name no lock. Install it: "
        "pip install --require-hashes -r grader/requirements/run.txt",
        fatal=False,
    )


def _services(machine: Settings) -> MachineCheck:
    """Return the services that exams can ask for: the grader's, and those that challenges bring."""
    named, broken = list(built_in()), []
    for folder in machine.challenges:
        for manifest in sorted(folder.glob(f"*/services/*/{MANIFEST}")):
            challenge = manifest.parents[2].name
            try:
                named.append(f"{manifest_at(manifest.parent).name} (of {challenge})")
            except (OSError, ValueError, KeyError, TypeError) as error:
                broken.append(f"{challenge}/services/{manifest.parent.name}: {error}")
    return MachineCheck(
        what="services",
        good=not broken,
        said=", ".join(named) if not broken else f"cannot be read: {'; '.join(broken)}",
        remedy=f"Correct {MANIFEST}; docs/instructors/services.md says what it holds.",
        fatal=False,
    )


def _tools(engine: Engine, machine: Settings) -> Iterator[MachineCheck]:
    del engine, machine
    for name, arguments in (("buildx", ["buildx", "version"]), ("compose", ["compose", "version"])):
        done = process.run(["docker", *arguments], deadline=20, check=False)
        yield MachineCheck(
            what=f"docker {name}",
            good=done.returncode == 0,
            said=done.tail.splitlines()[0] if done.tail and done.returncode == 0 else "missing",
            remedy=f"Install the docker-{name} plugin, or run `make setup` as root.",
        )


def _versions(engine: Engine, machine: Settings) -> Iterator[MachineCheck]:
    """Versions with known holes; a distribution may hold the fix under an old number."""
    del machine
    with translated():
        parts = engine.client.version()["Components"]
    for part in parts:
        name = part["Name"].lower()
        if name in HOLES:
            first, hole = HOLES[name]
            version = _package_version(name) or part["Version"]
            yield MachineCheck(
                what=name,
                good=closed(version, first),
                said=version,
                remedy=f"Upgrade to {'.'.join(map(str, first))} or newer: {hole}.",
                fatal=False,
            )


def closed(version: str, first: tuple[int, ...]) -> bool:
    """Return whether `version` is at least `first`, or a distribution's fix of an older one.

    Debian and Ubuntu fix holes under the old number: 1.1.5+ds1-1+deb12u1, 1.1.4-0ubuntu3.1.
    """
    number = tuple(int(digits) for digits in re.findall(r"\d+", version)[: len(first)])
    return number >= first or bool(re.search(r"\+deb\d+u\d+|ubuntu\d+\.\d+", version))


def _package_version(name: str) -> str:
    """Return the distribution's version of a package, which says more than the program does."""
    if shutil.which("dpkg-query") is None:
        return ""
    done = process.run(
        ["dpkg-query", "--show", "--showformat=${Version}", name], deadline=20, check=False
    )
    return done.tail.strip() if done.returncode == 0 else ""


def _disk(engine: Engine, machine: Settings) -> Iterator[MachineCheck]:
    with translated():
        root = engine.client.info()["DockerRootDir"]
    machine.state.mkdir(parents=True, exist_ok=True)
    for place in {root, str(machine.state)}:
        try:
            free = shutil.disk_usage(place).free
        except OSError:
            continue  # the engine's disk is in its virtual machine
        yield MachineCheck(
            what=f"disk at {place}",
            good=free >= MINIMUM_DISK,
            said=f"{free / 1024**3:.1f} GiB free",
            remedy="Free some space: `grader clean`, `docker builder prune`.",
        )


def _images(engine: Engine, machine: Settings) -> Iterator[MachineCheck]:
    from grader.cli.images import known_images
    from grader.sandbox import images

    wanted, _ = known_images(machine)
    for status in images.status(engine, settings=machine, wanted=wanted):
        yield MachineCheck(
            what=f"image {status.reference}",
            good=bool(status.image),
            said=status.substitute or status.image or "not there yet",
            remedy="Run `grader images prepare`; otherwise the first run that needs it makes it.",
            fatal=False,
        )


def _index(engine: Engine, machine: Settings) -> Iterator[MachineCheck]:
    from grader.sandbox import index

    del engine
    running = index.answers(machine)
    fault = index.archive_fault(machine, within=index.FAULT_SECONDS)
    yield MachineCheck(
        what="Debian's packages in builds",
        good=not fault,
        said=f"lately not to be had: {fault}" if fault else "nothing failed lately",
        remedy="See that `apt-get update` works on this machine; the index asks where it does.",
        fatal=False,
    )
    yield MachineCheck(
        what="package index",
        good=running,
        said="answers" if running else "not running",
        remedy="The next run starts it; `grader index start` does it now.",
        fatal=False,
    )


def _confinement(engine: Engine, machine: Settings) -> Iterator[MachineCheck]:
    """Tell whether the steps of a build reach Python's and Debian's packages alone."""
    from grader.sandbox import index

    reason = index.confinement(engine, machine)
    yield MachineCheck(
        what="network of builds",
        good=not reason,
        said=f"not confined: {reason}"
        if reason
        else "reaches Python's and Debian's packages alone",
        remedy="On Linux run the grader as root, on the engine's machine, with iptables installed; "
        "elsewhere the steps of a build reach what containers reach.",
        fatal=False,
    )
