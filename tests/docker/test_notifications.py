"""The exam of background jobs: accepted solutions, and a rejected one for each pitfall of its rows.

`make verify` grades all of them, the accepted ones with three seeds; that takes longer than a test
may.
"""

from __future__ import annotations

import pytest

from grader.model import Challenge
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load
from grader.verify import Proofs, TrialKind, verify
from grader.verify.jobs import SEEDS
from grader.verify.solutions import rejected_solutions
from tests.docker.expectations import in_two_parts

pytestmark = pytest.mark.alone

IN_EACH_RUN = ("redis", "starter")
MORE = ("celery", "streams", "empty", "work-in-request", "never-again", "taken-and-lost")


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return load(REPOSITORY / "challenges" / "notifications")


@pytest.mark.parametrize("names", in_two_parts(IN_EACH_RUN, MORE))
def test_accepted_earn_all_and_each_pitfall_loses_what_it_should(
    names: tuple[str, ...], challenge: Challenge, settings: Settings, proofs: Proofs | None
) -> None:
    """Junk and starter stay low."""
    found = verify(challenge, settings, names=names, jobs=2, seeds=SEEDS[:1], proofs=proofs)
    assert found.problems == ()
    assert {one.name for one in found.trials} == set(names)
    low = [one.earned for one in found.trials if one.kind in {TrialKind.JUNK, TrialKind.STARTER}]
    assert max(low, default=0) < 20


def test_every_criterion_has_a_rejected_solution(challenge: Challenge, settings: Settings) -> None:
    """By what they say that they lose, each also apart from what breaks everything."""
    losses = [
        one.loses for one in rejected_solutions(settings.references_of(challenge.root), challenge)
    ]
    everything = {one.id for one in challenge.criteria}
    assert {name for loses in losses for name in loses} == everything
    few = {name for loses in losses if len(loses) < 10 for name in loses}
    assert everything - few == {"docker.builds", "app.starts", "mail.sent"}
