"""`grader new`: what it writes, and that it writes all or nothing."""

from __future__ import annotations

import fnmatch
import itertools
import json
import tomllib
from pathlib import Path

import pytest

from grader.authoring.new import MODES, STYLES, TEMPLATE, layers, write_challenge
from grader.errors import UsageError
from grader.settings import REPOSITORY
from grader.spec.loader import load
from grader.verify.agreement import form_problems
from grader.verify.solutions import accepted_solutions, assemble, rejected_solutions

VARIANTS = list(itertools.product(MODES, STYLES))


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "style"), VARIANTS)
def test_what_is_written_agrees(tmp_path: Path, mode: str, style: str) -> None:
    """Spec, suite, brief, contract and starter have no fault; each criterion has its killer."""
    written = write_challenge("library-loans", tmp_path / "exams", mode=mode, style=style)
    assert written.challenge == tmp_path / "exams" / "library-loans"
    challenge = load(written.challenge)
    assert (challenge.title, challenge.mode, challenge.points) == ("Library loans", mode, 100)
    assert form_problems(challenge) == []
    references = tmp_path / "reference_solutions"
    assert accepted_solutions(references, challenge)
    solutions = rejected_solutions(references, challenge)
    lost = {name for one in solutions for name in one.loses}
    assert lost == {criterion.id for criterion in challenge.criteria}
    for one in solutions:
        whole = assemble(one, tmp_path / "assembled" / one.name)
        assert any((whole / name).is_file() for name in ("Dockerfile", "compose.yaml"))


@pytest.mark.parametrize(("mode", "style"), VARIANTS)
def test_no_placeholder_is_left(tmp_path: Path, mode: str, style: str) -> None:
    """In no file, and the Python among them is Python."""
    write_challenge("library-loans", tmp_path / "exams", mode=mode, style=style)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8")
            assert "__slug__" not in text, path
            assert "__title__" not in text, path
            if path.suffix == ".py":
                compile(text, path.name, "exec")


def test_an_editor_checks_the_new_spec(tmp_path: Path) -> None:
    """Its first line leads to a copy of the schema, wherever the challenge is."""
    written = write_challenge("a", tmp_path / "exams", mode="dockerfile", style="json")
    first = (written.challenge / "challenge.yml").read_text("utf-8").splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    schema = json.loads((written.challenge / name).read_text("utf-8"))
    assert schema["title"] == "challenge.yml"


@pytest.mark.parametrize("slug", ["Todo", "a_b", "../x", "a--b", "-a", "", "x" * 61, "a b", "a\n"])
def test_a_bad_name_is_refused(tmp_path: Path, slug: str) -> None:
    """With a sentence, and nothing is written."""
    with pytest.raises(UsageError, match="is no name for a challenge; take lower-case words"):
        write_challenge(slug, tmp_path / "exams", mode="dockerfile", style="json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["exams/a", "reference_solutions/a"])
def test_nothing_is_overwritten(tmp_path: Path, there: str) -> None:
    """Neither a challenge nor solutions; the other one is not written either."""
    (tmp_path / there).mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="is there already; nothing was written"):
        write_challenge("a", tmp_path / "exams", mode="dockerfile", style="json")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_failure_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Where solutions cannot be written, there is no challenge either."""
    (tmp_path / "reference_solutions").write_text("a file where a folder should be")
    with pytest.raises(UsageError, match="cannot be written"):
        write_challenge("a", tmp_path / "exams", mode="dockerfile", style="json")
    assert list((tmp_path / "exams").iterdir()) == []


def test_the_template_ships() -> None:
    """Every file of it is package data, those with a dot in front as well."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["grader"]
    package = REPOSITORY / "grader"
    for path in TEMPLATE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(package).as_posix()
            hidden = path.name.startswith(".")
            wanted = [one for one in patterns if one.rpartition("/")[2].startswith(".") == hidden]
            assert any(fnmatch.fnmatch(name, one.replace("**/", "*")) for one in wanted), name


def test_every_layer_is_used() -> None:
    """A folder of the template that no variant takes would be forgotten."""
    used = {layer.name for mode, style in VARIANTS for layer in layers(mode, style)}
    assert {path.name for path in TEMPLATE.iterdir() if path.is_dir()} == used
