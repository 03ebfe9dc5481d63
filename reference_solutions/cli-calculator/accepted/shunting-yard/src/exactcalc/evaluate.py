"""Exact calculation with rational numbers, within bounds of size and time."""

import time

from gmpy2 import mpq, mpz

from .errors import CalcError
from .parser import NEGATE, PLUS, parse

MAX_EXPONENT = 10_000
MAX_BITS = 2_000_000  # of a numerator or a denominator: about 600,000 digits
TIMED_BITS = 50_000  # numbers below that are not timed
SECONDS = 2.0
PLACES = 20
_SCALE = mpz(10) ** PLACES


def _size(value):
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _power(base, exponent, column):
    if exponent.denominator != 1 or abs(exponent) > MAX_EXPONENT:
        raise CalcError(f"the exponent must be a whole number from -{MAX_EXPONENT} to {MAX_EXPONENT}", column)
    power = int(exponent.numerator)
    if base == 0 and power < 0:
        raise CalcError("division by zero", column)
    if base in (0, 1, -1):
        return base ** power
    if (_size(base) - 1) * abs(power) > MAX_BITS:
        raise CalcError("the result is too large", column)
    return base ** power


def _binary(operator, left, right, column):
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "^":
        return _power(left, right, column)
    if right == 0:
        raise CalcError("division by zero", column)
    quotient = left / right
    if operator == "/":
        return quotient
    return left - right * (quotient.numerator // quotient.denominator)


def evaluate(text, seconds=SECONDS):
    """The exact value of an expression, as an mpq."""
    program = parse(text)
    deadline = time.monotonic() + seconds
    stack = []
    for operator, value, column in program:
        if operator is None:
            stack.append(value)
            continue
        if operator == PLUS:
            continue
        if operator == NEGATE:
            stack[-1] = -stack[-1]
            continue
        right = stack.pop()
        result = _binary(operator, stack[-1], right, column)
        size = _size(result)
        if size > MAX_BITS:
            raise CalcError("the result is too large", column)
        # Small numbers never take long, however busy the machine is.
        if size > TIMED_BITS and time.monotonic() > deadline:
            raise CalcError("the calculation takes too long", column)
        stack[-1] = result
    return mpq(stack[0])


def render(value):
    """Decimal digits: at most 20 after the point, rounded half to even."""
    numerator, denominator = value.numerator, value.denominator
    if denominator == 1:
        return numerator.digits(10)
    scaled, rest = divmod(abs(numerator) * _SCALE, denominator)
    rest *= 2
    if rest > denominator or (rest == denominator and scaled % 2):
        scaled += 1
    if not scaled:
        return "0"
    digits = scaled.digits(10).rjust(PLACES + 1, "0")
    whole, fraction = digits[:-PLACES], digits[-PLACES:].rstrip("0")
    sign = "-" if numerator < 0 else ""
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def calculate(text, seconds=SECONDS):
    return render(evaluate(text, seconds))
