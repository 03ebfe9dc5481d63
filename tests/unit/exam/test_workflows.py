"""Workflows as a suite reads them: YAML 1.2 within bounds, and sentences for what is none."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from grader.exam.faults import Mismatch
from grader.exam.workflows import FOLDER, MOST_FILES, Workflow, read_workflows

GOOD = """\
name: tests
on:
  push: {branches: [main]}
  pull_request:
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest
  shared:
    uses: ./.github/workflows/other.yml
"""


def write(root: Path, **texts: str | bytes) -> Path:
    """Write workflows; `ci_yml` becomes `ci.yml`."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        raw = text if isinstance(text, bytes) else text.encode()
        (folder / name.replace("_", ".")).write_bytes(raw)
    return root


def one(root: Path, text: str) -> Workflow:
    """The workflow `ci.yml` with that text."""
    return read_workflows(write(root, ci_yml=text))[f"{FOLDER}/ci.yml"]


def test_they_are_told_by_path(tmp_path: Path) -> None:
    """With either ending, sorted; what else is in the folder is none, and links are not read."""
    write(tmp_path, b_yml=GOOD, a_yaml="on: push\njobs: {}\n", notes_txt="[", deep_json="{")
    (tmp_path / FOLDER / "link.yml").symlink_to("b.yml")
    (tmp_path / FOLDER / "folder.yml").mkdir()
    found = read_workflows(tmp_path)
    assert list(found) == [f"{FOLDER}/a.yaml", f"{FOLDER}/b.yml"]
    assert found[f"{FOLDER}/b.yml"]["jobs"]["test"]["runs-on"] == "ubuntu-latest"


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    """Nor where the folder is a link."""
    assert read_workflows(tmp_path) == {}
    write(tmp_path / "elsewhere", ci_yml=GOOD)
    (tmp_path / ".github").symlink_to("elsewhere/.github")
    assert read_workflows(tmp_path) == {}


@pytest.mark.parametrize("key", ["on", '"on"', "'on'"])
@pytest.mark.parametrize(
    ("value", "events"),
    [
        ("push", {"push": None}),
        ("[push, workflow_dispatch]", {"push": None, "workflow_dispatch": None}),
        ("{push: {branches: [on, yes]}, pull_request: }",
         {"push": {"branches": ["on", "yes"]}, "pull_request": None}),
    ],
)  # fmt: skip
def test_on_is_a_text(key: str, value: str, events: dict[str, Any], tmp_path: Path) -> None:
    """As a key, in quotes or not, and as a value: never True."""
    flow = one(tmp_path, f"{key}: {value}\njobs: {{}}\n")
    assert set(flow) == {"on", "jobs"}
    assert flow.events == events


def test_steps_are_those_of_all_jobs(tmp_path: Path) -> None:
    """A job that calls another workflow has none."""
    assert one(tmp_path, GOOD).steps == [{"uses": "actions/checkout@v4"}, {"run": "pytest"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on: push\njobs:\n  a: [\n", r"ci\.yml:4: it is no valid YAML"),
        ("on: push\n\tjobs: {}\n", r"ci\.yml:2: it is no valid YAML.*a tab"),
        ("on: push\non: pull_request\n", r"ci\.yml:2: on stands twice"),
        ("on: push\nx: !!python/name:os.system id\n", r"ci\.yml:2: x is 'id', which cannot"),
        ("on: push\n---\non: push\n", "a second document begins here"),
        ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]\n"
            for before, name in zip("abcdefg", "bcdefgh", strict=True)
        ), "unfolds to more than 50000 values"),
        ("a: &a [*a]\n", r"ci\.yml"),
        ("[" * 5000, "nested more than 40 levels"),
        ("x: " + "y" * 2_000_000, "larger than"),
        (b"\xff\xfe\x00", "it is no valid YAML"),
        ("", "is no workflow"),
        ("- push\n", "is no workflow"),
        ("just a text\n", "is no workflow"),
    ],
)  # fmt: skip
def test_what_is_no_workflow_costs_the_criterion(
    text: str | bytes, said: str, tmp_path: Path
) -> None:
    """With the file, and the line where there is one; a bomb ends soon."""
    begun = time.thread_time()
    with pytest.raises(Mismatch, match=said):
        read_workflows(write(tmp_path, ci_yml=text))
    assert time.thread_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("jobs: {}\n", r"ci\.yml has no key 'on'; it has jobs\."),
        ("on: 7\n", "`on` should name events"),
        ("on: [1]\n", "`on` should name events"),
        ("on: push\n", "has no key 'jobs'"),
        ("on: push\njobs: [a]\n", "jobs should be a mapping of jobs"),
        ("on: push\njobs: {a: 1}\n", r"jobs\.a should be a mapping"),
        ("on: push\njobs:\n  a: {x: 1}\n", r"ci\.yml:3: jobs\.a has no key 'steps'; it has x\."),
        ("on: push\njobs: {a: {steps: [x]}}\n", r"jobs\.a\.steps should be a list of mappings"),
    ],
)
def test_what_is_missing_costs_the_criterion(text: str, said: str, tmp_path: Path) -> None:
    """No KeyError of the suite."""
    flow = one(tmp_path, text)
    with pytest.raises(Mismatch, match=said):
        assert [flow.events, flow.steps] == []


def test_lists_fail_by_themselves(tmp_path: Path) -> None:
    flow = one(tmp_path, "on: [push]\n")
    with pytest.raises(Mismatch, match=r"ci\.yml:1: on has 1 items; number 3 is missing"):
        flow["on"][3]
    with pytest.raises(Mismatch, match="on is a list where a mapping with 'push' was expected"):
        flow["on"]["push"]


def test_control_signs_are_cleaned(tmp_path: Path) -> None:
    """Those of names, keys and values."""
    write(tmp_path)
    (tmp_path / FOLDER / "a\x1b[31m.yml").write_text('on: push\n"k\\e[1m": "v\\a"\n')
    ((name, flow),) = read_workflows(tmp_path).items()
    assert (name, flow["k"]) == (f"{FOLDER}/a.yml", "v\ufffd")


def test_a_thousand_files_are_too_many(tmp_path: Path) -> None:
    write(tmp_path, **{f"w{number}_yml": GOOD for number in range(1000)})
    with pytest.raises(Mismatch, match=f"1000 workflows in .*at most {MOST_FILES} are read"):
        read_workflows(tmp_path)


def test_all_together_have_a_bound(tmp_path: Path) -> None:
    """In values and in bytes, each file being small enough."""
    rows = "x:\n" + "- [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" * 2000
    write(tmp_path, **{f"w{number}_yml": rows for number in range(10)})
    with pytest.raises(Mismatch, match="or 50000 values together"):
        read_workflows(tmp_path)
    texts = "x: " + "y" * 200_000 + "\n"
    write(tmp_path, **{f"w{number}_yml": texts for number in range(10)})
    with pytest.raises(Mismatch, match="more than 1 MiB or"):
        read_workflows(tmp_path)
