"""The Compose file that is brought up: our own, written from what is allowed of the student's.

Names, labels, limits, networks and volumes are ours; commands, environment, mounts, health checks
and dependencies are the student's. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.app_spec import Limits
from grader.inspect.compose.project import ComposeService, HealthCheck, Mount, MountKind, Project
from grader.sandbox.container import PROJECT_ALIAS
from grader.sandbox.labels import DATABASE as DATABASE_LABEL

APP = PROJECT_ALIAS
"""The app's name for the gateway, on its first network."""
PROBE = "grader-app-probe"
"""That of an app that is started alongside it for a trial."""
REPLICA = "grader-replica"
"""How the name begins that the gateway knows each container of a role by that has several."""
DATABASE = "grader-database"
RESTARTS = 5
"""How often a service that asks to be restarted is, after a crash."""
DATABASE_MEMORY = 1024 * 1024 * 1024
DATABASE_CPUS = 2.0
DATABASE_PIDS = 512
DATABASE_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID")
"""What the image of a database needs to hand its folders to an account of its own, and become that.

Its folders are that account's from the beginning, so that root has to write into another's."""
PROXY_CAPABILITIES = ("CHOWN", "SETGID", "SETUID")
"""What nginx needs for the same: it makes its folders as root, in root's, and hands them over. It
tells its processes to end by a socket, and so sends no signal to another account's."""
PROBE_EVERY = 0.25
"""Seconds between two runs of a health check while its service starts. One takes 0.07 s of CPU."""
STEADY = 5.0
"""Seconds between two of them later on, when nobody waits for what they say."""
GRACE = 60.0
"""Seconds within which a failing health check is taken for a service that still starts."""
SLOW_EVERY = 2.0
"""Seconds between two runs of a broker's health check while it starts: each takes one of CPU."""
LONGEST_CHECK, LONGEST_SLOW_CHECK = 5.0, 20.0
"""Seconds that one run of a health check may take, and of a broker's."""
STOP_GRACE = "2s"


@dataclass(frozen=True, kw_only=True)
class RenderedDatabase:
    """The service that is the project's MySQL or MariaDB."""

    name: str
    """Of the service; empty where there is none."""
    environment: Mapping[str, str]
    """What it gets on top of its own environment."""
    cpus: float
    """How many processors it may use, if the exam does not allow more to all."""
    stores: tuple[str, ...] = ()
    """The services that run a database's image, or a cache's, this one among them."""
    large: tuple[str, ...] = ()
    """Those of them that have a database's memory and processes."""
    proxies: tuple[str, ...] = ()
    """The services that run a proxy's image, which begins as root and goes on as another user."""
    slow: tuple[str, ...] = ()
    """The services that take long to start and to be checked, such as a broker."""


@dataclass(frozen=True, kw_only=True)
class ProjectResources:
    """What stands on this machine for what the student's file names."""

    images: Mapping[str, str]
    """Service names to local images."""
    networks: Mapping[str, str]
    """Names of the project's networks to those that stand for them."""
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Names of the project's volumes to those that stand for them."""
    binds: Mapping[tuple[str, str], str]
    """(service, target) to the host's path of what is mounted there."""
    binds_writable: bool


@dataclass(frozen=True, kw_only=True)
class RenderedProbe:
    """One more app next to the running project, which is never started again."""

    name: str
    """Its name for the gateway."""
    environment: Mapping[str, str]
    """What it gets in the place of the app's environment."""


@dataclass(frozen=True, kw_only=True)
class ComposeRendering:
    """What the file is written from, alongside the student's project."""

    name: str
    """The project's name for compose."""
    project: Project
    app: str
    """The name of the service that is examined."""
    database: RenderedDatabase
    started: tuple[str, ...]
    """The services that are started at all."""
    resources: ProjectResources
    limits: Limits
    labels: Mapping[str, str]
    probe: RenderedProbe | None = None
    """None where this is the project itself."""
    reached: Mapping[str, str] = field(default_factory=dict)
    """Names of services to the one that the gateway alone knows each by."""


def render(plan: ComposeRendering) -> dict[str, Any]:
    """Return the file's content."""
    services = {name: _service(plan, plan.project.services[name]) for name in plan.started}
    used = {
        mount.source
        for name in plan.started
        for mount in plan.project.services[name].mounts
        if mount.kind is MountKind.VOLUME
    }
    return {
        "name": plan.name,
        "services": services,
        "networks": {
            name: {"name": ours, "external": True} for name, ours in plan.resources.networks.items()
        },
        "volumes": {
            name: {"name": plan.resources.volumes[name], "external": True}
            if plan.probe
            else {"name": plan.resources.volumes[name], "labels": dict(plan.labels)}
            for name in sorted(used)
        },
    }


