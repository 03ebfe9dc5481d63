"""The images that the naive way uses on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from benchmarks.speed.tools import Bases
from grader.inspect.dockerfile import find_dockerfile, read_dockerfile
from grader.model import Challenge
from grader.sandbox import images, index
from grader.sandbox.engine import Engine
from grader.sandbox.images.acquire import acquire
from grader.sandbox.images.references import ImageReference
from grader.settings import Settings

HERE = Path(__file__).parent
OWN = "grader-benchmark/stock-"


def service_images(challenge: Challenge) -> tuple[str, ...]:
    """Return the images that `challenge` names for its services."""
    return tuple(one.image for one in challenge.services if one.image)


def bases(engine: Engine, settings: Settings, source: Path, stock: Iterable[str]) -> Bases:
    """Return what stands for the images that the Dockerfile of `source` names, and for `stock`.

    An image of a service is pulled where a registry answers; elsewhere one is made that starts in
    the same steps. Packages come from the same index as in a grade.
    """
    dockerfile = read_dockerfile(source, find_dockerfile(source) or "Dockerfile")
    address = index.ensure(engine, settings)
    contexts = {
        name: images.resolve_base(engine, name, settings=settings).image
        for name in dockerfile.images
    }
    return Bases(
        engine=engine, settings=settings,
        stock={one: _stock(engine, settings, one) for one in stock},
        contexts=contexts, hosts={images.INDEX_HOST: address.build_address},
    )  # fmt: skip


def _stock(engine: Engine, settings: Settings, wanted: str) -> str:
    """Return a local image that starts as `wanted` does.

    Where there is no recipe for one, it is the grader's own, which is ready earlier.
    """
    pulled = subprocess.run(["docker", "pull", "-q", wanted], check=False, capture_output=True)
    if pulled.returncode == 0:
        return wanted
    kind = ImageReference.parse(wanted).repository
    recipe = HERE / f"stock-{kind}"
    if not recipe.is_dir():
        return images.resolve_base(engine, wanted, settings=settings).image
    found = acquire(engine, wanted, settings=settings, progress=images.silent, fresh=False)
    command = ["docker", "build", "-q", f"--build-context=base=docker-image://{found.image}"]
    subprocess.run([*command, "-t", OWN + kind, str(recipe)], check=True, capture_output=True)
    return OWN + kind
