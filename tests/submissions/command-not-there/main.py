"""Sums whole numbers."""
import os
import sys


def numbers(words):
    try:
        return [int(word) for word in words]
    except ValueError as error:
        print(f"sum: {error}", file=sys.stderr)
        sys.exit(2)


def ask():
    total = 0
    try:
        while True:
            total += int(input("number? "))
    except (KeyboardInterrupt, EOFError):
        print(f"\n{total}")


def main(arguments):
    _, *rest = arguments
    if rest[:1] == ["--ask"]:
        ask()
    elif rest[:1] == ["--file"]:
        with open(rest[1]) as file:
            print(sum(numbers(file)))
    elif rest[:1] == ["--save"]:
        with open(rest[1], "w") as file:
            print(sum(numbers(rest[2:])), file=file)
    elif rest[:1] == ["--scale"]:
        print(sum(numbers(rest[1:])) * int(os.environ["SCALE"]))
    else:
        print(sum(numbers(rest or sys.stdin)))


main(sys.argv[1:])
