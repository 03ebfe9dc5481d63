"""Accepted solutions that hold their secrets in other proper ways: none loses a point."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.inspect.secrets import scan_blobs, scan_tree
from grader.inspect.secrets.criteria import check_history, check_tree
from grader.submission.history_blobs import History

ROOT = Path(__file__).parents[4] / "reference_solutions"
ACCEPTED = sorted(one for one in ROOT.glob("*/accepted/*") if one.is_dir())
NEW = sorted(
    one
    for one in (ROOT.parent / "grader" / "authoring" / "template").glob("*/reference/accepted/*")
    if one.is_dir()
)
"""The solutions that a new exam begins with."""
VARIABLE = re.compile(r"(?:os\.)?environ\[(?P<quote>[\"'])(?P<name>\w+)(?P=quote)\]")
ASKING = [
    one
    for one in ACCEPTED
    if any(VARIABLE.search(path.read_text("utf-8")) for path in one.rglob("*.py"))
]
WAYS = (
    'os.getenv("{name}")',
    'os.environ.get("{name}")',
    'os.environ.get("{name}", "")',
    'os.environ.get("{name}", None)',
    'os.getenv("{name}", default="")',
    'required("{name}")',
    'required("{name}", "{name} is missing: copy .env.example to .env and fill it in.")',
    'Path(os.environ["{name}_FILE"]).read_text("utf-8").strip()',
    'open("/run/secrets/{lower}").read().strip()',
    'Path("/run/secrets") / "{lower}"',
    'config("{name}")',
    'env.str("{name}")',
    "settings.{lower}",
    'settings["{lower}"]',
    'dotenv_values(".env")["{name}"]',
    'os.environ["{name}"].encode("utf-8")',
    'os.environ["{name}"].strip("\'")',
    'read_secret("{lower}")',
    '(os.environ.get("{name}") or sys.exit("{name} is not set"))',
    '(os.environ.get("{name}") or secrets.token_hex(32))',
    '(os.getenv("{name}") or os.getenv("APP_{name}"))',
    'os.environ.pop("{name}")',
    'SecretStr(os.environ["{name}"]).get_secret_value()',
    'getpass.getpass("{name}: ")',
    'hashlib.sha256(os.environ["{name}"].encode()).hexdigest()',
    'vault.read("secret/data/app")["data"]["{lower}"]',
    'keyring.get_password("app", "{name}")',
    'next(iter(os.environb[b"{name}"].splitlines())).decode("ascii")',
    '"".join(os.environ["{name}"].split())',
    'boto3.client("secretsmanager").get_secret_value(SecretId="app/{lower}")["SecretString"]',
)  # fmt: skip
"""Expressions that take the place of `os.environ["NAME"]`."""
PROBE = {
    "compose.override.yaml": """\
services:
  web:
    environment:
      SECRET_KEY: ${SECRET_KEY:?set SECRET_KEY in .env}
      DB_PASSWORD_FILE: /run/secrets/db_password
    env_file: .env
    secrets: [db_password]
secrets:
  db_password:
    environment: DB_PASSWORD
""",
    ".env.example": "SECRET_KEY=change-me\nDB_PASSWORD=<your password>\nADMIN_PASSWORD=\n",
    "tests/conftest.py": """\
import os

os.environ["SECRET_KEY"] = "only-for-tests"
os.environ.setdefault("DB_PASSWORD", "test")
""",
    "pytest.ini": "[pytest]\nenv =\n    SECRET_KEY=testing\n    DB_PASSWORD=test\n",
    ".github/workflows/test.yml": """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      db:
        image: mysql:8
        env:
          MYSQL_ROOT_PASSWORD: root
          MYSQL_DATABASE: test
    env:
      DB_PASSWORD: root
      DATABASE_URL: mysql://root:root@127.0.0.1/test
    steps:
      - run: pytest
