"""The version that an exam asks of a Compose file's MySQL."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.inspect.compose.project import ComposeService, Project
from grader.inspect.dockerfile import Dockerfile
from grader.sandbox.images.references import ImageReference
from grader.text import LocatedSentence


def other_image(
    major: str, project: Project, database: ComposeService, dockerfiles: Mapping[str, Dockerfile]
) -> str:
    """Return a sentence where MySQL's image names another version than `major`.

    Empty where it is right.

    An empty `major` takes any.
    """
    built = dockerfiles.get(database.name)
    image = built.images[-1] if built and built.images else database.image.reference
    reference = ImageReference.parse(image)
    right = re.fullmatch(rf"{major}(\.\d+){{0,2}}(-[\w.-]+)?", reference.tag)
    if not major or (reference.repository == "mysql" and right):
        return ""
    line = database.lines.of("image")
    shown = image if built else database.image.shown
    return LocatedSentence(
        project.path, line,
        f"the image of `{database.name}` is {shown!r}{database.image.lacking}; the exam asks "
        f"for mysql:{major} or mysql:{major}.x, so that it is the same MySQL next year.",
    )  # fmt: skip
