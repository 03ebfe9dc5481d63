"""What each key of a Compose file may do: one table, after the Compose specification's schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType


class Decision(Enum):
    """What becomes of a key."""

    ALLOWED = auto()
    IGNORED = auto()
    """Left out without a word: it changes nothing in an exam."""
    NEUTRALISED = auto()
    """Left out or given another meaning; the report says so."""
    REJECTED = auto()
    """The submission is not run."""


class ValueKind(Enum):
    """What a value must be; each says it for a message."""

    ANY = "anything"
    TEXT = "text in quotes"
    FLAG = "true or false"
    NUMBER = "a number"
    LIST = "a list, each entry after a dash"
    WORDS = "text or a list of texts"
    MAP = "a mapping of keys to values"
    PAIRS = "a mapping of names to values, or a list like `- NAME=value`"
    NAMES = "a list of names, or a mapping of them"
    BUILD = "the path of a folder, or a mapping with `context`"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The rule for one key."""

    decision: Decision
    says: str = ""
    """How a sentence that begins with the key's place goes on."""
    when: Callable[[object], bool] = bool
    """For which values the decision holds."""
    otherwise: str = ""
    """What is said of other values of a rejected key; nothing where they do no harm."""
    kind: ValueKind = ValueKind.ANY
    inner: str = ""
    """The table for the mappings in it."""
    each: bool = False
    """Whether `inner` is for each of its values, under names of the student's."""


def is_on(value: object) -> bool:
    """Whether a flag is set; what is neither on nor off counts as set."""
    return is_set(value) and str(value).strip().lower() not in {"", "false", "no", "n", "off"}


def is_set(value: object) -> bool:
    """Whether there is anything in a value."""
    return value not in (None, "", False, [], {})


def _joins(value: object) -> bool:
    return bool(re.match(r"\s*(host|container:|service:)", str(value), re.IGNORECASE))


def _reaches_host(value: object) -> bool:
    return "host-gateway" in str(value).lower()


def _weakens(value: object) -> bool:
    options = value if isinstance(value, list) else [value]
    return not all(re.fullmatch(r"no-new-privileges([:=]true)?", str(one)) for one in options)


def _has_privileges(value: object) -> bool:
    hooks = value if isinstance(value, list) else [value]
    return any(isinstance(one, dict) and is_on(one.get("privileged")) for one in hooks)


