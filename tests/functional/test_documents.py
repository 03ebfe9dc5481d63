"""The documents say what is so."""

from __future__ import annotations

import json
import re
import shlex
import ssl
import subprocess
from fnmatch import fnmatchcase
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from cryptography import x509
from jsonschema import Draft7Validator

from grader.authoring import course, exam_list, reference, services
from grader.cli.main import cli
from grader.inspect.compose import page as compose
from grader.model import Challenge, Visibility
from grader.sandbox import troubleshooting
from grader.spec.library import load_all

REPOSITORY = Path(__file__).parent.parent.parent
DOCUMENTS = (
    "ARCHITECTURE.md",
    "README.md",
    "CONTRIBUTING.md",
    "docs/students/README.md",
    "docs/instructors/README.md",
    "docs/instructors/authoring.md",
    "docs/instructors/classes.md",
    "docs/instructors/platform-and-student.md",
    "docs/instructors/secrets.md",
    "docs/instructors/threats.md",
    "docs/ci.md",
    "docs/performance.md",
    "docs/portal/students.md",
    "docs/portal/instructors.md",
    "docs/portal/operators.md",
    "docs/reports.md",
)
CHALLENGES = load_all([REPOSITORY / "challenges"])[0].values()
CERTIFICATE_TOOLS = {"mkdir", "openssl", "curl"}
"""What students make a certificate with at home; a test below does so."""
BACKUP_TOOLS = {"pg_dump", "pg_restore"}
"""What operators run in the portal's database; `test_backup.py` runs it as well."""
TARGETS = set(
    re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE)
)


def text_of(document: str) -> str:
    return (REPOSITORY / document).read_text("utf-8")


def shell_blocks(document: str) -> list[str]:
    """The blocks of shell, with one line for each command."""
    found = re.findall(r"^```sh\n(.*?)^```", text_of(document), re.MULTILINE | re.DOTALL)
    return [block.replace("\\\n", " ") for block in found]


def commands() -> list[str]:
    """Every command line in a block of shell, without its comment."""
    blocks = [block for document in DOCUMENTS for block in shell_blocks(document)]
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return sorted({line for line in lines if line})


@pytest.mark.parametrize("line", commands())
def test_every_command_exists(line: str) -> None:
    """`make` has the target; `grader` knows the command, its options and their arguments."""
    program, *words = shlex.split(line)
    if program == "make":
        assert set(words) <= TARGETS
        return
    if words[:1] == ["-m"]:
        assert program == ".venv/bin/python"
        assert find_spec(words[1]), f"{line}: there is no such program"
        return
    if program in {"docker", "tar"}:
        shown = BACKUP_TOOLS.intersection(words) or {program}
        tried = text_of("tests/docker/portal/test_backup.py")
        assert [tool for tool in shown - {"docker", "tar"} if f'"{tool}"' not in tried] == []
        return
    if program in CERTIFICATE_TOOLS:
        return
    assert program == ".venv/bin/grader", f"{line}: a program that this test knows nothing of"
    assert isinstance(cli, click.Group)
    name, command, rest = cli.resolve_command(click.Context(cli), words)
    assert command is not None
    command.make_context(name, rest)


def test_a_certificate_for_home_is_made(tmp_path: Path) -> None:
    """With what the page for students says, but for the request."""
    (block,) = (one for one in shell_blocks("docs/students/README.md") if "openssl" in one)
    lines = [line for line in block.splitlines() if not line.startswith("curl ")]
    subprocess.run(["sh", "-ec", "\n".join(lines)], cwd=tmp_path, check=True, timeout=60)
    made = x509.load_pem_x509_certificate((tmp_path / "tls" / "certificate.pem").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls" / "certificate.pem", tmp_path / "tls" / "key.pem")


@pytest.mark.parametrize("document", [*DOCUMENTS, *(f"challenges/{one.slug}/README.md"
                                                    for one in CHALLENGES)])  # fmt: skip
def test_links_lead_somewhere(document: str) -> None:
    """Relative ones, to files of this repository."""
    links = re.findall(r"\]\(([^)#\s]+)", text_of(document))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    folder = (REPOSITORY / document).parent
    assert [link for link in local if not (folder / link).exists()] == []


def test_the_reports_schema_is_one() -> None:
    """Valid itself, draft 7."""
    schema = json.loads(text_of("docs/report.schema.json"))
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema)
    own = files("grader.report").joinpath("report.schema.json").read_text("utf-8")
    assert text_of("docs/report.schema.json") == own, "Run `make docs`."


