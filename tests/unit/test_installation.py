"""Whether the installed packages are the lock's, and whether the lock is one."""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from grader import installation
from grader.installation import deviations, installed, lock_digest, read_lock

ROOT = Path(__file__).parents[2]
GROUPS = ("run", "fuzz", "dev")
"""Each has all of the one before."""
PORTAL_GROUPS = ("run", "portal", "dev")
LOCKS = [
    *(installation.FOLDER / f"{name}.txt" for name in (*GROUPS, "portal", "build")),
    ROOT / "dev" / "index" / "requirements.txt",
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def a_lock(folder: Path, *lines: str) -> None:
    (folder / "run.txt").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_line_is_an_exact_version_with_hashes(path: Path) -> None:
    """A lock names no place to download from, and nothing without a hash."""
    text = path.read_text("utf-8")
    assert "://" not in text
    assert "-index" not in text
    entries = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    assert entries
    for entry in entries:
        requirement, *hashes = re.split(r" +--hash=", entry)
        (specifier,) = Requirement(requirement.strip()).specifier
        assert specifier.operator == "=="
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64} *", one) for one in hashes)


INSTALLERS = {
    "scripts/venv.sh": ('"$locks/dev.txt"', '"$locks/build.txt"'),
    ".github/actions/grade/install.sh": ('"$locks/$group.txt"', '"$locks/build.txt"'),
    "deploy/Dockerfile": (
        "requirements/portal.txt",
        "requirements/build.txt",
        "requirements/fuzz.txt",
    ),
}
"""What installs the grader, with the locks that it takes."""


@pytest.mark.parametrize("path", INSTALLERS)
def test_what_installs_the_grader_installs_the_lock(path: str) -> None:
    """Each call of pip takes a lock and requires its hashes, or takes the grader alone."""
    text = (ROOT / path).read_text("utf-8").replace("\\\n", " ")
    calls = [
        line.strip()
        for line in text.splitlines()
        if re.search(r'\bpip install|\bpip\[@\]\}" ', line) and not line.lstrip().startswith("pip=")
    ]
    of_lock = [line for line in calls if "--requirement" in line]
    of_grader = [line for line in calls if "--requirement" not in line]
    assert all("--require-hashes --only-binary :all:" in " ".join(one.split()) for one in of_lock)
    assert all({"--no-deps", "--no-build-isolation"} <= {*one.split()} for one in of_grader)
    assert (len(of_lock), len(of_grader)) == (2 if "Docker" in path else 1, 1)
    for lock in INSTALLERS[path]:
        assert any(lock in line for line in of_lock)


def test_what_installs_the_grader_is_known() -> None:
    """Nothing else of it calls pip: setup goes by way of scripts/venv.sh."""
    places = [*(ROOT / "scripts").iterdir(), *(ROOT / "deploy").iterdir(), ROOT / "Makefile"]
    places += (ROOT / ".github" / "actions").rglob("*.sh")
    found = {
        one.relative_to(ROOT).as_posix()
        for one in places
        if one.is_file() and re.search(r"\bpip['\"]?[,\s]+['\"]?install\b", one.read_text("utf-8"))
    }
    assert found <= INSTALLERS.keys() | {".github/actions/grade/install.sh"}, found
    assert "scripts/venv.sh" in (ROOT / "scripts" / "setup.sh").read_text("utf-8")


def test_the_groups_agree_and_satisfy_the_ranges() -> None:
    """A larger group has all of a smaller one; `make lock` was run after a change of a range."""
    run, fuzz, dev = (read_lock(group).versions for group in GROUPS)
    assert run.items() <= fuzz.items() <= dev.items()
    _, portal, _ = (read_lock(group).versions for group in PORTAL_GROUPS)
    assert run.items() <= portal.items() <= dev.items()
    extras = PROJECT["project"]["optional-dependencies"]
    build = read_lock("build").versions
    for wanted, lock in (
        (PROJECT["project"]["dependencies"], run),
        (extras["fuzz"], fuzz),
        (extras["portal"], portal),
        (extras["portal"], dev),
        (extras["dev"], dev),
        (PROJECT["build-system"]["requires"], build),
    ):
        for line in wanted:
            one = Requirement(line)
            if canonicalize_name(one.name) == PROJECT["project"]["name"]:
                continue  # another group of it, which is looked at by itself
            versions = lock[canonicalize_name(one.name)]
            assert all(one.specifier.contains(version) for version in versions), line


def test_what_is_read_from_folder_names_is_what_python_knows() -> None:
    """The quick look agrees with `importlib.metadata` on this very environment."""
    slow: dict[str, str] = {}
    for one in importlib.metadata.distributions():
        slow.setdefault(canonicalize_name(one.metadata["Name"]), one.version)
    quick = installed(sys.path)
    differing = {
        name: (version, quick.get(name))
        for name, version in slow.items()
        if quick.get(name) != version and name != "practical-exam-grader"  # has an .egg-info too
    }
    assert not differing


def test_each_kind_of_deviation_is_named(tmp_path: Path) -> None:
    """Another version, a missing one; not one that this system does without."""
    a_lock(
        tmp_path,
        "PyYAML==6.0.4 \\",
        "    --hash=sha256:00",
        "six==1.17.0 \\",
        "colorama==0.4.6 ; sys_platform == 'win32' \\",
        "soupsieve==2.10 ; python_full_version < '3.11.5' \\",
        "soupsieve==4.1.3 ; python_full_version >= '3.11.5' \\",
    )
    lock = read_lock("run", tmp_path)
    present = {"pyyaml": "6.0.4", "six": "1.17", "soupsieve": "4.1.3", "other": "1"}
    assert deviations(lock, present) == ()
    assert deviations(lock, present | {"pyyaml": "6.0.3", "soupsieve": "3"}) == (
        "pyyaml 6.0.3 instead of 6.0.4",
        "soupsieve 3 instead of 2.10 or 4.1.3",
    )
    del present["six"]
    assert deviations(lock, present) == ("six is not installed",)


def test_the_digest_is_named_only_where_all_is_as_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One package upgraded by hand, and there is none; a digest changes with the lock."""
    site = tmp_path / "site"
    (site / "Flask-3.1.3.dist-info").mkdir(parents=True)
    a_lock(tmp_path, "flask==3.1.3 \\")
    monkeypatch.setattr(sys, "path", [str(site)])
    read = read_lock

    def there(group: str) -> installation.Lock:
        return read(group, tmp_path)

    monkeypatch.setattr(installation, "read_lock", there)
    lock_digest.cache_clear()
    try:
        assert lock_digest("run") == read("run", tmp_path).digest
        lock_digest.cache_clear()
        (site / "Flask-3.1.3.dist-info").rename(site / "Flask-3.1.4.dist-info")
        assert lock_digest("run") is None
        assert lock_digest("unknown") is None, "a grader without a lock says so"
    finally:
        lock_digest.cache_clear()
    before = read("run", tmp_path).digest
    a_lock(tmp_path, "flask==3.1.4 \\")
    assert read("run", tmp_path).digest != before
