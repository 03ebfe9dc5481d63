"""YAML with its places."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.spec import document
from grader.spec.document import Document, dotted, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "challenge.yml"


def of(path: Path, text: str | bytes) -> Document:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(path)


def test_values_and_lines(path: Path) -> None:
    """Each place has its line; one that is not there has the line of what is above it."""
    found = of(path, "a: 1\nb:\n  - c: true\n  - d: 2026-11-21\n    e: null\n")
    assert not found.problems
    assert found.value["b"][0] == {"c": True}
    assert [found.line(place) for place in [(), ("b",), ("b", 1), ("b", 1, "e")]] == [1, 2, 4, 5]
    assert found.line(("b", 1, "missing", 7)) == 4
    assert found.at(("b", 1, "e")) == "challenge.yml:5: b[1].e"
    assert found.at(()) == "challenge.yml:1: the document"


@pytest.mark.parametrize(
    ("place", "text"),
    [((), ""), (("a",), "a"), (("a", 2, "b"), "a[2].b"), (("a", 0, 1), "a[0][1]")],
)
def test_places_are_dotted(place: document.Place, text: str) -> None:
    """Keys with dots, indices in brackets."""
    assert dotted(place) == text


def test_a_key_that_stands_twice_is_named(path: Path) -> None:
    """With the line of the second one; two of a kind in two mappings are fine."""
    found = of(path, "a: {x: 1}\nb: {x: 1}\nc:\n  - y: 1\n    z: 1\n    y: 2\na: 3\n")
    assert found.problems == [
        "challenge.yml:6: c[0].y stands twice; keep one.",
        "challenge.yml:7: a stands twice; keep one.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: {b", "challenge.yml:2: it is no valid YAML: did not find expected ',' or '}'."),
        ("a: 1\n\tb: 2", "challenge.yml:2: it is no valid YAML: found a tab"),
        ("a: *b", "challenge.yml:1: it is no valid YAML: found undefined alias."),
        ("a: 1\n---\nb: 2", "challenge.yml:2: it is no valid YAML: but found another document."),
        (b"a: \0", "challenge.yml: it is no valid YAML: unacceptable character"),
        (b"a: \xff", "challenge.yml: it is no valid YAML: "),
        ("a: !python/name:os.system x", "challenge.yml:1: a is 'x', which cannot be read"),
        ("a:\n  b: 2026-13-45", "challenge.yml:2: a.b is '2026-13-45', which cannot be read"),
        ("a: [1, .nan]", "challenge.yml:1: a[1] is '.nan', which cannot be read"),
        ("a: -.inf", "challenge.yml:1: a is '-.inf', which cannot be read"),
        ("a: !!int one", "challenge.yml:1: a is 'one', which cannot be read"),
    ],
)
def test_what_is_no_yaml_is_a_sentence(path: Path, text: str | bytes, sentence: str) -> None:
    """File, line and what is wrong, on one line; nothing is raised."""
    (problem,) = of(path, text).problems
    assert problem.startswith(sentence)
    assert "\n" not in problem


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_document_is_null(path: Path, text: str) -> None:
    """What is made of that is the schema's matter."""
    found = of(path, text)
    assert found.value is None
    assert not found.problems


def test_a_bomb_of_aliases_is_not_unfolded(path: Path) -> None:
    """Nine levels of nine would be 400 million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert of(path, "\n".join(lines)).problems == [
        "challenge.yml: it unfolds to more than 50000 values."
    ]


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]", "a: &a {b: *a}", "[" * 200_000, "[" * 41 + "]" * 41],
    ids=["list in itself", "mapping in itself", "never closed", "one too many"],
)
def test_nesting_without_end_is_refused(path: Path, text: str) -> None:
    """An alias within itself ends, and deep brackets do not crash the parser."""
    (problem,) = of(path, text).problems
    assert problem == "challenge.yml: it is nested more than 40 levels deep; flatten it."


def test_a_document_of_any_length_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a cap on its bytes."""
    monkeypatch.setattr(document, "MAX_BYTES", 10)
    assert of(path, "a: 12345678").problems == [
        "challenge.yml: it is larger than 10 bytes; shorten it."
    ]


def test_a_file_that_is_not_there_is_a_sentence(path: Path) -> None:
    """So is a folder in its place."""
    assert read(path).problems == ["challenge.yml: it cannot be read (No such file or directory)."]
    path.mkdir()
    assert read(path).problems == ["challenge.yml: it cannot be read (Is a directory)."]
