"""What is known by its content is not built again."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.errors import PlatformError
from grader.events import Event, Progressed
from grader.model import Challenge, Graded
from grader.pipeline import Options, grade
from grader.run.environment.pool import EnvironmentPool
from grader.sandbox import image_cache
from grader.sandbox.engine import Engine, image_id
from grader.settings import Settings

pytestmark = pytest.mark.alone

ONLY = ("docker.builds",)
SUBMISSIONS = Path(__file__).parent.parent / "submissions"


@dataclass(frozen=True)
class Builder:
    """Builds the answer by grading it for nothing else."""

    challenge: Challenge
    folder: Path
    settings: Settings
    environments: EnvironmentPool

    def build(self, *, use_cache: bool = True) -> str:
        """The id of the image, and `+` where it was known before."""
        steps: list[str] = []

        def hear(event: Event) -> None:
            if isinstance(event, Progressed):
                steps.append(event.message)

        report = grade(
            self.challenge, self.folder, self.settings, listener=hear,
            environments=self.environments, options=Options(only=ONLY, use_cache=use_cache),
        )  # fmt: skip
        assert isinstance(report, Graded)
        known = "the same content was built before" in steps
        return report.provenance.images["app"] + "+" * known


@pytest.fixture
def answer(
    tmp_path: Path, probe: Challenge, settings: Settings, environments: EnvironmentPool
) -> Builder:
    """A submission that no other test has."""
    folder = tmp_path / "answer"
    shutil.copytree(SUBMISSIONS / "healthy", folder)
    (folder / "of-this-test").write_text(str(tmp_path))
    return Builder(probe, folder, settings, environments)


def test_the_same_content_is_built_once(answer: Builder, engine: Engine) -> None:
    """Another file, another Dockerfile or `--no-cache`, and it is built."""
    first = answer.build()
    assert answer.build() == f"{first}+"
    assert image_id(engine, first) == first
    assert not answer.build(use_cache=False).endswith("+")
    (answer.folder / "app.py").write_text((answer.folder / "app.py").read_text() + "\n# another\n")
    other = answer.build()
    assert not other.endswith("+")
    assert other != first
    dockerfile = answer.folder / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + "ENV X=1\n")
    assert answer.build() not in {first, other, f"{other}+"}


def test_only_the_newest_are_kept(answer: Builder, engine: Engine) -> None:
    """The oldest go, but for what was used just now; `grader clean` removes them all."""
    image = answer.build()
    image_cache.remove_old(engine, kept=0, idle=3600)
    assert image_id(engine, image) == image
    assert image_cache.remove_old(engine) >= 1
    with pytest.raises(PlatformError):
        image_id(engine, image)
    assert answer.build() == image  # from the build cache, to the last byte


def test_one_that_is_used_is_no_old_one(answer: Builder, engine: Engine) -> None:
    """However old its last layer is: images are made, and the first is asked for, at one time."""
    answer.build()
    with ThreadPoolExecutor(max_workers=4) as pool:
        runs = [pool.submit(answer.build, use_cache=False) for _ in range(3)]
        while not all(one.done() for one in runs):
            image_cache.remove_old(engine, kept=0, idle=60)
    assert all(image_id(engine, one.result()) for one in runs)
