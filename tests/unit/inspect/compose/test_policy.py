"""Every key of the Compose specification, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.inspect.compose.policy import TABLE
from grader.inspect.compose.project import Reading
from grader.inspect.compose.rules import Decision, is_on, is_set

SPECIFICATION = {
    "file": "version name include services models networks volumes secrets configs",
    "service": (
        "develop deploy annotations attach build blkio_config cap_add cap_drop cgroup "
        "cgroup_parent command configs container_name cpu_count cpu_percent cpu_shares cpu_quota "
        "cpu_period cpu_rt_period cpu_rt_runtime cpus cpuset credential_spec depends_on "
        "device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file "
        "label_file environment expose extends provider external_links extra_hosts gpus group_add "
        "healthcheck hostname image init ipc isolation labels links logging mac_address mem_limit "
        "mem_reservation mem_swappiness memswap_limit network_mode models networks "
        "oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop "
        "privileged profiles pull_policy pull_refresh_after read_only restart runtime scale "
        "security_opt shm_size secrets sysctls stdin_open stop_grace_period stop_signal "
        "storage_opt tmpfs tty ulimits use_api_socket user uts userns_mode volumes volumes_from "
        "working_dir"
    ),
    "build": (
        "context dockerfile dockerfile_inline entitlements args ssh labels cache_from cache_to "
        "no_cache additional_contexts network provenance sbom pull target shm_size extra_hosts "
        "isolation privileged secrets tags ulimits platforms"
    ),
    "deploy": (
        "mode endpoint_mode replicas labels rollback_config update_config resources "
        "restart_policy placement"
    ),
    "resources": "limits reservations",
    "reservations": "cpus memory generic_resources devices",
    "restart_policy": "condition delay max_attempts window",
    "dependency": "restart required condition",
    "env_file": "path format required",
    "extends": "service file",
    "healthcheck": "disable interval retries test timeout start_period start_interval",
    "port": "name mode host_ip target published protocol app_protocol",
    "mount": "type source target read_only consistency bind volume tmpfs image",
    "mount.volume": "labels nocopy subpath",
    "use": "source target uid gid mode",
    "attachment": (
        "aliases interface_name ipv4_address ipv6_address link_local_ips mac_address driver_opts "
        "priority gw_priority"
    ),
    "network": (
        "name driver driver_opts ipam external internal enable_ipv4 enable_ipv6 attachable labels"
    ),
    "volume": "name driver driver_opts external labels",
    "secret": "name environment file external labels driver driver_opts template_driver",
    "config": "name content environment file external labels template_driver",
}
"""The keys of compose-spec's schema, by the policy's names for where they stand."""

MOUNTS = "volumes: {v: }\nservices:\n  web:\n    build: .\n    volumes:"
BEFORE = {
    "file": ("services: {web: {build: .}}", ""),
    "service": ("services:\n  web:\n    build: .", "services.web."),
    "build": ("services:\n  web:\n    build:\n      context: .", "services.web.build."),
    "deploy": ("services:\n  web:\n    build: .\n    deploy:", "services.web.deploy."),
    "resources": (
        "services:\n  web:\n    build: .\n    deploy:\n      resources:",
        "services.web.deploy.resources.",
    ),
    "reservations": (
        "services:\n  web:\n    build: .\n    deploy:\n      resources:\n        reservations:",
        "services.web.deploy.resources.reservations.",
    ),
    "mount": (
        f"{MOUNTS}\n      - type: volume\n        source: v\n        target: /x",
        "services.web.volumes[0].",
    ),
    "mount.volume": (
        f"{MOUNTS}\n      - source: v\n        target: /x\n        volume:",
        "services.web.volumes[0].volume.",
    ),
    "attachment": (
        "networks: {n: }\nservices:\n  web:\n    build: .\n    networks:\n      n:",
        "services.web.networks.n.",
    ),
    "network": ("services: {web: {build: .}}\nnetworks:\n  n:", "networks.n."),
    "volume": ("services: {web: {build: .}}\nvolumes:\n  v:", "volumes.v."),
    "secret": ("services: {web: {build: .}}\nsecrets:\n  s:\n    file: s", "secrets.s."),
    "config": ("services: {web: {build: .}}\nconfigs:\n  c:\n    file: c", "configs.c."),
}
"""What a key of each table stands after, and how its place begins."""

REJECTED = [
    ("service", "cap_add: [NET_ADMIN]", "more rights"),
    ("service", "cap_add: [SYS_NICE, SYS_ADMIN]", "more rights"),
    ("service", "cap_add: [SYS_NICER]", "more rights"),
    ("service", "cgroup: host", "belongs to the machine"),
    ("service", "cgroup_parent: x", "out of the exam's limits"),
    ("service", "credential_spec: {file: x}", "credentials"),
    ("service", "device_cgroup_rules: ['c 1:3 mr']", "a device"),
    ("service", "devices: [/dev/sda]", "a device"),
    ("service", "devices: [{source: /dev/sda}]", "a device"),
    ("service", "extra_hosts: ['host.docker.internal:host-gateway']", "the machine itself"),
    ("service", "extra_hosts: {a: host-gateway}", "the machine itself"),
    ("service", "extra_hosts: {a: [1.2.3.4, Host-Gateway]}", "the machine itself"),
    ("service", "gpus: all", "a device"),
    ("service", "gpus: [{driver: x}]", "a device"),
    ("service", "ipc: host", "belongs to the machine"),
    ("service", "ipc: service:db", "another container"),
    ("service", "isolation: hyperv", "how the machine runs"),
    ("service", "network_mode: host", "belongs to the machine"),
    ("service", "network_mode: ' HOST'", "belongs to the machine"),
    ("service", "network_mode: container:x", "another container"),
    ("service", "network_mode: 'service:db'", "another container"),
    ("service", "pid: host", "belongs to the machine"),
    ("service", "pid: 'container:x'", "another container"),
    ("service", "post_start: [{command: x, privileged: true}]", "with all rights"),
    ("service", "pre_stop: [{command: x}, {command: x, privileged: 'yes'}]", "with all rights"),
    ("service", "privileged: true", "all rights on the machine"),
    ("service", "privileged: 'true'", "all rights on the machine"),
    ("service", "privileged: yes", "all rights on the machine"),
    ("service", "privileged: ${X:-true}", "all rights on the machine"),
    ("service", "privileged: [1]", "all rights on the machine"),
    ("service", "provider: {type: x}", "runs a program"),
    ("service", "runtime: x", "how the machine runs"),
    ("service", "security_opt: [seccomp=unconfined]", "walls"),
    ("service", "security_opt: ['no-new-privileges:true', 'apparmor:unconfined']", "walls"),
    ("service", "security_opt: ['no-new-privileges:false']", "walls"),
    ("service", "sysctls: {net.core.somaxconn: 1}", "kernel"),
    ("service", "sysctls: [net.core.somaxconn=1]", "kernel"),
    ("service", "use_api_socket: true", "the machine's Docker"),
    ("service", "userns_mode: host", "belongs to the machine"),
    ("service", "uts: host", "belongs to the machine"),
    ("service", "volumes_from: [db]", "another container's files"),
    ("build", "entitlements: [security.insecure]", "rights on the machine"),
    ("build", "extra_hosts: ['a:host-gateway']", "the machine itself"),
    ("build", "isolation: process", "how the machine runs"),
    ("build", "network: host", "belongs to the machine"),
    ("build", "privileged: true", "all rights on the machine"),
    ("build", "secrets: [x]", "credentials"),
    ("build", "ssh: [default]", "credentials"),
    ("reservations", "devices: [{capabilities: [gpu]}]", "a device"),
    ("reservations", "generic_resources: [{discrete_resource_spec: {kind: x}}]", "a device"),
    ("attachment", "driver_opts: {x: y}", "the machine's disks and network"),
    ("network", "driver: host", "a network of the machine's"),
    ("network", "driver: macvlan", "a network of the machine's"),
    ("network", "driver_opts: {x: y}", "the machine's disks and network"),
    ("volume", "driver: nfs", "a plugin"),
    ("volume", "driver_opts: {type: none, o: bind, device: /etc}", "the machine's disks"),
    ("volume", "external: true", "made outside of this file"),
    ("volume", "external: {name: x}", "made outside of this file"),
    ("secret", "driver: x", "a plugin"),
    ("secret", "driver_opts: {x: y}", "the machine's disks"),
    ("secret", "external: true", "made outside of this file"),
    ("config", "external: 'true'", "made outside of this file"),
]

NEUTRALISED = [
    ("file", "models: {m: {model: x}}", "no models"),
    ("service", "blkio_config: {weight: 300}", "its own limits"),
    ("service", "cap_drop: [ALL]", "the rights"),
    ("service", "cgroup: private", "kept apart"),
    ("service", "cpu_count: 1", "its own limits"),
    ("service", "cpu_percent: 1", "its own limits"),
    ("service", "cpu_period: 1", "its own limits"),
    ("service", "cpu_quota: 1", "its own limits"),
    ("service", "cpu_rt_period: 1", "its own limits"),
    ("service", "cpu_rt_runtime: 1", "its own limits"),
    ("service", "cpu_shares: 1", "its own limits"),
    ("service", "cpus: 0.5", "its own limits"),
    ("service", "cpuset: '0'", "its own limits"),
    ("service", "dns: 8.8.8.8", "by name"),
    ("service", "dns_opt: [x]", "by name"),
    ("service", "dns_search: [x]", "by name"),
    ("service", "domainname: x", "by name"),
    ("service", "external_links: [x]", "of this file"),
    ("service", "extra_hosts: ['a:1.2.3.4']", "by name"),
    ("service", "group_add: [1]", "the rights"),
    ("service", "ipc: private", "kept apart"),
    ("service", "mac_address: '02:42:ac:11:65:43'", "addresses"),
    ("service", "mem_limit: 1g", "its own limits"),
    ("service", "mem_reservation: 1g", "its own limits"),
    ("service", "mem_swappiness: 1", "its own limits"),
    ("service", "memswap_limit: 1g", "its own limits"),
    ("service", "models: [m]", "no models"),
    ("service", "network_mode: bridge", "network of its own"),
    ("service", "network_mode: none", "network of its own"),
    ("service", "oom_kill_disable: true", "its own limits"),
    ("service", "oom_score_adj: -1", "its own limits"),
    ("service", "pid: x", "kept apart"),
    ("service", "pids_limit: 5", "its own limits"),
    ("service", "platform: linux/amd64", "the machine"),
    ("service", "post_start: [{command: x}]", "own command"),
    ("service", "pre_stop: [{command: x, privileged: false}]", "own command"),
    ("service", "shm_size: 1g", "its own limits"),
    ("service", "storage_opt: {size: 1g}", "its own limits"),
    ("service", "ulimits: {nproc: 5}", "its own limits"),
    ("service", "userns_mode: x", "kept apart"),
    ("service", "uts: x", "kept apart"),
    ("build", "cache_from: [x]", "build cache"),
    ("build", "cache_to: [x]", "build cache"),
    ("build", "extra_hosts: ['a:1.2.3.4']", "by name"),
    ("build", "network: none", "Debian's packages"),
    ("build", "platforms: [linux/amd64]", "the machine"),
    ("build", "shm_size: 1g", "its own limits"),
    ("build", "ulimits: {nproc: 5}", "its own limits"),
    ("build", "additional_contexts: {x: .}", "its own `context`"),
    ("deploy", "endpoint_mode: vip", "for a swarm"),
    ("deploy", "mode: global", "for a swarm"),
    ("deploy", "placement: {constraints: [x]}", "for a swarm"),
    ("deploy", "rollback_config: {delay: 1s}", "for a swarm"),
    ("deploy", "update_config: {delay: 1s}", "for a swarm"),
    ("resources", "limits: {cpus: '1'}", "its own limits"),
    ("reservations", "cpus: '1'", "its own limits"),
    ("reservations", "memory: 1g", "its own limits"),
    ("mount", "tmpfs: {size: 1}", "its own limits"),
    ("mount.volume", "subpath: x", "the whole volume"),
    ("attachment", "ipv4_address: 1.2.3.4", "addresses"),
    ("attachment", "ipv6_address: '::1'", "addresses"),
    ("attachment", "link_local_ips: [1.2.3.4]", "addresses"),
    ("attachment", "mac_address: '02:42:ac:11:65:43'", "addresses"),
    ("network", "external: true", "makes the network itself"),
    ("network", "external: {name: x}", "makes the network itself"),
    ("network", "ipam: {config: [{subnet: 1.2.3.0/24}]}", "addresses"),
    ("service", "container_name: x", "one more name"),
    ("service", "cap_add: [SYS_NICE]", "is left out: the exam sets the rights"),
    ("service", "cap_add: [cap_sys_nice]", "is left out: the exam sets the rights"),
    ("service", "ports: ['5000:5000']", "a free port"),
    ("service", "restart: always", "a few times at most"),
]

HARMLESS = [
    ("file", "version: '3.8'"),
    ("file", "version: 3"),
    ("file", "name: x"),
    ("file", "x-anything: {a: b}"),
    ("service", "annotations: {a: b}"),
    ("service", "attach: false"),
    ("service", "cap_add: []"),
    ("service", "cap_add:"),
    ("service", "deploy: {replicas: 1, labels: {a: b}, restart_policy: {delay: 5s}}"),
    ("service", "develop: {watch: []}"),
    ("service", "devices: []"),
    ("service", "labels: [a=b]"),
    ("service", "logging: {driver: syslog}"),
    ("service", "privileged: false"),
    ("service", "privileged: 'no'"),
    ("service", "privileged: ${X:-false}"),
    ("service", "ports: ['5000']"),
    ("service", "pull_policy: always"),
    ("service", "pull_refresh_after: daily"),
    ("service", "restart: 'no'"),
    ("service", "restart: no"),
    ("service", "scale: 1"),
    ("service", "scale: 3"),
    ("deploy", "replicas: 2"),
    ("service", "security_opt: ['no-new-privileges:true']"),
    ("service", "security_opt: [no-new-privileges]"),
    ("service", "security_opt: ['no-new-privileges=true']"),
    ("service", "x-anything: 5"),
    ("build", "labels: {a: b}"),
    ("build", "no_cache: true"),
    ("build", "provenance: true"),
    ("build", "pull: true"),
    ("build", "sbom: true"),
    ("build", "tags: [a]"),
    ("build", "x-anything: 5"),
    ("mount", "bind: {create_host_path: true}"),
    ("mount", "consistency: cached"),
    ("mount", "image: {subpath: x}"),
    ("mount.volume", "nocopy: true"),
    ("attachment", "priority: 5"),
    ("network", "attachable: true"),
    ("network", "driver: bridge"),
    ("network", "driver: overlay"),
    ("network", "external: false"),
    ("network", "internal: true"),
    ("network", "name: host"),
    ("volume", "driver: local"),
    ("volume", "external: false"),
    ("volume", "name: x"),
    ("volume", "x-anything: 5"),
    ("secret", "template_driver: golang"),
]


def around(scope: str, snippet: str) -> tuple[str, int, str]:
    """A whole file with `snippet` in it, its line and the place of its key."""
    before, place = BEFORE[scope]
    last = before.rpartition("\n")[2]
    indent = len(last) - len(last.lstrip(" -")) + (2 if last.endswith(":") else 0)
    text = f"{before}\n{' ' * indent}{snippet}\n"
    return text, before.count("\n") + 2, place + snippet.partition(":")[0]


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    for name in ("s", "c"):
        (tmp_path / name).write_text("x")


@pytest.mark.parametrize("scope", SPECIFICATION)
def test_every_key_of_the_specification_has_a_rule(scope: str) -> None:
    """No more and no fewer: a key that nobody thought of is none that is let through."""
    assert sorted(TABLE[scope]) == sorted(SPECIFICATION[scope].split())


def test_every_table_is_one_of_the_specifications() -> None:
    """And each table that a rule leads to is there."""
    assert set(TABLE) == set(SPECIFICATION)
    inner = {rule.inner for table in TABLE.values() for rule in table.values() if rule.inner}
    assert inner == set(TABLE) - {"file"}


@pytest.mark.parametrize(("scope", "snippet", "reason"), REJECTED)
def test_what_is_rejected(
    rejected: Callable[..., str], scope: str, snippet: str, reason: str
) -> None:
    """The line, the way to the key and the reason are named."""
    text, line, place = around(scope, snippet)
    said = rejected(text)
    assert said.startswith(f"compose.yml:{line}: {place} ")
    assert reason in said
    assert said.endswith(".")


@pytest.mark.parametrize(("scope", "snippet", "reason"), NEUTRALISED)
def test_what_is_neutralised(
    read: Callable[..., Reading], scope: str, snippet: str, reason: str
) -> None:
    """It has no effect, one note says so, and it costs nothing."""
    text, line, place = around(scope, snippet)
    reading = read(text)
    assert not reading.faults
    assert reading.project is not None
    (note,) = reading.project.notes
    assert (note.line, note.text.split()[0]) == (line, place)
    assert reason in note.text
    assert note.text.endswith(".")


@pytest.mark.parametrize(("scope", "snippet"), HARMLESS)
def test_what_is_left_out_without_a_word(
    read: Callable[..., Reading], scope: str, snippet: str
) -> None:
    """Nothing is said where nothing changes; a key that is off or empty forbids nothing."""
    reading = read(around(scope, snippet)[0])
    assert not reading.faults
    assert reading.project is not None
    assert not reading.project.notes


def test_every_rule_that_rejects_or_neutralises_is_tested() -> None:
    """A new one needs a line in the lists above."""
    for decision, examples in (
        (Decision.REJECTED, REJECTED),
        (Decision.NEUTRALISED, NEUTRALISED),
    ):
        tested = {(scope, snippet.partition(":")[0]) for scope, snippet, _ in examples}
        ruled = {
            (scope, key)
            for scope, table in TABLE.items()
            for key, rule in table.items()
            if rule.decision is decision or (decision is Decision.NEUTRALISED and rule.otherwise)
        }
        assert ruled <= tested


def test_all_violations_are_named_at_once(rejected: Callable[..., str]) -> None:
    """In the order of their lines, in one message that says what to do."""
    said = rejected(
        "services:\n  a:\n    image: x\n    privileged: true\n    pid: host\n"
        "  b: {image: x, cap_add: [ALL]}\nvolumes: {v: {external: true}}\n"
    ).split("\n")
    assert said[0] == ("compose.yml asks for what an exam does not allow; correct each of these:")
    assert [re.findall(r":(\d+): (\S+)", one) for one in said[1:]] == [
        [("4", "services.a.privileged")],
        [("5", "services.a.pid")],
        [("6", "services.b.cap_add")],
        [("7", "volumes.v.external")],
    ]


def test_what_is_forbidden_wins_over_faults(rejected: Callable[..., str]) -> None:
    """An invalid file is rejected all the same."""
    said = rejected("services: {a: {privileged: true, imge: x, ports: 5}}")
    assert said == (
        "compose.yml:1: services.a.privileged gives the container all rights on the machine; "
        "remove it."
    )


def test_what_an_anchor_brings_is_judged(rejected: Callable[..., str]) -> None:
    """A forbidden key that is merged in counts where it stands."""
    text = "x-a: &a\n  privileged: true\nservices:\n  web:\n    <<: *a\n    build: .\n"
    assert rejected(text).startswith("compose.yml:2: services.web.privileged ")


def test_what_stands_in_an_extension_alone_is_no_matter(rejected: Callable[..., str]) -> None:
    """Docker does not read it either."""
    assert not rejected("x-a: {privileged: true}\nservices: {web: {build: ., x-b: {pid: host}}}")


def test_a_service_that_is_not_started_is_judged_as_well(rejected: Callable[..., str]) -> None:
    """Its profile may be asked for some day."""
    text = "services: {a: {build: .}, b: {image: x, profiles: [p], privileged: true}}"
    assert "services.b.privileged" in rejected(text)


def test_a_key_gets_one_note_only(read: Callable[..., Reading]) -> None:
    """However many of its values are neutralised."""
    reading = read("services: {a: {build: ., ports: ['1:1', '2:2'], dns: [1.1.1.1, 8.8.8.8]}}")
    assert reading.project is not None
    assert [note.text.split()[0] for note in reading.project.notes] == [
        "services.a.dns",
        "services.a.ports",
    ]


@pytest.mark.parametrize(
    ("value", "on", "filled"),
    [
        (True, True, True), (False, False, False), (None, False, False), ("", False, False),
        ("true", True, True), ("Yes", True, True), ("on", True, True), ("FALSE", False, True),
        ("n", False, True), ("off", False, True), ([], False, False), ({}, False, False),
        ({"name": "x"}, True, True), ("maybe", True, True), (1, True, True),
    ],
)  # fmt: skip
def test_flags(value: object, on: bool, filled: bool) -> None:
    """What is neither on nor off counts as on."""
    assert is_on(value) is on
    assert is_set(value) is filled