""",
    "README.md": "Run `cp .env.example .env` and write your own `SECRET_KEY=...` into it.\n",
    "Dockerfile.build": """\
FROM python:3.12-slim
RUN --mount=type=secret,id=pip_token PIP_TOKEN=$(cat /run/secrets/pip_token) pip install -e .
RUN SECRET_KEY=dummy flask digest compile
""",
    "entrypoint.sh": """\
#!/bin/sh
set -eu
: "${SECRET_KEY:?is not set}"
export DB_PASSWORD="$(cat "$DB_PASSWORD_FILE")"
exec "$@"
""",
    "k8s/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: web
          env:
            - name: DB_PASSWORD
              valueFrom: {secretKeyRef: {name: board, key: db-password}}
""",
    "settings.py": """\
import os


class Config:
    SECRET_KEY = os.environ["SECRET_KEY"]


class TestingConfig(Config):
    TESTING = True
    SECRET_KEY = "test"
""",
}  # fmt: skip
"""Files that a proper repository has as well."""


def copy(solution: Path, target: Path) -> Path:
    return Path(shutil.copytree(solution, target / "answer"))


def rewritten(folder: Path, say: Callable[[re.Match[str]], str]) -> int:
    """Put what `say` gives in the place of each variable; how many there were."""
    count = 0
    for path in folder.rglob("*.py"):
        text, changed = VARIABLE.subn(say, path.read_text("utf-8"))
        path.write_text(text, "utf-8")
        count += changed
    return count


def assert_keeps_its_points(folder: Path) -> None:
    found = scan_tree(folder)
    assert [(one.place, one.preview) for one in found.findings if one.sure] == []
    assert str(check_tree(found).outcome) == "passed"


@pytest.mark.parametrize(
    "solution", [*ACCEPTED, *NEW], ids=lambda one: f"{one.parts[-4]}-{one.parts[-3]}-{one.name}"
)
def test_an_accepted_solution_keeps_its_points(solution: Path) -> None:
    """As it is."""
    assert_keeps_its_points(solution)


def test_the_history_of_accepted_solutions_keeps_its_points(tmp_path: Path) -> None:
    """Each in a commit of its own, on the one before it."""
    work = tmp_path / "work"
    work.mkdir()
    commands = [("init", "-q"), ("config", "user.name", "ada"), ("config", "user.email", "a@b.org")]
    for solution in ACCEPTED:
        commands += [("add", "-A", "-f"), ("commit", "-qm", f"Hand in {solution.name}")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    solutions = iter(ACCEPTED)
    for command in commands:
        if command[0] == "add":
            shutil.copytree(next(solutions), work, dirs_exist_ok=True)
        subprocess.run(["git", *command], cwd=work, check=True, env=environment)
    found = scan_blobs(History(work, tmp_path / "scratch").blobs())
    assert found.files > len(ACCEPTED)
    assert [(one.place, one.preview) for one in found.findings if one.sure] == []
    assert str(check_history(found).outcome) == "passed"


@pytest.mark.parametrize(("number", "way"), list(enumerate(WAYS)), ids=[way[:30] for way in WAYS])
def test_a_proper_way_to_take_a_secret_costs_nothing(number: int, way: str, tmp_path: Path) -> None:
    """In each exam's place of it, one solution after the other."""
    folder = copy(ASKING[number % len(ASKING)], tmp_path)
    assert rewritten(
        folder, lambda found: way.format(name=found["name"], lower=found["name"].lower())
    )
    assert_keeps_its_points(folder)


@pytest.mark.parametrize("path", sorted(PROBE))
def test_a_proper_file_costs_nothing(path: str, tmp_path: Path) -> None:
    """Of configuration, tests, documents, CI, builds and clusters, alongside a solution."""
    folder = copy(ACCEPTED[sorted(PROBE).index(path) % len(ACCEPTED)], tmp_path)
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(PROBE[path], "utf-8")
    assert_keeps_its_points(folder)