def _adds_rights(value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    return not all(str(one).upper().removeprefix("CAP_") == "SYS_NICE" for one in names)


def _is_plugin(value: object) -> bool:
    return value not in ("", "local", "default")


def _is_foreign_network(value: object) -> bool:
    return value not in ("", "bridge", "overlay", "default")


def _allow(kind: ValueKind, inner: str = "", *, each: bool = False) -> Rule:
    return Rule(decision=Decision.ALLOWED, kind=kind, inner=inner, each=each)


def _note(says: str, when: Callable[[object], bool] = is_set) -> Rule:
    return Rule(decision=Decision.NEUTRALISED, says=says, when=when)


def _reject(says: str, when: Callable[[object], bool] = is_set, otherwise: str = "") -> Rule:
    return Rule(decision=Decision.REJECTED, says=says, when=when, otherwise=otherwise)


TEXT, FLAG, NUMBER = _allow(ValueKind.TEXT), _allow(ValueKind.FLAG), _allow(ValueKind.NUMBER)
LIST, ANY, WORDS, PAIRS = map(
    _allow, (ValueKind.LIST, ValueKind.ANY, ValueKind.WORDS, ValueKind.PAIRS)
)
IGNORED = Rule(decision=Decision.IGNORED)

LIMITS = _note("is left out: the exam sets its own limits.")
ADDRESSES = _note("is left out: the exam gives out its own addresses; use the service's name.")
DNS = _note("is left out: services find each other by name, and nothing else can be reached.")
SWARM = _note("is left out: it is for a swarm, and the exam runs on one machine.")
RIGHTS = _note("is left out: the exam sets the rights of its containers.")
CACHE = _note("is left out: the exam has its own build cache.")
MACHINE = _note("is left out: the exam builds and runs for the machine that it is on.")
ONE = _note(
    "is left out: the exam runs one container of each service.",
    lambda value: str(value).strip() != "1",
)
MODELS = _note("is left out: the exam has no models.")
GATEWAY = _reject(
    "leads to the machine itself (`host-gateway`); remove it.",
    _reaches_host,
    "is left out: services find each other by name, and nothing else can be reached.",
)
HOOKS = _reject(
    "runs a command with all rights; remove `privileged`.",
    _has_privileges,
    "is left out: the exam runs the container's own command only.",
)
DEVICES = _reject("gives the container a device of the machine; remove it.")
JOINED = "shares what belongs to the machine or to another container; remove it."
SPACES = _reject(JOINED, _joins, "is left out: the exam sets how its containers are kept apart.")
EXTERNAL = _reject(
    "uses what is made outside of this file; define it here, without `external`.", is_on
)
OPTIONS = _reject("can reach the machine's disks and network; remove it.")
BUILD_SECRETS = _reject("hands credentials to the build; it needs none, so remove it.")

TABLE: Mapping[str, Mapping[str, Rule]] = MappingProxyType({
    "file": {
        "version": IGNORED,
        "name": IGNORED,
        "include": ANY,  # judged by `borrowed`
        "services": _allow(ValueKind.MAP, "service", each=True),
        "models": MODELS,
        "networks": _allow(ValueKind.MAP, "network", each=True),
        "volumes": _allow(ValueKind.MAP, "volume", each=True),
        "secrets": _allow(ValueKind.MAP, "secret", each=True),
        "configs": _allow(ValueKind.MAP, "config", each=True),
    },
    "service": {
        "annotations": IGNORED,
        "attach": IGNORED,
        "blkio_config": LIMITS,
        "build": _allow(ValueKind.BUILD, "build"),
        "cap_add": _reject(  # SYS_NICE, which guides give MySQL, spares it a line in its log
            "gives the container more rights than it may have; remove it.",
            _adds_rights,
            "is left out: the exam sets the rights of its containers, and MySQL needs no SYS_NICE.",
        ),
        "cap_drop": RIGHTS,
        "cgroup": SPACES,
        "cgroup_parent": _reject("takes the container out of the exam's limits; remove it."),
        "command": WORDS,
        "configs": _allow(ValueKind.LIST, "use"),
        "container_name": TEXT,
        "cpu_count": LIMITS,
        "cpu_percent": LIMITS,
        "cpu_period": LIMITS,
        "cpu_quota": LIMITS,
        "cpu_rt_period": LIMITS,
        "cpu_rt_runtime": LIMITS,
        "cpu_shares": LIMITS,
        "cpus": LIMITS,
        "cpuset": LIMITS,
        "credential_spec": _reject("hands over credentials of the machine; remove it."),
        "depends_on": _allow(ValueKind.NAMES, "dependency", each=True),
        "deploy": _allow(ValueKind.MAP, "deploy"),
        "develop": IGNORED,
        "device_cgroup_rules": DEVICES,
        "devices": DEVICES,
        "dns": DNS,
        "dns_opt": DNS,
        "dns_search": DNS,
        "domainname": DNS,
        "entrypoint": WORDS,
        "env_file": _allow(ValueKind.ANY, "env_file"),
        "environment": PAIRS,
        "expose": LIST,
        "extends": _allow(ValueKind.ANY, "extends"),  # judged by `borrowed`
        "external_links": _note("is left out: only services of this file can be reached."),
        "extra_hosts": GATEWAY,
        "gpus": DEVICES,
        "group_add": RIGHTS,
        "healthcheck": _allow(ValueKind.MAP, "healthcheck"),
        "hostname": TEXT,
        "image": TEXT,
        "init": FLAG,
        "ipc": SPACES,
        "isolation": _reject("sets how the machine runs containers; remove it."),
        "label_file": WORDS,  # judged by `borrowed`
        "labels": IGNORED,
        "links": LIST,
        "logging": IGNORED,
        "mac_address": ADDRESSES,
        "mem_limit": LIMITS,
        "mem_reservation": LIMITS,
        "mem_swappiness": LIMITS,
        "memswap_limit": LIMITS,
        "models": MODELS,
        "network_mode": _reject(
            JOINED, _joins, "is left out: the exam puts every service on a network of its own."
        ),
        "networks": _allow(ValueKind.NAMES, "attachment", each=True),
        "oom_kill_disable": LIMITS,
        "oom_score_adj": LIMITS,
        "pid": SPACES,
        "pids_limit": LIMITS,
        "platform": MACHINE,
        "ports": _allow(ValueKind.LIST, "port"),
        "post_start": HOOKS,
        "pre_stop": HOOKS,
        "privileged": _reject("gives the container all rights on the machine; remove it.", is_on),
        "profiles": LIST,
        "provider": _reject("runs a program on the machine; remove it."),
        "pull_policy": IGNORED,
        "pull_refresh_after": IGNORED,
        "read_only": FLAG,
        "restart": TEXT,
        "runtime": _reject("sets how the machine runs containers; remove it."),
        "scale": ONE,
        "secrets": _allow(ValueKind.LIST, "use"),
        "security_opt": _reject(
            "weakens the container's walls; only `no-new-privileges:true` may stand here.", _weakens
        ),
        "shm_size": LIMITS,
        "stdin_open": FLAG,
        "stop_grace_period": TEXT,
        "stop_signal": TEXT,
        "storage_opt": LIMITS,
        "sysctls": _reject("sets the machine's kernel; remove it."),
        "tmpfs": WORDS,
        "tty": FLAG,
        "ulimits": LIMITS,
        "use_api_socket": _reject("hands the container the machine's Docker; remove it.", is_on),
        "user": TEXT,
        "userns_mode": SPACES,
        "uts": SPACES,
        "volumes": _allow(ValueKind.LIST, "mount"),
        "volumes_from": _reject("takes another container's files; name the volumes themselves."),
        "working_dir": TEXT,
    },
    "build": {
        "additional_contexts": PAIRS,
        "args": PAIRS,
        "cache_from": CACHE,
        "cache_to": CACHE,
        "context": TEXT,
        "dockerfile": TEXT,
        "dockerfile_inline": TEXT,
        "entitlements": _reject("gives the build rights on the machine; remove it."),
        "extra_hosts": GATEWAY,
        "isolation": _reject("sets how the machine runs containers; remove it."),
        "labels": IGNORED,
        "network": _reject(
            JOINED, _joins, "is left out: a build reaches Python's and Debian's packages only."
        ),
        "no_cache": IGNORED,
        "platforms": MACHINE,
        "privileged": _reject("gives the build all rights on the machine; remove it.", is_on),
        "provenance": IGNORED,
        "pull": IGNORED,
        "sbom": IGNORED,
        "secrets": BUILD_SECRETS,
        "shm_size": LIMITS,
        "ssh": BUILD_SECRETS,
        "tags": IGNORED,
        "target": TEXT,
        "ulimits": LIMITS,
    },
    "deploy": {
        "endpoint_mode": SWARM,
        "labels": IGNORED,
        "mode": SWARM,
        "placement": SWARM,
        "replicas": ONE,
        "resources": _allow(ValueKind.MAP, "resources"),
        "restart_policy": _allow(ValueKind.MAP, "restart_policy"),
        "rollback_config": SWARM,
        "update_config": SWARM,
    },
    "resources": {"limits": LIMITS, "reservations": _allow(ValueKind.MAP, "reservations")},
    "reservations": {
        "cpus": LIMITS,
        "devices": DEVICES,
        "generic_resources": DEVICES,
        "memory": LIMITS,
    },
    "restart_policy": {
        "condition": TEXT,
        "delay": IGNORED,
        "max_attempts": IGNORED,
        "window": IGNORED,
    },
    "dependency": {"condition": TEXT, "required": FLAG, "restart": IGNORED},
    "env_file": {"format": TEXT, "path": TEXT, "required": FLAG},
    "extends": {"file": TEXT, "service": TEXT},
    "healthcheck": {
        "disable": FLAG,
        "interval": TEXT,
        "retries": NUMBER,
        "start_interval": IGNORED,
        "start_period": TEXT,
        "test": WORDS,
        "timeout": TEXT,
    },
    "port": {
        "app_protocol": IGNORED,
        "host_ip": TEXT,
        "mode": IGNORED,
        "name": IGNORED,
        "protocol": TEXT,
        "published": NUMBER,
        "target": NUMBER,
    },
    "mount": {
        "bind": IGNORED,
        "consistency": IGNORED,
        "image": IGNORED,
        "read_only": FLAG,
        "source": TEXT,
        "target": TEXT,
        "tmpfs": LIMITS,
        "type": TEXT,
        "volume": _allow(ValueKind.MAP, "mount.volume"),
    },
    "mount.volume": {
        "labels": IGNORED,
        "nocopy": IGNORED,
        "subpath": _note("is left out: the exam mounts the whole volume."),
    },
    "use": {"gid": IGNORED, "mode": IGNORED, "source": TEXT, "target": TEXT, "uid": IGNORED},
    "attachment": {
        "aliases": LIST,
        "driver_opts": OPTIONS,
        "gw_priority": IGNORED,
        "interface_name": IGNORED,
        "ipv4_address": ADDRESSES,
        "ipv6_address": ADDRESSES,
        "link_local_ips": ADDRESSES,
        "mac_address": ADDRESSES,
        "priority": IGNORED,
    },
    "network": {
        "attachable": IGNORED,
        "driver": _reject(
            "is a network of the machine's; leave it out, or write `bridge`.", _is_foreign_network
        ),
        "driver_opts": OPTIONS,
        "enable_ipv4": IGNORED,
        "enable_ipv6": IGNORED,
        "external": _note("is left out: the exam makes the network itself.", is_on),
        "internal": IGNORED,
        "ipam": ADDRESSES,
        "labels": IGNORED,
        "name": IGNORED,
    },
    "volume": {
        "driver": _reject("is a plugin of the machine's; leave it out.", _is_plugin),
        "driver_opts": OPTIONS,
        "external": EXTERNAL,
        "labels": IGNORED,
        "name": IGNORED,
    },
    "secret": {
        "driver": _reject("is a plugin of the machine's; leave it out.", _is_plugin),
        "driver_opts": OPTIONS,
        "environment": TEXT,
        "external": EXTERNAL,
        "file": TEXT,
        "labels": IGNORED,
        "name": IGNORED,
        "template_driver": IGNORED,
    },
    "config": {
        "content": TEXT,
        "environment": TEXT,
        "external": EXTERNAL,
        "file": TEXT,
        "labels": IGNORED,
        "name": IGNORED,
        "template_driver": IGNORED,
    },
})  # fmt: skip
