"""One image: from its registry where there is one, else its counterpart made here."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from grader.errors import ImageUnavailable
from grader.model import BaseImage, Substitution
from grader.sandbox.engine import Engine
from grader.sandbox.file_lock import locked
from grader.sandbox.images import manifests
from grader.sandbox.images.bootstrap import bootstrap
from grader.sandbox.images.layers import RECIPE, labels_of
from grader.sandbox.images.progress import Progress
from grader.sandbox.images.recipes import Recipe
from grader.sandbox.images.references import ImageReference, NoCounterpart, counterpart
from grader.sandbox.images.registry import from_registry, local, made_here, obtain
from grader.settings import Settings

log = logging.getLogger(__name__)

PYTHON_BASES = ("python:3.11-slim", "python:3.13-slim")
RARER_BASES = ("python:3.11", "python:3.13", "debian:bookworm-slim", "debian:trixie-slim")
MYSQL_SERVER = "mysql:8.4"
PREPARED = (*PYTHON_BASES, *RARER_BASES, MYSQL_SERVER)
"""What `prepare` gets; where a counterpart took the place of one, a run asks no registry again."""
VERSIONS = (
    "PYTHON_VERSION", "MYSQL_VERSION", "MARIADB_VERSION", "PG_VERSION", "REDIS_VERSION",
    "VALKEY_VERSION", "NGINX_VERSION", "RABBITMQ_VERSION",
)  # fmt: skip
"""Variables of images that tell the version of what they are made for."""
NO_REGISTRY = "no image registry can be reached from this machine"


@dataclass(frozen=True, kw_only=True)
class ResolvedImage:
    """The local image that stands for `reference`."""

    reference: str
    """As the Dockerfile or the challenge names it."""
    image: str
    """A local tag; give it to BuildKit as the build context of `reference`, or run it."""
    substitution: Substitution | None
    """Set where the software is another than the one asked for."""
    base: BaseImage | None = None
    """What `image` consists of, where that has been looked at."""


def acquire(
    engine: Engine, reference: str, *, settings: Settings, progress: Progress, fresh: bool
) -> ResolvedImage:
    """Return `reference` as its registry has it, else its counterpart, without any layer of ours.

    Raises `BaseImageUnknown` where the registry has no such image, `ImageUnavailable` where no
    registry answers and nothing takes the image's place.
    """
    choice = counterpart(ImageReference.parse(reference))
    if not fresh and isinstance(choice, Recipe) and _settled(engine, reference, choice):
        return _substituted(engine, reference, choice, settings)
    found = obtain(engine, reference, settings=settings, progress=progress, fresh=fresh)
    if isinstance(found, str):
        digests = (local(engine, found) or {}).get("RepoDigests") or [""]
        base = BaseImage(reference=reference, registry=digests[0].partition("@")[2] or None)
        return ResolvedImage(reference=reference, image=found, substitution=None, base=base)
    log.debug("%s: %s", reference, found.reason)
    match choice:
        case NoCounterpart(reason=reason):
            msg = (
                f"The image {reference} is not on this machine: {found.reason}, and {reason}. "
                "Connect to a registry, or bring the image with `docker load`, and run it again."
            )
            raise ImageUnavailable(msg)
        case Recipe():
            make(engine, choice, settings=settings, progress=progress)
            return _substituted(engine, reference, choice, settings)


def make(engine: Engine, recipe: Recipe, *, settings: Settings, progress: Progress) -> str:
    """Return the tag of the image of `recipe`, made where it is not there or of an older recipe."""
    with locked(settings.state / "locks" / recipe.tag.replace("/", "-")):
        older = local(engine, recipe.tag)
        if not made(engine, recipe):
            progress(f"{recipe.title}: making {recipe.tag} of Debian packages")
            manifests.record(engine, recipe.tag, settings=settings)  # of the one that is replaced
            bootstrap(engine, recipe, labels_of(recipe.digest), progress)
            manifests.record(engine, recipe.tag, settings=settings, progress=progress)
            if older is not None:
                _remove(engine, str(older["Id"]))
    return recipe.tag


def made(engine: Engine, recipe: Recipe) -> bool:
    """Return whether the image of `recipe`, as the recipe is now, is on this machine."""
    image = local(engine, recipe.tag)
    labels = ((image or {}).get("Config") or {}).get("Labels") or {}
    return labels.get(RECIPE) == recipe.digest


def on_this_machine(engine: Engine, reference: str) -> ResolvedImage | None:
    """Return what stands for `reference` without a pull and without making anything; else None."""
    image, parsed = local(engine, reference), ImageReference.parse(reference)
    asked_for = ResolvedImage(reference=reference, image=reference, substitution=None)
    if from_registry(image):
        return asked_for
    choice = counterpart(parsed)
    if isinstance(choice, Recipe) and made(engine, choice):
        return _substituted(engine, reference, choice)
    loaded = image is not None and not made_here(image) and parsed.official
    return asked_for if loaded else None


def _settled(engine: Engine, reference: str, recipe: Recipe) -> bool:
    """Return whether `prepare` has found that `recipe` must take the place of `reference`."""
    if reference not in PREPARED or from_registry(local(engine, reference)):
        return False
    return made(engine, recipe)


def _substituted(
    engine: Engine, reference: str, recipe: Recipe, settings: Settings | None = None
) -> ResolvedImage:
    """Return what `recipe` made.

    With `settings`, its packages are recorded where they are not yet.
    """
    image = local(engine, recipe.tag) or {}
    environment = dict(entry.split("=", 1) for entry in image["Config"]["Env"])
    version = next((environment[name] for name in VERSIONS if environment.get(name)), "")
    used = f"{recipe.title} ({version})" if version else recipe.title
    swap = Substitution(wanted=reference, used=used, reason=NO_REGISTRY)
    if settings is None:
        return ResolvedImage(reference=reference, image=recipe.tag, substitution=swap)
    manifest = manifests.record(engine, recipe.tag, settings=settings, image=str(image["Id"]))
    base = BaseImage(reference=reference, packages=manifest.digest if manifest else None)
    return ResolvedImage(reference=reference, image=recipe.tag, substitution=swap, base=base)


def _remove(engine: Engine, image: str) -> None:
    """Remove a replaced image; one that is still used stays until it is not."""
    from docker import errors

    try:
        engine.client.api.remove_image(image)
    except errors.APIError as error:
        log.debug("%s stays: %s", image, error)
