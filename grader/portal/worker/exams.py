"""The exams that a machine has, by the digest of their files."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from grader.errors import SpecError
from grader.model import Challenge
from grader.portal.data.base import utc_now
from grader.report.view import View, for_view
from grader.spec.library import find
from grader.spec.places import slugs

log = logging.getLogger(__name__)


def exams_here(folders: Sequence[Path], only: Sequence[str] = ()) -> dict[str, Challenge]:
    """Return the challenges of `folders` by their digests; with `only`, those of these names.

    Broken ones are left out.
    """
    found = {}
    for slug in only or slugs(folders):
        try:
            challenge = find(slug, folders)
        except SpecError as error:
            log.warning("%s is left out: %s", slug, error)
            continue
        # reports are kept with all reasons: what may be seen is decided when somebody looks
        found[challenge.digest] = for_view(challenge, View.INSTRUCTOR, utc_now())
    return found
