"""What is known by its content is not built again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.errors import PlatformError
from grader.events import Event, Progressed
from grader.model import Challenge, Graded
from grader.pipeline import Options, grade
from grader.sandbox import known_images
from grader.sandbox.engine import Engine, image_id
from grader.settings import Settings

ONLY = ("docker.builds",)
SUBMISSIONS = Path(__file__).parent.parent / "submissions"


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    folder = tmp_path / "answer"
    shutil.copytree(SUBMISSIONS / "healthy", folder)
    (folder / "of-this-test").write_text(str(tmp_path))
    return folder


def build(challenge: Challenge, folder: Path, settings: Settings, *, use_cache: bool = True) -> str:
    """The id of the image, and `+` where it was known before."""
    steps: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, Progressed):
            steps.append(event.message)

    options = Options(only=ONLY, use_cache=use_cache)
    report = grade(challenge, folder, settings, options=options, listener=hear)
    assert isinstance(report, Graded)
    known = "the same content was built before" in steps
    return report.provenance.images["app"] + "+" * known


def test_the_same_content_is_built_once(
    probe: Challenge, settings: Settings, answer: Path, engine: Engine
) -> None:
    """Another file, another Dockerfile or `--no-cache`, and it is built."""
    first = build(probe, answer, settings)
    assert build(probe, answer, settings) == f"{first}+"
    assert image_id(engine, first) == first
    assert not build(probe, answer, settings, use_cache=False).endswith("+")
    (answer / "app.py").write_text((answer / "app.py").read_text() + "\n# another\n")
    other = build(probe, answer, settings)
    assert not other.endswith("+")
    assert other != first
    dockerfile = answer / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + "ENV X=1\n")
    assert build(probe, answer, settings) not in {first, other, f"{other}+"}


def test_only_the_newest_are_kept(
    probe: Challenge, settings: Settings, answer: Path, engine: Engine
) -> None:
    """The oldest go, but for what was used just now; `grader clean` removes them all."""
    image = build(probe, answer, settings)
    known_images.remove_old(engine, kept=0, idle=3600)
    assert image_id(engine, image) == image
    assert known_images.remove_old(engine) >= 1
    with pytest.raises(PlatformError):
        image_id(engine, image)
    assert build(probe, answer, settings) == image  # from the build cache, to the last byte
