"""Calculates a tree exactly, with a stack of its own (no recursion)."""
import time
from fractions import Fraction

from .errors import EvaluationError
from .nodes import Binary, Number, Sign

MAX_EXPONENT = 10_000
MAX_BITS = 1_000_000  # of a numerator or denominator: some 300,000 digits
MAX_SECONDS = 1  # of processor time, for one expression


def evaluate(root):
    deadline = time.process_time() + MAX_SECONDS
    values = []
    todo = [(root, False)]
    while todo:
        node, operands_done = todo.pop()
        if isinstance(node, Number):
            values.append(node.value)
        elif not operands_done:
            todo.append((node, True))
            if isinstance(node, Sign):
                todo.append((node.operand, False))
            else:
                todo.append((node.right, False))
                todo.append((node.left, False))
        elif isinstance(node, Sign):
            if node.operator == "-":
                values.append(-values.pop())
        else:
            if time.process_time() > deadline:
                raise EvaluationError(node.column, "the calculation takes too long")
            right = values.pop()
            left = values.pop()
            value = apply(node, left, right)
            if bits(value) > MAX_BITS:
                raise too_large(node)
            values.append(value)
    return values.pop()


def bits(value):
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def too_large(node):
    return EvaluationError(node.column, "the result is too large")


def apply(node: Binary, left: Fraction, right: Fraction) -> Fraction:
    if node.operator == "^":
        return power(node, left, right)
    if node.operator == "+":
        return left + right
    if node.operator == "-":
        return left - right
    if node.operator == "*":
        return left * right
    if right == 0:
        raise EvaluationError(node.column, "division by zero")
    if node.operator == "/":
        return left / right
    return left % right  # has the sign of the right side, as Python does it


def power(node, base, exponent):
    if exponent.denominator != 1 or abs(exponent) > MAX_EXPONENT:
        raise EvaluationError(
            node.column,
            f"the exponent must be a whole number from -{MAX_EXPONENT} to {MAX_EXPONENT}",
        )
    if base == 0 and exponent < 0:
        raise EvaluationError(node.column, "division by zero")
    # a number of n bits is at least 2 ^ (n - 1)
    if (bits(base) - 1) * abs(exponent.numerator) > MAX_BITS:
        raise too_large(node)
    return base ** exponent.numerator
