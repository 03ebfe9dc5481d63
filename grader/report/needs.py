"""What kept a criterion of a stored report from being reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from grader.model import Outcome

NEED = re.compile(r"It needs ([\w.-]+), which did not hold\.")
"""How the rationale begins of a criterion that was not reached for another."""


def need_of_row(row: Mapping[str, Any]) -> str:
    """Return the need that did not hold, of a criterion of a report as plain values; or empty.

    Reports of older versions have no `need`: of these alone it is read from the rationale.
    """
    if row["outcome"] != Outcome.NOT_REACHED:
        return ""
    if "need" in row:
        return str(row["need"])
    found = NEED.match(row["rationale"])
    return found[1] if found else ""
