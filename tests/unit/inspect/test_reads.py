"""Which variables an app reads and nothing gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.dockerfile import read_dockerfile
from grader.inspect.reads import fallbacks, unset


def names(root: Path, code: str, *given: str, dockerfile: str = "") -> list[str]:
    """What is unset for an app of one file; with a star what is asked for indirectly."""
    (root / "app.py").write_text(code, "utf-8")
    (root / "Dockerfile").write_text(dockerfile, "utf-8")
    found = unset(root, given, read_dockerfile(root, "Dockerfile"))
    return [one.name + "*" * one.indirect for one in found]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("os.environ['A_B']", ["A_B"]),
        ("os.environ.get('A')", ["A"]),
        ("environ.get('A')", ["A"]),
        ("os.getenv('A')", ["A"]),
        ("getenv('A')", ["A"]),
        ("x = {'host': os.environ.get('A'), 'b': os.getenv('B')}", ["A", "B"]),
        ("os.environ.get('A', 'b')", []),
        ("os.environ.get('A', default='b')", []),
        ("os.getenv('A') or 'localhost'", []),
        ("if os.getenv('A'): pass", []),
        ("x = 1 if os.environ.get('A') else 2", []),
        ("os.environ['A'] = 'b'", []),
        ("config.get('A')", []),
        ("required('DB_HOST')", ["DB_HOST*"]),
        ("required('name')", []),
        ("required('DB_HOST'); os.environ['DB_HOST']", ["DB_HOST"]),
        ("os.environ[name]", []),
        ("os.environ['HOME']", []),
        ("def broken(:", []),
        ("(" * 5000, []),
    ],
)
def test_what_is_read(tmp_path: Path, code: str, expected: list[str]) -> None:
    """Without a default, and not only to see whether it is there."""
    assert names(tmp_path, code) == expected


def test_what_is_given(tmp_path: Path) -> None:
    """By the container's environment, the image, or a file that the app may load."""
    code = "import os\nprint([os.environ[name] for name in ()], os.environ['A'], os.getenv('B'))\n"
    assert names(tmp_path, code) == ["A", "B"]
    assert names(tmp_path, code, "A") == ["B"]
    assert names(tmp_path, code, dockerfile="FROM x\nENV A=1 B=2\n") == []
    assert names(tmp_path, code, dockerfile="FROM x\nENV B two words\n") == ["A"]
    (tmp_path / ".env.example").write_text("A=1\n", "utf-8")
    assert names(tmp_path, code) == ["A", "B"]
    (tmp_path / "conf.env").write_text("# B=1\nexport A=1\n", "utf-8")
    assert names(tmp_path, code) == ["B"]


def test_the_first_place_is_named(tmp_path: Path) -> None:
    """Files in their order, tests and foreign packages left out."""
    for path in ("tests/test_a.py", "venv/lib/a.py", "web/b.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("\nimport os; os.environ['A']\n", "utf-8")
    (found,) = unset(tmp_path, (), None)
    assert (found.path, found.line) == ("web/b.py", 2)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("os.environ.get('A', 'b')", [("A", "b")]),
        ("os.environ.get('A', default='b')", [("A", "b")]),
        ("os.getenv('A') or 'b'", [("A", "b")]),
        ("os.getenv('A', 'b') + os.getenv('C', 'd')", [("A", "b"), ("C", "d")]),
        ("os.getenv('A', 3)", []),
        ("os.getenv('A')", []),
        ("config.get('A', 'b')", []),
        ("def broken(", []),
    ],
)
def test_what_is_taken_for_want_of_a_variable(
    tmp_path: Path, code: str, expected: list[tuple[str, str]]
) -> None:
    """Only texts: they are what a database is asked for."""
    (tmp_path / "app.py").write_text(code, "utf-8")
    found = fallbacks(tmp_path, (), None)
    assert [(one.name, one.value) for one in found] == expected
    assert fallbacks(tmp_path, ("A", "C"), None) == ()
