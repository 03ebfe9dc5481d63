"""What expressions come to, and how it is printed."""

from fractions import Fraction

import pytest


def printed(value):
    """`value` as the brief has it printed."""
    value = Fraction(value)
    scaled = round(value * 10**20)
    sign, digits = ("-" if scaled < 0 else ""), f"{abs(scaled):021d}"
    return f"{sign}{digits[:-20]}.{digits[-20:]}".rstrip("0").rstrip(".")


@pytest.mark.criterion("calc.basics")
def test_basics(calc, draw):
    a, b, c = draw.integer(2, 999), draw.integer(1000, 9999), draw.integer(2, 99)
    calc.expect(
        {
            f"{a} + {b}": str(a + b),
            f"{a}-{b}": str(a - b),
            f" {a} *\t{b} ": str(a * b),
            f"{a * c}/{c}": str(a),
            f"(({a}))": str(a),
            f"({a}+{b})*{c}": str((a + b) * c),
            str(b): str(b),
        }
    )


@pytest.mark.criterion("calc.precedence")
def test_precedence(calc, draw):
    a, b, c = draw.integer(2, 99), draw.integer(2, 99), draw.integer(2, 99)
    calc.expect(
        {
            f"{a} + {b} * {c}": str(a + b * c),
            f"{a} * {b} + {c}": str(a * b + c),
            f"{a} - {b} - {c}": str(a - b - c),
            f"{a} - {b} + {c}": str(a - b + c),
            f"{a * b * c} / {b} / {c}": str(a),
            f"{a * b} / {b} * {c}": str(a * c),
            f"{a} - ({b} - {c})": str(a - (b - c)),
            f"{a} + {b * 7 + 3} % 7 * {c}": str(a + 3 * c),
            f"{a} * {b} % {c}": str(a * b % c),
            f"2 * ({a} + {b} * ({c} - 1)) - 1": str(2 * (a + b * (c - 1)) - 1),
        }
    )


@pytest.mark.criterion("calc.power")
def test_power(calc, draw):
    a, b = draw.integer(2, 20), draw.integer(3, 9)
    calc.expect(
        {
            f"{a} ^ {b}": str(a**b),
            "2 ^ 3 ^ 2": "512",
            f"3 * {a} ^ 2": str(3 * a * a),
            f"{a} ^ 2 * 3": str(3 * a * a),
            f"(1 + {a}) ^ 2": str((1 + a) ** 2),
            f"{a} ^ 0": "1",
            "0 ^ 0": "1",
            "1.5 ^ 2": "2.25",
            f"{a} ^ (5 - 3)": str(a * a),
        }
    )


@pytest.mark.criterion("calc.signs")
def test_signs(calc, draw):
    a, b = draw.integer(2, 99), draw.integer(2, 99)
    calc.expect(
        {
            f"{a} * -{b}": str(-a * b),
            f"0 - -{a}": str(a),
            f"{a} - -{b}": str(a + b),
            f"{a} --{b}": str(a + b),
            f"{a} + +{b}": str(a + b),
            f"+{a}": str(a),
            f"0 + - - -{a}": str(-a),
            f"(-{a})": str(-a),
            f"0-{a} ^ 2": str(-a * a),
            f"1 * -{a} ^ 2": str(-a * a),
            f"(-{a}) ^ 2": str(a * a),
            "2 ^ -1": "0.5",
            "2 ^ - - 3": "8",
            "2 ^ -1 ^ 3": "0.5",
            f"-{a}": str(-a),
        }
    )


@pytest.mark.criterion("calc.remainder")
def test_remainder(calc, draw):
    a, b = draw.integer(100, 999), draw.integer(3, 99)
    calc.expect(
        {
            f"{a} % {b}": str(a % b),
            f"(0 - {a}) % {b}": str(-a % b),
            f"{a} % -{b}": str(a % -b),
            f"(-{a}) % -{b}": str(-a % -b),
            "5.5 % 2": "1.5",
            "0.75 % 0.5": "0.25",
            "(-0.5) % 0.75": "0.25",
        }
    )


