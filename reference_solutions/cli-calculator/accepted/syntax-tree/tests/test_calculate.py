import time

import pytest

from calculator import calculate
from calculator.errors import CalcError, CalcSyntaxError


@pytest.mark.parametrize("text, expected", [
    ("1 + 2 * 3", "7"), ("10 - 4 - 3", "3"), ("8 / 4 / 2", "1"), ("(1 + 2) * 3", "9"),
    ("2 ^ 3 ^ 2", "512"), ("-2 ^ 2", "-4"), ("--3", "3"), ("2 * -3", "-6"), ("2 ^ -1", "0.5"),
    ("2 ^ -1 ^ 2 * 4", "2"), ("0 ^ 0", "1"), ("2 ^ (4 / 2)", "4"), ("-+-\t3", "3"),
    ("7 % 3", "1"), ("-7 % 3", "2"), ("7 % -3", "-2"), ("5.5 % 2", "1.5"), ("6 * 4 % 5", "4"),
    ("5.", "5"), (".5", "0.5"), ("007", "7"), ("0.1 + 0.2", "0.3"), ("1 / 3 * 3", "1"),
    ("0.1 * 3 - 0.3", "0"), ("1.50 + 0.5", "2"), ("1 / 8", "0.125"),
    ("2 / 3", "0.66666666666666666667"), ("1 / 3", "0.33333333333333333333"),
    ("0 * -1", "0"), ("-1 / 10 ^ 30", "0"), ("1 - 1 / 10 ^ 30", "1"),
    ("0.5 / 10 ^ 20", "0"), ("1.5 / 10 ^ 20", "0.00000000000000000002"),
    ("2.5 / 10 ^ 20", "0.00000000000000000002"), ("-1 / 4", "-0.25"),
])
def test_results(text, expected):
    assert calculate(text) == expected


@pytest.mark.parametrize("text, column", [
    ("1 + * 2", 5), ("1 + $", 5), ("2 3", 3), ("1 + )", 5), ("1 +", 4), ("1 +  ", 4),
    ("(1 + 2", 7), ("1 + 1.2.3", 5), ("1 + 1e5", 5), ("2 + width", 5), ("", 1), ("  \t", 1),
    ("2(3)", 2), ("(1)(2)", 4), ("()", 2), ("1)", 2), ("2 ** 3", 4), ("2 3 $", 3), ("\u0663", 1),
    ("0x10", 1), ("1_000", 1), ("1,5", 1), (".", 1), ("1\n", 2), ("1 / 0 +", 8),
    ("__import__('os').getcwd()", 1),
])
def test_syntax_errors(text, column):
    with pytest.raises(CalcSyntaxError) as info:
        calculate(text)
    assert info.value.column == column


@pytest.mark.parametrize("text, words", [
    ("1 / 0", "division by zero"), ("5 % 0", "division by zero"), ("0 ^ -1", "division by zero"),
    ("2 ^ 0.5", "exponent"), ("2 ^ 10001", "exponent"), ("9 ^ 9 ^ 9 ^ 9", "exponent"),
    ("2 + width", "width"), ("(9 ^ 9999) ^ 9999", "too large"),
])
def test_messages(text, words):
    with pytest.raises(CalcError) as info:
        calculate(text)
    assert words in info.value.message


def test_large():
    assert len(calculate("2 ^ 200")) == 61
    assert calculate("2 ^ 10000 * 3 ^ 10000 - 6 ^ 10000") == "0"
    assert len(calculate("*".join(["10 ^ 9999"] * 10))) == 99991


@pytest.mark.parametrize("text, expected", [
    ("(" * 5000 + "1" + ")" * 5000, "1"), ("-" * 9998 + "1", "1"),
    ("+".join(["1"] * 5000), "5000"), ("^".join(["1"] * 5000), "1"),
], ids=["parentheses", "signs", "sums", "powers"])
def test_deep(text, expected):
    begin = time.process_time()
    assert calculate(text) == expected
    assert time.process_time() - begin < 2
