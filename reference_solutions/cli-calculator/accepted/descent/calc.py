"""A calculator: expressions in, exact results out."""

import argparse
import os
import re
import sys
from fractions import Fraction

TOKEN = re.compile(
    r"[ \t]*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[0-9A-Za-z_.,]*))|(?P<name>[^\W\d_]\w*)|(?P<sign>[-+*/%^()])|(?P<odd>\S))"
)
NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
PLACES = 20
GREATEST_EXPONENT = 10_000
GREATEST_BITS = 400_000
"""More than 100,000 digits."""


class Wrong(Exception):
    """An expression that cannot be calculated; `column` is None where none is to blame."""

    def __init__(self, message, column=None):
        super().__init__(message)
        self.column = column


def tokens(text):
    """The things of `text` as (kind, text, column), the end last."""
    found, at, end = [], 0, len(text.rstrip(" \t"))
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            raise Wrong("this is no part of an expression", at + 1)
        kind = match.lastgroup
        found.append((kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*found, ("end", "", end + 1)]


class Parser:
    """Calculates while it reads: sums of products of signs of powers of operands."""

    def __init__(self, text):
        self.tokens = tokens(text)
        self.at = 0

    def result(self):
        value = self.sum()
        self.refuse_unless(self.next[0] == "end")
        return value

    @property
    def next(self):
        return self.tokens[self.at]

    def take(self, *wanted):
        if self.next[0] == "sign" and self.next[1] in wanted:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def refuse_unless(self, good):
        if good:
            return
        kind, text, column = self.next
        if kind == "end":
            raise Wrong("the expression ends too early" if column > 1 else "there is no expression", column)
        what = {"name": "the unknown name", "number": "the number"}.get(kind, "")
        raise Wrong(f"{what} {text!r} cannot stand here".strip(), column)

    def sum(self):
        value = self.product()
        while operator := self.take("+", "-"):
            other = self.product()
            value = value + other if operator == "+" else value - other
        return value

    def product(self):
        value = self.signed()
        while operator := self.take("*", "/", "%"):
            other = self.signed()
            if operator == "*":
                value = sized(value * other)
            elif not other:
                raise Wrong("division by zero")
            else:
                value = sized(value / other if operator == "/" else value % other)
        return value

    def signed(self):
        negative = False
        while sign := self.take("+", "-"):
            negative ^= sign == "-"
        value = self.power()
        return -value if negative else value

    def power(self):
        base = self.operand()
        return raised(base, self.signed()) if self.take("^") else base

    def operand(self):
        if self.take("("):
            value = self.sum()
            self.refuse_unless(self.take(")"))
            return value
        kind, text, _ = self.next
        self.refuse_unless(kind == "number" and NUMBER.fullmatch(text))
        self.at += 1
        return Fraction(f"0{text}" if text.startswith(".") else text.rstrip(".") if text.endswith(".") else text)


def raised(base, exponent):
    if exponent.denominator != 1 or abs(exponent) > GREATEST_EXPONENT:
        raise Wrong(f"the exponent has to be a whole number from -{GREATEST_EXPONENT} to {GREATEST_EXPONENT}")
    if not base and exponent < 0:
        raise Wrong("division by zero")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits > 1 and bits * abs(exponent) > GREATEST_BITS:
        raise Wrong("the result has too many digits")
    return base ** int(exponent)


def sized(value):
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > 2 * GREATEST_BITS:
        raise Wrong("the result has too many digits")
    return value


def calculate(text):
    """The exact value of `text`. Raises `Wrong`."""
    try:
        return Parser(text).result()
    except RecursionError:
        raise Wrong("the expression is nested too deeply") from None


def shown(value):
    """`value` as it is printed."""
    scaled = round(value * 10**PLACES)
    digits = str(abs(scaled)).rjust(PLACES + 1, "0")
    text = f"{digits[:-PLACES]}.{digits[-PLACES:]}".rstrip("0").rstrip(".")
    return f"-{text}" if scaled < 0 else text


def answer(text, line=0):
    """Print the result of one expression; whether it has one."""
    try:
        print(shown(calculate(text)))
    except Wrong as wrong:
        places = [f"line {line}"] * bool(line) + [f"column {wrong.column}"] * bool(wrong.column)
        print("error: " + ", ".join(places) + ": " * bool(places) + str(wrong), file=sys.stderr)
        return False
    return True


def answer_lines(lines):
    good = True
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r\n")
        if line.strip() and not line.strip().startswith("#"):
            good &= answer(line, number)
    return good


def talk():
    while True:
        try:
            line = input("> ")
        except EOFError:
            print()
            return
        if line.strip() and not line.strip().startswith("#"):
            answer(line)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="calc", description="Calculates expressions, exactly.")
    parser.add_argument("expressions", nargs="*", metavar="EXPRESSION")
    parser.add_argument("--file", help="read expressions from a file, one in each line")
    parser.add_argument("--interactive", action="store_true", help="ask for expressions")
    given = parser.parse_args(arguments)
    if given.interactive:
        talk()
        return 0
    if given.file is not None:
        try:
            with open(given.file, encoding="utf-8", errors="replace", newline="\n") as file:
                lines = file.readlines()
        except OSError as error:
            print(f"error: {given.file}: {error.strerror}", file=sys.stderr)
            return 2
        return 0 if answer_lines(lines) else 1
    if given.expressions:
        return 0 if all([answer(one) for one in given.expressions]) else 1
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    return 0 if answer_lines(sys.stdin) else 1


if __name__ == "__main__":
    sys.set_int_max_str_digits(0)
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
