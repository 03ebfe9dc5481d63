"""Every form that a result can be had in, by name; each is loaded when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from grader.errors import UsageError
from grader.model import GradeReport
from grader.report.bounds import curtailed
from grader.report.format_names import FORMATS
from grader.text import nearest

HOSTED = frozenset({"sarif", "annotations"})
"""Those whose paths are the repository's, not the submission's."""


def render(report: GradeReport, name: str, *, folder: str = "") -> str:
    """`report` in the format `name`, as text that ends in a newline. Raises `UsageError`.

    JSON holds all that was found; in the others each text is cut to what can be read. `folder` is
    where the submission lies in its repository, for the formats that name lines to a code host.
    """
    function = _function(name)
    shown = report if name == "json" else curtailed(report)
    return function(shown, folder=folder) if name in HOSTED else function(shown)


def check_format(name: str) -> str:
    """`name`, if there is such a format; raises `UsageError` that names the nearest one."""
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        msg = f"There is no report format {name!r}; there are {known}.{nearest(name, [*FORMATS])}"
        raise UsageError(msg)
    return name


def _function(name: str) -> Callable[..., str]:
    module, _, function = FORMATS[check_format(name)].partition(":")
    found: Callable[..., str] = getattr(importlib.import_module(module), function)
    return found