def _service(plan: ComposeRendering, service: ComposeService) -> dict[str, Any]:
    is_database = service.name == plan.database.name
    is_large = is_database or service.name in plan.database.large
    memory = DATABASE_MEMORY if is_large else plan.limits.memory
    entry: dict[str, Any] = {
        "image": plan.resources.images[service.name],
        "pull_policy": "never",
        "environment": _environment(plan, service),
        "labels": {**plan.labels, **({DATABASE_LABEL: "mysql"} if is_database else {})},
        "networks": _networks(plan, service),
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": DATABASE_PIDS if is_large else plan.limits.pids,
        "mem_limit": memory,
        "memswap_limit": memory,
        "restart": _restart(plan, service),
        "stop_grace_period": STOP_GRACE,
        "logging": {"driver": "json-file", "options": {"max-size": "2m", "max-file": "2"}},
    }
    entry["cap_drop"] = ["ALL"]
    entry["cpus"] = max(plan.limits.cpus, plan.database.cpus) if is_database else plan.limits.cpus
    if rights := _capabilities(plan.database, service.name):
        entry["cap_add"] = list(rights)
    entry |= _as_written(service)
    check = service.lifecycle.healthcheck or HealthCheck(test=())
    entry["healthcheck"] = _healthcheck(check, slow=service.name in plan.database.slow)
    if mounts := [_mount(plan, service, mount) for mount in service.mounts]:
        entry["volumes"] = mounts
    if waits := {
        one.service: {"condition": str(one.condition), "required": one.required}
        for one in service.lifecycle.depends_on
        if one.service in plan.started
    }:
        entry["depends_on"] = waits
    return entry


def _capabilities(database: RenderedDatabase, name: str) -> tuple[str, ...]:
    """Return what the service `name` needs to become an account of its own; most need nothing."""
    if name == database.name or name in database.stores:
        return DATABASE_CAPABILITIES
    return PROXY_CAPABILITIES if name in database.proxies else ()


def _as_written(service: ComposeService) -> dict[str, Any]:
    """Return what the student's file says and the exam has no opinion on."""
    process = service.process
    chosen: dict[str, Any] = {
        "command": _words(process.command),
        "entrypoint": _words(process.entrypoint),
        "user": process.user or None,
        "working_dir": process.working_dir or None,
        "hostname": service.networking.hostname or None,
        "init": process.init or None,
        "read_only": process.read_only or None,
        "stop_signal": process.stop_signal or None,
        "tty": process.tty or None,
        "stdin_open": process.stdin_open or None,
    }
    return {key: value for key, value in chosen.items() if value is not None}


def _words(command: tuple[str, ...] | str | None) -> list[str] | str | None:
    return list(command) if isinstance(command, tuple) else command


def _environment(plan: ComposeRendering, service: ComposeService) -> dict[str, str]:
    values = dict(service.environment.values)
    if service.name == plan.database.name:
        values |= plan.database.environment
    if service.name == plan.app and plan.probe is not None:
        return dict(plan.probe.environment)
    return values


def _networks(plan: ComposeRendering, service: ComposeService) -> dict[str, Any]:
    """Its networks with its aliases; the name that the gateway knows it by on each."""
    names = list(service.networking.aliases)
    if service.name == plan.app:
        names.append(plan.probe.name if plan.probe else APP)
    if service.name == plan.database.name:
        names.append(DATABASE)
    if service.name in plan.reached and not plan.probe:
        names.append(plan.reached[service.name])
    on = service.networking.networks or {"default": ()}
    return {
        network: {"aliases": list(dict.fromkeys([*aliases, *names]))}
        for network, aliases in on.items()
    }


def _restart(plan: ComposeRendering, service: ComposeService) -> str:
    if service.lifecycle.restart == "no" or service.name == plan.database.name or plan.probe:
        return "no"
    return f"on-failure:{RESTARTS}"


def _healthcheck(check: HealthCheck, *, slow: bool) -> dict[str, Any]:
    """Return the student's test at a pace of our own: often at the start, and never a flood.

    Without one it is the image's own test, if that has any.
    """
    if check.test == ("NONE",):
        return {"test": ["NONE"]}
    return {
        **({"test": list(check.test)} if check.test else {}),
        "interval": _span(STEADY),
        "timeout": _span(
            min(max(check.timeout, 0.5), LONGEST_SLOW_CHECK if slow else LONGEST_CHECK)
        ),
        "retries": min(max(check.retries, 1), 5),
        "start_period": _span(GRACE),
        "start_interval": _span(SLOW_EVERY if slow else PROBE_EVERY),
    }


def _span(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def _mount(plan: ComposeRendering, service: ComposeService, mount: Mount) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": str(mount.kind), "target": mount.target}
    match mount.kind:
        case MountKind.VOLUME:
            entry["source"] = mount.source
        case MountKind.BIND:
            entry["source"] = plan.resources.binds[service.name, mount.target]
            entry["bind"] = {"create_host_path": False}
        case MountKind.ANONYMOUS:
            entry["type"] = "volume"
        case MountKind.TMPFS:
            entry["tmpfs"] = {"size": plan.limits.memory // 2}
    if mount.read_only or (mount.kind is MountKind.BIND and not plan.resources.binds_writable):
        entry["read_only"] = True
    return entry
