"""What a Dockerfile may not ask for."""

from __future__ import annotations

import time

import pytest

from grader.inspect.dockerfile import inline_dockerfile
from grader.inspect.dockerfile_policy import not_allowed, violations
from grader.spec.base_images import BASE_IMAGES

HEAD = "FROM python:3.11-slim\n"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("RUN --mount=type=ssh git clone x", "`RUN --mount=type=ssh` is not allowed"),
        ("RUN --mount=type=secret,id=a cat /run/secrets/a", "the exam gives a build no secrets"),
        ("RUN --mount=id=a,type=secret true", "the exam gives a build no secrets"),
        ("RUN --security=insecure true", "all rights on the host"),
        ("RUN --network=host pip install flask", "the host's own network"),
        ("ADD https://example.org/x.tar.gz /x", "`ADD https://example.org/x.tar.gz` is not"),
        ("ADD --chmod=755 http://127.0.0.1:2375/info /x", "the engine would fetch it"),
        ('ADD ["ftp://example.org/x", "/x"]', "the engine would fetch it"),
        ("ADD git@github.com:a/b.git /b", "the engine would fetch it"),
        ("ADD git://example.org/b.git /b", "the engine would fetch it"),
        ("ONBUILD ADD https://example.org/x /x", "the engine would fetch it"),
        ("run --network=host true", "the host's own network"),
        ("RUN --net'work'=host true", "the host's own network"),
        ("ONBUILD RUN --security=insecure true", "all rights on the host"),
        ("RUN --mount=type=bind,TYPE=SSH true", "the host's SSH agent"),
        ('ADD "http://x/y" /x', "the engine would fetch it"),
        ("ADD ${U:-http:}//x/y /x", "cannot be judged before the build"),
        ("ADD \ufeffhttp://x/y /x", "(that is http://x/y)"),
        ("ADD\vhttp://x/y\f/x", "the engine would fetch it"),
        ("ADD $PYTHON_VERSION /x", "cannot be judged before the build"),
        ("ADD ${NONE#a} /x", "cannot be judged before the build"),
        ("COPY --from=$X a b", "Name a stage"),
        ("RUN --mount=type=bind,from=${X} true", "cannot be judged before the build"),
        ("RUN --mount=type=$PATH true", "cannot be judged before the build"),
        ('ADD ["http://x/y", "/z"] more', "versions of Docker differ"),
        ("RUN cat << CMD\nADD http://x/y /z\nCMD", "versions of Docker differ"),
    ],
)
def test_what_reaches_out_is_named_with_its_line(line: str, reason: str) -> None:
    """File, line and reason."""
    said = violations(inline_dockerfile(f"{HEAD}{line}\n".encode(), {}))
    assert all(one.startswith("dockerfile_inline, line ") for one in said)
    assert any(reason in one for one in said), said


@pytest.mark.parametrize(
    "line",
    [
        "RUN pip install -r requirements.txt",
        "RUN --mount=type=cache,target=/root/.cache pip install flask",
        "RUN echo --network=host --security=insecure",
        "RUN --network=none true",
        "ADD app.tar.gz /srv",
        'ADD ["a b", "/srv"]',
        "COPY --from=builder /x /x",
        "RUN curl https://example.org",
        "ARG A=app.tar.gz\nADD $A /srv",
        "ENV A=1 B=app.tar\nADD ${B} /srv",
        "ADD <<EOF /srv/x\nhttp://x/y\nEOF",
        "COPY $WHERE /srv",
        "RUN cat << EOF > /x\nSELECT 1\nFROM users\nEOF",
        "RUN python - <<EOF\nADD http://x/y\nEOF",
        "ARG U=http://x/y\nRUN echo $U",
        "# ADD http://x/y /z",
        "RUN true \\\n# ADD http://x/y /z\n  && true",
        "RUN --mount=type=tmpfs,target=/t true",
    ],
)
def test_what_a_student_writes_is_left_alone(line: str) -> None:
    """A command's own words are no options of RUN."""
    assert violations(inline_dockerfile(f"{HEAD}{line}\n".encode(), {})) == []


