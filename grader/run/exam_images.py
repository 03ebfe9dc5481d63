"""Which images the runs of an exam ask for, beyond those that every exam needs."""

from __future__ import annotations

from grader.model import Challenge
from grader.run.compose.stores import role_images
from grader.sandbox.images import WantedImage
from grader.services.registry import manifest_of, service_of


def exam_images(challenge: Challenge, *, brought: bool) -> tuple[WantedImage, ...]:
    """Return the images of the services of `challenge`, and of the roles of its Compose file.

    Those of services that the exam brings itself are among them where `brought` says so: their
    classes are run for it. Raises `PlatformError` where one cannot be loaded.
    """
    services = tuple(
        service_of(manifest_of(spec).folder).wanted(spec)
        for spec in challenge.services
        if brought or spec.folder is None
    )
    return (*services, *role_images(challenge))
