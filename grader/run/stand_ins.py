"""A failure on something that stands in for another image: the difference is told with it.

Where the difference is why it fails there is no score: the image that was asked for cannot be had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from grader.errors import ImageUnavailable
from grader.inspect.compose.image_families import is_one_of
from grader.run.context import RunContext
from grader.sandbox.differences import (
    VersionDifference,
    mariadb_difference,
    mysql_difference,
    python_difference,
)
from grader.sandbox.images import is_mariadb_image, is_mysql


def with_differences(
    context: RunContext,
    images: Collection[str],
    rationale: str,
    said: str,
    *,
    native: bool = False,
    silent: str = "",
    step: str = "",
) -> str:
    """Return `rationale`, and after it the differences that may matter for it.

    `images` are the references that what failed stands on, `said` is all that it printed. `native`
    and `silent` are as for `mysql_difference`, `step` as for `python_difference`. Raises
    `ImageUnavailable` where a difference is the cause.
    """
    found = list(
        _differences(
            context, images, f"{rationale}\n{said}", native=native, silent=silent, step=step
        )
    )
    for one in found:
        if one.cause:
            msg = f"{one.ungradable} What failed: {rationale}"
            raise ImageUnavailable(msg)
    return " ".join([rationale, *(one.said for one in found)])


def _differences(
    context: RunContext, images: Collection[str], said: str, *, native: bool, silent: str, step: str
) -> Iterator[VersionDifference]:
    for swap in context.recorder.materials.substitutions:
        if swap.wanted not in images:
            continue
        if is_mariadb_image(swap.wanted):
            difference = mariadb_difference(swap, said)
        elif is_mysql(swap.wanted):
            difference = mysql_difference(swap, said, native=native, silent=silent)
        elif is_one_of(swap.wanted, {"postgres"}):
            continue  # no two series differ in what an exam's app asks for
        else:
            difference = python_difference(swap, said, step=step)
        if difference:
            yield difference
