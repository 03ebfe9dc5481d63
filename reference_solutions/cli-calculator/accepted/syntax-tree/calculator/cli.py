"""The command line: options, standard input, files and the dialogue."""
import os
import re
import signal
import sys
from dataclasses import dataclass, field
from typing import Optional

from . import calculate
from .errors import CalcError, UsageError
from .lexer import BLANKS

OK = 0
WRONG = 1
USAGE = 2
INTERRUPTED = 130

PROMPT = "> "

HELP = """\
usage: calc [OPTION] [--] [EXPRESSION...]

Calculates each EXPRESSION and prints its result. Without one, reads expressions
from standard input, one in each line.

options:
  --file PATH     read expressions from a file (UTF-8), one in each line
  --interactive   a dialogue: reads a line, prints its result, asks again
  --help          print this help
  --              every argument after this is an expression

operators: + - * / % ^ and parentheses
"""


@dataclass
class Options:
    expressions: list = field(default_factory=list)
    file: Optional[str] = None
    interactive: bool = False
    help: bool = False


def parse_arguments(arguments):
    options = Options()
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            options.expressions.extend(rest)
        elif argument == "--help":
            options.help = True
        elif argument == "--interactive":
            options.interactive = True
        elif argument == "--file" or argument.startswith("--file="):
            if options.file is not None:
                raise UsageError("--file can be given only once")
            if argument == "--file":
                options.file = next(rest, None)
                if options.file is None:
                    raise UsageError("--file needs a path")
            else:
                options.file = argument.removeprefix("--file=")
        elif re.match(r"--?[^\W\d]", argument):
            raise UsageError(f"unknown option {argument}")
        else:
            options.expressions.append(argument)
    ways = [bool(options.expressions), options.file is not None, options.interactive]
    if sum(ways) > 1 and not options.help:
        raise UsageError("only one of EXPRESSION, --file and --interactive can be given")
    return options


def print_line(text):
    print(text, flush=True)


def print_error(text):
    print(f"error: {text}", file=sys.stderr, flush=True)


def answer(text, line=None):
    """Print the result or the error of one expression; says whether it was right."""
    try:
        result = calculate(text)
    except CalcError as error:
        place = f"column {error.column}"
        if line is not None:
            place = f"line {line}, {place}"
        print_error(f"{place}: {error.message}")
        return False
    print_line(result)
    return True


def decode(raw):
    """A line without its end. Bytes that are no UTF-8 become characters no expression may have."""
    text = raw.decode("utf-8", errors="surrogateescape")
    return text.removesuffix("\n").removesuffix("\r")


def is_skipped(text):
    stripped = text.strip(BLANKS)
    return not stripped or stripped.startswith("#")


def run_arguments(expressions):
    results = [answer(expression) for expression in expressions]
    return OK if all(results) else WRONG


def run_lines(stream):
    code = OK
    for number, raw in enumerate(stream, start=1):
        text = decode(raw)
        if not is_skipped(text) and not answer(text, number):
            code = WRONG
    return code


def run_file(path):
    try:
        stream = open(path, "rb")
        with stream:
            stream.peek(1)  # whether it can be read, too
            return run_lines(stream)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {path}: {reason}") from error


def run_dialogue(stream):
    try:
        while True:
            print(PROMPT, end="", flush=True)
            raw = stream.readline()
            if not raw:
                print_line("")
                return OK
            text = decode(raw)
            if not is_skipped(text):
                answer(text)
    except KeyboardInterrupt:
        print_line("")
        return INTERRUPTED


def run(arguments):
    options = parse_arguments(arguments)
    if options.help:
        print(HELP, end="", flush=True)
        return OK
    if options.file is not None:
        return run_file(options.file)
    if options.expressions:
        return run_arguments(options.expressions)
    stream = sys.stdin.buffer if sys.stdin is not None else open(os.devnull, "rb")
    if options.interactive:
        return run_dialogue(stream)
    return run_lines(stream)


def discard_output():
    """Send what is still in the buffers to nowhere, so that nothing fails at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            os.dup2(nowhere, stream.fileno())


def main(arguments):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    try:
        return run(arguments)
    except UsageError as error:
        print_error(error)
        return USAGE
    except BrokenPipeError:
        discard_output()
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        try:
            print_error(error.strerror)
        except OSError:
            pass
        discard_output()
        return USAGE
