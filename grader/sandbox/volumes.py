"""Volumes of a submission: folders that outlive its containers, bounded in bytes and in files.

Each is a file system in memory (tmpfs), by Docker's own driver: a plain volume knows no quota. Such
a one lasts as long as a container has it, so a helper container has all of a run's from the
beginning. It is also what looks into them: a process without a network, with nothing of the host
and no right but that to read what belongs to others. Docker gives a volume the content and the
owner of the image's folder of that path, as it does with every named volume.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from grader.app_spec import VolumeSpec
from grader.errors import GraderError, PlatformError
from grader.sandbox.engine import Engine, translated

PREFIX = "grader-volume-"
"""What the names of these volumes begin with."""
MOUNTED = "/volumes"
"""Where the helper has them."""
MEMORY = 64 << 20
"""Bytes of memory that the helper may use beyond what it fills volumes with."""
SECONDS = 15.0
"""How long one look into a volume may take."""
FRAME = 8
"""Bytes before each piece of what the helper says: the stream, and its length."""
CHUNK = 64 * 1024
RESERVED = 1
"""Files of the helper's own in each volume, which `fill` writes to."""
MOST_FILES = 2000
"""Files and folders that are listed of one volume."""
LARGEST_FILE = 8 << 20
"""Bytes of a file that are read at most."""
MOST_BYTES = 64 << 20
"""Bytes of one answer of the helper's: the longest list of files has half of it."""
LONGEST_LINE = 1000
"""Bytes of the line that an answer begins with."""
FAULTS = {
    "missing": "There is no {path}.",
    "link": "{path} is a link, or leads over one; no link is followed.",
    "other": "{path} is no regular file.",
    "many": "{path} holds more than {most} files and folders.",
    "deep": "{path} holds folders within folders, more than 32 deep.",
    "large": "{path} is larger than the {most} bytes that are read of it.",
}
"""What the helper finds that is the submission's own doing, and the sentence for each."""


class NotReadable(GraderError):
    """What a volume holds cannot be looked at: the student's fault, `str()` says which."""


@dataclass(frozen=True, kw_only=True)
class VolumeMount:
    """A volume as a container has it."""

    name: str
    """The engine's name of it."""
    spec: VolumeSpec
    read_only: bool = False

    def docker(self) -> Any:
        """Return it as docker-py takes it."""
        from docker.types import Mount

        return Mount(self.spec.path, self.name, type="volume", read_only=self.read_only)


@dataclass(frozen=True, kw_only=True)
class ListedFile:
    """An entry of a volume."""

    path: str
    """Seen from the volume's folder."""
    kind: str
    """`file`, `folder`, `link` or `other`."""
    size: int
    mode: int
    """Its permissions, with the bits above them."""
    owner: int
    """Its user id."""


def create_volumes(
    engine: Engine, run: str, specs: Sequence[VolumeSpec], labels: Mapping[str, str], *,
    kind: str = "app",
) -> tuple[VolumeMount, ...]:  # fmt: skip
    """Make empty volumes for the run `run`. Raises `PlatformError`.

    Any user may write to them, as to /tmp, where the image has no such folder.
    """
    made = []
    for number, spec in enumerate(specs):
        name = f"{PREFIX}{run}-{kind}-{number}"
        files = spec.files + RESERVED
        options = f"size={spec.size},nr_inodes={files},mode=1777,nosuid,nodev"
        with translated():
            engine.client.api.create_volume(
                name,
                driver="local",
                driver_opts={"type": "tmpfs", "device": "tmpfs", "o": options},
                labels=dict(labels),
            )
        made.append(VolumeMount(name=name, spec=spec))
    return tuple(made)


def memory_of(mounts: Sequence[VolumeMount]) -> int:
    """Return the bytes that the volumes hold: memory of whoever writes there first."""
    return sum(one.spec.size for one in mounts)


def too_much_for(mounts: Sequence[VolumeMount]) -> str:
    """Return what is said of an image with more in a volume's folder than the volume holds."""
    held = ", ".join(f"{one.spec.path} ({one.spec.size >> 20} MiB)" for one in mounts)
    return (
        f"what the image has in the folder of a volume does not fit into it: {held}. Data does not "
        "belong into the image; make it when the app starts."
    )


@cache
def _program() -> str:
    return Path(__file__).with_name("volumes.pl").read_text("utf-8")


