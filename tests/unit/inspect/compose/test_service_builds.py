"""What a Compose file's services are built from."""

from __future__ import annotations

from typing import Any

import pytest

from grader.inspect.compose.project import (
    Build,
)
from tests.unit.inspect.compose.service_reading import Faults, Read, Rejected, Write, service


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (".", Build(context=".", dockerfile="", line=3)),
        ("./app", Build(context="app", dockerfile="", line=3)),
        ("{}", Build(context=".", dockerfile="", line=3)),
        ("{context: app}", Build(context="app", dockerfile="", line=3)),
        ("{context: linked}", Build(context="app", dockerfile="", line=3)),
        ("{context: app, dockerfile: My.Dockerfile}",
         Build(context="app", dockerfile="app/My.Dockerfile", line=3)),
        ("{context: app, dockerfile: ../Other}",
         Build(context="app", dockerfile="Other", line=3)),
        ("{dockerfile_inline: FROM x}",
         Build(context=".", dockerfile="", inline=b"FROM x", line=3)),
        ("{args: {A: 1, B: $V, V: , W: }, target: prod}",
         Build(context=".", dockerfile="", args={"A": "1", "B": "2", "V": "2"},
               target="prod", line=3)),
        ("{args: {A: 1, HTTP_PROXY: x, https_proxy: y, BUILDKIT_INLINE_CACHE: 1}}",
         Build(context=".", dockerfile="", args={"A": "1"}, line=3)),
        ("{args: [A=1, V]}", Build(context=".", dockerfile="", args={"A": "1", "V": "2"}, line=3)),
    ],
)  # fmt: skip
def test_builds(read: Read, write: Write, tmp_path: Any, value: str, expected: Build) -> None:
    """Paths are from the top; an argument without a value takes the variable's, if it has one."""
    write(".env", "V=2")
    write("app/My.Dockerfile", "FROM x")
    write("Other", "FROM x")
    (tmp_path / "linked").symlink_to("app")
    reading = read(f"services:\n  web:\n    build: {value}\n")
    assert service(reading).build == expected
    assert reading.missing == ()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("{context: ./app, dockerfile: Dockerfile}", "app/dockerfile"),
        ("{context: app, dockerfile: ./Dockerfile}", "app/dockerfile"),
        ("{dockerfile: app/Dockerfile}", "app/dockerfile"),
        ("{context: both, dockerfile: Dockerfile}", "both/Dockerfile"),
    ],
)
def test_the_usual_name_in_small_letters(read: Read, write: Write, value: str, path: str) -> None:
    """The builder takes `dockerfile` where there is no `Dockerfile`."""
    for name in ("app/dockerfile", "both/dockerfile", "both/Dockerfile"):
        write(name, "FROM x")
    build = service(read(f"services:\n  web:\n    build: {value}\n")).build
    assert build is not None
    assert build.dockerfile == path


@pytest.mark.parametrize("name", ["Web.Dockerfile", "Dockerfile.dev", "DOCKERFILE"])
def test_no_other_name_in_small_letters(faults: Faults, write: Write, name: str) -> None:
    """Nor does the builder."""
    write("dockerfile", "FROM x")
    write(name.lower(), "FROM x")
    said = faults(f"services:\n  web:\n    build: {{context: ., dockerfile: {name}}}\n")
    assert f'names "{name}", which is no file of ".".' in said[0]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("none", 'services.web.build names "none", which is not there; name a folder of yours.'),
        ("file", 'names "file", which is a file; name a folder of yours.'),
        ("{context: none}", "services.web.build.context names"),
        ("{dockerfile: none}", 'names "none", which is no file of ".".'),
        ("{dockerfile: x, dockerfile_inline: FROM x}", "keep one of them."),
        ("{contxt: .}", "Did you mean 'context'?"),
        ("[.]", "it should be the path of a folder, or a mapping with `context`."),
        ("true", "it should be the path of a folder"),
        ("{args: 5}", "a mapping of names to values"),
    ],
)
def test_faults_of_builds(faults: Faults, write: Write, value: str, sentence: str) -> None:
    """What is not there cannot be built."""
    write("file", "")
    write("x", "")
    said = faults(f"services:\n  web:\n    build: {value}\n")
    assert said[0].startswith("compose.yml:3: services.web.build")
    assert sentence in said[0]


def test_no_argument_is_a_frontend(rejected: Rejected) -> None:
    """BuildKit would run the image that BUILDKIT_SYNTAX names."""
    said = rejected("services:\n  web:\n    build: {context: ., args: {BUILDKIT_SYNTAX: a/b}}\n")
    assert "services.web.build.args.BUILDKIT_SYNTAX names a frontend" in said


@pytest.mark.parametrize(
    "value",
    [
        "https://example.org/x.git", "http://example.org/x.tar", "git://example.org/x",
        "ssh://git@example.org/x", "git@example.org:me/x.git", "github.com/me/x", "$URL",
        "..", "/", "~/x", "./out", "{context: ../x}", "{context: 'https://example.org/x.git#main:a'}",
        "{dockerfile: ../Dockerfile}", "{dockerfile: /etc/passwd}", "{dockerfile: out/passwd}",
        "{additional_contexts: {x: /etc}}", "{additional_contexts: [x=../y]}",
        "{additional_contexts: {x: 'docker-image://alpine'}}",
        "{additional_contexts: {x: 'https://example.org/x.git'}}",
    ],
)  # fmt: skip
def test_nothing_else_is_built(rejected: Rejected, write: Write, tmp_path: Any, value: str) -> None:
    """No context of the machine's or of the network's."""
    write(".env", "URL=https://example.org/x.git")
    (tmp_path / "out").symlink_to("/etc")
    said = rejected(f"services:\n  web:\n    build: {value}\n")
    assert said.startswith("compose.yml:3: services.web.build")
    assert "your repository" in said
