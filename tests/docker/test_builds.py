"""Builds of different submissions have nothing in common but what the engine may cache."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import uuid4

import pytest

from grader.sandbox import images
from grader.sandbox.build import BuildCache, BuildRequest, Built, StepEnvironment, build
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.cgroup import build_cgroup
from grader.sandbox.engine import Engine
from grader.sandbox.labels import run_labels
from grader.settings import Settings


@pytest.fixture
def base(engine: Engine, settings: Settings) -> str:
    return images.resolve_base(engine, "python:3.11-slim", settings=settings).image


def built(
    base: str, folder: Path, steps: str, cgroup: str = "", mounts: str = ""
) -> Built | BuildFailed:
    request = BuildRequest(
        context=folder,
        dockerfile=f"FROM {base}\nENV TRIAL={uuid4()}\n{steps}\n".encode(),  # nothing is cached
        contexts={},
        images=(base,),
        labels=run_labels("builds"),
        deadline=60,
        steps=StepEnvironment(cgroup=cgroup),
        cache=BuildCache(mounts=mounts),
    )
    return build(request, cancel=threading.Event())


def test_cache_mounts_are_a_submissions_own(base: str, engine: Engine, tmp_path: Path) -> None:
    """What one build leaves in a cache mount, the next submission's does not find; its own does."""
    mount = "RUN --mount=type=cache,target=/root/.cache"
    first = built(base, tmp_path, f"{mount} touch /root/.cache/poison", mounts="first")
    same = built(base, tmp_path, f"{mount} test -e /root/.cache/poison", mounts="first")
    other = built(base, tmp_path, f"{mount} test ! -e /root/.cache/poison", mounts="other")
    for one in (first, same, other):
        assert isinstance(one, Built), one
        engine.client.api.remove_image(one.image, force=True)


def test_steps_are_bounded(base: str, engine: Engine, tmp_path: Path) -> None:
    """File size and memory of each process, and the control group of all where there can be one."""
    group = build_cgroup(engine)
    script = (
        "import resource as r; assert r.getrlimit(r.RLIMIT_FSIZE)[0] == 1 << 30;"
        "assert r.getrlimit(r.RLIMIT_DATA)[0] == 2 << 30"
    )
    steps = f"RUN python3 -c '{script}'"
    if group:
        steps += f"\nRUN grep -q {group}/ /proc/self/cgroup"
    done = built(base, tmp_path, steps, cgroup=group)
    assert isinstance(done, Built), done
    engine.client.api.remove_image(done.image, force=True)
