import io
import os
import pty
import signal
import subprocess
import sys

import pytest

from exactcalc.cli import main

CALC = [sys.executable, "-m", "exactcalc"]


@pytest.fixture
def calc(capfd, monkeypatch):
    """Runs the program within this process: quick, where a process of its own makes no difference."""

    def run(*arguments, data=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        code = main(list(arguments))
        return code, *capfd.readouterr()

    return run


def test_process():
    done = subprocess.run([*CALC, "--", "-3 + 5", "1 /"], capture_output=True, timeout=5)
    assert (done.returncode, done.stdout) == (1, b"2\n")
    assert done.stderr.startswith(b"error: column 4: ")


def test_arguments(calc):
    assert calc("1 + 2 * 3", "0.1 + 0.2") == (0, "7\n0.3\n", "")


def test_others_are_calculated(calc):
    code, out, err = calc("1", "1 +", "2", "", "1 / 0")
    assert (code, out) == (1, "1\n2\n")
    first, second, third = err.splitlines()
    assert first.startswith("error: column 4: ")
    assert second.startswith("error: column 1: ")
    assert third.startswith("error: ") and "division by zero" in third


def test_input(calc):
    code, out, err = calc(data=b"2 ^ 10\r\n\n  # no\n \t\r\n1 + \xff\n1/0\n7 / 2")
    assert (code, out) == (1, "1024\n3.5\n")
    first, second = err.splitlines()
    assert first.startswith("error: line 5, column 5: ")
    assert second.startswith("error: line 6") and "division by zero" in second


def test_empty_input(calc):
    assert calc() == (0, "", "")


def test_file(calc, tmp_path):
    path = tmp_path / "sums.txt"
    path.write_text("1 + 1\n# größer\n2 +\n")
    code, out, err = calc("--file", str(path))
    assert (code, out) == (1, "2\n")
    assert err.startswith("error: line 3, column 4: ")


def test_help(calc):
    code, out, err = calc("--help")
    assert code == 0 and "--file" in out and "--interactive" in out and err == ""


def test_dashes(calc):
    assert calc("--", "-3 + 5", "--3") == (0, "2\n3\n", "")
    code, _, err = calc("--", "--help")
    assert code == 1 and err.startswith("error: column 3: ") and "help" in err


@pytest.mark.parametrize("arguments, held", [
    (["--colour"], "--colour"), (["1", "-x"], "-x"), (["--file", "/no/such"], "/no/such"), (["--file", "/"], "/"),
    (["--file"], "--file"), (["--interactive", "1"], "--interactive"),
])
def test_usage(calc, arguments, held):
    code, out, err = calc(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and held in err and err.count("\n") == 1


def test_nobody_reads(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("1 + 1\n" * 20000)
    process = subprocess.Popen([*CALC, "--file", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"2\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(5)


class Dialogue:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execv(CALC[0], [*CALC, "--interactive"])

    def until(self, end):
        seen = b""
        while not seen.endswith(end):
            seen += os.read(self.fd, 1)
        return seen.decode()

    def code(self):
        try:
            while os.read(self.fd, 1000):
                pass
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_dialogue():
    signal.alarm(5)
    dialogue = Dialogue()
    dialogue.until(b"> ")
    for line, shown in [("1 + 2", "\r\n3\r\n> "), ("1 +", "\r\nerror: column 4: "), ("", "\r\n> "), ("# x", "\r\n> ")]:
        os.write(dialogue.fd, line.encode() + b"\n")
        assert shown in dialogue.until(b"> ")
    os.write(dialogue.fd, b"\x04")
    assert dialogue.code() == 0
    signal.alarm(0)


def test_interrupt():
    signal.alarm(5)
    dialogue = Dialogue()
    dialogue.until(b"> ")
    os.write(dialogue.fd, b"1 + \x03")
    assert dialogue.code() == 130
    signal.alarm(0)
