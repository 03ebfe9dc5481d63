"""The exam shop: accepted solutions, and a rejected one for each pitfall of its rows.

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

pytestmark = pytest.mark.alone

ALWAYS = ("fastapi", "starter", "empty")
PITFALLS = ("partial-write", "price-from-client", "coupon-for-ever")


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return load(REPOSITORY / "challenges" / "shop")


@pytest.mark.exhaustive
def test_accepted_earn_all_and_pitfalls_lose_what_they_should(
    challenge: Challenge, settings: Settings, proofs: Proofs | None
) -> None:
    """Junk and starter stay low."""
    found = verify(
        challenge, settings, names=(*ALWAYS, *PITFALLS), jobs=3, seeds=SEEDS[:1], proofs=proofs
    )
    assert found.problems == ()
    assert {one.name for one in found.trials} == {*ALWAYS, *PITFALLS}
    low = [one.earned for one in found.trials if one.kind in {TrialKind.JUNK, TrialKind.STARTER}]
    assert max(low) < 20


def test_every_criterion_has_a_rejected_solution(challenge: Challenge, settings: Settings) -> None:
    """By what they say that they lose, each also apart from what breaks everything."""
    losses = [
        one.loses for one in rejected_solutions(settings.references_of(challenge.root), challenge)
    ]
    everything = {one.id for one in challenge.criteria}
    assert {name for loses in losses for name in loses} == everything
    few = {name for loses in losses if len(loses) < 10 for name in loses}
    assert everything - few == {"docker.builds", "app.starts"}
