"""Which images the commands look at and prepare: those of the exams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli.doctor import _images
from grader.cli.images import images as command
from grader.cli.images import known_images
from grader.sandbox import images
from grader.sandbox.engine import Engine
from grader.sandbox.images import COMMON, RARER, USUAL, ImageStatus, WantedImage
from grader.settings import REPOSITORY, Settings
from grader.testing import fake_engine


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What is prepared and looked at, by name; there is no engine, and no image."""
    found: list[list[str]] = []

    def prepare(engine: object, *, wanted: Sequence[WantedImage], **_: Any) -> list[str]:
        found.append([one.name for one in wanted])
        return found[-1]

    def status(engine: object, *, wanted: Sequence[WantedImage], **_: Any) -> list[ImageStatus]:
        found.append([one.name for one in wanted])
        return [
            ImageStatus(reference=name, image="", substitute="", size=0, packages="", changed="")
            for name in found[-1]
        ]

    monkeypatch.setattr(images, "prepare", prepare)
    monkeypatch.setattr(images, "status", status)
    monkeypatch.setattr(Engine, "connect", lambda *_: fake_engine())
    monkeypatch.setenv("GRADER_CHALLENGES", str(REPOSITORY / "challenges"))
    return found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def names(*wanted: WantedImage) -> list[str]:
    return [one.name for one in wanted]


NEEDED = {
    *("python:3.11-slim", "python:3.13-slim", "grader/tools:latest", "mysql:8.4", "mariadb:11"),
    *("postgres:17", "redis:7", "valkey/valkey:8", "rabbitmq:4", "grader/mail:trixie"),
}
"""What the exams that the grader comes with need, among others."""


def test_all_exams_are_meant_where_none_is_named(asked: list[list[str]]) -> None:
    """The same to prepare and to look at."""
    prepared, looked = run("prepare"), run("status")
    assert asked[0] == asked[1]
    assert set(asked[0]) >= NEEDED
    assert prepared.output == f"{len(asked[0])} images are ready.\n"
    assert looked.output.count("not yet") == len(asked[0])


def test_exams_can_be_named(asked: list[list[str]]) -> None:
    """What every exam needs comes with them."""
    assert run("prepare", "chat", "todo-api", "chat").exit_code == 0
    run("status", "sqlite-notes")
    assert asked == [[*names(*USUAL), "redis:7", "mysql:8.4"], names(*USUAL)]


def test_what_most_exams_need_is_enough_to_begin_with(asked: list[list[str]]) -> None:
    """`make setup` asks for it."""
    assert run("prepare", "--common").exit_code == 0
    run("prepare", "--common", "--all")
    assert asked == [names(*COMMON), names(*COMMON, *RARER)]
    setup = (REPOSITORY / "scripts" / "setup.sh").read_text("utf-8")
    assert "grader images prepare --common\n" in setup
    assert "name exams, or leave them out" in str(run("prepare", "--common", "chat").exception)


def test_a_broken_exam_hides_no_other(
    asked: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named; where it is asked for, it is an error."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "challenge.yml").write_text("schema: 1\nslug: broken\n")
    done = run("status", "--challenges", str(tmp_path))
    assert "Note: broken cannot be read and is left out; `grader check broken`" in done.stderr
    assert set(asked[0]) >= NEEDED
    assert "broken/challenge.yml has" in str(
        run("prepare", "broken", "--challenges", str(tmp_path)).exception
    )


def test_an_exam_from_elsewhere_brings_its_services(asked: list[list[str]]) -> None:
    """Their classes are run where it is named; where all are meant, they are not."""
    elsewhere = ("--challenges", str(REPOSITORY / "tests" / "challenges"))
    run("prepare", "probe-service", *elsewhere)
    assert asked == [names(*USUAL)]
    run("prepare", *elsewhere)
    assert set(asked[1]) >= {*NEEDED, "grader/objects:trixie"}


def test_doctor_shows_the_same(asked: list[list[str]], tmp_path: Path) -> None:
    """Each that is not there yet is worth a word, and keeps nobody from grading."""
    machine = Settings.from_env({"GRADER_STATE": str(tmp_path)})
    rows = list(_images(fake_engine(), machine))
    assert [one.what.removeprefix("image ") for one in rows] == names(*known_images(machine)[0])
    assert not any(one.good or one.fatal for one in rows)
    assert {one.remedy for one in rows} == {
        "Run `grader images prepare`; otherwise the first run that needs it makes it."
    }
