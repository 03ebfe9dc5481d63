import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calculator.cli import main

CALC = [sys.executable, str(Path(__file__).parent.parent / "calc")]


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the program in this process (quicker than a new one)."""
    def call(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err
    return call


def test_program():
    done = subprocess.run([*CALC, "2 * 3", "1 +"], capture_output=True, text=True, timeout=5)
    assert (done.returncode, done.stdout) == (1, "6\n")
    assert done.stderr.startswith("error: column 4: ")


def test_arguments(run):
    assert run("1 + 2 * 3", "0.1 + 0.2") == (0, "7\n0.3\n", "")


def test_others_are_calculated(run):
    code, out, err = run("1", "1 +", "2", "x")
    assert (code, out) == (1, "1\n2\n")
    first, second = err.splitlines()
    assert first.startswith("error: column 4: ")
    assert second.startswith("error: column 1: ")


def test_standard_input(run):
    code, out, err = run(stdin=b"2 ^ 10\r\n\n  # no\n1 + \xff\n1 / 0\n7 / 2")
    assert (code, out) == (1, "1024\n3.5\n")
    first, second = err.splitlines()
    assert first.startswith("error: line 4, column 5: ")
    assert second.startswith("error: line 5") and "division by zero" in second


def test_file(run, tmp_path):
    path = tmp_path / "sums.txt"
    path.write_text("1 + 1\n# two\n\n3 * 3\n")
    assert run("--file", str(path)) == (0, "2\n9\n", "")


def test_usage(run):
    for arguments in (["--colour"], ["--file", "/no/such"], ["--file", "/"]):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("error: ") and arguments[-1] in err


def test_help(run):
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert "--file" in out and "--interactive" in out


def test_dashes(run):
    assert run("--", "-3 + 5") == (0, "2\n", "")


def test_dialogue(run):
    code, out, err = run("--interactive", stdin=b"1 + 1\n\nx\n2 * 3\n")
    assert code == 0
    assert out == "> 2\n> > > 6\n> \n"
    assert err.startswith("error: ")


def test_interrupt():
    with subprocess.Popen([*CALC, "--interactive"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.read(2) == b"> "
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130
        assert process.stderr.read() == b""


def test_nobody_reads(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("1\n" * 5000)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*CALC, "--file", str(path)], stdout=write,
                          stderr=subprocess.PIPE, timeout=5)
    os.close(write)
    assert done.stderr == b""
