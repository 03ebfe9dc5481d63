"""The host's side of a container that runs a student's code: no rights, and bounds on its use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.app_spec import Limits
from grader.sandbox.mounts import FileMount
from grader.sandbox.volumes import VolumeMount, memory_of


def hardened(
    api: Any, network: str, limits: Limits, *, logged: bool = True,
    mounts: Sequence[VolumeMount | FileMount] = (),
) -> Any:  # fmt: skip
    """Return the host's side of a container that runs a student's code.

    Unless it is `logged`, only who is attached to it gets what it prints. What it writes into
    volumes counts as its memory, so it may have that on top.
    """
    from docker.types import LogConfig

    memory = limits.memory + memory_of([one for one in mounts if isinstance(one, VolumeMount)])
    bounded = LogConfig(type="json-file", config={"max-size": "2m", "max-file": "2"})
    return api.create_host_config(
        network_mode=network,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        pids_limit=limits.pids,
        mem_limit=memory,
        memswap_limit=memory,
        nano_cpus=int(limits.cpus * 1_000_000_000),
        log_config=bounded if logged else LogConfig(type="none"),
        restart_policy={"Name": "no"},
        mounts=[one.docker() for one in mounts] or None,
    )
