"""The policy rejects, neutralises or leaves out keys of a Compose file, and says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.inspect.compose.project import Reading
from grader.inspect.compose.rules import is_on, is_set
from tests.unit.inspect.compose.policy_examples import HARMLESS, NEUTRALISED, REJECTED, around


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    for name in ("s", "c"):
        (tmp_path / name).write_text("x")


@pytest.mark.parametrize(("scope", "snippet", "reason"), REJECTED)
def test_what_is_rejected(
    rejected: Callable[..., str], scope: str, snippet: str, reason: str
) -> None:
    """The line, the way to the key and the reason are named."""
    text, line, place = around(scope, snippet)
    said = rejected(text)
    assert said.startswith(f"compose.yml:{line}: {place} ")
    assert reason in said
    assert said.endswith(".")


@pytest.mark.parametrize(("scope", "snippet", "reason"), NEUTRALISED)
def test_what_is_neutralised(
    read: Callable[..., Reading], scope: str, snippet: str, reason: str
) -> None:
    """It has no effect, one note says so, and it costs nothing."""
    text, line, place = around(scope, snippet)
    reading = read(text)
    assert not reading.faults
    assert reading.project is not None
    (note,) = reading.project.notes
    assert (note.line, note.text.split()[0]) == (line, place)
    assert reason in note.text
    assert note.text.endswith(".")


@pytest.mark.parametrize(("scope", "snippet"), HARMLESS)
def test_what_is_left_out_without_a_word(
    read: Callable[..., Reading], scope: str, snippet: str
) -> None:
    """Nothing is said where nothing changes; a key that is off or empty forbids nothing."""
    reading = read(around(scope, snippet)[0])
    assert not reading.faults
    assert reading.project is not None
    assert not reading.project.notes


def test_all_violations_are_named_at_once(rejected: Callable[..., str]) -> None:
    """In the order of their lines, in one message that says what to do."""
    said = rejected(
        "services:\n  a:\n    image: x\n    privileged: true\n    pid: host\n"
        "  b: {image: x, cap_add: [ALL]}\nvolumes: {v: {external: true}}\n"
    ).split("\n")
    assert said[0] == ("compose.yml asks for what an exam does not allow; correct each of these:")
    assert [re.findall(r":(\d+): (\S+)", one) for one in said[1:]] == [
        [("4", "services.a.privileged")],
        [("5", "services.a.pid")],
        [("6", "services.b.cap_add")],
        [("7", "volumes.v.external")],
    ]


def test_what_is_forbidden_wins_over_faults(rejected: Callable[..., str]) -> None:
    """An invalid file is rejected all the same."""
    said = rejected("services: {a: {privileged: true, imge: x, ports: 5}}")
    assert said == (
        "compose.yml:1: services.a.privileged gives the container all rights on the machine; "
        "remove it."
    )


def test_what_an_anchor_brings_is_judged(rejected: Callable[..., str]) -> None:
    """A forbidden key that is merged in counts where it stands."""
    text = "x-a: &a\n  privileged: true\nservices:\n  web:\n    <<: *a\n    build: .\n"
    assert rejected(text).startswith("compose.yml:2: services.web.privileged ")


def test_what_stands_in_an_extension_alone_is_no_matter(rejected: Callable[..., str]) -> None:
    """Docker does not read it either."""
    assert not rejected("x-a: {privileged: true}\nservices: {web: {build: ., x-b: {pid: host}}}")


def test_a_service_that_is_not_started_is_judged_as_well(rejected: Callable[..., str]) -> None:
    """Its profile may be asked for some day."""
    text = "services: {a: {build: .}, b: {image: x, profiles: [p], privileged: true}}"
    assert "services.b.privileged" in rejected(text)


def test_a_key_gets_one_note_only(read: Callable[..., Reading]) -> None:
    """However many of its values are neutralised."""
    reading = read("services: {a: {build: ., ports: ['1:1', '2:2'], dns: [1.1.1.1, 8.8.8.8]}}")
    assert reading.project is not None
    assert [note.text.split()[0] for note in reading.project.notes] == [
        "services.a.dns",
        "services.a.ports",
    ]


@pytest.mark.parametrize(
    ("value", "on", "filled"),
    [
        (True, True, True), (False, False, False), (None, False, False), ("", False, False),
        ("true", True, True), ("Yes", True, True), ("on", True, True), ("FALSE", False, True),
        ("n", False, True), ("off", False, True), ([], False, False), ({}, False, False),
        ({"name": "x"}, True, True), ("maybe", True, True), (1, True, True),
    ],
)  # fmt: skip
def test_flags(value: object, on: bool, filled: bool) -> None:
    """What is neither on nor off counts as on."""
    assert is_on(value) is on
    assert is_set(value) is filled
