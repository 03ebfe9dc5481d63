"""The set-up scripts: where they cannot do their work, they say what to do and end with 3."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDINARY = (
    *("bash", "env", "cat", "cut", "date", "dirname", "grep", "mktemp", "rm", "sed", "sleep"),
    *("sort", "stat", "tail", "timeout", "touch", "tr", "uname"),
)
NO_CLIENT = "echo 'docker: not found' >&2; exit 127"
OLD_ENGINE = "case $* in version*) echo 20.10.24 ;; esac"
NO_PLUGINS = "case $* in version*) echo 27.1.0 ;; *) exit 1 ;; esac"
GOOD_ENGINE = "case $* in version*) echo 27.1.0 ;; esac"
NOT_ALLOWED = "echo 'permission denied while trying to connect to the Docker daemon' >&2; exit 1"

Machine = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Run a script of a copy of the repository, with only the programs given on its path."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ORDINARY:
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(found)
    copy = tmp_path / "repository"
    shutil.copytree(ROOT / "scripts", copy / "scripts")
    shutil.copy(ROOT / "pyproject.toml", copy)

    def run(
        script: str, *, system: str = "", env: dict[str, str] | None = None, **fakes: str
    ) -> subprocess.CompletedProcess[str]:
        for name, body in fakes.items():
            path = programs / name.replace("_", "-")
            path.write_text(f"#!{programs}/bash\n{body}\n")
            path.chmod(0o755)
        (tmp_path / "os-release").write_text(system)
        return subprocess.run(
            [str(copy / "scripts" / script)],
            env={
                "PATH": str(programs),
                "GRADER_OS_RELEASE": str(tmp_path / "os-release"),
                "GRADER_ENGINE_LOG": str(tmp_path / "engine.log"),
                "GRADER_ENGINE_RUN": str(tmp_path / "run"),
                "GRADER_SBIN": "",
                **(env or {}),
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def test_a_good_engine_is_left_alone(machine: Machine) -> None:
    """Where an engine answers that will do, nothing is done and nothing is said."""
    done = machine("engine.sh", docker=GOOD_ENGINE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("fakes", "said"),
    [
        ({"docker": OLD_ENGINE}, "The Docker engine is version 20.10.24; 26 or newer is needed"),
        ({"docker": NO_PLUGINS}, "buildx or compose plugin is missing"),
        ({"docker": NOT_ALLOWED, "id": "echo maria"}, "usermod -aG docker maria"),
        ({"docker": NO_CLIENT, "dockerd": "exit 1", "id": "echo 1000"}, "Start it (sudo systemctl"),
    ],
)
def test_an_engine_that_will_not_do_is_named(
    machine: Machine, fakes: dict[str, str], said: str
) -> None:
    """Too old, without plugins, not ours to use, not started: each has its own remedy."""
    done = machine("engine.sh", **fakes)
    assert done.returncode == 3
    assert said in done.stderr


@pytest.mark.parametrize(
    ("system", "user", "said"),
    [
        ('ID=fedora\nPRETTY_NAME="Fedora Linux 41"\n', "0", "Fedora Linux 41 is neither Debian"),
        ("ID=debian\nVERSION_CODENAME=bookworm\n", "1000", "Run: sudo make setup"),
        ("ID=ubuntu\nVERSION_CODENAME=noble\n", "1000", "only root may install one"),
    ],
)
def test_where_none_may_be_installed_it_says_so(
    machine: Machine, system: str, user: str, said: str
) -> None:
    """Another distribution, or not root: what to install or to run is said, and nothing is done."""
    done = machine("engine.sh", system=system, docker=NO_CLIENT, id=f"echo {user}")
    assert done.returncode == 3
    assert said in done.stderr
    assert "buildx and compose" in done.stderr


def test_an_engine_elsewhere_is_not_replaced(machine: Machine) -> None:
    """With DOCKER_HOST set, no other engine is installed or started in its place."""
    done = machine(
        "engine.sh",
        system="ID=debian\n",
        env={"DOCKER_HOST": "tcp://127.0.0.1:1"},
        docker=NO_CLIENT,
        id="echo 0",
    )
    assert done.returncode == 3
    assert "Start it, or unset DOCKER_HOST" in done.stderr


def test_a_failing_installation_says_why(machine: Machine) -> None:
    """The last lines of the step that failed, and how to go on."""
    done = machine(
        "engine.sh",
        system="ID=debian\nVERSION_CODENAME=bookworm\n",
        docker=NO_CLIENT,
        id="echo 0",
        apt_get="echo 'E: Could not resolve the archive'; exit 100",
    )
    assert done.returncode == 3
    assert "E: Could not resolve the archive" in done.stderr
    assert "run the same command again" in done.stderr


def test_an_engine_that_does_not_start_says_why(machine: Machine) -> None:
    """The engine's own last lines are shown, at once and not after a minute."""
    done = machine(
        "engine.sh",
        docker=NO_CLIENT,
        id="echo 0",
        setsid='exec "$@"',
        dockerd="echo 'unable to configure the daemon' >&2; exit 1",
    )
    assert done.returncode == 3
    assert "unable to configure the daemon" in done.stderr


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("", "apt-get install python3 python3-venv"),
        ('if [[ $1 == -V ]]; then echo "Python 3.9.2"; else exit 1; fi', "version 3.9.2"),
        (
            '[[ $1 == -c ]] || { echo "ensurepip is not available"; exit 1; }',
            "apt-get install python3-venv",
        ),
    ],
)
def test_a_python_that_will_not_do_is_named(machine: Machine, python: str, said: str) -> None:
    """None, one too old, one that makes no virtual environments: each has its own remedy."""
    done = machine("venv.sh", **({"python3": python} if python else {}))
    assert done.returncode == 3
    assert said in done.stderr


def test_setup_ends_as_its_steps_do(machine: Machine) -> None:
    """What a step cannot do is the end of the whole, with the step's own code."""
    done = machine(
        "setup.sh",
        system="ID=fedora\n",
        docker=NO_CLIENT,
        id="echo 0",
        python3='[[ $1 == -c ]] || { echo "no ensurepip"; exit 1; }',
    )
    assert done.returncode == 3


def test_make_hides_no_failure() -> None:
    """What `make test` runs is not followed by anything that would swallow its status."""
    text = (ROOT / "Makefile").read_text()
    target = text.partition("\ntest:")[2].partition("\n\n")[0]
    assert "||" not in target
    assert "set -euo pipefail" in (ROOT / ".ci" / "run").read_text()


def test_a_browser_is_left_alone(machine: Machine) -> None:
    """Whichever of its names it goes by."""
    done = machine("browser.sh", google_chrome="exit 0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_a_browser_the_way_on_is_said(machine: Machine) -> None:
    """Elsewhere than on Debian, and to those who may not install one."""
    done = machine("browser.sh", system='ID=ubuntu\nPRETTY_NAME="Ubuntu 24.04"\n')
    assert done.returncode == 3
    assert "There is no browser, and Ubuntu 24.04 is not Debian." in done.stderr
    assert "Install Chromium or Chrome" in done.stderr
    done = machine("browser.sh", system="ID=debian\n", id="echo 1000")
    assert done.returncode == 3
    assert "Run: sudo make browser" in done.stderr
