"""The challenge of a stored report: what the report says of it, and nothing beyond."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from grader.app_spec import AppSpec, Limits, Readiness
from grader.model import Challenge, Criterion, Visibility

NO_APP = AppSpec(port=0, ready=Readiness(path="", status=0, within=0.0), env={})


def a_challenge_of(document: dict[str, Any]) -> Challenge:
    """Return the challenge of a report in its published form.

    Raises `ValueError` for an id given twice.

    Title, version, pass mark, digest and the criteria are there; how its app is started, its
    services and its files are not in a report, and are empty.
    """
    told = document["run"]["challenge"]
    criteria = tuple(_criterion(item) for item in document["criteria"])
    if len({one.id for one in criteria}) < len(criteria):
        msg = "an id of a criterion stands twice"
        raise ValueError(msg)
    return Challenge(
        slug=told["slug"],
        title=told["title"],
        version=told["version"],
        summary="",
        level="",
        topics=(),
        duration=0.0,
        pass_mark=told["pass_mark"],
        mode="",
        required_files=(),
        base_images=(),
        app=NO_APP,
        services=(),
        limits=Limits(),
        criteria=criteria,
        root=Path(),
        contract=None,
        digest=told["digest"],
        examined=told.get("examined", ""),
        deadline=_moment(told.get("deadline")),
    )


def _moment(text: str | None) -> datetime | None:
    """Return a moment with its zone; raises `ValueError` for a text that is none."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "the deadline has no zone"
        raise ValueError(msg)
    return moment


def _criterion(item: dict[str, Any]) -> Criterion:
    return Criterion(
        id=item["id"],
        title=item["title"],
        points=item["points"],
        visibility=Visibility(item["visibility"]),
        hint=item["hint"],
        required=item.get("required", False),
    )
