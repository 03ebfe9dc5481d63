"""Writes a fraction as a decimal number."""
import sys
from fractions import Fraction

PLACES = 20

# Python refuses to write more than 4300 digits if it is not told otherwise.
sys.set_int_max_str_digits(0)


def format_result(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    quotient, remainder = divmod(abs(value.numerator) * 10**PLACES, value.denominator)
    twice = 2 * remainder
    if twice > value.denominator or (twice == value.denominator and quotient % 2 == 1):
        quotient += 1
    digits = str(quotient).zfill(PLACES + 1)
    whole, decimals = digits[:-PLACES], digits[-PLACES:].rstrip("0")
    text = f"{whole}.{decimals}" if decimals else whole
    if value < 0 and quotient != 0:
        text = "-" + text
    return text
