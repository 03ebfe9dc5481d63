"""The helper of volumes, its program run as a process of this machine, and what it refuses."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.app_spec import Limits, VolumeSpec
from grader.errors import PlatformError
from grader.sandbox import volumes as module
from grader.sandbox.hardening import hardened
from grader.sandbox.volumes import (
    NotReadable,
    VolumeHelper,
    VolumeMount,
    create_volumes,
    too_much_for,
)
from grader.testing import FakeApi, fake_engine

PROGRAM = Path(module.__file__).with_name("volumes.pl")
DATA = VolumeMount(name="v", spec=VolumeSpec(path="/data"))


class Wrapped:
    """A socket that gets what the program prints as the engine passes it on: in pieces."""

    def __init__(self, ours: socket.socket) -> None:
        self._sock = ours

    def close(self) -> None:
        self._sock.close()


def bound_files() -> None:
    """Have the program write files of a MiB at most, as in a volume that is full then."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VolumeHelper]:
    """One whose program runs here, with the folder `0` of `tmp_path` as the volume /data."""
    if shutil.which("perl") is None:
        pytest.fail("The program of the helper needs perl, which every Debian has.")
    (tmp_path / "0").mkdir()
    monkeypatch.setattr(module, "MOUNTED", str(tmp_path))
    ours, theirs = socket.socketpair()
    program = subprocess.Popen(
        ["perl", str(PROGRAM), str(tmp_path / "0")], stdin=theirs.fileno(), stdout=subprocess.PIPE,
        preexec_fn=bound_files,  # noqa: PLW1509 - no other thread runs yet
    )  # fmt: skip

    def pass_on() -> None:
        assert program.stdout is not None
        while piece := os.read(program.stdout.fileno(), 700):
            theirs.sendall(b"\1\0\0\0" + len(piece).to_bytes(4, "big") + piece)

    passing = threading.Thread(target=pass_on, daemon=True)
    passing.start()
    made = VolumeHelper("c1", Wrapped(ours), [DATA])
    yield made
    program.kill()
    program.wait()
    passing.join()
    assert program.stdout is not None
    program.stdout.close()
    made.close()
    theirs.close()


@pytest.fixture
def volume(tmp_path: Path, helper: VolumeHelper) -> Path:
    """The folder that the helper has as /data."""
    del helper
    return tmp_path / "0"


def test_all_is_listed_as_what_it_is(helper: VolumeHelper, volume: Path) -> None:
    """Files below folders, links that are not followed, pipes, names of any bytes."""
    (volume / "a").mkdir()
    (volume / "a" / "x").write_text("hello")
    (volume / "a" / "x").chmod(0o640)
    (volume / "out").symlink_to("/etc")
    os.mkfifo(volume / "pipe")
    Path(os.fsdecode(os.fsencode(volume) + b"/two\nlines \xff")).touch()
    found = {one.path: one for one in helper.files("/data")}
    assert {path: one.kind for path, one in found.items()} == {
        "a": "folder", "a/x": "file", "out": "link", "pipe": "other", "two\nlines \\xff": "file",
    }  # fmt: skip
    one = found["a/x"]
    assert (one.size, one.mode, one.owner) == (5, 0o640, os.getuid())
    assert [one.path for one in helper.files("/data", "a")] == ["a/x"]


def test_a_file_is_read(helper: VolumeHelper, volume: Path) -> None:
    """Its bytes, whatever they are, over several pieces."""
    content = bytes(range(256)) * 40
    (volume / "bytes").write_bytes(content)
    assert helper.read("/data", "bytes", 1 << 20) == content
    assert helper.read("/data", "bytes", len(content)) == content


