"""What a Compose file mounts from the repository: copies that a container may write to."""

from __future__ import annotations

import stat
from pathlib import Path

from grader.inspect.compose.project import (
    ComposeService,
    Mount,
    MountKind,
    Project,
    ServiceLines,
)
from grader.run.compose.bind_mounts import copy_binds
from tests.unit.run.conftest import HandIn

MOUNTS = (
    Mount(kind=MountKind.BIND, source="init", target="/init"),
    Mount(kind=MountKind.VOLUME, source="data", target="/data"),
    Mount(kind=MountKind.BIND, source="my.cnf", target="/etc/my.cnf"),
    Mount(kind=MountKind.BIND, source="key.txt", target="/run/key", content="drawn"),
    Mount(kind=MountKind.BIND, source="gone", target="/gone"),
)
PROJECT = Project(
    path="compose.yml",
    services={
        "db": ComposeService(name="db", lines=ServiceLines(own=1), mounts=MOUNTS),
        "left out": ComposeService(name="left out", lines=ServiceLines(own=9), mounts=MOUNTS),
    },
)


def test_each_is_copied_for_the_services_that_start(hand_in: HandIn, tmp_path: Path) -> None:
    """A secret that was drawn is a file, and what is not there an empty folder, as in Docker."""
    root = hand_in({"init/a.sh": "true\n", "my.cnf": "[mysqld]\n"}).root
    (root / "init/a.sh").chmod(0o700)
    found = copy_binds(root, PROJECT, {"db": "db"}, tmp_path / "binds")
    assert {service for service, _ in found} == {"db"}
    paths = {target: Path(path) for (_, target), path in found.items()}
    assert sorted(paths) == ["/etc/my.cnf", "/gone", "/init", "/run/key"]
    assert paths["/run/key"].read_text() == "drawn"
    assert list(paths["/gone"].iterdir()) == []
    script = paths["/init"] / "a.sh"
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
    assert stat.S_IMODE(paths["/etc/my.cnf"].stat().st_mode) == 0o644


def test_what_a_container_has_written_stays(hand_in: HandIn, tmp_path: Path) -> None:
    """The file is written again with each start; the snapshot is as it was handed in."""
    root = hand_in({"my.cnf": "[mysqld]\n", "init/a.sql": ""}).root
    paths = copy_binds(root, PROJECT, {"db": "db"}, tmp_path / "binds")
    Path(paths["db", "/etc/my.cnf"]).write_text("changed")
    assert copy_binds(root, PROJECT, {"db": "db"}, tmp_path / "binds") == paths
    assert Path(paths["db", "/etc/my.cnf"]).read_text() == "changed"
    assert (root / "my.cnf").read_text() == "[mysqld]\n"


def test_containers_of_one_service_share_what_they_mount(tmp_path: Path) -> None:
    """As they do where Docker runs them."""
    root = tmp_path / "root"
    root.mkdir()
    found = copy_binds(root, PROJECT, {"db": "db", "db.2": "db"}, tmp_path / "binds")
    of = {name: {t: path for (n, t), path in found.items() if n == name} for name in ("db", "db.2")}
    assert of["db"] == of["db.2"] != {}
