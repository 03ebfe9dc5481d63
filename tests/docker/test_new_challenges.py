"""What `grader new` writes holds in `grader verify`, in all four variants.

One is verified whole; of the others, what is theirs alone. Accepted solutions are graded with one
seed. `grader verify` on each of the four, with three seeds, takes five minutes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring import write_challenge
from grader.settings import Settings
from grader.spec.loader import load
from grader.verify import TrialKind, verify
from grader.verify.jobs import SEEDS

pytestmark = pytest.mark.alone

VARIANTS = [
    ("dockerfile", "json", ()),
    ("dockerfile", "html", ("pymysql", "starter", "counts-only")),
    ("compose", "json", ("pymysql", "memory-instead-of-database")),
    ("compose", "html", ("pymysql", "starter", "stale-env-example", "no-volume")),
]


@pytest.mark.parametrize(("mode", "style", "names"), VARIANTS)
def test_a_new_challenge_holds(
    settings: Settings, tmp_path: Path, mode: str, style: str, names: tuple[str, ...]
) -> None:
    """As it was written, with the solutions that lie alongside it."""
    written = write_challenge("my-exam", tmp_path / "challenges", mode=mode, style=style)
    found = verify(load(written.challenge), settings, names=names, seeds=SEEDS[:1])
    assert found.problems == ()
    assert found.wavering == ()
    kinds = {trial.kind for trial in found.trials}
    assert {TrialKind.ACCEPTED, TrialKind.REJECTED} <= kinds
    assert (TrialKind.REPEAT in kinds) is not bool(names)  # only a whole verification repeats runs
    assert found.phases
