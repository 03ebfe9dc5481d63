"""Env files and merges are read as Compose itself reads them: `docker compose config` tells.

That needs the engine's plugin, and no engine: nothing is built or started.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.inspect.compose.dotenv import env_text, read_dotenv
from grader.inspect.compose.read import read_compose

FILES = 1000
REFUSED = 40
"""Of those that we refuse, so many are shown to Compose one by one."""
PROJECT = {"KNOWN": "k", "B_1": "of the project"}
NAMES = ["A", "B_1", "c.d", "X-Y", "LONG NAME", "export", "export Z", "1A", "Ünï", "k[0]"]
SIGNS = ["=", " = ", ": ", ":", " : ", "=\t", "", "  ", "=="]
VALUES = [
    "", "x", "two words", "-Xmx1 -DA=B", "'single $A'", '"double $A"', '"a\\nb"', '"esc \\" q"',
    "'it\\'s'", "val # c", "val#c", '"v #in" # out', '"open', "'open", '"multi\nline"', "'m\nl'",
    "$A", "${A}", "${A:-d}", "${B_1-x}", "$$A", "\\$A", '"\\$A"', '"\\0101 \\101 \\c \\\\"',
    "a\\nb", "${", "${A", "${1}", "$", "a$", "'x' tail", '"x"tail', "it's", "\u00a0blank", "é",
    "{a: b}", '"\\\\"', '"\\', "`cmd`", "${A:?gone}", "${NONE:?gone}", "${A:+other}", "#no", " # c",
]  # fmt: skip
LINES = [
    "# remark", "", "   ", "this is prose", "This, too!", "settings: of the app", "[section]", "A",
    "NONE", "\t# x", "--- ", "<<<<<<< HEAD", "export", "x y = 1", "export A",
]  # fmt: skip


def drawn(chance: random.Random) -> str:
    """An env file of a few lines, right or wrong."""
    lines = []
    for _ in range(chance.randint(1, 4)):
        if chance.random() < 0.15:
            lines.append(chance.choice(LINES))
        else:
            sign = chance.choice(SIGNS if chance.random() < 0.1 else SIGNS[:6])
            before = chance.choice(["", "", "  ", "export ", "export\t"])
            lines.append(before + chance.choice(NAMES) + sign + chance.choice(VALUES))
    return chance.choice(["\n", "\n", "\r\n"]).join(lines) + chance.choice(["\n", "\n", ""])


def config(folder: Path, document: object | None = None) -> subprocess.CompletedProcess[str]:
    """What `docker compose config` says of the Compose file in `folder`."""
    if document is not None:
        (folder / "compose.yml").write_text(json.dumps(document), "utf-8")
    return subprocess.run(
        ["docker", "compose", "--file", "compose.yml", "config", "--format", "json"],
        cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def services(folder: Path, numbers: Sequence[int]) -> subprocess.CompletedProcess[str]:
    """What Compose says of a service for each of these env files."""
    return config(folder, {
        "services": {f"s{n}": {"image": "x", "env_file": [f"{n}.env"]} for n in numbers}
    })  # fmt: skip


def test_a_thousand_env_files_are_read_as_compose_reads_them(tmp_path: Path) -> None:
    """The values of those that we accept are Compose's; what we refuse, it refuses."""
    chance = random.Random(20261128)
    lines = [f"{name}={value}\n" for name, value in PROJECT.items()]
    (tmp_path / ".env").write_text("".join(lines), "utf-8")
    ours = []
    for number in range(FILES):
        (tmp_path / f"{number}.env").write_text(drawn(chance), "utf-8")
        ours.append(read_dotenv(env_text(tmp_path, f"{number}.env"), known=PROJECT))
    accepted = [number for number, one in enumerate(ours) if not one.problem]
    refused = [number for number, one in enumerate(ours) if one.problem]
    assert len(accepted) > 300
    answer = services(tmp_path, accepted)
    assert not answer.returncode, answer.stderr
    theirs = json.loads(answer.stdout)["services"]
    for number in accepted:
        text = (tmp_path / f"{number}.env").read_text("utf-8")
        found = theirs[f"s{number}"].get("environment") or {}
        values = {name: value.replace("$$", "$") for name, value in found.items() if name}
        assert ours[number].values == values, repr(text)
    for number in refused[:: len(refused) // REFUSED]:
        text = (tmp_path / f"{number}.env").read_text("utf-8")
        assert services(tmp_path, [number]).returncode, (repr(text), ours[number].problem)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_encodings_are_compose_s(encoding: str, tmp_path: Path) -> None:
    """UTF-8 with a byte order mark is read, UTF-16 is refused."""
    (tmp_path / "0.env").write_bytes("A=1\r\nB=2\r\n".encode(encoding))
    ours = read_dotenv(env_text(tmp_path, "0.env"))
    assert bool(ours.problem) == bool(services(tmp_path, [0]).returncode)


BASE = """
  base:
    image: x
    environment: {A: base, B: base}
    ports: ["5000:5000"]
    depends_on: {db: {condition: service_healthy}}
    profiles: [never]
  db: {image: mysql}
  other: {image: y}
"""
MERGES = {
    "kept": "depends_on: {other: {condition: service_started}}",
    "own list": "depends_on: [other]",
    "reset list": "ports: !reset []",
    "reset null": "ports: !reset null",
    "reset mapping": "depends_on: !reset {}",
    "override": "depends_on: !override {other: {condition: service_started}}",
    "override list": 'ports: !override ["8000:8000"]',
    "reset variable": "environment: {A: !reset null, C: own}",
    "override variables": "environment: !override {C: own}",
    "more ports": 'ports: ["8000:8000"]',
    "reset profiles": "profiles: !reset []",
}


@pytest.mark.parametrize("name", MERGES)
def test_what_a_service_extends_is_merged_as_compose_does_it(name: str, tmp_path: Path) -> None:
    """With its tags `!reset` and `!override`, in a file of its own."""
    own = "" if "profiles" in MERGES[name] else "    profiles: !reset []\n"
    text = f"services:{BASE}  web:\n    extends: base\n    {MERGES[name]}\n{own}"
    (tmp_path / "compose.yml").write_text(text, "utf-8")
    answer = config(tmp_path)
    assert not answer.returncode, answer.stderr
    theirs: Any = json.loads(answer.stdout)["services"]["web"]
    reading = read_compose(tmp_path, "compose.yml", fresh=False)
    assert reading.project is not None, reading.faults
    ours = reading.project.services["web"]
    assert dict(ours.environment.values) == (theirs.get("environment") or {})
    assert sorted(one.service for one in ours.lifecycle.depends_on) == sorted(
        theirs.get("depends_on") or {}
    )
    assert {one.target for one in ours.networking.ports} == {
        one["target"] for one in theirs.get("ports", ())
    }


ANCHORS = "x-a: &a {init: true}\nx-b: &b {tty: true}\nx-v: &v {A: '1'}\nx-w: &w {B: '2'}\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("services:\n  web:\n    image: x\n    <<: *a\n    <<: *b\n", 9),
        ("services:\n  web:\n    image: x\n    environment:\n      <<: *v\n      <<: *w\n", 10),
        ("x-c: &c\n  <<: *a\n  <<: *b\nservices:\n  web:\n    image: x\n    <<: *c\n", 7),
    ],
    ids=["of a service", "nested", "in an anchor"],
)
def test_two_merge_keys_in_one_mapping_are_refused(tmp_path: Path, text: str, line: int) -> None:
    """By Compose, and by us with the line."""
    (tmp_path / "compose.yml").write_text(f"{ANCHORS}{text}", "utf-8")
    assert config(tmp_path).returncode
    (fault,) = read_compose(tmp_path, "compose.yml").faults
    assert fault.startswith(f"compose.yml:{line}: `<<` stands twice in one mapping")


def test_a_list_of_mappings_is_merged(tmp_path: Path) -> None:
    """As the sentence on two merge keys says."""
    text = f"{ANCHORS}services:\n  web:\n    image: x\n    <<: [*a, *b]\n"
    (tmp_path / "compose.yml").write_text(text, "utf-8")
    assert not config(tmp_path).returncode
    assert not read_compose(tmp_path, "compose.yml").faults
