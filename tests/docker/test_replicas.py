"""Several containers of one role: each reached, stopped and started by itself, and all removed."""

from __future__ import annotations

from pathlib import Path

from grader.model import Graded, Outcome
from grader.pipeline import Options, grade
from grader.sandbox.engine import Engine
from grader.sandbox.labels import RUN
from grader.settings import Settings
from tests.docker.expectations import exam

HEALTHY = Path(__file__).parent.parent / "submissions" / "replicas-healthy"


def test_nothing_is_left_of_any_container(engine: Engine, settings: Settings) -> None:
    """The exam looks at each of them."""
    report = grade(exam(HEALTHY, settings), HEALTHY, settings, options=Options(seed=1))
    assert isinstance(report, Graded), report
    results = report.results
    assert {one.criterion: one.rationale for one in results if one.outcome != Outcome.PASSED} == {}
    assert len([one for one in results if one.criterion.startswith("several.")]) == 7
    label, api = f"{RUN}={report.provenance.run}", engine.client.api
    assert api.containers(all=True, filters={"label": label}) == []
    assert not api.volumes(filters={"label": label})["Volumes"]
