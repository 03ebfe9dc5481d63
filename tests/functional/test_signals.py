"""Whatever the grader waits for, it ends: at its limit, at SIGTERM within seconds, at Ctrl-C twice.

The real command line, with an engine that takes every request and answers next to none.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.waiting import wait_until
from tests.docker.expectations import names
from tests.docker.made import git

TESTS = Path(__file__).parent.parent
SECONDS = 5.0
VERSION = b'{"ApiVersion": "1.44", "Version": "28.0.0"}'
Start = Callable[..., "subprocess.Popen[str]"]


class Engine:
    """An engine that says its version and hangs at all else."""

    def __init__(self, path: Path) -> None:
        self.asked = threading.Event()
        """Set once it hangs."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(50)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while request := connection.recv(65536):
                if b"/version" not in request.split(b"\r\n")[0]:
                    self.asked.set()
                    connection.recv(1)  # until it is closed
                    return
                head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                length = f"Content-Length: {len(VERSION)}\r\n\r\n"
                connection.sendall(head.encode() + length.encode() + VERSION)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _hears_ctrl_c() -> None:
    """What runs in the background, as tests may, does not; nor do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    found = Engine(tmp_path / "engine.sock")
    yield found
    found.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `python ARGUMENTS…`; it is killed at the end."""
    started = []

    def begin(*arguments: str, **env: str) -> subprocess.Popen[str]:
        base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        settings = {
            "GRADER_STATE": str(tmp_path / "state"),
            "DOCKER_HOST": f"unix://{tmp_path}/engine.sock",
            "GRADER_CHALLENGES": str(TESTS / "challenges"),
        }
        child = subprocess.Popen(
            [sys.executable, *arguments], env=base | settings | env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            cwd=TESTS.parent, preexec_fn=_hears_ctrl_c,  # noqa: PLW1509 - it calls nothing that locks
        )  # fmt: skip
        started.append(child)
        return child

    yield begin
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    before = time.monotonic()
    yield
    assert time.monotonic() - before < seconds


def ended(child: subprocess.Popen[str], seconds: float) -> str:
    """What it said, once it has ended within `seconds`."""
    with within(seconds):
        output, _ = child.communicate(timeout=seconds + 5)
    return output


HEALTHY = str(TESTS / "submissions" / "healthy")
COMMANDS = {
    "grade": ("grade", "probe", HEALTHY),
    "diagnose": ("diagnose", HEALTHY),
}


def command(name: str, tmp_path: Path) -> tuple[str, ...]:
    """The arguments of the command, with the folders that it asks for."""
    if name == "batch":
        answers = tmp_path / "answers"
        for student in ("ada", "bob", "eve"):
            (answers / student).mkdir(parents=True)
            for part in ("Dockerfile", "app.py"):
                text = Path(HEALTHY, part).read_text("utf-8")
                (answers / student / part).write_text(text, "utf-8")
        return "batch", "probe", str(answers), "--out", str(tmp_path / "out")
    return COMMANDS[name]


@pytest.mark.parametrize("name", ["grade", "diagnose", "batch"])
def test_sigterm_ends_what_hangs_within_five_seconds(
    name: str, engine: Engine, start: Start, tmp_path: Path
) -> None:
    """With the status of an interrupted run."""
    child = start("-m", "grader", *command(name, tmp_path))
    assert engine.asked.wait(30)
    child.terminate()
    output = ended(child, SECONDS)
    assert child.returncode == 130, output


@pytest.mark.parametrize("name", ["grade", "batch"])
def test_a_second_ctrl_c_ends_at_once(
    name: str, engine: Engine, start: Start, tmp_path: Path
) -> None:
    """The first one has what is under way come to its end, which takes as long as it takes."""
    child = start("-m", "grader", *command(name, tmp_path))
    assert engine.asked.wait(30)
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)  # two signals that come at once are one
    assert child.poll() is None
    child.send_signal(signal.SIGINT)
    output = ended(child, 1.5)
    assert child.returncode == 130, output
    assert "Stopped at once" in output


def test_sigterm_counts_after_ctrl_c(engine: Engine, start: Start, tmp_path: Path) -> None:
    """A service manager does not wait for the half minute that a person has."""
    child = start("-m", "grader", *command("grade", tmp_path))
    assert engine.asked.wait(30)
    child.send_signal(signal.SIGINT)
    time.sleep(0.2)
    child.terminate()
    ended(child, SECONDS)
    assert child.returncode == 130


def test_a_phase_that_hangs_is_named(engine: Engine, start: Start, tmp_path: Path) -> None:
    """The run has no score; the sentence says which phase and which call it was."""
    child = start("-m", "grader", *command("grade", tmp_path), GRADER_PHASE_SECONDS="1.5")
    output = " ".join(ended(child, 20).split())
    assert child.returncode == 3, output
    assert "The phase 'build' did not end within its limit of 2 s" in output or (
        "The phase 'provision' did not end within its limit of 2 s" in output
    ), output
    assert "it was in grader/" in output
    assert "Some containers could not be removed" in output


