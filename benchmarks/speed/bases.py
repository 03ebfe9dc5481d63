"""The images that the naive way uses on this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.speed.tools import Bases
from grader.inspect.dockerfile import find_dockerfile, read_dockerfile
from grader.sandbox import images, index
from grader.sandbox.engine import Engine
from grader.settings import Settings

STOCK = Path(__file__).with_name("stock-mysql")
OWN = "grader-benchmark/stock-mysql"


def bases(engine: Engine, settings: Settings, source: Path, mysql: str) -> Bases:
    """Return what stands for the images that the Dockerfile of `source` and the challenge name.

    The stock MySQL image is pulled where a registry answers; elsewhere one is made that starts in
    the same steps. Packages come from the same index as in a grade.
    """
    dockerfile = read_dockerfile(source, find_dockerfile(source) or "Dockerfile")
    address = index.ensure(engine, settings)
    contexts = {
        name: images.resolve_base(engine, name, settings=settings).image
        for name in dockerfile.images
    }
    return Bases(
        mysql=_stock(mysql), contexts=contexts,
        hosts={images.INDEX_HOST: address.build_address},
    )  # fmt: skip


def _stock(mysql: str) -> str:
    pulled = subprocess.run(["docker", "pull", "-q", mysql], check=False, capture_output=True)
    if pulled.returncode == 0:
        return mysql
    command = ["docker", "build", "-q", "--build-context=base=docker-image://grader/mysql:sid"]
    subprocess.run([*command, "-t", OWN, str(STOCK)], check=True, capture_output=True)
    return OWN
