"""`python -m grader.cli.devenv`: what dev/docker-compose.yml needs to know of this machine."""

from __future__ import annotations

import sys

from grader.cli.common import settings
from grader.sandbox import images, index
from grader.sandbox.engine import Engine


def main() -> None:
    """Print the variables, one `NAME=value` a line."""
    machine = settings()
    engine = Engine.connect(machine.docker_host)
    values = {
        "GRADER_DEV_PYTHON": images.resolve_base(
            engine, "python:3.11-slim", settings=machine
        ).image,
        "GRADER_DEV_MYSQL": images.mysql_server().obtain(engine, settings=machine).image,
        "GRADER_DEV_INDEX": index.ensure(engine, machine).build_address,
    }
    sys.stdout.writelines(f"{name}={value}\n" for name, value in values.items())


if __name__ == "__main__":
    main()
