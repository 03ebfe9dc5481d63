"""Getting an image as its registry has it: the local copy, else a pull."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError, PlatformError
from grader.sandbox.engine import Engine, translated
from grader.sandbox.images.progress import Progress
from grader.sandbox.images.references import ImageReference
from grader.sandbox.labels import PREFIX
from grader.settings import Settings
from grader.text import clean, clip

NOT_THERE = re.compile(
    r"manifest unknown|name unknown|repository does not exist|pull access denied|"
    r"requested access to the resource is denied|invalid reference format|"
    r"manifest for \S+ not found|must be lowercase"
)
SLOW = 2.0
"""Seconds after which a pull that failed is not tried again for `PATIENCE` seconds."""
PATIENCE = 600.0


class BaseImageUnknown(GraderError):
    """The registry has no such image: a fault of the Dockerfile that names it."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """No registry gave an answer; `reason` is a clause in its words."""

    reason: str


def local(engine: Engine, reference: str) -> dict[str, Any] | None:
    """Return what the engine says of the local image `reference`; None where there is none."""
    from docker import errors

    with translated():
        try:
            found: dict[str, Any] = engine.client.api.inspect_image(reference)  # type: ignore[no-untyped-call]
        except errors.ImageNotFound:
            return None
    return found


def from_registry(image: dict[str, Any] | None) -> bool:
    """Return whether `image` came from a registry and was not made here under a name of its."""
    return bool(image and image.get("RepoDigests")) and not made_here(image)


def made_here(image: dict[str, Any] | None) -> bool:
    """Return whether the grader made `image`, for itself or of a submission."""
    labels = ((image or {}).get("Config") or {}).get("Labels") or {}
    return any(name.startswith(f"{PREFIX}.") for name in labels)


def obtain(
    engine: Engine, reference: str, *, settings: Settings, progress: Progress, fresh: bool
) -> str | Unreachable:
    """Return the local name of `reference` as its registry has it, pulled where it is not there.

    With `fresh`, a registry that was slow to fail lately is asked all the same. Raises
    `BaseImageUnknown` where the registry says that there is no such image.
    """
    image = local(engine, reference) if _plausible(reference) else None
    if from_registry(image):
        return reference
    if made_here(image):
        raise _unknown(reference, "it is the grader's own and no base for a submission")
    memory = settings.state / "registry-unreachable.json"
    reason = None if fresh else _recent_failure(memory)
    if reason is None:
        started = time.monotonic()
        reason = _pull(engine, reference, progress)
        if reason is None:
            return reference
        if time.monotonic() - started > SLOW:
            _remember(memory, reason)
    if image is not None and ImageReference.parse(reference).official:
        return reference  # loaded by hand (`docker load`) on a machine with no registry
    return Unreachable(reason=reason)


def _plausible(reference: str) -> bool:
    return re.fullmatch(r"[a-z0-9][\w.\-/:@]*", reference) is not None


def _pull(engine: Engine, reference: str, progress: Progress) -> str | None:
    """Pull `reference`; a clause that says why the registry could not be asked, or None."""
    from docker import errors

    parsed = ImageReference.parse(reference)
    if not _plausible(reference) or not parsed.repository:
        raise _unknown(reference, "it is not a valid image reference")
    progress(f"{reference}: asking the registry")
    try:
        with translated():
            for event in engine.client.api.pull(
                parsed.repository, tag=parsed.pull_tag, stream=True, decode=True
            ):
                if "error" in event:
                    raise errors.APIError(str(event["error"]), explanation=str(event["error"]))
                _tell(reference, event, progress)
    except PlatformError as error:
        return _judge(reference, error)
    return None


def _judge(reference: str, error: PlatformError) -> str:
    """Return the clause for a registry that cannot be asked.

    Raises for one that has no such image.
    """
    import requests
    from docker import errors

    cause = error.__cause__
    if not isinstance(cause, (errors.APIError, requests.Timeout)):
        raise error
    text = clip(clean(str(getattr(cause, "explanation", None) or cause)).strip(), 300)
    if isinstance(cause, errors.NotFound) or NOT_THERE.search(text):
        raise _unknown(reference, f"the registry says: {text}") from error
    return f"the registry cannot be reached ({text})"


def _unknown(reference: str, why: str) -> BaseImageUnknown:
    msg = (
        f"The base image {clip(clean(reference), 200)} cannot be had: {why}. "
        "Check its name and its tag in the FROM line."
    )
    return BaseImageUnknown(msg)


def _tell(reference: str, event: dict[str, Any], progress: Progress) -> None:
    """Say that a layer begins to come in; its every byte would be too much."""
    if event.get("status") in ("Pulling fs layer", "Pull complete"):
        progress(f"{reference}: {str(event['status']).lower()} {event.get('id', '')}")


def _recent_failure(memory: Path) -> str | None:
    try:
        noted = json.loads(memory.read_text("utf-8"))
        age = time.time() - float(noted["at"])
        return str(noted["reason"]) if 0 <= age < PATIENCE else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remember(memory: Path, reason: str) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps({"at": time.time(), "reason": reason}), "utf-8")
