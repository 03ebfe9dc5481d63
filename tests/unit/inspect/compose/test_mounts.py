"""What is mounted, and that nothing of the machine is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.inspect.compose.paths import Outside, inside
from grader.inspect.compose.project import Mount, MountKind, Reading

Read = Callable[..., Reading]
Faults = Callable[..., tuple[str, ...]]
Rejected = Callable[..., str]
Write = Callable[[str, str | bytes], None]

VOLUME, BIND = MountKind.VOLUME, MountKind.BIND
ANONYMOUS, TMPFS = MountKind.ANONYMOUS, MountKind.TMPFS


def file(*entries: str, key: str = "volumes") -> str:
    lines = "".join(f"      - {entry}\n" for entry in entries)
    return f"services:\n  db:\n    image: mysql\n    {key}:\n{lines}volumes: {{data: }}\n"


def mounts(reading: Reading) -> tuple[Mount, ...]:
    assert not reading.faults
    assert reading.project is not None
    return reading.project.services["db"].mounts


@pytest.mark.parametrize(
    ("entry", "kind", "source", "target", "read_only"),
    [
        ("data:/x", VOLUME, "data", "/x", False),
        ("data:/x:ro", VOLUME, "data", "/x", True),
        ("data:/x:rw", VOLUME, "data", "/x", False),
        ("data:/x:z,ro", VOLUME, "data", "/x", True),
        ("data:/x:nocopy", VOLUME, "data", "/x", False),
        ("/x", ANONYMOUS, "", "/x", False),
        ("./sql:/x", BIND, "sql", "/x", False),
        ("./sql/:/x/", BIND, "sql", "/x/", False),
        (".:/x", BIND, ".", "/x", False),
        ("./:/x:ro", BIND, ".", "/x", True),
        ("./sql/../sql/a.sql:/x", BIND, "sql/a.sql", "/x", False),
        ("./not-there:/x", BIND, "not-there", "/x", False),
        ("./linked:/x", BIND, "sql", "/x", False),
        ("./linked/a.sql:/x", BIND, "sql/a.sql", "/x", False),
        ("{type: volume, source: data, target: /x}", VOLUME, "data", "/x", False),
        ("{source: data, target: /x, read_only: true}", VOLUME, "data", "/x", True),
        ("{type: volume, target: /x}", ANONYMOUS, "", "/x", False),
        ("{type: bind, source: sql, target: /x}", BIND, "sql", "/x", False),
        ("{type: bind, source: ./sql, target: /x, read_only: 'yes'}", BIND, "sql", "/x", True),
        ("{type: tmpfs, target: /x}", TMPFS, "", "/x", False),
    ],
)
def test_every_form(
    read: Read,
    write: Write,
    tmp_path: Path,
    entry: str,
    kind: MountKind,
    source: str,
    target: str,
    read_only: bool,
) -> None:
    """Short and long; paths are from the top of the repository, without links."""
    write("sql/a.sql", "")
    (tmp_path / "linked").symlink_to("sql")
    (mount,) = mounts(read(file(entry)))
    assert mount == Mount(kind=kind, source=source, target=target, read_only=read_only, line=5)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("/:/host", "an absolute path"),
        ("/etc:/x", "an absolute path"),
        ("/etc/localtime:/etc/localtime:ro", "an absolute path"),
        ("/var/run/docker.sock:/var/run/docker.sock", "the machine's Docker"),
        ("//var/run/docker.sock:/x", "the machine's Docker"),
        ("./docker.sock:/x", "the machine's Docker"),
        ("~:/x", "home folder"),
        ("~/x:/x", "home folder"),
        ("~root/x:/x", "home folder"),
        ("..:/x", "climbs out"),
        ("../x:/x", "climbs out"),
        ("./a/../../x:/x", "climbs out"),
        ("C:\\\\Users:/x", "an absolute path"),
        ("'C:/Users:/x:ro'", "an absolute path"),
        ("$ETC:/x", "an absolute path"),
        ("./$UP/x:/x", "climbs out"),
        ("${NOWHERE:-/etc}:/x", "an absolute path"),
        ("${HOME}/x:/x", "an absolute path"),
        ("./out:/x", "a link that leads out"),
        ("./out/passwd:/x", "a link that leads out"),
        ("./deep/out/../x:/x", ""),
        ("./chain:/x", "a link that leads out"),
        ("{type: bind, source: /etc, target: /x}", "an absolute path"),
        ("{type: bind, source: ../x, target: /x}", "climbs out"),
        ("{type: bind, source: ., target: /x, bind: {propagation: shared}}", ""),
        ("{type: npipe, source: x, target: /x}", "only volumes, tmpfs and"),
        ("{type: image, source: x, target: /x}", "only volumes, tmpfs and"),
        ("{type: cluster, source: x, target: /x}", "only volumes, tmpfs and"),
    ],
)
def test_nothing_outside_of_the_repository(
    rejected: Rejected, write: Write, tmp_path: Path, entry: str, reason: str
) -> None:
    """By whatever way it is named; the line and the key are said."""
    write(".env", "ETC=/etc\nUP=..\n")
    (tmp_path / "out").symlink_to("/etc")
    (tmp_path / "chain").symlink_to("out")
    said = rejected(file(entry))
    assert bool(said) == bool(reason)
    assert not reason or said.startswith("compose.yml:5: services.db.volumes[0] ")
    assert reason in said


def test_a_path_may_climb_within_the_repository(read: Read, write: Write) -> None:
    """Paths are those of the Compose file's folder."""
    write("sql/init.sql", "")
    text = file("../sql/init.sql:/x", "./here:/y")
    reading = read(text, path="ops/compose.yml")
    assert [mount.source for mount in mounts(reading)] == ["sql/init.sql", "ops/here"]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("dat:/x", "does not define; add it there. Did you mean 'data'?"),
        ("sql/x:/x", "For a folder of your repository write `./sql/x`."),
        ("data:x", 'leads to "x"; a path in the container begins with `/`.'),
        ("./x:x", 'leads to "x"; a path in the container begins with `/`.'),
        (".", 'leads to "."; a path in the container begins with `/`.'),
        ("'data:'", "has no path in the container"),
        (":/x", 'is ":/x"; write it like `./data:/data`'),
        ("data:/b:ro:c", "write it like `./data:/data`"),
        ("./x:/", "leads to `/`; mount it to a folder of the container."),
        ("./x://", "leads to `/`; mount it to a folder of the container."),
        ("5", "is 5; it should be text in quotes."),
        ("[a]", 'is ["a"]; it should be text in quotes.'),
        ("{type: bnd, target: /x}", "it can be bind, volume or tmpfs. Did you mean 'bind'?"),
        ("{type: bind, target: /x}", "lacks `source`"),
        ("{type: volume, source: data}", "has no path in the container"),
    ],
)  # fmt: skip
def test_faults(faults: Faults, entry: str, sentence: str) -> None:
    """Each says what to write."""
    (said,) = faults(file(entry))
    assert said.startswith("compose.yml:5: services.db.volumes[0] ")
    assert sentence in said


