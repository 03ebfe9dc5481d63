"""What each image that is made here consists of: its packages' versions, and what has changed.

A registry's image has a digest of the registry's. One that is made here, of packages that are
downloaded on the day, has none, so that its manifest is kept next to the locks: the version of each
package in it, as the image's own dpkg database says. It is read once for each image id; nothing of
the image is executed.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import logging
import os
import tarfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import GraderError, PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.file_lock import locked
from grader.sandbox.images.progress import Progress, silent
from grader.sandbox.images.registry import local
from grader.sandbox.labels import run_labels
from grader.settings import Settings

log = logging.getLogger(__name__)

STATUS = "/var/lib/dpkg/status"
MAX_BYTES = 32 * 1024 * 1024
SECONDS = 30.0
"""The most that reading one manifest may take."""
KEPT = 5
"""Manifests that are kept for each image; the newest is the last."""
TOLD = 12
"""Changes that are told one by one."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The packages of one image."""

    image: str
    """The image's id."""
    recorded: str
    """UTC, ISO 8601."""
    packages: Mapping[str, str]
    """Names to versions."""

    @property
    def digest(self) -> str:
        """`sha256:…` of the versions; the same for two images of the same packages."""
        lines = "".join(f"{name}={self.packages[name]}\n" for name in sorted(self.packages))
        return f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def record(
    engine: Engine,
    tag: str,
    *,
    settings: Settings,
    progress: Progress = silent,
    name: str = "",
    image: str = "",
) -> Manifest | None:
    """Give the manifest of the local image `tag`, read and kept where it is a new one.

    It is kept under `name`, for an image whose tag changes with what it is made from. `image` is
    its id, for whoever has it at hand.
    `progress` is told what changed since the one before. None where there is no such image, or
    where it cannot be read: a result is not worth less for that, and says so.
    """
    name = name or tag
    try:
        found = image or str((local(engine, tag) or {}).get("Id", ""))
        if not found:
            return None
        with locked(settings.state / "locks" / f"manifest-{name.replace('/', '-')}"):
            known = history(name, settings)
            if known and known[-1].image == found:
                return known[-1]
            new = Manifest(
                image=found,
                recorded=datetime.now(UTC).isoformat(timespec="seconds"),
                packages=parse(_status_of(engine, found)),
            )
            _keep(name, (*known, new)[-KEPT:], settings)
    except (GraderError, OSError, tarfile.TarError, ValueError) as error:
        log.warning("the versions in %s cannot be recorded: %s", tag, error)
        return None
    if known and (changed := changes(known[-1], new)):
        progress(f"{name} has other packages than before: {told(changed)}")
    return new


def history(tag: str, settings: Settings) -> tuple[Manifest, ...]:
    """Give the manifests that were recorded for `tag`, the newest last; at most `KEPT`."""
    try:
        rows = json.loads(_file(tag, settings).read_text("utf-8"))
        return tuple(Manifest(**row) for row in rows)
    except (OSError, ValueError, TypeError):  # none yet, or cut off by a full disk
        return ()


def last_change(tag: str, settings: Settings) -> tuple[str, tuple[str, ...]]:
    """Give when `tag` last came to other packages, and which; two empty ones where it never did."""
    known = history(tag, settings)
    for before, after in reversed(list(itertools.pairwise(known))):
        if changed := changes(before, after):
            return after.recorded, changed
    return "", ()


def changes(before: Manifest, after: Manifest) -> tuple[str, ...]:
    """Name each package that is new, gone or of another version in `after`."""
    found = []
    for name in sorted({*before.packages, *after.packages}):
        old, new = before.packages.get(name), after.packages.get(name)
        if old != new:
            found.append(f"{name} {old or '(not there)'} → {new or '(gone)'}")
    return tuple(found)


def told(changed: Iterable[str]) -> str:
    """Put changes into one line, the first `TOLD` of them one by one."""
    listed = list(changed)
    more = f" and {len(listed) - TOLD} more" if len(listed) > TOLD else ""
    return ", ".join(listed[:TOLD]) + more


def parse(status: str) -> dict[str, str]:
    """Give the names and versions of what is installed by a dpkg `status` file (deb822)."""
    found = {}
    for paragraph in status.split("\n\n"):
        fields = dict(
            line.split(": ", 1)
            for line in paragraph.split("\n")
            if ": " in line and not line.startswith((" ", "\t"))
        )
        if fields.get("Status", "").endswith(" installed") and "Version" in fields:
            found[fields["Package"]] = fields["Version"]
    return found


def _status_of(engine: Engine, image: str) -> str:
    """Read the dpkg database out of a container that is never started."""
    with translated():
        container = engine.client.api.create_container(
            image, command=["true"], network_disabled=True, labels=run_labels("manifest")
        )["Id"]
        try:
            stream, _ = engine.client.api.get_archive(container, STATUS)
            content, ends = bytearray(), time.monotonic() + SECONDS
            for chunk in stream:
                content += chunk
                if len(content) > MAX_BYTES or time.monotonic() > ends:
                    msg = f"{STATUS} is longer than {MAX_BYTES >> 20} MiB, or takes too long"
                    raise PlatformError(msg)
        finally:
            engine.client.api.remove_container(container, force=True)
    with tarfile.open(fileobj=io.BytesIO(bytes(content))) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)):
                return file.read().decode("utf-8", "replace")
    msg = f"{STATUS} is no file"
    raise PlatformError(msg)


def _file(tag: str, settings: Settings) -> Path:
    name = tag.replace("/", "-").replace(":", "-")
    return settings.state / "manifests" / f"{name}.json"


def _keep(tag: str, manifests: tuple[Manifest, ...], settings: Settings) -> None:
    path = _file(tag, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps([asdict(one) for one in manifests]), "utf-8")
    draft.replace(path)
