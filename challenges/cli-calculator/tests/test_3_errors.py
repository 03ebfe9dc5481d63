"""What is wrong is a message and an exit code, never a traceback."""

import re

import pytest
from conftest import errors_of

COLUMN = re.compile(r"error: column (\d+):")


def columns(calc, wanted):
    """Fail where an expression is not refused at one of its columns; the messages."""
    lines = []
    for (expression, places), (line, ran) in zip(
        wanted.items(), calc.refusals(list(wanted)), strict=True
    ):
        found = COLUMN.match(line)
        asked = " or ".join(map(str, places))
        if not found:
            ran.fail(
                f"{expression!r}: the message should begin with 'error: column {asked}:', and it "
                f"is: {line[:200]}"
            )
        if int(found[1]) not in places:
            ran.fail(f"{expression!r} is wrong at column {asked}, and the message says {found[1]}.")
        lines.append((line, ran))
    return lines


@pytest.mark.criterion("error.zero")
def test_zero(run, calc, draw):
    a = draw.integer(2, 99)
    wanted = [f"{a} / 0", f"{a} % 0", f"0 ^ -{a}", f"{a} / ({a} - {a})", "1.5 % 0.0"]
    for expression, (line, ran) in zip(wanted, calc.refusals(wanted), strict=True):
        if "division by zero" not in line.lower():
            ran.fail(
                f"{expression!r}: the message should hold 'division by zero'; it is: {line[:200]}"
            )
    ran = run(stdin=f"{a}\n\n{a} / 0\n")
    (line,) = errors_of(ran, 1)
    if not line.startswith("error: line 3"):
        ran.fail(f"In lines the message should begin with 'error: line 3'; it is: {line[:200]}")


@pytest.mark.criterion("error.column")
def test_column(calc, draw):
    a = draw.integer(1, 9)
    sign = draw.choice(["$", "!", "&", "="])
    columns(
        calc,
        {
            f"{a} + * 2": [5],
            f"{a} + {sign}": [5],
            f"{a} {a}": [3],
            f"{a} + )": [5],
            f"  * {a}": [3],
            f"({a})({a})": [4],
            f"{a} + 2)": [6],
            "()": [2],
            f"[{a}] * 2": [1],
            f"{a} \u00d7 2": [3],
            " ": [1],
        },
    )


@pytest.mark.criterion("error.end")
def test_end(calc, draw):
    a = draw.integer(10, 99)
    columns(calc, {f"{a} +": [5], f"({a} + 2": [8], f"{a} *  ": [5], "-": [2], f"(({a})": [6]})


@pytest.mark.criterion("error.names")
def test_names(calc, draw):
    name, other = draw.word(6), draw.word(5)
    wanted = {
        f"2 + {name}": [5], f"{other}_1 * 2": [1], "1 + 1.2.3": [5], "1 + 1e5": [5, 6],
    }  # fmt: skip
    lines = columns(calc, wanted)
    for one, (line, ran) in zip((name, f"{other}_1"), lines, strict=False):
        if one not in line:
            ran.fail(f"The message should hold the name {one}, and it is: {line[:200]}")
    calc.refusals([
        "1e5", "0x10", "1_000", "1,5", "1.2.3", "\u0663", ".", "1..2", "inf", "nan",
        "2 ** 3", "7 // 2",
    ])  # fmt: skip


@pytest.mark.criterion("error.lines")
def test_lines(run, draw):
    a = draw.integer(1, 9)
    text = f"# begin\n\n{a} + * 1\n{a}\n  {a} /\n"
    given = [
        run.prepare(stdin=text),
        run.prepare("--file", "/tmp/lines.txt", files={"/tmp/lines.txt": text}),
    ]
    for ran in run.together(given):
        lines = errors_of(ran, 2)
        wanted = ["error: line 3, column 5:", "error: line 5, column 6:"]
        for line, begin in zip(lines, wanted, strict=True):
            if not line.startswith(begin):
                ran.fail(f"This message should begin with {begin!r}: {line[:200]}")
        ran.expect(1)


@pytest.mark.criterion("error.others")
def test_others(run, draw):
    a, b = draw.integer(2, 999), draw.integer(2, 999)
    for ran in run.together(
        [
            run.prepare(f"{a} + 1", f"{a} +", f"* {b}", f"{b} - 1"),
            run.prepare(stdin=f"{a} + 1\n{a} +\n* {b}\n{b} - 1\n"),
        ]
    ):
        errors_of(ran, 2)
        if [line.strip() for line in ran.lines] != [str(a + 1), str(b - 1)]:
            ran.fail(
                "The results of the expressions that are right should be printed, in order, and "
                "nothing else."
            )
        ran.expect(1)


@pytest.mark.criterion("error.usage")
def test_usage(run, draw):
    path = f"/tmp/{draw.word()}.txt"
    option, absent, folder = run.together(
        [
            run.prepare("--colour", "1 + 1"),
            run.prepare("--file", path),
            run.prepare("--file", "/tmp"),
        ]
    )
    for ran, named in ((option, "--colour"), (absent, path), (folder, "/tmp")):
        if "Traceback (most recent call last)" in ran.errors:
            ran.fail("It shows a traceback; catch the exception and print a message in its place.")
        ran.expect(2)
        if named not in ran.errors:
            ran.fail(f"The message on standard error should hold {named}.")
