"""When files, history and image are searched for secrets, and what is recorded of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.criteria import SECRETS_HISTORY, SECRETS_IMAGE, SECRETS_TREE
from grader.model import Criterion, Outcome
from grader.run.secret_scan import scan_image, scan_submission
from grader.testing import FakeApi
from tests.unit.run.conftest import Begin, HandIn

PASSWORD = "Xk4-vR9q_Lw2.Tz8mPd"
FILES = {"config.py": f'DB_PASSWORD = "{PASSWORD}"\n'}


def priced(*names: str) -> dict[str, Any]:
    return {"criteria": tuple(Criterion(id=name, title=name, points=1) for name in names)}


def test_a_password_in_a_file_costs_its_criterion(begin: Begin, hand_in: HandIn) -> None:
    """Where there is no repository, there is no history to search."""
    context = begin(**priced(SECRETS_TREE, SECRETS_HISTORY))
    scan_submission(context, hand_in(FILES))
    tree = context.recorder.results[SECRETS_TREE]
    assert tree.outcome is Outcome.FAILED
    assert [one.path for one in tree.locations] == ["config.py"]
    assert PASSWORD not in tree.rationale + tree.evidence
    assert [one.path for one in context.recorder.found] == ["config.py"]
    assert context.recorder.results[SECRETS_HISTORY].outcome is Outcome.PASSED


def test_nothing_is_searched_that_no_criterion_is_about(begin: Begin, hand_in: HandIn) -> None:
    api = FakeApi()
    context = begin(api)
    scan_submission(context, hand_in(FILES))
    scan_image(context, "sha256:1", ())
    assert context.recorder.results == {}
    assert api.calls == []


@pytest.mark.parametrize(
    ("environment", "outcome"),
    [(["PATH=/bin"], Outcome.PASSED), ([f"DB_PASSWORD={PASSWORD}"], Outcome.FAILED)],
    ids=["without", "with"],
)
def test_what_the_image_was_made_with_is_searched(
    begin: Begin, tmp_path: Path, environment: list[str], outcome: Outcome
) -> None:
    """Its base's own environment is nobody's secret."""
    described = {
        "base": {"Config": {"Env": ["PATH=/bin"]}, "RootFS": {"Layers": ["a"]}},
        "app": {
            "Config": {"Env": ["PATH=/bin", *environment]},
            "RootFS": {"Layers": ["a", "b"]},
            "GraphDriver": {"Data": {"UpperDir": str(tmp_path / "layer")}},
        },
    }
    (tmp_path / "layer").mkdir()
    api = FakeApi(inspect_image=described.__getitem__, history=[])
    context = begin(api, **priced(SECRETS_IMAGE))
    scan_image(context, "app", ("base",))
    result = context.recorder.results[SECRETS_IMAGE]
    assert result.outcome is outcome
    assert ("DB_PASSWORD" in result.rationale) == (outcome is Outcome.FAILED)
