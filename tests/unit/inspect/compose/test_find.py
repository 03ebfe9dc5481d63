"""Where the Compose file is."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import SourceError
from grader.inspect.compose.find import FoundCompose, find_compose, misnamed, other_name, overrides


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("services: {}")


@pytest.mark.parametrize(
    ("paths", "chosen", "others"),
    [
        (["compose.yaml"], "compose.yaml", ()),
        (["docker-compose.yml"], "docker-compose.yml", ()),
        (["docker-compose.yml", "compose.yml"], "compose.yml", ("docker-compose.yml",)),
        (["compose.yml", "compose.yaml"], "compose.yaml", ("compose.yml",)),
        (["docker-compose.yml", "docker-compose.yaml"], "docker-compose.yaml", None),
        (["Docker-Compose.YML"], None, ()),
        (["docker-compose.yml.txt", "Compose.yaml"], None, ()),
        (["a/compose.yaml", "docker-compose.yml"], "docker-compose.yml", ("a/compose.yaml",)),
        (["b/compose.yaml", "a/docker-compose.yml"], "a/docker-compose.yml", None),
        (["a/b/compose.yaml", "c/docker-compose.yml"], "c/docker-compose.yml", None),
        (["a/b/c/compose.yaml"], "a/b/c/compose.yaml", ()),
        (["a/b/c/d/compose.yaml"], None, ()),
        (["node_modules/x/compose.yaml", "venv/compose.yml"], None, ()),
        ([".venv/compose.yml", "a/site-packages/compose.yml", ".git/compose.yml"], None, ()),
        (["docker-compose.override.yml"], None, ()),
        (["compose.yml", "compose.override.yml"], "compose.yml", ()),
        (["docker-compose.prod.yml", "my-compose.yml"], None, ()),
    ],
)
def test_which_is_chosen(
    tmp_path: Path, paths: list[str], chosen: str | None, others: tuple[str, ...] | None
) -> None:
    """Docker's order at the top, then the nearest folder, then the first by name."""
    make(tmp_path, *paths)
    found = find_compose(tmp_path)
    assert found.path == chosen
    assert others is None or found.others == others
    assert bool(found.problem) == (chosen is None)


def test_what_is_said_where_there_is_none(tmp_path: Path) -> None:
    """A file with another name is named."""
    assert find_compose(tmp_path).problem == (
        "Your repository has no Compose file; add compose.yaml at its top."
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("docker-compose.dev.yml", "is not a name that Docker looks for; rename it to docker"),
        ("Docker-Compose.yml", "is not a name that Docker looks for; rename it to docker"),
        ("COMPOSE.YAML", "is not a name that Docker looks for; rename it to compose.yaml."),
        ("docker-compose.yml.txt", "ends in .txt, which Windows may hide; rename it to docker"),
        ("compose.yaml.txt", "ends in .txt, which Windows may hide; rename it to compose.yaml."),
        ("web/Compose.yml", "is not a name that Docker looks for; rename it to compose.yml."),
    ],
)  # fmt: skip
def test_a_name_that_docker_on_linux_does_not_find(tmp_path: Path, name: str, said: str) -> None:
    """Case and ending count there; what to rename it to is said."""
    make(tmp_path, name)
    assert f" {name} {said}" in find_compose(tmp_path).problem


def test_links_and_folders_are_no_files(tmp_path: Path) -> None:
    """Neither is a file behind a link to a folder."""
    (tmp_path / "compose.yaml").symlink_to("/etc/passwd")
    (tmp_path / "compose.yml").mkdir()
    make(tmp_path, "real/compose.yml")
    (tmp_path / "a").symlink_to("real")
    assert find_compose(tmp_path) == FoundCompose(path="real/compose.yml")


@pytest.mark.parametrize("wanted", ["ops/stack.yml", "./ops/stack.yml", "ops/../ops/stack.yml"])
def test_the_callers_choice_wins(tmp_path: Path, wanted: str) -> None:
    """Whatever its name, by its path from the top."""
    make(tmp_path, "ops/stack.yml", "compose.yml")
    assert find_compose(tmp_path, wanted) == FoundCompose(
        path="ops/stack.yml", others=("compose.yml",)
    )


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("compos.yml", "The submission has no file 'compos.yml' to take"),
        ("out.yml", "The Compose file 'out.yml' is not in the submission"),
        ("../x.yml", "The Compose file '../x.yml' is not in the submission"),
        ("/etc/passwd", "The Compose file '/etc/passwd' is not in the submission"),
        ("ops", "The submission has no file 'ops' to take"),
        ("", "The submission has no file '' to take"),
        ("a\0b", "The Compose file "),
    ],
)  # fmt: skip
def test_a_choice_that_is_not_there(tmp_path: Path, wanted: str, sentence: str) -> None:
    """Nothing outside of the submission is read, by a link or otherwise."""
    make(tmp_path, "compose.yml", "ops/x.yml")
    (tmp_path / "out.yml").symlink_to("/etc/passwd")
    with pytest.raises(SourceError) as caught:
        find_compose(tmp_path, wanted)
    assert str(caught.value).startswith(sentence)


def test_the_nearest_name_is_said(tmp_path: Path) -> None:
    """Of the files that are there."""
    make(tmp_path, "compose.yml")
    with pytest.raises(SourceError, match=r"Did you mean 'compose\.yml'\?"):
        find_compose(tmp_path, "compos.yml")


def test_files_that_docker_would_lay_over_it(tmp_path: Path) -> None:
    """Those alongside it only, and never itself."""
    make(tmp_path, "a/compose.yml", "a/compose.override.yaml", "docker-compose.override.yml")
    assert overrides(tmp_path, "a/compose.yml") == ("a/compose.override.yaml",)
    assert overrides(tmp_path, "docker-compose.override.yml") == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Docker-Compose.yml"], "Docker-Compose.yml"),
        (["Compose.YAML", "app.py"], "Compose.YAML"),
        (["compose.yml"], ""),
        (["ops/Compose.yml"], ""),
        (["compose.yml.txt"], ""),
    ],
)
def test_a_name_in_other_capitals(tmp_path: Path, names: list[str], expected: str) -> None:
    """At the top, where somebody expects Docker to find it."""
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("services: {}\n", "utf-8")
    assert misnamed(tmp_path) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("docker-compose.dev.yml", "docker-compose.dev.yml"),
        ("compose-prod.yaml", "compose-prod.yaml"),
        ("compose.yaml", ""),
        ("compose.override.yaml", ""),
        ("deploy/docker-compose.dev.yml", ""),
        ("compose.md", ""),
    ],
)
def test_a_compose_file_of_another_name(tmp_path: Path, name: str, expected: str) -> None:
    """Docker takes it where it is named alone."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("services: {}\n", "utf-8")
    assert other_name(tmp_path) == expected
