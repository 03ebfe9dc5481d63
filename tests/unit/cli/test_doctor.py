"""What doctor makes of version numbers."""

from typing import Any

import pytest

from grader import installation
from grader.cli.doctor import _confinement, _packages, closed
from grader.sandbox import index
from grader.testing import fake_engine


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("1.1.12", True),
        ("1.2.0-rc.1", True),
        ("1.1.5", False),
        ("1.1.5+ds1", False),
        ("1.1.5+ds1-1+deb12u1", True),
        ("1.1.5+ds1-1+b1", False),
        ("1.1.4-0ubuntu3.1", True),
        ("v1.1.13", True),
    ],
)
def test_a_hole_is_closed_by_number_or_by_the_distribution(version: str, good: bool) -> None:
    """A security update of a distribution counts, a rebuilt package does not."""
    assert closed(version, (1, 1, 12)) is good


def test_packages_are_compared_with_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grading works with others; which they are is told."""
    lock = installation.read_lock("run")
    present = {name: min(versions) for name, versions in lock.versions.items()}
    monkeypatch.setattr(installation, "installed", lambda path: present)
    assert (_packages().good, _packages().said) == (True, "as locked")
    present["pyyaml"] = "1.0"
    del present["rich"]
    found = _packages()
    assert (found.good, found.fatal) == (False, False)
    assert found.said.startswith("pyyaml 1.0 instead of ")
    assert found.said.endswith("rich is not installed")
    assert "--require-hashes" in found.remedy


ALONE = "reaches Python's and Debian's packages alone"


@pytest.mark.parametrize(
    ("obstacle", "weakness", "said", "remedy"),
    [
        ("", "", ALONE, ""),
        (
            "", "a build may cut others off (ebtables is not installed)",
            f"{ALONE}, but a build may cut others off (ebtables is not installed)",
            "Install ebtables",
        ),
        (
            "the grader does not run as root", "not asked",
            "not confined: the grader does not run as root", "On Linux run the grader as root",
        ),
    ],
)  # fmt: skip
def test_a_network_of_builds_that_is_weaker_is_no_good_one(
    monkeypatch: pytest.MonkeyPatch, obstacle: str, weakness: str, said: str, remedy: str
) -> None:
    """It is told what is lacking and how to mend it; grading works all the same."""
    monkeypatch.setattr(index, "confinement", lambda *_: obstacle)
    monkeypatch.setattr(index, "weakness", lambda: weakness)
    machine: Any = None
    (found,) = _confinement(fake_engine(), machine)
    assert (found.what, found.said) == ("network of builds", said)
    assert (found.good, found.fatal) == (not remedy, False)
    assert remedy in found.remedy
