"""Builds of different submissions have nothing in common but what the engine may cache."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import uuid4

import pytest

from grader.sandbox import images
from grader.sandbox.build import (
    BuildCache,
    BuildRequest,
    BuildStage,
    Built,
    StepEnvironment,
    build,
)
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


def layers_of(
    engine: Engine, base: str, folder: Path, dockerfile: str, *, file: str = "1", value: str = "1"
) -> list[str]:
    """The layers that a submission's image adds to `base`, one for each step that writes.

    `file` is the content of what it copies, `value` its argument's.
    """
    folder.mkdir()
    (folder / "input").write_text(file, "utf-8")
    request = BuildRequest(
        context=folder, dockerfile=dockerfile.encode(), contexts={}, images=(base,),
        labels=run_labels("builds"), deadline=60, stage=BuildStage(args={"VALUE": value}),
    )  # fmt: skip
    done = build(request, cancel=threading.Event())
    assert isinstance(done, Built), done
    below = set(engine.client.api.inspect_image(base)["RootFS"]["Layers"])  # type: ignore[no-untyped-call]
    found = engine.client.api.inspect_image(done.image)["RootFS"]["Layers"]  # type: ignore[no-untyped-call]
    engine.client.api.remove_image(done.image, force=True)
    return [layer for layer in found if layer not in below]


RANDOM = "head -c 16 /dev/urandom >"
"""Makes a layer that is the same only where the step was not run again."""


@pytest.mark.parametrize(
    ("other", "changes"),
    [
        ("", {"file": "2"}),
        ("", {"value": "2"}),
        (f"RUN test -e /input && {RANDOM} /made", {}),
    ],
    ids=["a file", "an argument", "a command"],
)
def test_submissions_of_other_inputs_share_no_layer(
    base: str, engine: Engine, tmp_path: Path, other: str, changes: dict[str, str]
) -> None:
    """What one has built serves another where both have the same inputs, and nowhere else."""
    head = f"FROM {base}\nENV TRIAL={uuid4()}\nARG VALUE\nCOPY input /input\n"
    begin = f"RUN echo $VALUE && {RANDOM} /before\n"
    step, last = f"RUN {RANDOM} /made", f"\nRUN {RANDOM} /after\n"
    first = layers_of(engine, base, tmp_path / "first", f"{head}{begin}{step}{last}")
    same = layers_of(engine, base, tmp_path / "same", f"{head}{begin}{step}{last}")
    assert first == same, "layers of the same inputs are built once"
    assert len(first) == 4
    text = f"{head}{begin}{other or step}{last}"
    differing = layers_of(engine, base, tmp_path / "other", text, **changes)
    if "file" in changes:
        assert not set(first) & set(differing)
    elif "value" in changes:  # the file that both copy is the same
        assert set(first) & set(differing) == {first[0]}
    else:  # all before the command is the same
        assert set(first) & set(differing) == {*first[:2]}


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
