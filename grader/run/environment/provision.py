"""Where the app will run: networks, gateway and services, made while the image builds."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from grader.exam.draw import Draw
from grader.model import BaseImage, Challenge, Substitution
from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.container import ALIAS as APP
from grader.sandbox.container import PROBE
from grader.sandbox.engine import Engine, image_id
from grader.sandbox.gateway import Gateway, start_gateway
from grader.sandbox.labels import run_labels
from grader.sandbox.network import Networks, create_networks
from grader.services.accounts import admit_reader
from grader.services.mysql import ALIAS as MYSQL
from grader.services.mysql import PORT as MYSQL_PORT
from grader.services.mysql import MySql, MySqlAccess
from grader.settings import Settings

PROBES = 2
"""How many apps can be alongside the running one at a time."""
PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, kw_only=True)
class EnvironmentSpec:
    """What a place is made for. Runs with equal plans can use one after the other."""

    routes: tuple[tuple[int, str], ...]
    """Each port of the gateway, and where it leads."""
    mysql: str = ""
    """The MySQL image that the challenge names; empty where it wants none."""
    inside: int = 1
    """How many networks there are for the app and what belongs to it."""

    @classmethod
    def of(cls, challenge: Challenge) -> EnvironmentSpec:
        """What `challenge` asks for, where one image is built."""
        named = [one.image for one in challenge.services if one.name == "mysql"]
        port = challenge.app.port
        routes = [(port, f"{APP}:{port}")]
        for number, other in enumerate(probe_ports(port)):
            routes.append((other, f"{PROBE}-{number}:{port}"))
        if named:
            routes.append((MYSQL_PORT, f"{MYSQL}:{MYSQL_PORT}"))
        return cls(routes=tuple(routes), mysql=named[0] if named else "")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A run's networks with what stands on them."""

    networks: Networks
    gateway: Gateway
    mysql: MySql | None
    mysql_image: str = ""
    """Its id."""
    substitution: Substitution | None = None
    """What stands in for the image that the challenge names."""
    base: BaseImage | None = None
    """What the image consists of."""

    def address(self, port: int) -> tuple[str, int]:
        """Where, on this machine, the port of that number inside is reached."""
        return self.gateway.addresses[port]


@dataclass(frozen=True, kw_only=True)
class EnvironmentBuilder:
    """Makes places."""

    engine: Engine
    settings: Settings
    run: str
    """The id that names and labels carry."""
    cancel: threading.Event
    progress: Callable[[str], None] = lambda text: None

    def make(self, plan: EnvironmentSpec) -> Environment:
        """Make the networks, the gateway and MySQL; give them ready.

        Raises `PlatformError` where any of it fails.
        """
        engine, labels = self.engine, run_labels(self.run)
        tools = images.tools_image(engine, settings=self.settings)
        with ThreadPoolExecutor(max_workers=2) as pool:
            twin = pool.submit(self._twin, plan) if plan.mysql else None
            networks = create_networks(engine, self.run, labels, inside=plan.inside)
            routes = dict(plan.routes)
            gateway = pool.submit(start_gateway, engine, tools, networks, routes, labels)
            mysql = self._mysql(twin.result(), networks, labels) if twin else None
            place = Environment(
                networks=networks, gateway=gateway.result(), mysql=mysql,
                mysql_image=image_id(engine, twin.result().image) if twin else "",
                substitution=twin.result().substitution if twin else None,
                base=twin.result().base if twin else None,
            )  # fmt: skip
        if place.mysql:
            place.mysql.await_ready(place.address(MYSQL_PORT), self.cancel)
        return place

    def _twin(self, plan: EnvironmentSpec) -> images.ResolvedImage:
        return images.mysql_image(
            self.engine, plan.mysql, settings=self.settings, progress=self.progress
        )

    def _mysql(
        self, twin: images.ResolvedImage, networks: Networks, labels: Mapping[str, str]
    ) -> MySql:
        mysql = MySql(
            self.engine, twin.image, MySqlAccess.draw(), network=networks.inside[0], labels=labels
        )
        mysql.start()
        return mysql


def provision(context: RunContext) -> Environment:
    """A place for a run: one of those that are kept ready, else one that goes with the run.

    Raises `PlatformError` where it cannot be had.
    """
    plan = EnvironmentSpec.of(context.challenge)
    place = context.taken(plan)
    if place is None:
        place = EnvironmentBuilder(
            engine=context.engine, settings=context.settings, run=context.run,
            cancel=context.cancel, progress=lambda text: context.progress("provision", text),
        ).make(plan)  # fmt: skip
        if place.mysql:
            admit_reader(place.mysql, place.address(MYSQL_PORT))
    if place.mysql:
        context.substitute(place.substitution)
        context.start_from(place.base)
        context.images[plan.mysql] = place.mysql_image
        access = place.mysql.access
        context.hide({"DB_PASSWORD": access.password, "MYSQL_ROOT_PASSWORD": access.root_password})
        if access.reader:
            context.hide({"READER_PASSWORD": access.reader.password})
    return place


def probe_ports(port: int) -> list[int]:
    """The ports of the gateway that lead to apps alongside the one on `port`."""
    free = (one for one in range(port + 1, port + 2 + PROBES) if one != MYSQL_PORT)
    return list(islice(free, PROBES))


def environment(
    context: RunContext, place: Environment, guest: MySqlAccess | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """The app's environment, and those of its values that are secret, by variable name.

    With the schema of `guest` in the place of the run's own.
    """
    values: dict[str, str] = {}
    if place.mysql:
        access = guest or place.mysql.access
        values = {
            "mysql.host": MYSQL,
            "mysql.port": str(MYSQL_PORT),
            "mysql.database": access.database,
            "mysql.user": access.user,
            "mysql.password": access.password,
        }
    return fill(context, values, whose=f" of {guest.user}" if guest else "")


def fill(
    context: RunContext, values: Mapping[str, str], *, whose: str = ""
) -> tuple[dict[str, str], dict[str, str]]:
    """The challenge's `app.env` with `values` and new secrets filled in; and its secret part.

    Secrets are new for each run; what is drawn without being one comes from the run's seed. `whose`
    tells those of one app from those of another.
    """
    values = dict(values)
    filled, hidden = {}, {}
    for name, template in context.challenge.app.env.items():
        used = PLACEHOLDER.findall(template)
        for key in used:
            if key.startswith("secret."):
                values[key] = context.drawn.setdefault(key, secrets.token_urlsafe(32))
            elif key.startswith("draw."):
                values.setdefault(key, Draw(f"{context.seed}:{key}").word())
        filled[name] = PLACEHOLDER.sub(lambda found: values[found[1]], template)
        if any(key.startswith("secret.") or key == "mysql.password" for key in used):
            hidden[name] = filled[name]
    known = context.secrets.values() if whose else ()
    context.hide({f"{key}{whose}": value for key, value in hidden.items() if value not in known})
    return filled, hidden