@pytest.mark.parametrize("challenge", CHALLENGES, ids=lambda one: one.slug)
def test_a_brief_has_the_criteria_of_its_spec(challenge: Challenge) -> None:
    """Each visible one with title and points, in the same order; the hidden ones by their sum."""
    brief = (challenge.root / "README.md").read_text("utf-8")
    row = r"^\| `([\w.]+)`(?: \*\*required\*\*)? \| (.*?) \| (\d+) \|$"
    rows = re.findall(row, brief, re.MULTILINE)
    visible = [one for one in challenge.criteria if one.visibility is Visibility.VISIBLE]
    assert rows == [(one.id, one.title, str(one.points)) for one in visible]
    hidden = re.findall(r"^\| \*hidden\* \| (\d+) more .*\| (\d+) \|$", brief, re.MULTILINE)
    assert sum(int(points) for _, points in hidden) == challenge.points - sum(
        one.points for one in visible
    )
    assert sum(int(count) for count, _ in hidden) == len(challenge.criteria) - len(visible)
    sections = re.findall(r"^\| \*\*.*\*\* \| \| \*\*(\d+)\*\* \|$", brief, re.MULTILINE)
    assert sum(map(int, sections)) == challenge.points
    assert f"here are {challenge.points} points, and {challenge.pass_mark} pass" in brief


@pytest.mark.parametrize(
    ("page", "written"),
    [
        ("students/troubleshooting.md", troubleshooting.markdown()),
        ("students/compose.md", compose.markdown()),
        ("students/exams.md", exam_list.markdown()),
        ("instructors/course.md", course.markdown()),
        ("images/course.svg", course.picture()),
        ("instructors/fixtures.md", reference.markdown()),
        ("instructors/services.md", services.markdown()),
    ],
)
def test_pages_are_made_from_the_program(page: str, written: str) -> None:
    """`make docs` writes them; the sentences are those of a report."""
    assert text_of(f"docs/{page}") == written, "Run `make docs`."


def test_what_shows_that_a_threat_is_stopped_is_there() -> None:
    """Each name in the last column is a hostile submission or a test."""
    rows = (REPOSITORY / "docs/instructors/threats.md").read_text("utf-8").splitlines()
    shown = [row.rsplit("|", 2)[1] for row in rows if row.startswith("| ") and "---" not in row]
    named = {name for cell in shown for name in re.findall(r"`([^`]+)`", cell)}
    hostile = {path.parent.name for path in (REPOSITORY / "tests/hostile").glob("*/expected.yml")}
    tests = {path.name for path in (REPOSITORY / "tests").rglob("test_*.py")}
    found = {
        name: {one for one in hostile if fnmatchcase(one, name)}
        or (REPOSITORY / name).exists()
        or {one for one in tests if fnmatchcase(one, name)}
        for name in named - {"persist.*"}
    }
    assert not [name for name, where in found.items() if not where]


def test_the_modules_of_the_architecture_are_there() -> None:
    """Each path that the page names, and each package of the grader is named."""
    page = (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8")
    named = re.findall(r"`((?:grader|challenges|reference_solutions|tests|docs)/[^`]*)`", page)
    assert [one for one in named if not (REPOSITORY / one).exists()] == []
    packages = {one.parent.name for one in (REPOSITORY / "grader").glob("*/__init__.py")}
    assert packages <= {one.split("/")[1] for one in named}