class VolumeHelper:
    """The container that keeps a run's volumes and looks into them. Safe from several threads."""

    def __init__(self, container: str, connection: Any, mounts: Sequence[VolumeMount]) -> None:
        self.container = container
        """Its id."""
        self.mounts = tuple(mounts)
        self._attached = connection
        self._connection: socket.socket = getattr(connection, "_sock", connection)
        self._lock = threading.Lock()

    @classmethod
    def start(
        cls, engine: Engine, image: str, mounts: Sequence[VolumeMount], labels: Mapping[str, str]
    ) -> VolumeHelper:
        """Start one of the tools' `image`. Raises `PlatformError`."""
        from docker.types import LogConfig

        api = engine.client.api
        within = [
            replace(one, spec=replace(one.spec, path=f"{MOUNTED}/{number}")).docker()
            for number, one in enumerate(mounts)
        ]
        memory = MEMORY + memory_of(mounts)
        with translated():
            host = api.create_host_config(
                network_mode="none", cap_drop=["ALL"], cap_add=["DAC_OVERRIDE"],
                security_opt=["no-new-privileges"], read_only=True, pids_limit=16,
                mem_limit=memory, memswap_limit=memory, mounts=within,
                log_config=LogConfig(type="none"),
            )  # fmt: skip
            container = api.create_container(
                image, ["perl", "-e", _program(), *(one["Target"] for one in within)],
                labels=dict(labels), host_config=host, stdin_open=True,
            )["Id"]  # fmt: skip
            attached = api.attach_socket(container, params={"stdin": 1, "stdout": 1, "stream": 1})
            api.start(container)
        return cls(container, attached, mounts)

    def close(self) -> None:
        """Let go of the connection; the container is removed with the run."""
        self._attached.close()
        self._connection.close()

    def files(self, path: str, folder: str = "") -> tuple[ListedFile, ...]:
        """Return what is in `folder` of the volume at `path` and below it, sorted.

        Raises `NotReadable` where that cannot be looked at, `PlatformError` where the look fails.
        """
        found = self._ask("files", path, folder, most=MOST_FILES).decode("ascii")
        return tuple(sorted(map(_listed, found.splitlines()), key=lambda one: one.path))

    def read(self, path: str, name: str, most: int) -> bytes:
        """Return the file `name` of the volume at `path`, of at most `most` bytes.

        Raises as `files` does.
        """
        return self._ask("read", path, name, most=min(most, LARGEST_FILE))

    def fill(self, path: str) -> None:
        """Leave no space in the volume at `path` until `free`. Raises `PlatformError`."""
        self._ask("fill", path)

    def free(self, path: str) -> None:
        """Give back the space that `fill` took. Raises `PlatformError`."""
        self._ask("free", path)

    def _ask(self, verb: str, path: str, *words: str, most: int = 0) -> bytes:
        paths = [one.spec.path for one in self.mounts]
        if path not in paths:
            msg = f"challenge.yml gives the app no volume {path}; it has {', '.join(paths)}."
            raise PlatformError(msg)
        given = [f"{MOUNTED}/{paths.index(path)}", *words, *([str(most)] if most else [])]
        line = " ".join([verb, *(_hexadecimal(one) for one in given)]) + "\n"
        with self._lock:
            status, content = self._exchange(line.encode())
        if status == "ok":
            return content
        if status in FAULTS:
            shown = "/".join([path, *(one for one in words if one)])
            raise NotReadable(FAULTS[status].format(path=shown, most=most))
        msg = f"The volume {path} could not be looked at ({status}); grade again."
        raise PlatformError(msg)

    def _exchange(self, line: bytes) -> tuple[str, bytes]:
        """Send one request, and return what is said of it with the bytes that come along."""
        until = time.monotonic() + SECONDS
        try:
            begin = getattr(self._connection, "begin", None)
            if begin:
                begin(SECONDS)
            else:
                self._connection.settimeout(SECONDS)
            self._connection.sendall(line)
            answer = _Answer(self._connection, until)
            status, _, length = answer.line().partition(b" ")
            return status.decode("ascii"), answer.next(int(length))
        except (OSError, ValueError) as error:
            msg = f"The look into the app's volumes did not come to its end ({error}); grade again."
            raise PlatformError(msg) from error


class _Answer:
    """What the helper prints, out of the pieces in which the engine passes it on."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        """`until` is when it has to be there, as `time.monotonic` has it."""
        self._connection = connection
        self._until = until
        self._content = b""

    def line(self) -> bytes:
        """Return its first line."""
        while b"\n" not in self._content:
            if len(self._content) > LONGEST_LINE:
                msg = "it begins with no line"
                raise ValueError(msg)
            self._receive()
        line, _, self._content = self._content.partition(b"\n")
        return line

    def next(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        while len(self._content) < count:
            self._receive()
        return self._content[:count]

    def _receive(self) -> None:
        head = self._exactly(FRAME)
        length = int.from_bytes(head[4:], "big")
        if len(self._content) + length > MOST_BYTES:
            msg = "it is longer than an answer may be"
            raise ValueError(msg)
        self._content += self._exactly(length)

    def _exactly(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count:
            if time.monotonic() > self._until:  # of an engine whose sockets know no deadline
                msg = "its time is up"
                raise TimeoutError(msg)
            data = self._connection.recv(min(count - len(found), CHUNK))
            if not data:
                msg = "its container has ended"
                raise ConnectionError(msg)
            found += data
        return bytes(found)


def _hexadecimal(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex()


def _listed(line: str) -> ListedFile:
    kind, size, mode, owner, path = line.split(" ")
    shown = bytes.fromhex(path).decode("utf-8", "backslashreplace")
    return ListedFile(
        path=shown, kind=kind, size=int(size), mode=int(mode) & 0o7777, owner=int(owner)
    )
