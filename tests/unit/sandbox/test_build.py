"""A build that fails: whose fault that is, whatever is printed, and when it is built once more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from grader import process
from grader.errors import DiskFull, EngineUnavailable, PlatformError
from grader.process import Completed
from grader.sandbox.build import BuildRequest, Built, build
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.soundness import Platform

REQUEST = BuildRequest(
    context=Path("/nowhere"), dockerfile=b"FROM a", contexts={}, labels={}, deadline=9
)
BEGUN = "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n"
STEP = """#6 [3/3] RUN go
#6 0.288 SAID
#6 ERROR: process "/bin/sh -c go" did not complete successfully: exit code: 1
ERROR: failed to solve: process "/bin/sh -c go" did not complete successfully: exit code: 1
"""
NO_SPACE = "write /x: No space left on device"
GONE = "ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading: EOF\n"
WORDS = (
    NO_SPACE, "rpc error: code = Unavailable", "connection reset by peer", "unexpected EOF",
    "Cannot connect to the Docker daemon", 'no builder "default" found',
    "docker: 'buildx' is not a docker command.",
)  # fmt: skip


class FakePlatform:
    """A platform that is as told."""

    def __init__(self) -> None:
        self.gone = self.full = self.full_at_times = self.unsound = False
        self.tried: list[str] = []
        """The networks that a container of ours was started on."""

    def disk_is_full(self) -> bool:
        """As it is at the moment."""
        return self.full or self.full_at_times

    def require_engine(self) -> None:
        """Raise where it is gone."""
        if self.gone:
            msg = "gone"
            raise EngineUnavailable(msg)

    def require_space(self) -> None:
        """Raise where it stays full."""
        if self.full:
            msg = "full"
            raise DiskFull(msg)

    def require_sound(self, network: str = "") -> None:
        """Raise where no container starts."""
        self.tried.append(network)
        if self.unsound:
            msg = "unsound"
            raise PlatformError(msg)


class Builder:
    """Prints one text after the other, the last one again and again; empty: it builds."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.timed_out = False
        self.inspected = 0
        self.code = 0
        self.count = 0

    def run(
        self, args: Sequence[str], *, on_line: Callable[[str], None] | None = None, **_: object
    ) -> Completed:
        """As `process.run`."""
        if "inspect" in args:
            self.inspected += 1
            return self._end(self.code, "no builder")
        self.count += 1
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        assert on_line is not None
        for line in text.splitlines():
            on_line(line)
        if not text:
            (name,) = [one.partition("=")[2] for one in args if one.startswith("--iidfile=")]
            Path(name).write_text("sha256:1", "ascii")
            return self._end(0, "")
        return self._end(1, text)

    def _end(self, code: int, tail: str) -> Completed:
        return Completed(
            returncode=code, tail=tail, timed_out=self.timed_out, flooded=False, duration=1.0
        )


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Builder:
    one = Builder(BEGUN + STEP)
    monkeypatch.setattr(process, "run", one.run)
    return one


def built(platform: Any) -> Built | BuildFailed:
    return build(REQUEST, cancel=threading.Event(), platform=cast("Platform", platform))


@pytest.mark.parametrize("said", WORDS)
def test_a_step_that_fails_is_the_students(
    builder: Builder, platform: FakePlatform, said: str
) -> None:
    """Whatever it prints, and at once: nothing is built again for words."""
    builder.texts = [BEGUN + STEP.replace("SAID", said)]
    result = built(platform)
    assert isinstance(result, BuildFailed)
    assert "This step of your Dockerfile fails" in result.rationale
    assert said in result.evidence
    assert builder.count == 1
    assert not builder.inspected


@pytest.mark.parametrize("said", WORDS)
def test_names_and_commands_are_no_evidence(
    builder: Builder, platform: FakePlatform, said: str
) -> None:
    """The builder's own message quotes them."""
    text = STEP.replace("-c go", f"-c {said}").replace("RUN go", f"COPY {said} /")
    builder.texts = [BEGUN + text]
    assert isinstance(built(platform), BuildFailed)
    assert builder.count == 1


