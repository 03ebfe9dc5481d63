"""Tests of the calculator: each runs the program as a person or a script would."""
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

CALC = str(Path(__file__).resolve().parent.parent / "calc.js")


def calc(*args, stdin=b""):
    done = subprocess.run([CALC, *args], input=stdin, capture_output=True, timeout=30)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


RESULTS = {
    "1 + 2 * 3": "7", "0.1 + 0.2": "0.3", "2 ^ 3 ^ 2": "512", "-2 ^ 2": "-4", "--3": "3", "2 * -3": "-6",
    "2 ^ -1": "0.5", "8 / 4 / 2": "1", "10 - 4 - 3": "3", "7 % 3": "1", "-7 % 3": "2", "7 % -3": "-2",
    "5.5 % 2": "1.5", "0 ^ 0": "1", "1 / 3 * 3": "1", "0.1 * 3 - 0.3": "0", "4 / 2": "2", "1.50 + 0.5": "2",
    ".5": "0.5", "5.": "5", "007": "7", "1 / 8": "0.125", "2 / 3": "0.66666666666666666667",
    "1 / 3": "0.33333333333333333333", "0 * -1": "0", "-1 / 10 ^ 30": "0", "\t( 1+2 )*3 ": "9",
    "2 ^ 200": str(2 ** 200), "2 ^ 10000 * 3 ^ 10000": "6^10000", "5 / 10 ^ 21": "0",
    "15 / 10 ^ 21": "0.00000000000000000002", "-2 / 3": "-0.66666666666666666667",
    "1 - 1 / 10 ^ 25": "1", "2 ^ -2 ^ 2": "0.0625", "(-8) ^ -3": "-0.001953125", "-(-7.5 % -2)": "1.5",
    "(" * 100 + "1" + ")" * 100: "1", "-" * 101 + "1": "-1", "(" * 4900 + "1" + ")" * 4900: "1",
    "2 ^ (4 / 2)": "4", "1.2 ^ 2 ^ 1.0": "1.44", "2 - -2": "4", "7 / 2 % 2": "1.5",
}
COLUMNS = {
    "1 + * 2": 5, "1 + $": 5, "2 3": 3, "1 + )": 5, "1 +": 4, "(1 + 2": 7, "1 + 1.2.3": 5, "1 + 1e5": 5,
    "2 + width": 5, "2(3)": 2, "(1)(2)": 4, "()": 2, "(": 2, "1 + \u0663": 5, "0x10": 1, ".": 1, "2 ** 3": 4,
    "1 2 1.2.3": 3, "  -  ": 4, "1 / 0 + )": 9, "__import__('os').getcwd()": 1, "\U0001f600": 1, "2 .5": 3,
    "1\u00a0+ 1": 2, "": 1, " \t ": 1,
}


@pytest.fixture(scope="module")
def results():
    code, out, err = calc("--", *RESULTS)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == len(RESULTS)
    return dict(zip(RESULTS, lines))


@pytest.fixture(scope="module")
def complaints():
    code, out, err = calc("--", *COLUMNS)
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert len(lines) == len(COLUMNS)
    return dict(zip(COLUMNS, lines))


@pytest.mark.parametrize("expression", RESULTS)
def test_result(results, expression):
    expected = RESULTS[expression]
    if expected == "6^10000":
        getattr(sys, "set_int_max_str_digits", int)(0)
        expected = str(6 ** 10000)
    assert results[expression] == expected


@pytest.mark.parametrize("expression", COLUMNS)
def test_column(complaints, expression):
    assert complaints[expression].startswith(f"error: column {COLUMNS[expression]}: ")


def test_name_is_in_message(complaints):
    assert "width" in complaints["2 + width"]


def test_others_are_calculated():
    code, out, err = calc("1 + 1", "1 / 0", "9 ^ 9 ^ 9 ^ 9", "2 ^ 0.5", "0 ^ -1", "5 % 0",
                          "((9 ^ 9999) ^ 9999) ^ 9999", "(10 ^ 9999) ^ 10 * 10 ^ 9", "3")
    lines = err.splitlines()
    assert (code, out, len(lines)) == (1, "2\n1" + "0" * 99999 + "\n3\n", 6)
    assert all(line.startswith("error: ") for line in lines)
    assert ["division by zero" in line for line in lines] == [True, False, False, True, True, False]
    assert "exponent" in lines[1] and "exponent" in lines[2]


def test_lines():
    text = b"\r\n# no\xff\n1 + 1\r\n  # c\n1 + $\n1 / 0\n2 + \xff\n\t\n2 ^ 10"
    code, out, err = calc(stdin=text)
    assert (code, out) == (1, "2\n1024\n")
    lines = err.splitlines()
    assert lines[0].startswith("error: line 5, column 5: ")
    assert lines[1].startswith("error: line 6") and "division by zero" in lines[1]
    assert lines[2].startswith("error: line 7, column 5: ")
    assert len(lines) == 3


def test_file(tmp_path):
    path = tmp_path / "sums.txt"
    path.write_text("# sums\n1 + 1\n\n7 / 2")
    assert calc("--file", str(path)) == (0, "2\n3.5\n", "")


@pytest.mark.parametrize("args", [["--colour"], ["--file", "/no/such"]])
def test_usage(args):
    code, out, err = calc(*args)
    assert (code, out) == (2, "")
    assert err.startswith("error: ") and args[-1] in err and err.count("\n") == 1


def test_help():
    code, out, err = calc("--help")
    assert (code, err) == (0, "")
    assert all(option in out for option in ("--file", "--interactive", "--help"))


def test_reader_that_goes(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("1 + 1\n" * 20000)
    done = subprocess.run(["sh", "-c", f"'{CALC}' --file '{path}' | head -n 1"], capture_output=True, timeout=30)
    assert (done.stdout, done.stderr) == (b"2\n", b"")


class Terminal:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(CALC, [CALC, "--interactive"])
        self.seen = ""

    def wait_for(self, text):
        until = time.monotonic() + 20
        while text not in self.seen and time.monotonic() < until:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.fd, 4096).decode()
                except OSError:
                    break
        assert text in self.seen
        self.seen = self.seen.split(text, 1)[1]

    def send(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def test_dialogue_to_its_end():
    terminal = Terminal()
    terminal.wait_for("> ")
    terminal.send("6 * 7\n")
    terminal.wait_for("\r\n42\r\n> ")
    terminal.send("1 +\n")
    terminal.wait_for("\r\nerror: column 4: ")
    terminal.wait_for("\r\n> ")
    terminal.send("# nothing\n")
    terminal.wait_for("\r\n> ")
    terminal.send("\x04")
    assert terminal.end() == 0


def test_dialogue_interrupted():
    terminal = Terminal()
    terminal.wait_for("> ")
    terminal.send("1 +\x03")
    assert terminal.end() == 130
