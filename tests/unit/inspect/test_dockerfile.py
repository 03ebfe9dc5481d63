"""A Dockerfile, read."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.dockerfile import Dockerfile, find_dockerfile, read_dockerfile


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def of(root: Path, content: str | bytes) -> Dockerfile:
    raw = content.encode() if isinstance(content, str) else content
    (root / "Dockerfile").write_bytes(raw)
    return read_dockerfile(root, "Dockerfile")


def names(dockerfile: Dockerfile) -> list[tuple[int, str]]:
    return [(one.line, one.name) for one in dockerfile.instructions]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_instructions_have_their_lines(root: Path, newline: str) -> None:
    """Comments and blank lines count, continued lines belong to the first, names are upper-case."""
    text = '# x\n\nfrom a\nRUN b \\\n  # c\n  && d\nCMD ["e"]\n'.replace("\n", newline)
    found = of(root, text)
    assert names(found) == [(3, "FROM"), (4, "RUN"), (7, "CMD")]
    assert found.images == ("a",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN <<EOF\nFROM b\nEOF\nCMD x\n", [1, 2, 5]),
        ("FROM a\nRUN <<'EOF' sh\nFROM b\n EOF\nEOF\nCMD x\n", [1, 2, 6]),
        ("FROM a\nRUN <<-EOF\n\tFROM b\n\tEOF\nCMD x\n", [1, 2, 5]),
        ("FROM a\nCOPY <<one <<two /to/\nFROM b\none\nFROM c\ntwo\nCMD x\n", [1, 2, 7]),
        ("FROM a\nRUN true && \\\n  cat <<EOF > /x\nFROM b\nEOF\nCMD x\n", [1, 2, 6]),
        ("FROM a\nRUN cat <<EOF && \\\n  true\nFROM b\nEOF\nCMD x\n", [1, 2, 6]),
        ("FROM a\nRUN cat <<<word\nCMD x\n", [1, 2, 3]),
        ("FROM a\nRUN echo 'a <<EOF'\nCMD x\n", [1, 2, 3]),
        ('FROM a\nRUN echo "a <<EOF b"\nCMD x\n', [1, 2, 3]),
        ('FROM a\nRUN ["echo", "<<EOF"]\nCMD x\n', [1, 2, 3]),
        ("FROM a\nRUN it's <<EOF\nCMD x\n", [1, 2, 3]),
        ("FROM a\nRUN <<E'O'F\nFROM b\nEOF\nCMD x\n", [1, 2, 5]),
        ("FROM a\nRUN cat << EOF\nFROM b\nEOF\nCMD x\n", [1, 2, 5]),
        ("FROM a\nRUN cat <<EOF;\nFROM b\nEOF;\nCMD x\n", [1, 2, 5]),
        ("FROM a\nONBUILD RUN <<EOF\nFROM b\nEOF\nCMD x\n", [1, 2, 5]),
        ("# escape=`\nFROM a\nRUN x `\n <<EOF\nFROM b\nEOF\nCMD x\n", [2, 3, 7]),
        ("FROM a\nRUN echo $((1<<EOF))\nCMD x\n", [1, 2, 3]),
        ("FROM a\nENV X=<<EOF\nCMD x\n", [1, 2, 3]),
        ("FROM a\nRUN <<EOF\nnever closed\n", [1, 2]),
        ("FROM a\r\nRUN <<EOF\r\nFROM b\r\nEOF\r\nCMD x\r\n", [1, 2, 5]),
    ],
)  # fmt: skip
def test_what_stands_in_a_heredoc_is_no_instruction(
    root: Path, text: str, expected: list[int]
) -> None:
    """Its body ends where the builder ends it, and what only looks like one is none."""
    found = of(root, text)
    assert [one.line for one in found.instructions] == expected
    assert found.images == ("a",)


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM python:3.11-slim\n", ("python:3.11-slim",)),
        ("FROM --platform=linux/amd64 python AS base\nFROM base\n", ("python",)),
        ("FROM a AS Base\nFROM base AS next\nFROM b\nCOPY --from=NEXT x y\n", ("a", "b")),
        ("FROM a\nCOPY --from=0 x y\nCOPY --from=b:1 x y\n", ("a", "b:1")),
        ("FROM a\nCOPY --chown=1:1 --from=b x y\n", ("a", "b")),
        ("FROM a\nRUN --mount=type=bind,from=b,target=/x true\n", ("a", "b")),
        ("FROM a\nRUN --mount=from=b,target=/x --mount=type=cache,target=/y true\n", ("a", "b")),
        ("FROM scratch\nCOPY --from=a x y\n", ("a",)),
        ("FROM a\nFROM a\n", ("a",)),
        ("ARG V=3.11\nFROM python:$V\n", ("python:3.11",)),
        ('ARG V="3.11"\nFROM python:${V}-slim\n', ("python:3.11-slim",)),
        ("ARG A=py B=3\nFROM $A:$B\n", ("py:3",)),
        ("ARG V=3\nARG I=python:$V\nFROM $I\n", ("python:3",)),
        ("FROM python:${V:-3.12}\n", ("python:3.12",)),
        ("FROM a\nARG V=b\nFROM x$V\n", ("a", "x")),
        ("FROM a@sha256:00\n", ("a@sha256:00",)),
        ("FROM a\nRUN --mount=type=bind,FROM=b,target=/x true\n", ("a", "b")),
        ('FROM a\nRUN --mo\'unt\'="from=b,dst=/x" true\n', ("a", "b")),
        ('FROM a\nRUN --mount=\\"from=b\\",dst=/x true\n', ("a", "b")),
        ("FROM a\nRUN --mount=from=0,dst=/x true\n", ("a", "0")),
        ("FROM a\nCOPY --from='b' \\\n # c\n x y\n", ("a", "b")),
        ("FROM 'a'\nONBUILD COPY --from=b x y\n", ("a", "b")),
        ("# escape=`\nFROM `\n  a`b\n", ("ab",)),
        ("FROM a\nCOPY --from=later x y\nFROM b AS later\n", ("a", "later", "b")),
        ("ARG A=1\nARG A\nFROM x${A:+y}${B:+z}\n", ("xy",)),
        ("FROM ghcr.io/uv:1 AS uv\nFROM a\nCOPY --from=uv /uv /bin/\n", ("ghcr.io/uv:1", "a")),
        ("RUN true\n", ()),
        ("FROM\n", ()),
    ],
)  # fmt: skip
def test_the_images_from_outside_are_found(root: Path, text: str, images: tuple[str, ...]) -> None:
    """In FROM, COPY --from and RUN --mount; stages of the file are none."""
    assert of(root, text).images == images


@pytest.mark.parametrize(
    ("first", "foreign"),
    [
        ("# syntax=docker/dockerfile:1", False),
        ("#syntax = docker/dockerfile:1.7", False),
        ("# SYNTAX=docker.io/docker/dockerfile:1", False),
        ("# syntax=docker/dockerfile", False),
        ("# syntax=docker/dockerfile:1@sha256:0af", False),
        ("# syntax=docker/dockerfile:1 and more", False),
        ("# escape=\\\n# syntax=docker/dockerfile:1", False),
        ("# syntax=evil/frontend", True),
        ("#\tsyntax\t=\tevil/frontend:1", True),
        ("#\fsyntax=evil/frontend", True),
        ("# syntax=docker/dockerfile:1-labs", True),
        ("# syntax=docker/dockerfile-evil:1", True),
        ("# syntax=host.example/docker/dockerfile:1", True),
        ("# check=skip=all\n# syntax=evil/frontend", True),
        ("//syntax=evil/frontend", True),
        ("// syntax = evil/frontend", True),
        ("#!/bin/sh\n# syntax=evil/frontend", True),
        ("#!/bin/sh\n//syntax=evil/frontend", True),
        ("# syntax=evil/frontend\r", True),
    ],
)
def test_a_frontend_is_recognised_and_blanked(root: Path, first: str, foreign: bool) -> None:
    """In each form that the builder takes; without it every line keeps its number."""
    found = of(root, f"{first}\nFROM a\n")
    assert found.frontend is not None
    assert found.foreign_frontend is foreign
    blanked = found.for_builder()
    assert b"syntax" not in blanked.lower()
    assert blanked.count(b"\n") == found.content.count(b"\n")
    assert blanked.endswith(b"\nFROM a\n")
    assert of(root, blanked).frontend is None


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n# syntax=evil/frontend\n",
        "# a comment\n# syntax=evil/frontend\nFROM a\n",
        "\n# syntax=evil/frontend\nFROM a\n",
        "# the syntax=evil/frontend\nFROM a\n",
        "# syntax=\nFROM a\n",
        "FROM a\nRUN echo '# syntax=evil/frontend'\n",
    ],
)
def test_a_line_further_down_is_a_comment(root: Path, text: str) -> None:
    """Such a line is one only at the top; the file goes to the builder as it is."""
    found = of(root, text)
    assert found.frontend is None
    assert found.for_builder() == found.content


def test_json_is_kept_from_the_builder(root: Path) -> None:
    """A JSON document can name a frontend, however it is written, and is never a Dockerfile."""
    assert of(root, '{"\\u0073yntax": "evil/frontend"}').for_builder() == b""
    assert of(root, '\n {"syntax": "evil/frontend"}').for_builder() == b""


def test_a_byte_order_mark_is_none_of_the_first_name(root: Path) -> None:
    """UTF-8 with a mark, as some editors write it."""
    found = of(root, b"\xef\xbb\xbfFROM a\nCMD x\n")
    assert names(found) == [(1, "FROM"), (2, "CMD")]
    assert found.images == ("a",)


BOM = "\ufeff"
FILE = "# syntax=docker/dockerfile:1\r\nFROM python:3.11-slim\r\nCOPY app.py .\r\n"


@pytest.mark.parametrize("mark", [True, False], ids=["with a mark", "without a mark"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [FILE, "FROM a\n"])
def test_a_file_in_utf_16_is_told(root: Path, encoding: str, mark: bool, text: str) -> None:
    """The builder's own error would name a character that no editor shows."""
    found = of(root, f"{BOM if mark else ''}{text}".encode(encoding))
    assert found.wrong_encoding.startswith("Your Dockerfile is saved as UTF-16, as PowerShell's")
    assert "Save it again as UTF-8" in found.wrong_encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_file_in_utf_8_is_not(root: Path, encoding: str) -> None:
    """Nor is one of a single byte for each character: the builder takes it as it is."""
    assert of(root, f"# für Köln\n{FILE}".encode(encoding)).wrong_encoding == ""
    assert of(root, b"").wrong_encoding == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n# nothing\n",
        "FROM a\n".encode("utf-16"),
        bytes(range(256)) * 20,
        b"\\\n" * 50,
        b"FROM \xff\xfe\n",
        b'ENV \nARG =\nCOPY --from= x\nLABEL a="\n',
        b"RUN <<\nRUN <<-\n",
        b"\x00" * 1000,
    ],
    ids=["empty", "comments", "UTF-16", "bytes", "backslashes", "not UTF-8", "halves", "heredocs",
         "nulls"],
)  # fmt: skip
def test_garbage_is_read_without_a_fault(root: Path, content: bytes) -> None:
    """What makes no sense has few instructions; the builder says what is wrong with it."""
    found = of(root, content)
    assert found.content == content
    assert found.frontend is None


@pytest.mark.parametrize("name", ["Dockerfile", "dockerfile", "DOCKERFILE"])
def test_the_dockerfile_is_found_in_any_case(root: Path, name: str) -> None:
    """Students on other systems write it in lower case."""
    (root / name).write_text("FROM a\n")
    assert find_dockerfile(root) == name


def test_the_usual_name_comes_first(root: Path) -> None:
    """Where there are two."""
    for name in ("DOCKERFILE", "Dockerfile", "dockerfile"):
        (root / name).write_text("FROM a\n")
    assert find_dockerfile(root) == "Dockerfile"


def test_what_is_no_dockerfile_is_not_found(root: Path) -> None:
    """A folder, a link, one further down, another name."""
    (root / "Dockerfile").mkdir()
    (root / "Dockerfile" / "dockerfile").write_text("FROM a\n")
    (root / "Dockerfile.dev").write_text("FROM a\n")
    (root / "dockerfile").symlink_to("Dockerfile.dev")
    assert find_dockerfile(root) is None
