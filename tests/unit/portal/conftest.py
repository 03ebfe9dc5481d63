"""A provider on loopback, a browser of an app that signs in at it, and the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.unit.portal.provider import SchoolProvider, school_provider
from tests.unit.portal.signing_in import Said, app_of


@pytest.fixture
def school(tmp_path: Path) -> Iterator[SchoolProvider]:
    """A provider on loopback."""
    with school_provider(tmp_path) as found:
        yield found


@pytest.fixture
def said() -> Iterator[Said]:
    """The log."""
    handler, root = Said(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


@pytest.fixture
def browser(school: SchoolProvider) -> FlaskClient:
    """A browser of an app that does nothing but sign in."""
    return app_of(school).test_client()
