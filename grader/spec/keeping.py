"""Whether a contract has what `persist.*` needs: something that JSON makes and that can be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORM_TYPE = "application/x-www-form-urlencoded"


def makes_and_reads(contract: Path) -> bool:
    """Return whether it declares a POST that takes no form, and GET of its path and one id.

    True for what cannot be read as an OpenAPI document: that is a fault of its own.
    """
    import yaml

    try:
        document: Any = yaml.load(contract.read_bytes(), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return True
    paths = document.get("paths") if isinstance(document, Mapping) else None
    if not isinstance(paths, Mapping):
        return True
    made = [path for path, item in paths.items() if _takes(item, "post")]
    read = [path for path, item in paths.items() if _takes(item, "get")]
    return any(
        str(one).startswith(f"{path}/") and str(one).count("{") == 1
        for path in made
        for one in read
    )


def _takes(item: object, method: str) -> bool:
    """Return whether the path has `method`, criteria may try it, and it takes no form."""
    operation = item.get(method) if isinstance(item, Mapping) else None
    if not isinstance(operation, Mapping) or operation.get("x-suite-only"):
        return False
    body = operation.get("requestBody")
    content = body.get("content") if isinstance(body, Mapping) else None
    return not (isinstance(content, Mapping) and FORM_TYPE in content)
