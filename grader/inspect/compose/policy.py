"""What each key of a Compose file may do: one table, after the Compose specification's schema."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from grader.inspect.compose.rules import (
    Decision,
    Rule,
    ValueKind,
    adds_rights,
    allow,
    has_privileges,
    is_foreign_network,
    is_on,
    is_plugin,
    joins,
    note,
    reaches_host,
    reject,
    weakens,
)

TEXT, FLAG, NUMBER = allow(ValueKind.TEXT), allow(ValueKind.FLAG), allow(ValueKind.NUMBER)
LIST, ANY, WORDS, PAIRS = map(
    allow, (ValueKind.LIST, ValueKind.ANY, ValueKind.WORDS, ValueKind.PAIRS)
)
IGNORED = Rule(decision=Decision.IGNORED)

LIMITS = note("is left out: the exam sets its own limits.")
ADDRESSES = note("is left out: the exam gives out its own addresses; use the service's name.")
DNS = note("is left out: services find each other by name, and nothing else can be reached.")
SWARM = note("is left out: it is for a swarm, and the exam runs on one machine.")
RIGHTS = note("is left out: the exam sets the rights of its containers.")
CACHE = note("is left out: the exam has its own build cache.")
MACHINE = note("is left out: the exam builds and runs for the machine that it is on.")
MODELS = note("is left out: the exam has no models.")
GATEWAY = reject(
    "leads to the machine itself (`host-gateway`); remove it.",
    reaches_host,
    "is left out: services find each other by name, and nothing else can be reached.",
)
HOOKS = reject(
    "runs a command with all rights; remove `privileged`.",
    has_privileges,
    "is left out: the exam runs the container's own command only.",
)
DEVICES = reject("gives the container a device of the machine; remove it.")
JOINED = "shares what belongs to the machine or to another container; remove it."
SPACES = reject(JOINED, joins, "is left out: the exam sets how its containers are kept apart.")
EXTERNAL = reject(
    "uses what is made outside of this file; define it here, without `external`.", is_on
)
OPTIONS = reject("can reach the machine's disks and network; remove it.")
BUILD_SECRETS = reject("hands credentials to the build; it needs none, so remove it.")

TABLE: Mapping[str, Mapping[str, Rule]] = MappingProxyType({
    "file": {
        "version": IGNORED,
        "name": IGNORED,
        "include": ANY,  # judged by `borrowed`
        "services": allow(ValueKind.MAP, "service", each=True),
        "models": MODELS,
        "networks": allow(ValueKind.MAP, "network", each=True),
        "volumes": allow(ValueKind.MAP, "volume", each=True),
        "secrets": allow(ValueKind.MAP, "secret", each=True),
        "configs": allow(ValueKind.MAP, "config", each=True),
    },
    "service": {
        "annotations": IGNORED,
        "attach": IGNORED,
        "blkio_config": LIMITS,
        "build": allow(ValueKind.BUILD, "build"),
        "cap_add": reject(  # SYS_NICE, which guides give MySQL, spares it a line in its log
            "gives the container more rights than it may have; remove it.",
            adds_rights,
            "is left out: the exam sets the rights of its containers, and MySQL needs no SYS_NICE.",
        ),
        "cap_drop": RIGHTS,
        "cgroup": SPACES,
        "cgroup_parent": reject("takes the container out of the exam's limits; remove it."),
        "command": WORDS,
        "configs": allow(ValueKind.LIST, "use"),
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
        "credential_spec": reject("hands over credentials of the machine; remove it."),
        "depends_on": allow(ValueKind.NAMES, "dependency", each=True),
        "deploy": allow(ValueKind.MAP, "deploy"),
        "develop": IGNORED,
        "device_cgroup_rules": DEVICES,
        "devices": DEVICES,
        "dns": DNS,
        "dns_opt": DNS,
        "dns_search": DNS,
        "domainname": DNS,
        "entrypoint": WORDS,
        "env_file": allow(ValueKind.ANY, "env_file"),
        "environment": PAIRS,
        "expose": LIST,
        "extends": allow(ValueKind.ANY, "extends"),  # judged by `borrowed`
        "external_links": note("is left out: only services of this file can be reached."),
        "extra_hosts": GATEWAY,
        "gpus": DEVICES,
        "group_add": RIGHTS,
        "healthcheck": allow(ValueKind.MAP, "healthcheck"),
        "hostname": TEXT,
        "image": TEXT,
        "init": FLAG,
        "ipc": SPACES,
        "isolation": reject("sets how the machine runs containers; remove it."),
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
        "network_mode": reject(
            JOINED, joins, "is left out: the exam puts every service on a network of its own."
        ),
        "networks": allow(ValueKind.NAMES, "attachment", each=True),
        "oom_kill_disable": LIMITS,
        "oom_score_adj": LIMITS,
        "pid": SPACES,
        "pids_limit": LIMITS,
        "platform": MACHINE,
        "ports": allow(ValueKind.LIST, "port"),
        "post_start": HOOKS,
        "pre_stop": HOOKS,
        "privileged": reject("gives the container all rights on the machine; remove it.", is_on),
        "profiles": LIST,
        "provider": reject("runs a program on the machine; remove it."),
        "pull_policy": IGNORED,
        "pull_refresh_after": IGNORED,
        "read_only": FLAG,
        "restart": TEXT,
        "runtime": reject("sets how the machine runs containers; remove it."),
        "scale": NUMBER,
        "secrets": allow(ValueKind.LIST, "use"),
        "security_opt": reject(
            "weakens the container's walls; only `no-new-privileges:true` may stand here.", weakens
        ),
        "shm_size": LIMITS,
        "stdin_open": FLAG,
        "stop_grace_period": TEXT,
        "stop_signal": TEXT,
        "storage_opt": LIMITS,
        "sysctls": reject("sets the machine's kernel; remove it."),
        "tmpfs": WORDS,
        "tty": FLAG,
        "ulimits": LIMITS,
        "use_api_socket": reject("hands the container the machine's Docker; remove it.", is_on),
        "user": TEXT,
        "userns_mode": SPACES,
        "uts": SPACES,
        "volumes": allow(ValueKind.LIST, "mount"),
        "volumes_from": reject("takes another container's files; name the volumes themselves."),
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
        "entitlements": reject("gives the build rights on the machine; remove it."),
        "extra_hosts": GATEWAY,
        "isolation": reject("sets how the machine runs containers; remove it."),
        "labels": IGNORED,
        "network": reject(
            JOINED, joins, "is left out: a build reaches Python's and Debian's packages only."
        ),
        "no_cache": IGNORED,
        "platforms": MACHINE,
        "privileged": reject("gives the build all rights on the machine; remove it.", is_on),
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
        "replicas": NUMBER,
        "resources": allow(ValueKind.MAP, "resources"),
        "restart_policy": allow(ValueKind.MAP, "restart_policy"),
        "rollback_config": SWARM,
        "update_config": SWARM,
    },
    "resources": {"limits": LIMITS, "reservations": allow(ValueKind.MAP, "reservations")},
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
        "volume": allow(ValueKind.MAP, "mount.volume"),
    },
    "mount.volume": {
        "labels": IGNORED,
        "nocopy": IGNORED,
        "subpath": note("is left out: the exam mounts the whole volume."),
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
        "driver": reject(
            "is a network of the machine's; leave it out, or write `bridge`.", is_foreign_network
        ),
        "driver_opts": OPTIONS,
        "enable_ipv4": IGNORED,
        "enable_ipv6": IGNORED,
        "external": note("is left out: the exam makes the network itself.", is_on),
        "internal": IGNORED,
        "ipam": ADDRESSES,
        "labels": IGNORED,
        "name": IGNORED,
    },
    "volume": {
        "driver": reject("is a plugin of the machine's; leave it out.", is_plugin),
        "driver_opts": OPTIONS,
        "external": EXTERNAL,
        "labels": IGNORED,
        "name": IGNORED,
    },
    "secret": {
        "driver": reject("is a plugin of the machine's; leave it out.", is_plugin),
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
