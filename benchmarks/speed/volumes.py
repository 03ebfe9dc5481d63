"""The volumes of an app in the naive way: those of the grader's, made and removed by themselves."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, cast

from benchmarks.speed.app import NaiveApp
from benchmarks.speed.tools import Bases, docker
from grader.app_spec import VolumeSpec
from grader.run.volumes import AppVolumes
from grader.sandbox import images
from grader.sandbox.volumes import VolumeHelper, create_volumes


def start_volumes(
    bases: Bases, name: str, specs: tuple[VolumeSpec, ...], stack: ExitStack
) -> VolumeHelper | None:
    """Make the volumes of an app, and what looks into them; `stack` removes both.

    A plain volume has no bound that a suite could reach. None where the exam has none.
    """
    if not specs:
        return None
    mounts = create_volumes(bases.engine, name, specs, {})
    for one in mounts:
        stack.callback(docker, "volume", "rm", "-f", one.name)
    tools = images.tools_image(bases.engine, settings=bases.settings)
    helper = VolumeHelper.start(bases.engine, tools, mounts, {})
    stack.callback(docker, "rm", "-f", "-v", helper.container)
    stack.callback(helper.close)
    return helper


def volume_operations(helper: VolumeHelper | None, app: NaiveApp) -> AppVolumes | None:
    """Return what a suite may ask of the volumes of `app`, which is also its container."""
    return AppVolumes(helper, cast("Any", app), cast("Any", app)) if helper else None