@pytest.mark.parametrize(
    ("reference", "allowed"),
    [
        ("python:3.11-slim", True),
        ("docker.io/library/python", True),
        ("python:3.11@sha256:abc", True),
        ("mysql/mysql-server:8.0", True),
        ("ghcr.io/astral-sh/uv:python3.12", True),
        ("tiangolo/uwsgi-nginx-flask", False),
        ("evil.example.org/python:3.11", False),
        ("localhost:5000/python", False),
        ("grader/base", False),
    ],
)
def test_base_images_are_those_of_the_exam(reference: str, allowed: bool) -> None:
    """By repository, whatever tag; a foreign registry is no short name."""
    assert (not_allowed(reference, BASE_IMAGES) == "") is allowed


def test_a_pattern_stands_for_many() -> None:
    """A challenge may allow a whole folder of a registry."""
    assert (
        not_allowed("registry.example.edu/course/flask:1", ["registry.example.edu/course/*"]) == ""
    )


def test_a_variable_is_followed() -> None:
    """From ARG before FROM, by ENV and ARG, through stages, and from what Compose gives."""
    text = (
        b"ARG A=http\nFROM scratch AS one\nARG A\nENV B=${A}:\nFROM one\nARG C\nADD $B//$C/x /y\n"
    )
    (said,) = violations(inline_dockerfile(text, {"C": "host"}))
    assert "line 7: `ADD $B//$C/x` (that is http://host/x)" in said


def test_one_that_is_too_long_is_refused() -> None:
    """What was not read has not passed."""
    (said,) = violations(inline_dockerfile(b"FROM a\n" + b"#" * 70_000, {}))
    assert said == "dockerfile_inline is longer than 64 KiB; shorten it."


def test_what_onbuild_triggers_is_read_once_more() -> None:
    """BuildKit reads it as a file of its own, in which a backslash escapes again."""
    text = b"# escape=`\nFROM a\nONBUILD ADD <<EOF \\\nhttp://x/y /z\nEOF\n"
    (said,) = violations(inline_dockerfile(text, {}))
    assert said.startswith("dockerfile_inline, line 3: `ADD http://x/y` is not allowed")


@pytest.mark.parametrize(
    "lines",
    [
        "ENV A=xxxxxxxx\n" + "ENV A=$A$A\n" * 40,
        "ENV A $PATH\n" + "ENV A $A$A\n" * 40,
        "ARG A=x\n" + "ARG A=${A:-x}${A}x\n" * 40,
        "ENV A=xx\n" + "ENV A=${A//x/xxxxxxxxxxxxxxxx}\n" * 40,
        "ONBUILD ENV A=$A$A\n" * 40,
        f"ENV A={'x' * 20_000}\nLABEL B={'$A' * 15_000}\n",
        f"ENV A={'x' * 20_000}\nCOPY <<B /b\n{'$A' * 15_000}\nB\n",
    ],
)
def test_variables_that_grow_without_end_are_refused(lines: str) -> None:
    """BuildKit bounds them no more than it has memory: forty doublings are a terabyte."""
    (said,) = violations(inline_dockerfile(f"{HEAD}{lines}ADD http://x /x\n".encode(), {}))
    assert "grows beyond what any build needs" in said


def test_variables_that_many_images_use_are_no_growth() -> None:
    """A path that each stage adds to, and names below a folder."""
    stage = (
        "FROM python:3.11-slim\nENV HOME=/home/app PATH=/opt/venv/bin:$PATH\n"
        "ENV PYTHONPATH=${PYTHONPATH:-$HOME/lib}:$HOME/app\nWORKDIR $HOME/app\nCOPY . ${HOME}/\n"
    )
    assert violations(inline_dockerfile((stage * 30).encode(), {})) == []


@pytest.mark.parametrize(
    "value", ["type=bind,from=evil\r", "type=bind,from=ev\ril", "from=evil,\r"]
)
def test_a_mount_with_a_carriage_return_is_read(value: str) -> None:
    """In quotes it is part of the option; Python's reader of CSV refuses it."""
    found = inline_dockerfile(f'{HEAD}RUN --mount="{value}" true\n'.encode(), {})
    assert any(image.startswith("ev") for image in found.images)


@pytest.mark.slow
def test_many_sources_take_linear_time() -> None:
    """Thirty-two readings of three thousand sources, which were once compared one by one."""
    lines = "".join(f"ADD a@a:{number} b\n" for number in range(3000))
    text = f'# check=skip\n{HEAD}RUN echo ` ${{a}} << EOF\nEOF\nADD ["a"] a\n{lines}'
    began = time.process_time()
    assert len(violations(inline_dockerfile(text.encode(), {}))) >= 3000
    assert time.process_time() - began < 10