NO_START = """#6 [3/3] RUN go
#6 ERROR: process "/bin/sh -c go" did not complete successfully: failed to create endpoint x
ERROR: failed to solve: process "/bin/sh -c go" did not complete successfully: failed to create …
"""
NO_FILE = """#6 [3/3] COPY a /
#6 ERROR: failed to calculate checksum of ref a: "/a": not found
ERROR: failed to solve: failed to compute cache key: "/a": not found
"""


@pytest.mark.parametrize("text", [NO_START, NO_FILE])
def test_a_step_that_no_program_ended_is_tried_on_the_platform(
    builder: Builder, platform: FakePlatform, text: str
) -> None:
    """It is ours where no container starts on the network of builds, and the student's else."""
    builder.texts = [BEGUN + text]
    assert isinstance(built(platform), BuildFailed)
    platform.unsound = True
    with pytest.raises(PlatformError, match="unsound"):
        built(platform)
    assert platform.tried == ["bridge", "bridge"]


def test_a_program_that_failed_needs_no_trial(builder: Builder, platform: FakePlatform) -> None:
    """It has run."""
    platform.unsound = True
    assert isinstance(built(platform), BuildFailed)
    assert platform.tried == []
    assert builder.count == 1


@pytest.mark.parametrize("text", [BEGUN + STEP, BEGUN + GONE, GONE])
def test_an_engine_that_went_away_is_ours(
    builder: Builder, platform: FakePlatform, text: str
) -> None:
    """Whatever was printed."""
    builder.texts, platform.gone = [text], True
    with pytest.raises(EngineUnavailable):
        built(platform)
    builder.timed_out = True
    with pytest.raises(EngineUnavailable):
        built(platform)


def test_a_disk_that_is_full_is_ours(builder: Builder, platform: FakePlatform) -> None:
    """Also where nothing printed says so."""
    platform.full = True
    with pytest.raises(DiskFull):
        built(platform)
    builder.texts = [BEGUN + STEP.replace("SAID", NO_SPACE)]
    with pytest.raises(DiskFull):
        built(platform)


def test_a_disk_that_others_had_filled_costs_nobody_a_point(
    builder: Builder, platform: FakePlatform
) -> None:
    """It was full when the step complained, and is not any more: built once more, it builds."""
    platform.full_at_times = True
    builder.texts = [BEGUN + STEP.replace("SAID", NO_SPACE), ""]
    assert built(platform) == Built(image="sha256:1", cached=True)
    assert builder.count == 2


def test_a_step_that_fills_the_disk_is_the_students(
    builder: Builder, platform: FakePlatform
) -> None:
    """It does so each time, and what it wrote is gone with it."""
    platform.full_at_times = True
    builder.texts = [BEGUN + STEP.replace("SAID", NO_SPACE)]
    assert isinstance(built(platform), BuildFailed)
    assert builder.count == 2


def test_a_builder_that_fails_by_itself_is_asked_again(
    builder: Builder, platform: FakePlatform
) -> None:
    """No step of the Dockerfile has failed, and it can be read."""
    builder.texts = [BEGUN + GONE, ""]
    assert isinstance(built(platform), Built)
    builder.texts = [BEGUN + "ERROR: failed to solve: target stage x could not be found\n"]
    assert isinstance(built(platform), BuildFailed)


def test_no_builder_is_ours(builder: Builder, platform: FakePlatform) -> None:
    """It has not begun, and says itself that it is not there."""
    builder.texts = ["docker: 'buildx' is not a docker command.\n"]
    builder.code = 1
    with pytest.raises(PlatformError, match="no builder"):
        built(platform)
    builder.code = 0
    assert isinstance(built(platform), BuildFailed)


def test_one_that_takes_too_long_is_the_students(builder: Builder, platform: FakePlatform) -> None:
    """And is not built again, though it may have filled the disk."""
    builder.timed_out = platform.full_at_times = True
    result = built(platform)
    assert isinstance(result, BuildFailed)
    assert result.timed_out
    assert builder.count == 1