def test_a_batch_goes_on_after_what_hangs(engine: Engine, start: Start, tmp_path: Path) -> None:
    """Everybody has a reason, and the process ends though threads of it hang."""
    script = """
        import grader.batch.run as run
        run.BatchPlan.__init__.__kwdefaults__["pauses"] = ()
        import sys
        from grader.cli import main
        sys.argv[0] = "grader"
        main()
    """
    arguments = command("batch", tmp_path)
    child = start("-c", textwrap.dedent(script), *arguments, GRADER_PHASE_SECONDS="1.5")
    output = " ".join(ended(child, 30).split())
    assert child.returncode == 3, output
    assert "3 have no score because the platform failed" in output
    assert all(f"{name} no score: The phase" in output for name in ("ada", "bob", "eve"))


TEXT = "".join(f"PASSWORD_{number} = 'hunter{number}'\n" for number in range(20_000))


def many_files(folder: Path) -> None:
    for number in range(200):
        (folder / f"settings{number}.py").write_text(TEXT, "utf-8")


def many_versions(folder: Path) -> None:
    """One file in four hundred commits, each of which changes it."""
    text, stream = TEXT[:100_000], io.BytesIO()
    for number in range(400):
        content = f"VERSION = {number}\n{text}".encode()
        stream.write(
            b"commit refs/heads/main\ncommitter Ada <ada@example.org> 1 +0000\ndata 1\nx\n"
        )
        stream.write(b"M 644 inline settings.py\ndata %d\n%s\n" % (len(content), content))
    git(folder, "init", "-q", "-b", "main", "--template=")
    subprocess.run(
        ["git", "-C", str(folder), "fast-import", "--quiet"], input=stream.getvalue(), check=True
    )


def many_archives(folder: Path) -> None:
    """Each with a file that takes long to read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("settings.py", TEXT)
    for number in range(200):
        (folder / f"{number}.zip").write_bytes(buffer.getvalue())


@pytest.mark.parametrize("fill", [many_files, many_versions, many_archives])
def test_sigterm_ends_a_scan_of_secrets(
    fill: Callable[[Path], None], start: Start, tmp_path: Path
) -> None:
    """However much there is to read; nothing is left in the temporary folder."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    many = tmp_path / "many"
    many.mkdir()
    fill(many)
    child = start("-m", "grader", "secrets", str(many), TMPDIR=str(scratch))
    deadline = time.monotonic() + 20
    while not list(scratch.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(1.0)
    assert child.poll() is None
    child.terminate()
    ended(child, SECONDS)
    assert child.returncode == 130
    assert list(scratch.iterdir()) == []


HANGS = {
    "busy": "while True: pass",
    "waits for a lock": "import threading; threading.Lock().acquire() and threading.Event().wait()",
    "swallows": """
        import time
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass
    """,
    "waits for a pool": """
        from concurrent.futures import ThreadPoolExecutor
        import threading
        with ThreadPoolExecutor() as pool:
            pool.submit(threading.Event().wait).result()
    """,
    "work that goes on": """
        from grader.supervision import supervised
        import threading
        supervised(threading.Event().wait)
    """,
    "a program that ignores signals": """
        from grader import process
        process.run(["sh", "-c", "trap '' TERM; echo $$ > pid; while :; do sleep 1; done"],
                    deadline=99)
    """,
}


@pytest.mark.parametrize("hang", HANGS)
def test_sigterm_ends_a_process_wherever_it_is(hang: str, start: Start, tmp_path: Path) -> None:
    """Also where Python code goes on, waits for others, or takes the interrupt for an error."""
    script = f"""
import os
from grader import process
from grader.deadline import ending
os.chdir({str(tmp_path)!r})
ending.install(process.kill_all)
print("ready", flush=True)
try:
    exec({textwrap.dedent(HANGS[hang])!r})
except KeyboardInterrupt:
    ending.leave(130)
"""
    child = start("-c", script)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.3)
    child.terminate()
    ended(child, SECONDS)
    assert child.returncode == 130
    if (pid := tmp_path / "pid").exists():
        home = Path("/proc", pid.read_text("utf-8").strip(), "cwd")
        assert wait_until(lambda: not home.exists(), within=SECONDS), "what it started goes on"


def test_there_are_submissions_that_hang() -> None:
    """The cases of this kind with a real engine are among the hostile ones."""
    kinds = [name for name in names(TESTS / "hostile") if name.startswith(("interim-", "mysql-"))]
    assert len(kinds) >= 8
