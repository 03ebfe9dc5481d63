"""What doctor makes of version numbers."""

import pytest

from grader import installation
from grader.cli.doctor import _packages, closed


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
