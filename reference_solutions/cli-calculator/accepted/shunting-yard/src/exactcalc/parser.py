"""Turns an expression into reverse Polish notation (shunting-yard, no recursion)."""

import re

from gmpy2 import mpq, mpz

from .errors import CalcError

BLANKS = " \t"
MAX_LENGTH = 200_000

# What looks like a number is one thing, whether it is well formed or not.
_NUMBERISH = re.compile(r"[0-9.](?:[\w.]|,(?=[0-9]))*")
_NUMBER = re.compile(r"([0-9]*)(?:\.([0-9]*))?")
_WORD = re.compile(r"\w+")

NEGATE, PLUS, OPEN = "neg", "pos", "("
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, NEGATE: 3, PLUS: 3, "^": 4}


def _show(text):
    """The text in quotes, with whatever would spoil a line of output escaped."""
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text) + "'"


def _number(text):
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    whole, fraction = match[1], match[2] or ""
    if not whole and not fraction:
        return None
    return mpq(mpz(whole + fraction, 10), mpz(10) ** len(fraction))


def _thing(text, position):
    """(kind, words, end, value) of the thing that begins at position."""
    char = text[position]
    if char in "+-*/%^()":
        return char, _show(char), position + 1, None
    if char in "0123456789.":
        end = _NUMBERISH.match(text, position).end()
        lexeme = text[position:end]
        value = _number(lexeme)
        if value is None:
            return "bad", f"{_show(lexeme)} is not a number", end, None
        return "number", f"number {_show(lexeme)}", end, value
    if char.isalpha():
        end = _WORD.match(text, position).end()
        return "bad", f"unknown name {_show(text[position:end])}", end, None
    if "\udc80" <= char <= "\udcff":
        return "bad", f"byte 0x{ord(char) - 0xDC00:02x} is not UTF-8", position + 1, None
    return "bad", f"unexpected character {_show(char)}", position + 1, None


def parse(text):
    """A list of (operator or None, value or None, column) in reverse Polish order."""
    if len(text) > MAX_LENGTH:
        raise CalcError("the expression is too long")
    end = len(text.rstrip(BLANKS))
    output = []
    stack = []  # (operator, column)
    depth = 0
    want_operand = True
    position = 0
    while position < end:
        if text[position] in BLANKS:
            position += 1
            continue
        column = position + 1
        kind, words, position, value = _thing(text, position)
        if kind == "bad":
            raise CalcError(words, column)
        if want_operand:
            if kind == "number":
                output.append((None, value, column))
                want_operand = False
            elif kind == "(":
                stack.append((OPEN, column))
                depth += 1
            elif kind == "-":
                stack.append((NEGATE, column))
            elif kind == "+":
                stack.append((PLUS, column))
            else:
                raise CalcError(f"expected a number, found {words}", column)
        elif kind == ")":
            if not depth:
                raise CalcError("')' without '('", column)
            while stack[-1][0] != OPEN:
                operator, at = stack.pop()
                output.append((operator, None, at))
            stack.pop()
            depth -= 1
        elif kind in _PRECEDENCE:
            mine = _PRECEDENCE[kind]
            while stack and stack[-1][0] != OPEN:
                theirs = _PRECEDENCE[stack[-1][0]]
                if theirs < mine or (theirs == mine and kind == "^"):
                    break
                operator, at = stack.pop()
                output.append((operator, None, at))
            stack.append((kind, column))
            want_operand = True
        else:
            raise CalcError(f"expected an operator, found {words}", column)
    if want_operand:
        raise CalcError("the expression is empty" if not end else "the expression ends too early", end + 1)
    if depth:
        raise CalcError("the expression ends before its ')'", end + 1)
    while stack:
        operator, at = stack.pop()
        output.append((operator, None, at))
    return output
