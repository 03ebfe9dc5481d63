"""Each criterion of each exam is lost by a rejected solution, by what these say that they lose.

`make verify` proves what they say.
"""

from __future__ import annotations

import pytest

from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify.solutions import rejected_solutions

FEW = 10
"""A solution that loses more criteria than that breaks everything."""
START = {"docker.builds", "app.starts"}
"""What nothing loses without losing everything."""
ALONE = {
    "auth-jwt": {"login.works", "refresh.works"},
    "blog": {"migrate.runs"},
    "chat": {"login.works", "join.welcome", "message.both"},
    "notifications": {"mail.sent"},
    "sqlite-notes": {"note.works"},
    "todo-api": {"create.works", "list.shape"},
    "two-tier-compose": {"api.works"},
}
"""What most of the other criteria need, and so nothing loses by itself."""
EXAMS = sorted(one.parent.name for one in (REPOSITORY / "challenges").glob("*/challenge.yml"))


@pytest.mark.parametrize("slug", EXAMS)
def test_every_criterion_has_a_rejected_solution(slug: str) -> None:
    """Each also apart from what breaks everything."""
    challenge = load(REPOSITORY / "challenges" / slug)
    references = Settings.from_env({}).references_of(challenge.root)
    losses = [one.loses for one in rejected_solutions(references, challenge)]
    everything = {one.id for one in challenge.criteria if not one.unkillable}
    assert {name for loses in losses for name in loses} >= everything
    few = {name for loses in losses if len(loses) < FEW for name in loses}
    assert everything - few <= START | ALONE.get(slug, set())
