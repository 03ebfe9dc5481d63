"""Thin images made on top of others with BuildKit, each tagged by what went into it."""

from __future__ import annotations

import hashlib
import logging
import re
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import ImageUnavailable
from grader.sandbox.build import BuildRequest, Built, StepEnvironment, build
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.engine import Engine, translated
from grader.sandbox.file_lock import locked
from grader.sandbox.images.progress import Progress
from grader.sandbox.images.recipes import NAMESPACE
from grader.sandbox.images.registry import local
from grader.sandbox.labels import PREFIX
from grader.settings import Settings

log = logging.getLogger(__name__)

RECIPE = f"{PREFIX}.recipe"
"""Label of an image that the grader made for itself: the digest of what it was made from."""
DEADLINE = 600.0
"""Seconds that one layer may take."""


def labels_of(digest: str) -> dict[str, str]:
    """Return the labels of an image made from what has this `digest`."""
    return {RECIPE: digest}


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What is added to a base image: a `dockerfile` (`FROM base`) and its context's `files`."""

    kind: str
    """The image's repository below the grader's namespace."""
    dockerfile: str
    files: Mapping[str, bytes] = field(hash=False)
    fetches: bool = False
    """Whether its steps need the internet; those of a submission never do."""
    variant: str = ""
    """Tells layers apart that stand next to each other; one of another variant is no older one."""

    def digest(self, base: str) -> str:
        """Return what changes with anything in the layer or in the base image of id `base`."""
        total = hashlib.sha256(f"{base}\n{self.dockerfile}".encode())
        for name in sorted(self.files):
            content = self.files[name]
            total.update(f"\n{name}\n{len(content)}\n".encode() + content)
        return total.hexdigest()[:12]


def tag_of(engine: Engine, base: str, layer: Layer) -> str:
    """Return the tag that `layer` on the local image `base` has, made or not."""
    slug = re.sub(r"[^a-z0-9.]+", "-", base.removeprefix(f"{NAMESPACE}/").lower()).strip("-")[:60]
    name = "-".join(filter(None, (slug, layer.variant)))
    return f"{NAMESPACE}/{layer.kind}:{name}-{layer.digest(_id(engine, base))}"


def add(engine: Engine, base: str, layer: Layer, *, settings: Settings, progress: Progress) -> str:
    """Return the tag of `layer` on the local image `base`, made where it is not there yet.

    Raises `ImageUnavailable` where it does not build.
    """
    tag = tag_of(engine, base, layer)
    repository, _, version = tag.partition(":")
    with locked(settings.state / "locks" / tag.replace("/", "-")):
        if local(engine, tag) is None:
            progress(f"{base}: making {repository} of it")
            image = _build(base, layer, version.rpartition("-")[2])
            with translated():
                engine.client.api.tag(image, repository, version, force=True)
            _remove_older(engine, repository, version)
    return tag


def _id(engine: Engine, base: str) -> str:
    image = local(engine, base)
    if image is None:
        msg = f"The image {base} has gone; run `grader images prepare`."
        raise ImageUnavailable(msg)
    return str(image["Id"])


def _build(base: str, layer: Layer, digest: str) -> str:
    with tempfile.TemporaryDirectory(prefix="grader-layer-") as scratch:
        for name, content in layer.files.items():
            path = Path(scratch, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        request = BuildRequest(
            context=Path(scratch),
            dockerfile=layer.dockerfile.encode(),
            contexts={"base": base},
            labels=labels_of(digest),
            deadline=DEADLINE,
            steps=StepEnvironment(host_network=layer.fetches),
        )
        result = build(request, cancel=threading.Event())
    match result:
        case Built():
            return result.image
        case BuildFailed():
            msg = (
                f"The grader's own layer does not build on {base}; "
                f"see what it says and run `grader images prepare`. "
                f"{result.rationale}\n{result.evidence}"
            )
            raise ImageUnavailable(msg)


def _remove_older(engine: Engine, repository: str, keep: str) -> None:
    """Remove what `keep` replaces; an image that a container still uses stays."""
    from docker import errors

    older = re.compile(re.escape(f"{repository}:{keep.rpartition('-')[0]}") + r"-[0-9a-f]{12}")
    with translated():
        found = engine.client.api.images(repository)
    for tag in [tag for image in found for tag in image.get("RepoTags") or ()]:
        if older.fullmatch(tag) and tag != f"{repository}:{keep}":
            try:
                engine.client.api.remove_image(tag)
            except errors.APIError as error:
                log.debug("%s stays: %s", tag, error)