def test_of_two_on_one_path_the_last_is_mounted(read: Read) -> None:
    """As Compose has it."""
    (mount,) = mounts(read(file("data:/x", "./sql:/x")))
    assert mount.kind is BIND


def test_temporary_folders(read: Read, faults: Faults) -> None:
    """One or a list; options are left out."""
    found = mounts(read(file("/run", "/tmp:size=64m,mode=1777", key="tmpfs")))
    assert [(one.kind, one.target) for one in found] == [(TMPFS, "/run"), (TMPFS, "/tmp")]
    (one,) = mounts(read("services: {db: {image: mysql, tmpfs: /run}}"))
    assert (one.kind, one.target) == (TMPFS, "/run")
    (said,) = faults("services: {db: {image: mysql, tmpfs: [run, 5]}}")[:1]
    assert said.startswith('compose.yml:1: services.db.tmpfs[0] leads to "run"')


def test_volumes_that_are_used(read: Read) -> None:
    """Those alone are the project's."""
    reading = read("services: {db: {image: x, volumes: ['used:/a']}}\nvolumes: {used: {}, b: }")
    assert reading.project is not None
    assert reading.project.volumes == ("used",)


@pytest.mark.parametrize(
    ("folder", "path", "found"),
    [
        ("", "a", "a"), ("", "", "."), ("", ".", "."), ("", "./a/./b/", "a/b"), ("x", "a", "x/a"),
        ("x", "..", "."), ("x/y", "../../a", "a"), ("", "a\\b", "a/b"), ("", "in", "real"),
        ("", "in/x", "real/x"), ("", "in/../y", "y"), ("", "...", "..."), ("", "a~", "a~"),
    ],
)  # fmt: skip
def test_paths_inside(tmp_path: Path, folder: str, path: str, found: str) -> None:
    """Dots are followed first, as Compose does, then links."""
    (tmp_path / "real").mkdir()
    (tmp_path / "in").symlink_to(tmp_path / "real")
    assert inside(tmp_path, folder, path) == found


@pytest.mark.parametrize(
    ("folder", "path"),
    [("", ".."), ("x", "../.."), ("", "/"), ("", "~"), ("", "out"), ("", "loop/../../x"),
     ("", "a/" * 3000), ("", "D:\\x"), ("", "\\\\host\\x"), ("", "..\\x"), ("", "a\0"),
     ("", "near")],
)  # fmt: skip
def test_paths_outside(tmp_path: Path, folder: str, path: str) -> None:
    """A folder alongside the repository whose name begins like it is outside as well."""
    root = tmp_path / "repo"
    root.mkdir()
    (tmp_path / "repo-near").mkdir()
    (root / "out").symlink_to("/")
    (root / "near").symlink_to("../repo-near")
    with pytest.raises(Outside):
        inside(root, folder, path)


def test_a_link_to_itself_leads_nowhere(rejected: Rejected, tmp_path: Path) -> None:
    """And hangs nothing."""
    (tmp_path / "loop").symlink_to("loop")
    assert not rejected(file("./loop:/x"))