def test_what_cannot_be_read_is_named(helper: VolumeHelper, volume: Path) -> None:
    """Nothing is followed, waited for, or read without a bound."""
    (volume / "out").symlink_to("/etc/passwd")
    (volume / "folder").symlink_to("/etc")
    os.mkfifo(volume / "pipe")
    with (volume / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    for name, sentence in (
        ("none", r"There is no /data/none\."),
        ("out", "/data/out is a link"),
        ("folder/passwd", "/data/folder/passwd is a link, or leads over one"),
        ("../0/sparse", "is a link, or leads over one"),
        ("pipe", "/data/pipe is no regular file"),
        ("sparse", "/data/sparse is larger than the 100 bytes that are read"),
    ):
        with pytest.raises(NotReadable, match=sentence):
            helper.read("/data", name, 100)


def test_no_more_is_listed_than_there_may_be(helper: VolumeHelper, volume: Path) -> None:
    """A sentence says so; what is asked next is answered."""
    for number in range(module.MOST_FILES + 1):
        (volume / str(number)).touch()
    with pytest.raises(NotReadable, match="/data holds more than 2000 files and folders"):
        helper.files("/data")
    (volume / "0").write_text("zero")
    assert helper.read("/data", "0", 10) == b"zero"


def test_folders_without_end_are_named(helper: VolumeHelper, volume: Path) -> None:
    """What lies too deep is never taken for nothing."""
    said = "/data holds folders within folders, more than 32 deep"
    (volume / "/".join(["a"] * 32)).mkdir(parents=True)
    assert len(helper.files("/data")) == 32
    (volume / "/".join(["a"] * 33)).mkdir()
    with pytest.raises(NotReadable, match=said):
        helper.files("/data")
    (volume / "a").rename(volume.parent / "elsewhere")
    at = os.open(volume, os.O_DIRECTORY)
    for _ in range(20):  # a path that no call takes as a whole
        os.mkdir("a" * 255, dir_fd=at)
        inner = os.open("a" * 255, os.O_DIRECTORY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)
    with pytest.raises(NotReadable, match=said):
        helper.files("/data")


def test_a_volume_without_room_for_a_file_is_filled(helper: VolumeHelper, volume: Path) -> None:
    """An app that has made all files that there may be: it is no fault of the platform."""
    helper.files("/data")
    volume.rmdir()  # nobody makes a file there any more
    helper.fill("/data")
    helper.free("/data")
    helper.fill("/data")


def test_a_volume_that_is_not_there(helper: VolumeHelper) -> None:
    """The suite's mistake names those that are."""
    with pytest.raises(PlatformError, match=r"no volume /other; it has /data\."):
        helper.read("/other", "x", 1)


def test_a_helper_that_has_ended() -> None:
    """It is the platform's fault."""
    ours, theirs = socket.socketpair()
    theirs.close()
    helper = VolumeHelper("c1", Wrapped(ours), [DATA])
    with pytest.raises(PlatformError, match="did not come to its end"):
        helper.files("/data")
    helper.close()


def test_a_helper_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One deadline is for the whole of a look."""
    monkeypatch.setattr(module, "SECONDS", 0.1)
    ours, theirs = socket.socketpair()
    helper = VolumeHelper("c1", Wrapped(ours), [DATA])
    with pytest.raises(PlatformError, match="did not come to its end"):
        helper.fill("/data")
    helper.close()
    theirs.close()


def test_volumes_are_bounded_and_labelled() -> None:
    """In bytes and in files, without devices and rights of a file's owner."""
    api = FakeApi()
    specs = [VolumeSpec(path="/data", size=8 << 20), VolumeSpec(path="/more")]
    made = create_volumes(fake_engine(api), "r1", specs, {"label": "r1"})
    assert [one.spec.path for one in made] == ["/data", "/more"]
    assert len({one.name for one in made}) == 2
    (_, args, options), _ = api.asked
    assert args == (made[0].name,)
    assert options["labels"] == {"label": "r1"}
    assert options["driver_opts"]["o"] == "size=8388608,nr_inodes=2049,mode=1777,nosuid,nodev"


def test_the_helper_has_least_rights() -> None:
    """No network, one capability, a file system that cannot be written."""
    made = SimpleNamespace(_sock=None, close=lambda: None)
    api = FakeApi(
        create_container={"Id": "c1"}, attach_socket=made,
        create_host_config=lambda **options: options,
    )  # fmt: skip
    helper = VolumeHelper.start(fake_engine(api), "tools", [DATA], {})
    assert helper.container == "c1"
    (options,) = [kwargs for name, _, kwargs in api.asked if name == "create_host_config"]
    assert options["network_mode"] == "none"
    assert (options["cap_drop"], options["cap_add"]) == (["ALL"], ["DAC_OVERRIDE"])
    assert options["read_only"]
    assert options["mem_limit"] == module.MEMORY + (64 << 20)
    assert [dict(one)["Target"] for one in options["mounts"]] == ["/volumes/0"]
    (command,) = [args[1] for name, args, _ in api.asked if name == "create_container"]
    assert command[3:] == ["/volumes/0"]
    assert api.calls.index("attach_socket") < api.calls.index("start")


def test_what_is_written_to_volumes_counts_as_memory() -> None:
    """The app has it on top of its own."""
    api = FakeApi(create_host_config=lambda **options: options)
    options = cast("Any", hardened(api, "inside", Limits(memory=1 << 20), mounts=[DATA]))
    assert options["mem_limit"] == options["memswap_limit"] == (1 << 20) + (64 << 20)
    assert dict(options["mounts"][0])["Source"] == "v"
    assert cast("Any", hardened(api, "inside", Limits()))["mounts"] is None


def test_an_image_with_too_much_data() -> None:
    """The sentence names folder and room."""
    assert "/data (64 MiB)" in too_much_for([DATA])
