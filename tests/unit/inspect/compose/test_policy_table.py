"""Each key of the Compose specification has a rule, and an example tests each rule."""

from __future__ import annotations

import pytest

from grader.inspect.compose.policy import TABLE
from grader.inspect.compose.rules import Decision
from tests.unit.inspect.compose.policy_examples import NEUTRALISED, REJECTED

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


@pytest.mark.parametrize("scope", SPECIFICATION)
def test_every_key_of_the_specification_has_a_rule(scope: str) -> None:
    """No more and no fewer: a key that nobody thought of is none that is let through."""
    assert sorted(TABLE[scope]) == sorted(SPECIFICATION[scope].split())


def test_every_table_is_one_of_the_specifications() -> None:
    """And each table that a rule leads to is there."""
    assert set(TABLE) == set(SPECIFICATION)
    inner = {rule.inner for table in TABLE.values() for rule in table.values() if rule.inner}
    assert inner == set(TABLE) - {"file"}


def test_every_rule_that_rejects_or_neutralises_is_tested() -> None:
    """A new one needs a line in the lists of `policy_examples.py`."""
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
