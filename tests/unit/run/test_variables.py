"""What an app is given: the variables of its challenge, filled in for one run."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from grader.run.context import RunContext
from grader.run.environment.variables import fill
from grader.settings import REPOSITORY, Settings
from grader.spec.loader import load

ENV = {"TITLE": "Shop ${draw.SHOP} of ${draw.OWNER}", "NAME": "${draw.SHOP}", "KEY": "${secret.K}"}


def filled(folder: Path, seed: int) -> tuple[dict[str, str], dict[str, str], RunContext]:
    challenge = load(REPOSITORY / "challenges" / "hello-routes")
    challenge = replace(challenge, app=replace(challenge.app, env=ENV))
    context = RunContext.begin(
        run="r", challenge=challenge, settings=Settings.from_env({}), folder=folder, seed=seed,
        listener=lambda event: None, cancel=threading.Event(),
    )  # fmt: skip
    return *fill(context, {}), context


def test_what_is_drawn_comes_from_the_seed(tmp_path: Path) -> None:
    """One name stands for one value; another seed gives another, the same one the same."""
    first, again, other = (filled(tmp_path, seed)[0] for seed in (1, 1, 2))
    assert first["TITLE"] == again["TITLE"] != other["TITLE"]
    assert first["TITLE"].startswith(f"Shop {first['NAME']} of ")
    assert first["TITLE"].count(first["NAME"]) == 1
    assert first["KEY"] != again["KEY"]


def test_what_is_drawn_is_no_secret(tmp_path: Path) -> None:
    """It may stand in a report, as a secret may not."""
    environment, hidden, context = filled(tmp_path, 1)
    assert hidden == {"KEY": environment["KEY"]}
    assert context.redactor.secrets == hidden


def test_a_value_stays_within_what_a_host_name_may_hold(tmp_path: Path) -> None:
    name = filled(tmp_path, 3)[0]["NAME"]
    assert name.isascii()
    assert name.islower()
    assert len(name) == 10


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_nothing_is_left_to_fill_in(tmp_path: Path, seed: int) -> None:
    assert "${" not in "".join(filled(tmp_path, seed)[0].values())
