"""What a suite may ask of the app's volumes, done by the helper and on the app's container."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from grader.exam.faults import Mismatch
from grader.exam.operations import VolumeFile
from grader.run.app import DeployedApp
from grader.run.context import RunContext
from grader.sandbox import images
from grader.sandbox.container import AppContainer
from grader.sandbox.volumes import NotReadable, VolumeHelper, create_volumes


def start_volumes(context: RunContext) -> VolumeHelper | None:
    """Make the run's volumes, with what looks into them; None where the exam has none.

    Raises `PlatformError`.
    """
    specs = context.challenge.app.volumes
    if not specs:
        return None
    resources = context.resources
    tools = images.tools_image(resources.engine, settings=context.settings)
    mounts = create_volumes(resources.engine, context.run, specs, resources.labels)
    helper = VolumeHelper.start(resources.engine, tools, mounts, resources.labels)
    resources.closing.append(helper.close)
    return helper


@dataclass(frozen=True)
class AppVolumes:
    """`VolumeOperations` on the volumes of one app."""

    helper: VolumeHelper
    app: DeployedApp
    container: AppContainer
    """The app's."""

    def files(self, path: str, folder: str) -> list[VolumeFile]:
        """Return what is in a folder of it and below. Raises `Mismatch`, `PlatformError`."""
        with _students_fault():
            found = self.helper.files(path, folder)
        return [
            VolumeFile(path=one.path, kind=one.kind, size=one.size, mode=one.mode, owner=one.owner)
            for one in found
        ]

    def read(self, path: str, name: str, most: int) -> str:
        """Return a file of at most `most` bytes, in Base64. Raises as `files` does."""
        with _students_fault():
            return base64.b64encode(self.helper.read(path, name, most)).decode("ascii")

    def fill(self, path: str) -> None:
        """Leave no space in it. Raises `PlatformError`."""
        self.helper.fill(path)

    def free(self, path: str) -> None:
        """Give back the space that `fill` took. Raises `PlatformError`."""
        self.helper.free(path)

    def make_read_only(self, path: str) -> None:
        """Make the container again with the volume read-only. Raises `Mismatch`."""
        self._mount(path, read_only=True)
        self.app.recreate_with(f"{path} read-only")

    def make_writable(self, path: str) -> None:
        """Make the container again with the volume as before. Raises `Mismatch`."""
        self._mount(path, read_only=False)
        self.app.recreate_with(f"{path} writable")

    def _mount(self, path: str, *, read_only: bool) -> None:
        mounts = self.container.recipe.volumes
        changed = [
            replace(one, read_only=read_only) if one.spec.path == path else one for one in mounts
        ]
        self.container.recipe = replace(self.container.recipe, volumes=tuple(changed))


@contextmanager
def _students_fault() -> Iterator[None]:
    try:
        yield
    except NotReadable as error:
        raise Mismatch(str(error)) from error
