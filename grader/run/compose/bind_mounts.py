"""What a student's Compose file mounts from the repository: private copies, made once for a run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from grader.inspect.compose.project import Mount, MountKind, Project
from grader.run.compose.stand_ins import filled


def copy_binds(
    root: Path, project: Project, services: Mapping[str, str], folder: Path,
    real: Mapping[str, str] = MappingProxyType({}),
) -> dict[tuple[str, str], str]:  # fmt: skip
    """Copy what `services` mount from `root`, in `folder`, by service and target.

    `services` are containers, each with its service in the file: those of one have one copy.
    A container may write to them; the snapshot stays as it was handed in. `real` is what texts
    stand for that were supplied.
    """
    found = {}
    for container, name in services.items():
        for number, mount in enumerate(project.services[name].mounts):
            if mount.kind is MountKind.BIND:
                target = folder / f"{name}-{number}"
                if not target.exists():
                    _copy(root, replace(mount, content=filled(mount.content, real)), target)
                found[container, mount.target] = str(target)
    return found


def _copy(root: Path, mount: Mount, target: Path) -> None:
    """Put a copy of what is mounted at `target`, readable by every user of a container."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = root / mount.source
    if mount.content is not None:
        target.write_text(mount.content, "utf-8")
    elif source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.is_file():
        shutil.copyfile(source, target, follow_symlinks=False)
    else:
        target.mkdir()  # as the engine does with a folder that is not there
    paths = [target, *target.rglob("*")] if target.is_dir() else [target]
    for path in paths:
        if not path.is_symlink():
            executable = path.stat().st_mode & 0o100
            path.chmod(0o755 if path.is_dir() or executable else 0o644)
