import pytest

from exactcalc.errors import CalcError
from exactcalc.evaluate import calculate

RIGHT = {
    "1 + 2 * 3": "7", "0.1 + 0.2": "0.3", "2 ^ 10": "1024", "7 / 2": "3.5", "-3 + 5": "2",
    "2 ^ 3 ^ 2": "512", "-2 ^ 2": "-4", "--3": "3", "2 * -3": "-6", "2 ^ -1": "0.5", "2 ^ -2 ^ 2": "0.0625",
    "(-2) ^ 2": "4", "2 - -+-3": "-1", "2^-1*4": "2", "-2^-2": "-0.25", "6 / 3 ^ 2 * 3": "2",
    "8 / 4 / 2": "1", "10 - 4 - 3": "3", "2 * 7 % 4": "2", "- 7 % 3": "2", "-(7 % 3)": "-1",
    "7 % 3": "1", "-7 % 3": "2", "7 % -3": "-2", "5.5 % 2": "1.5", "6 % -3": "0", "-5.5 % -2": "-1.5",
    "0 ^ 0": "1", "2 ^ 1.0": "2", "2 ^ (4 / 2)": "4", "\t 1\t+ 1 ": "2", "12": "12", ".5": "0.5", "5.": "5",
    "007": "7", "(((3)))": "3", "1 / 3 * 3": "1", "0.1 * 3 - 0.3": "0", "4 / 2": "2", "1.50 + 0.5": "2",
    "1 / 8": "0.125", "2 / 3": "0.66666666666666666667", "1 / 3": "0.33333333333333333333",
    "-2 / 3": "-0.66666666666666666667", "0 * -1": "0", "-1 / 10 ^ 30": "0", "-0": "0", "-0.0": "0",
    "0.000000000000000000005": "0", "0.000000000000000000015": "0.00000000000000000002",
    "0.000000000000000000025": "0.00000000000000000002", "0.000000000000000000035": "0.00000000000000000004",
    "-0.0000000000000000000050001": "-0.00000000000000000001", "0.999999999999999999999": "1",
    "9.999999999999999999996": "10", "100 - 10^-21": "100", "(0-1) ^ -3": "-1", "0 ^ 5": "0",
    "10 ^ -20": "0.00000000000000000001", "1" + "0" * 6000: "1" + "0" * 6000,
}

WRONG = {
    "1 + * 2": 5, "1 + $": 5, "2 3": 3, "1 + )": 5, "1 +": 4, "(1 + 2": 7, "1 +  \t": 4, "": 1, "  \t ": 1,
    "1 + 1.2.3": 5, "1 + 1e5": 5, "0x10": 1, "1_000": 1, "1,5": 1, "٣": 1, ".": 1, "1 + .": 5, "2 + width": 5,
    "2(3)": 2, "(1)(2)": 4, "()": 2, ")": 1, "1)": 2, "(1 2)": 4, "1 ** 2": 4, "1\n+ 2": 2, "1\u00a0+ 2": 2,
    "2 + \udcff": 5, "__import__('os').getcwd()": 1, "1 / 0 +": 8, "(": 2, "-": 2, "1 , 5": 3, "2 ^": 4,
}


@pytest.mark.parametrize("text", RIGHT, ids=range(len(RIGHT)))
def test_right(text):
    assert calculate(text) == RIGHT[text]


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_syntax_error(text):
    with pytest.raises(CalcError) as caught:
        calculate(text)
    assert caught.value.column == WRONG[text]
    assert caught.value.describe(3).startswith(f"line 3, column {WRONG[text]}: ")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("text", ["1 / 0", "5 % 0", "0 ^ -1", "1 / (0.1 * 3 - 0.3)"])
def test_division_by_zero(text):
    with pytest.raises(CalcError, match="division by zero"):
        calculate(text)


@pytest.mark.parametrize("text", ["2 ^ 0.5", "9 ^ 9 ^ 9 ^ 9", "2 ^ 10001", "2 ^ -10001", "1 ^ 99999", "0 ^ -0.5"])
def test_exponent(text):
    with pytest.raises(CalcError, match="exponent"):
        calculate(text)


@pytest.mark.parametrize("name", ["width", "a_1", "größe", "e"])
def test_names(name):
    with pytest.raises(CalcError, match=name):
        calculate("2 + " + name)


def test_big():
    assert calculate("2 ^ 200") == str(2 ** 200)
    assert len(calculate("10 ^ 10000 * " * 9 + "10 ^ 9999")) == 100_000
    assert calculate("2 ^ 10000 * 3 ^ 10000 / 6 ^ 9999") == "6"
    assert calculate("(1 / 3) ^ 10000") == "0"


@pytest.mark.parametrize("text", ["(9 ^ 10000) ^ 10000", "(1 / 9 ^ 9999) ^ 9999"])
def test_too_large(text):
    with pytest.raises(CalcError, match="too large"):
        calculate(text)


def test_deep():
    assert calculate("(" * 5000 + "1" + ")" * 5000) == "1"
    assert calculate("-" * 9999 + "1") == "-1"
    assert calculate("1" + "^1" * 5000) == "1"
    assert calculate("2^-" * 1 + "(" * 100 + "1" + ")" * 100) == "0.5"
    with pytest.raises(CalcError):
        calculate("(" * 5000)