@pytest.mark.criterion("calc.numbers")
def test_numbers(calc, draw):
    a = draw.integer(2, 99)
    calc.expect(
        {
            ".5 + .25": "0.75",
            "5. * 2": "10",
            f"00{a}": str(a),
            f"{a}.50": f"{a}.5",
            f"0{a}.250": f"{a}.25",
            "1.0": "1",
        }
    )


@pytest.mark.criterion("exact.decimals")
def test_decimals(calc, draw):
    a, b = draw.integer(1, 9), draw.integer(11, 99)
    calc.expect(
        {
            "0.1 + 0.2": "0.3",
            "0.1 * 3 - 0.3": "0",
            "1.1 + 2.2": "3.3",
            f"0.{a} * 0.{b}": printed(Fraction(f"0.{a}") * Fraction(f"0.{b}")),
            f"{b}.{a} - {b}": f"0.{a}",
            "1.005 * 1000": "1005",
            "0.00000000000000000001 * 5": "0.00000000000000000005",
        }
    )


@pytest.mark.criterion("exact.fractions")
def test_fractions(calc, draw):
    a = draw.choice([3, 7, 9, 11, 13])
    calc.expect(
        {
            "1 / 3 * 3": "1",
            f"1 / {a} * {a}": "1",
            "1 / 3 + 1 / 3 + 1 / 3": "1",
            f"2 / {a} - 2 / {a}": "0",
            f"1 / (1 / {a})": str(a),
            "(2 / 3 - 1 / 3 - 1 / 3) * 10 ^ 40": "0",
        }
    )


@pytest.mark.criterion("exact.integers")
def test_integers(calc, draw):
    a, b = draw.integer(10**30, 10**31), draw.integer(10**20, 10**21)
    base, power = draw.choice([3, 7, 13]), draw.integer(60, 80)
    calc.expect(
        {
            "2 ^ 200": str(2**200),
            f"{base} ^ {power}": str(base**power),
            f"{a} + 1": str(a + 1),
            f"{a} * {b}": str(a * b),
            f"{a} % {b}": str(a % b),
            f"{a * b} / {b}": str(a),
            f"10 ^ 40 + {b} - 10 ^ 40": str(b),
            "9007199254740993 * 1": "9007199254740993",
        }
    )


@pytest.mark.criterion("print.whole")
def test_whole(calc, draw):
    a = draw.integer(2, 99)
    calc.expect(
        {
            "4 / 2": "2",
            "1.50 + 0.5": "2",
            f"{a}.0": str(a),
            "10 * 10": "100",
            "10 ^ 25": str(10**25),
            "0 * -1": "0",
            "(-1) * 0": "0",
            "-0 + 0": "0",
            "0 - 1 / 10 ^ 30": "0",
            "0.0": "0",
        }
    )


@pytest.mark.criterion("print.digits")
def test_digits(calc, draw):
    a, b = draw.integer(1, 999), draw.choice([7, 11, 13, 17, 19, 23])
    calc.expect(
        {
            "2 / 3": "0.66666666666666666667",
            "1 / 3": "0.33333333333333333333",
            "1 / 8": "0.125",
            f"{a} + 1 / {b}": printed(a + Fraction(1, b)),
            f"0 - {a} - 2 / {b}": printed(-a - Fraction(2, b)),
            "1 / 10 ^ 7": "0.0000001",
            "1 / 10 ^ 20": "0.00000000000000000001",
            "5 / 10 ^ 21": "0",
            "15 / 10 ^ 21": "0.00000000000000000002",
            "25 / 10 ^ 21": "0.00000000000000000002",
            "10 ^ 20 + 1 / 3": f"{10**20}.33333333333333333333",
        }
    )
