"""Where the app will run: networks, gateway and services, made while the image builds."""

from __future__ import annotations

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from grader.exam.draw import Draw
from grader.model import ServiceSpec
from grader.phases.context import Context
from grader.sandbox import images
from grader.sandbox.container import ALIAS as APP
from grader.sandbox.container import BESIDE
from grader.sandbox.engine import image_id
from grader.sandbox.network import LOOPBACK, Gateway, Networks, create_networks, start_gateway
from grader.services.mysql import ALIAS as MYSQL
from grader.services.mysql import PORT as MYSQL_PORT
from grader.services.mysql import MySql, MySqlAccess

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A run's networks with what stands on them."""

    networks: Networks
    gateway: Gateway
    mysql: MySql | None

    def address(self, port: int) -> tuple[str, int]:
        """Where, on loopback, the port of that number inside is reached."""
        return LOOPBACK, self.gateway.ports[port]


def provision(context: Context) -> Place:
    """Make the networks, the gateway and the challenge's services; give them ready.

    Raises `PlatformError` where any of it fails.
    """
    engine, labels = context.engine, context.labels
    networks = create_networks(engine, context.run, labels)
    spec = next((one for one in context.challenge.services if one.name == "mysql"), None)
    routes = {context.challenge.app.port: f"{APP}:{context.challenge.app.port}"}
    routes[beside_port(context.challenge.app.port)] = f"{BESIDE}:{context.challenge.app.port}"
    if spec:
        routes[MYSQL_PORT] = f"{MYSQL}:{MYSQL_PORT}"
    with ThreadPoolExecutor(max_workers=2) as pool:
        tools = images.tools_image(engine, settings=context.settings)
        gateway = pool.submit(start_gateway, engine, tools, networks, routes, labels)
        mysql = pool.submit(_start_mysql, context, spec, networks) if spec else None
        place = Place(
            networks=networks, gateway=gateway.result(), mysql=mysql.result() if mysql else None
        )
    if place.mysql:
        place.mysql.await_ready(place.address(MYSQL_PORT), context.cancel)
    return place


def beside_port(port: int) -> int:
    """The port of the gateway that leads to an app beside the one on `port`."""
    return next(one for one in range(port + 1, port + 3) if one != MYSQL_PORT)


def _start_mysql(context: Context, spec: ServiceSpec, networks: Networks) -> MySql:
    engine = context.engine
    twin = images.mysql_image(
        engine,
        spec.image,
        settings=context.settings,
        progress=lambda text: context.progress("provision", text),
    )
    context.substitute(twin.substitution)
    context.images[spec.image] = image_id(engine, twin.image)
    access = MySqlAccess.draw()
    context.secrets.update(DB_PASSWORD=access.password, MYSQL_ROOT_PASSWORD=access.root_password)
    mysql = MySql(engine, twin.image, access, network=networks.inside[0], labels=context.labels)
    mysql.start()
    return mysql


def environment(context: Context, place: Place) -> tuple[dict[str, str], dict[str, str]]:
    """The app's environment, and those of its values that are secret, by variable name."""
    values: dict[str, str] = {}
    if place.mysql:
        access = place.mysql.access
        values = {
            "mysql.host": MYSQL,
            "mysql.port": str(MYSQL_PORT),
            "mysql.database": access.database,
            "mysql.user": access.user,
            "mysql.password": access.password,
        }
    return fill(context, values)


def fill(context: Context, values: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The challenge's `app.env` with `values` and new secrets filled in; and its secret part.

    Secrets are new each time; what is drawn without being one comes from the run's seed.
    """
    values = dict(values)
    filled, hidden = {}, {}
    for name, template in context.challenge.app.env.items():
        used = PLACEHOLDER.findall(template)
        for key in used:
            if key.startswith("secret."):
                values.setdefault(key, secrets.token_urlsafe(32))
            elif key.startswith("draw."):
                values.setdefault(key, Draw(f"{context.seed}:{key}").word())
        filled[name] = PLACEHOLDER.sub(lambda found: values[found[1]], template)
        if any(key.startswith("secret.") or key == "mysql.password" for key in used):
            hidden[name] = filled[name]
    context.secrets.update(hidden)
    return filled, hidden
