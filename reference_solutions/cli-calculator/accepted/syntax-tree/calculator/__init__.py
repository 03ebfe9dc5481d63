"""An exact calculator."""
from .evaluator import evaluate
from .formatter import format_result
from .parser import parse


def calculate(text):
    """The result of one expression as it is printed; raises CalcError."""
    return format_result(evaluate(parse(text)))
