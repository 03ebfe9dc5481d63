"""The program: arguments, lines, the dialogue, exit codes."""

import errno
import io
import os
import re
import signal
import sys
import time

from .errors import CalcError
from .evaluate import SECONDS, calculate
from .parser import BLANKS, MAX_LENGTH

OK, WRONG, USAGE, INTERRUPTED = 0, 1, 2, 130

HELP = """\
usage: calc EXPRESSION...        print the result of each argument
       calc                      read expressions from standard input, one in each line
       calc --file PATH          read expressions from a file (UTF-8), one in each line
       calc --interactive        calculate in a dialogue (Ctrl-D ends it)
       calc --help               print this text

       calc -- EXPRESSION...     after -- every argument is an expression: calc -- '-3 + 5'

Operators: + - * / % ^ and parentheses. Blank lines and lines that begin with # are skipped.
Exit codes: 0 all right, 1 an expression is wrong, 2 a mistake of usage, 130 Ctrl-C.
"""

_OPTION = re.compile(r"-+[^\W\d_]")
_MAX_BYTES = 4 * MAX_LENGTH
_TOTAL_SECONDS = 3.0  # of all expressions of one command
_BUFFER = 8192


class OutputGone(Exception):
    """Nobody reads standard output any more."""


class UsageError(Exception):
    pass


def _write(descriptor, text):
    data = memoryview(text.encode("utf-8", "surrogateescape"))
    while data:
        data = data[os.write(descriptor, data):]


class Output:
    """Standard output; buffered only where all input is there at once (a file)."""

    def __init__(self):
        self.pending = []
        self.length = 0

    def write(self, text, buffered=False):
        self.pending.append(text)
        self.length += len(text)
        if not buffered or self.length >= _BUFFER:
            self.flush()

    def flush(self):
        text = "".join(self.pending)
        self.pending.clear()
        self.length = 0
        try:
            _write(1, text)
        except OSError as error:
            raise OutputGone(error) from error


output = Output()
out = output.write


def err(text):
    output.flush()
    try:
        _write(2, f"error: {text}\n")
    except OSError:
        pass


class Budget:
    """Heavy expressions share the time of one command; light ones always have enough."""

    def __init__(self):
        self.left = _TOTAL_SECONDS

    def answer(self, text, line=None, buffered=False):
        start = time.monotonic()
        status = answer(text, line, buffered, max(0.25, min(SECONDS, self.left)))
        self.left -= max(0.0, time.monotonic() - start - 0.01)
        return status


def answer(text, line=None, buffered=False, seconds=SECONDS):
    try:
        result = calculate(text, seconds)
    except CalcError as error:
        err(error.describe(line))
        return WRONG
    except (MemoryError, OverflowError):
        err(CalcError("the result is too large").describe(line))
        return WRONG
    out(result + "\n", buffered)
    return OK


def _decode(raw):
    """A line without its line break; bytes that are no UTF-8 become lone surrogates."""
    if raw.endswith(b"\n"):
        raw = raw[:-1]
    if raw.endswith(b"\r"):
        raw = raw[:-1]
    return raw.decode("utf-8", "surrogateescape")


def _skipped(text):
    text = text.lstrip(BLANKS)
    return not text or text.startswith("#")


def _read_line(stream):
    """A line, of which no more is kept than shows that it is too long."""
    raw = stream.readline(_MAX_BYTES)
    rest = raw
    while rest and len(rest) == _MAX_BYTES and not rest.endswith(b"\n"):
        rest = stream.readline(_MAX_BYTES)
    return raw


def run_arguments(expressions):
    status, budget = OK, Budget()
    for text in expressions:
        text = os.fsencode(text).decode("utf-8", "surrogateescape")
        status = max(status, budget.answer(text))
    return status


def run_lines(stream, buffered=False):
    status, number, budget = OK, 0, Budget()
    while raw := _read_line(stream):
        number += 1
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
        text = _decode(raw)
        if not _skipped(text):
            status = max(status, budget.answer(text, number, buffered))
    output.flush()
    return status


def run_dialogue(stream):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        terminal = os.isatty(0)
        while True:
            out("> ")
            raw = _read_line(stream)
            complete = raw.endswith(b"\n")
            if terminal and not complete:
                out("\n")
            text = _decode(raw)
            if not _skipped(text):
                answer(text)
            if not complete:
                return OK
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        out("\n")
        return INTERRUPTED


def parse_arguments(arguments):
    """(mode, path, expressions)"""
    mode, path, expressions = None, None, []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            expressions.extend(rest)
        elif argument == "--help":
            return "help", None, []
        elif argument in ("--file", "--interactive") or argument.startswith("--file="):
            if mode:
                raise UsageError(f"{argument}: --file and --interactive are given once, and not together")
            mode = argument[2:].partition("=")[0]
            if "=" in argument:
                path = argument.partition("=")[2]
            elif mode == "file":
                path = next(rest, None)
                if path is None:
                    raise UsageError("--file needs a path")
        elif _OPTION.match(argument):
            raise UsageError(f"unknown option {argument}")
        else:
            expressions.append(argument)
    if mode and expressions:
        raise UsageError(f"--{mode} does not go together with expressions")
    return mode or ("arguments" if expressions else "input"), path, expressions


def _standard_input():
    return sys.stdin.buffer if sys.stdin is not None else io.BytesIO()


def run(arguments):
    mode, path, expressions = parse_arguments(arguments)
    if mode == "help":
        out(HELP)
        return OK
    if mode == "arguments":
        return run_arguments(expressions)
    if mode == "interactive":
        return run_dialogue(_standard_input())
    try:
        if mode == "file":
            with open(path, "rb") as stream:
                return run_lines(stream, buffered=True)
        return run_lines(_standard_input())
    except OSError as error:
        name = path if mode == "file" else "standard input"
        raise UsageError(f"cannot read {name}: {error.strerror or 'not readable'}") from error


def main(arguments=None):
    try:
        try:
            return run(sys.argv[1:] if arguments is None else arguments)
        except UsageError as error:
            err(str(error))
            return USAGE
    except OutputGone as gone:
        reason = gone.args[0]
        if reason.errno in (errno.EPIPE, errno.EBADF, errno.EIO):
            return OK
        output.pending.clear()
        err(f"cannot write: {reason.strerror}")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        err(error.strerror or "input or output failed")
        return USAGE
