"""Which images a build has to have: those of the stages that its target needs."""

from __future__ import annotations

import pytest

from grader.inspect.build_stages import needed_images
from grader.inspect.dockerfile import inline_dockerfile

TWO = "FROM ubuntu:latest\nFROM python:3\nRUN pip install flask\n"
NAMED = "FROM node:20 AS front\nRUN npm ci\nFROM python:3 AS app\nRUN id\n"


def needed(text: str, target: str = "", args: dict[str, str] | None = None) -> tuple[str, ...]:
    return needed_images(inline_dockerfile(text.encode(), args or {}), target)


@pytest.mark.parametrize(
    ("text", "target", "images"),
    [
        (TWO, "", ("python:3",)),
        (TWO, "0", ("ubuntu:latest",)),
        (NAMED, "", ("python:3",)),
        (NAMED, "front", ("node:20",)),
        (NAMED, "FRONT", ("node:20",)),
        (f"{NAMED}COPY --from=front /a /b\n", "", ("node:20", "python:3")),
        (f"{NAMED}COPY --from=FRONT /a /b\n", "app", ("node:20", "python:3")),
        (f"{NAMED}COPY --from=0 /a /b\n", "", ("node:20", "python:3")),
        (f"{NAMED}COPY --from=+0 /a /b\n", "", ("node:20", "python:3")),
        (f"{NAMED}RUN --mount=type=bind,from=front,target=/a ls\n", "", ("node:20", "python:3")),
        (f'{NAMED}RUN --mount=type=bind,"from=front",target=/a ls\n', "", ("node:20", "python:3")),
        (f"{NAMED}COPY --from=nginx:1 /a /b\n", "", ("python:3", "nginx:1")),
        (f"{NAMED}FROM app\nRUN id\n", "", ("python:3",)),
        ("FROM a AS x\nFROM b AS y\nCOPY --from=x /a /b\nFROM c\nCOPY --from=y /a /b\n", "",
         ("a", "b", "c")),
        ("FROM a AS x\nFROM b AS y\nCOPY --from=x /a /b\nFROM c\n", "", ("c",)),
        ("FROM a\nFROM b\nFROM a AS z\n", "", ("a",)),
        ("FROM python:3\nRUN <<EOF\nFROM x\nEOF\n", "", ("python:3",)),
    ],
)  # fmt: skip
def test_only_what_the_target_leads_to(text: str, target: str, images: tuple[str, ...]) -> None:
    """By name in any case or by number, through other stages; else the last stage."""
    assert needed(text, target) == images


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ARG BASE=front\nFROM node AS front\nFROM ${BASE}\n", ""),
        ("FROM node AS front\nFROM python\nCOPY --from=$STAGE /a /b\n", ""),
        ('FROM node AS front\nFROM "front"\n', ""),
        ("FROM node AS front\nONBUILD COPY --from=front /a /b\nFROM python\n", ""),
        ("FROM node AS front\nFROM python AS\n", ""),
        (NAMED, "absent"),
        (NAMED, "7"),
    ],
)
def test_in_doubt_all_are_needed(text: str, target: str) -> None:
    """A variable, quotes, ONBUILD, a stage that nobody can read, a target that is not there."""
    whole = inline_dockerfile(text.encode(), {})
    assert needed(text, target) == whole.images
    assert len(whole.images) > 0


def test_a_variable_that_can_name_no_stage() -> None:
    """A stage's name has no colon and no slash."""
    text = "ARG V=3\nFROM ubuntu\nFROM python:${V}\n"
    assert needed(text) == ("python:3",)
    assert needed(text, args={"V": "3.12"}) == ("python:3.12",)


def test_the_policy_looks_at_all_stages() -> None:
    """What a skipped stage names is still an image of the Dockerfile."""
    assert inline_dockerfile(TWO.encode(), {}).images == ("ubuntu:latest", "python:3")


@pytest.mark.parametrize("text", ["", "# nothing\n", "ARG V=1\n", "RUN id\n"])
def test_a_file_without_stages_needs_none(text: str) -> None:
    """That it cannot be built is for the builder to say."""
    assert needed(text) == ()
