"""One service, out of what the policy leaves of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from grader.inspect.compose.building import read_build
from grader.inspect.compose.connections import own_names, read_networks, static_addresses
from grader.inspect.compose.environment import read_env_files, read_environment, read_written
from grader.inspect.compose.health import read_healthcheck, seconds
from grader.inspect.compose.interpolate import Malformed, references
from grader.inspect.compose.mounts import read_mounts, read_tmpfs
from grader.inspect.compose.ports import read_expose, read_ports
from grader.inspect.compose.project import (
    ComposeImage,
    ComposeService,
    Mount,
    ServiceEnvironment,
    ServiceLifecycle,
    ServiceLines,
    ServiceNetworking,
    ServiceProcess,
)
from grader.inspect.compose.rules import is_on
from grader.inspect.compose.source import show
from grader.inspect.compose.supply import Supply
from grader.inspect.compose.uses import read_uses
from grader.yamldoc import Place

RESTARTS = ("no", "always", "on-failure", "unless-stopped")
POLICIES = {"none": "no", "any": "always", "on-failure": "on-failure"}
"""What `deploy.restart_policy.condition` is in words of `restart`."""
MAX_ROLES = 5
COUNT = re.compile(r"[0-9]{1,9}")
IMAGE = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """What a file defines alongside its services, by name."""

    networks: dict[str, Any]
    volumes: dict[str, Any]
    secrets: dict[str, Any]
    configs: dict[str, Any]


class ServiceReader:
    """Reads the service `name` from `tree`; `written` is what stands in the file."""

    def __init__(
        self, supply: Supply, name: str, tree: dict[str, Any], written: dict[str, Any]
    ) -> None:
        self._supply = supply
        self._source = supply.source
        self._name = name
        self._tree = tree
        self._written = written
        self._place: Place = ("services", name)

    def read(self, definitions: Definitions) -> ComposeService:
        """Return the service, without dependencies; faults and violations go to the source."""
        tree, source = self._tree, self._source
        if "stop_grace_period" in tree and seconds(tree["stop_grace_period"]) is None:
            said = f"is {show(tree['stop_grace_period'])}; write a number and a unit, like `10s`."
            source.fault(self._at("stop_grace_period"), said)
        return ComposeService(
            name=self._name,
            lines=ServiceLines(
                own=source.line(self._place),
                keys={key: source.line(self._at(key)) for key in self._written},
            ),
            image=self._image(),
            build=read_build(self._supply, self._at("build"), tree["build"])
            if "build" in tree
            else None,
            environment=self._environment(),
            mounts=self._mounts(definitions),
            networking=self._networking(definitions),
            process=self._process(),
            lifecycle=self._lifecycle(),
            roles=self._roles(),
        )

    def _roles(self) -> tuple[str, ...]:
        """Return the roles that it claims; what is no text is none."""
        claimed = self._written.get("x-role")
        listed = claimed if isinstance(claimed, list) else [claimed]
        return tuple(one.strip() for one in listed[:MAX_ROLES] if isinstance(one, str))

    def _environment(self) -> ServiceEnvironment:
        tree, place = self._tree, self._at("environment")
        files: tuple[str, ...] = ()
        given: dict[str, str] = {}
        if "env_file" in tree:
            files, given = read_env_files(self._supply, self._at("env_file"), tree["env_file"])
        values = read_environment(self._supply, place, tree.get("environment"))
        written = read_written(self._written.get("environment"))
        return ServiceEnvironment(values={**given, **values}, written=written, files=files)

    def _networking(self, definitions: Definitions) -> ServiceNetworking:
        tree, source = self._tree, self._source
        hostname = self._names("hostname")
        aliases = tuple(dict.fromkeys([*self._names("container_name"), *hostname]))
        if aliases and tree.get("container_name"):
            said = "is only one more name of the service: the exam names its own containers."
            source.note(self._at("container_name"), said)
        place = self._at("networks")
        return ServiceNetworking(
            networks=read_networks(source, place, tree.get("networks"), definitions.networks),
            hostname=next(iter(hostname), ""),
            aliases=aliases,
            addresses=static_addresses(self._written.get("networks")),
            ports=read_ports(source, self._at("ports"), tree.get("ports", [])),
            expose=read_expose(source, self._at("expose"), tree.get("expose", [])),
        )

    def _process(self) -> ServiceProcess:
        tree = self._tree
        return ServiceProcess(
            command=self._command("command"),
            entrypoint=self._command("entrypoint"),
            user=tree.get("user", ""),
            working_dir=tree.get("working_dir", ""),
            init=is_on(tree.get("init")),
            read_only=is_on(tree.get("read_only")),
            tty=is_on(tree.get("tty")),
            stdin_open=is_on(tree.get("stdin_open")),
            stop_signal=tree.get("stop_signal", ""),
        )

    def _lifecycle(self) -> ServiceLifecycle:
        tree, place = self._tree, self._at("healthcheck")
        return ServiceLifecycle(
            healthcheck=read_healthcheck(self._source, place, tree["healthcheck"])
            if "healthcheck" in tree
            else None,
            restart=self._restart(),
            replicas=self._replicas(),
        )

    def _replicas(self) -> int:
        """Return how many containers of it the file asks for; 1 where it does not say."""
        deploy = self._tree.get("deploy", {})
        asked = {
            ("scale",): self._tree.get("scale"),
            ("deploy", "replicas"): deploy.get("replicas"),
        }
        found = set()
        for keys, value in asked.items():
            place = (*self._place, *keys)
            if value is None:
                continue
            if not COUNT.fullmatch(str(value)):
                said = f"is {show(value)}; write how many containers there are, like `2`."
                self._source.fault(place, said)
                continue
            found.add(int(value))
        if len(found) > 1:
            said = (
                "is not the number of `deploy.replicas`; Docker takes one of the two: leave it out."
            )
            self._source.fault(self._at("scale"), said)
        return found.pop() if found else 1

    def _at(self, key: str) -> Place:
        return (*self._place, key)

    def _names(self, key: str) -> tuple[str, ...]:
        name = self._tree.get(key)
        return own_names(self._source, self._at(key), [name]) if name else ()

    def _mounts(self, definitions: Definitions) -> tuple[Mount, ...]:
        tree, supply = self._tree, self._supply
        mounts = (
            *read_mounts(supply, self._at("volumes"), tree.get("volumes", []), definitions.volumes),
            *read_tmpfs(self._source, self._at("tmpfs"), tree.get("tmpfs", [])),
            *read_uses(supply, self._at("secrets"), tree.get("secrets", []), definitions.secrets),
            *read_uses(supply, self._at("configs"), tree.get("configs", []), definitions.configs),
        )
        return tuple({mount.target: mount for mount in mounts}.values())

    def _command(self, key: str) -> tuple[str, ...] | str | None:
        value = self._tree.get(key)
        if not isinstance(value, list):
            return value
        words = [
            self._source.text((*self._at(key), index), word) for index, word in enumerate(value)
        ]
        return tuple(word for word in words if word is not None)

    def _image_lacks(self, written: str) -> tuple[str, ...]:
        """Return the variables in the name of its image that nothing gives."""
        try:
            named = references(written, 0)
        except Malformed:  # which is a fault already
            return ()
        asked = (one.name for one in named if one.default is None and not one.optional)
        return tuple(name for name in dict.fromkeys(asked) if name in self._supply.unset)

    def _image(self) -> ComposeImage:
        written = self._written
        if not any(written.get(key) for key in ("image", "extends", "provider")) and (
            written.get("build") is None
        ):
            said = "has neither `image` nor `build`; add `build: .` to build your own code."
            self._source.fault(self._place, said)
        reference, shown = self._tree.get("image", ""), str(written.get("image") or "")
        if reference and "$" not in shown and not IMAGE.fullmatch(reference[:300]):
            said = f"is {show(reference)}, which is no name of an image; write it like `mysql:8.4`."
            self._source.fault(self._at("image"), said)
        return ComposeImage(reference=reference, written=shown, lacks=self._image_lacks(shown))

    def _restart(self) -> str:
        policy = self._tree.get("deploy", {}).get("restart_policy", {})
        written = self._tree.get("restart") or POLICIES.get(policy.get("condition", ""), "no")
        restart, _, count = written.partition(":")
        if restart not in RESTARTS or (count and not count.isdecimal()):
            said = f"is {show(written)}; it can be {', '.join(RESTARTS)}."
            self._source.fault(self._at("restart"), f"{said}{self._source.near(restart, RESTARTS)}")
            return "no"
        if restart != "no":
            place = self._at("restart" if "restart" in self._tree else "deploy")
            self._source.note(place, "is kept, but the container is restarted a few times at most.")
        return restart
