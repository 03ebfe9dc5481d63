"""The built-in criteria: one place for their ids, and one for what follows from a lost one."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader import criteria
from grader.criteria import (
    ALWAYS_FOUND,
    APP_STARTS,
    BUILTIN,
    COMPOSE_VALID,
    CONTRACT_ROUTES,
    DOCKER_BUILDS,
    DOCKER_NON_ROOT,
    SECRETS_IMAGE,
    closure,
    consequences,
    first_unmet,
    lost_with,
    needs_of,
)

PACKAGE = Path(grader.__file__).parent
MARKED = frozenset(
    {
        "exam/builtin/test_contract.py",
        "exam/builtin/test_persist.py",
        "exam/builtin/test_secrets.py",
    }
)
"""Tests of the grader's own suite: their marks say which criterion each is about."""


def ids_in(path: Path) -> set[str]:
    """The built-in ids that are written out in `path`."""
    text = path.read_text("utf-8")
    if not any(name in text for name in BUILTIN):
        return set()  # which spares most files the parser
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in BUILTIN
    }


def test_no_id_is_written_out_elsewhere() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): ids
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != Path(criteria.__file__) and (ids := ids_in(path))
    }
    assert {name: ids for name, ids in found.items() if name not in MARKED} == {}
    assert found.keys() == MARKED


def test_what_the_suite_records_has_a_test_in_it() -> None:
    marked = {name for path in MARKED for name in ids_in(PACKAGE / path)}
    assert marked == {name for name, one in BUILTIN.items() if one.phase == "examine"}


def test_each_id_has_its_constant() -> None:
    constants = {
        name: value
        for name, value in vars(criteria).items()
        if name.isupper() and isinstance(value, str)
    }
    assert constants == {name.upper().replace(".", "_"): name for name in BUILTIN}


def test_needs_are_built_in_too() -> None:
    assert {need for one in BUILTIN.values() for need in one.needs} <= BUILTIN.keys()
    assert ALWAYS_FOUND == (DOCKER_BUILDS, APP_STARTS)


def test_it_is_fast_to_import_and_loads_nothing_of_ours() -> None:
    code = (
        "import sys, grader.criteria; "
        "print(sorted(one for one in sys.modules if one.startswith('grader.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['grader.criteria']"


def test_the_needs_of_a_built_in_one_come_first_and_once() -> None:
    assert needs_of(CONTRACT_ROUTES, ["entry.create", APP_STARTS]) == (APP_STARTS, "entry.create")
    assert needs_of("entry.create", ["a", "b", "a"]) == ("a", "b")


def test_the_first_need_that_does_not_hold_is_named() -> None:
    assert first_unmet(["a", "b", "c"], {"a"}.__contains__) == "b"
    assert first_unmet(["a"], {"a"}.__contains__) == ""


def test_what_follows_follows_on() -> None:
    needs = {"d": ("c",), "b": ("a",), "c": ("z", "b"), "e": ("z",)}
    assert consequences(needs, {"a"}) == {"b": "a", "c": "b", "d": "c"}
    assert consequences(needs, ()) == {}


def test_a_circle_ends() -> None:
    assert consequences({"a": ("b",), "b": ("a",)}, {"a"}) == {"a": "b", "b": "a"}
    assert closure({"a": ("b",), "b": ("a",)}, ["a"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("lost", "then"),
    [
        (COMPOSE_VALID, (DOCKER_BUILDS, APP_STARTS, DOCKER_NON_ROOT, SECRETS_IMAGE)),
        (DOCKER_BUILDS, (APP_STARTS, DOCKER_NON_ROOT, SECRETS_IMAGE)),
        (APP_STARTS, ()),
    ],
)
def test_the_grader_says_itself_what_it_could_not_look_at(lost: str, then: tuple[str, ...]) -> None:
    assert lost_with(lost) == dict.fromkeys(then, lost)


def test_a_closure_is_all_that_is_stood_on() -> None:
    needs = {"c": ("b", "x"), "b": ("a",)}
    assert closure(needs, ["c"]) == {"a", "b", "c", "x"}
    assert closure(needs, []) == frozenset()
