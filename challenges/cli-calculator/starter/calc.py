"""A calculator. It builds and runs; what it calculates is up to you."""

import sys


def calculate(text):
    """The value of the expression `text`."""
    raise NotImplementedError  # TODO: numbers, operators, parentheses


def main():
    for text in sys.argv[1:]:
        try:
            print(calculate(text))
        except NotImplementedError:
            print(f"error: {text!r} cannot be calculated yet", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
