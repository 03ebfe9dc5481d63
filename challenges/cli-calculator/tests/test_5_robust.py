"""What goes beyond what a friendly user types; hidden."""

import pytest
from conftest import errors_of, short


@pytest.mark.criterion("robust.no_code")
def test_no_code(run, calc, draw):
    path = f"/tmp/{draw.word()}"
    wrong = [
        f"__import__('os').system('touch {path}')",
        f"open('{path}', 'w')",
        "().__class__.__base__.__subclasses__()",
        "(lambda: 3)()",
        "1 if 1 else 2",
        "[1][0]",
        "1; 2",
        "1 < 2",
        "print(4)",
        "1 and 2",
        "~1",
        "'a' * 3",
    ]
    ran = run("--", *wrong, read=[path])
    if path in ran.files:
        ran.fail("What was given as an expression was run as code: it has written a file.")
    calc.refusals(wrong)


@pytest.mark.criterion("robust.deep")
def test_deep(run, calc):
    deep, deeper = f"{'(' * 100}7{')' * 100}", f"{'(' * 4900}7{')' * 4900}"
    signs = f"0{' -' * 100}5"
    great = "2 ^ 10000 * 3 ^ 10000"
    found = run.together(
        [
            run.prepare(deep),
            run.prepare(signs),
            run.prepare(deeper),
            run.prepare(great),
            run.prepare(stdin=" + ".join(["1"] * 2500) + "\n"),
            run.prepare("((1 / 3) ^ 9999) ^ 9999"),
        ]
    )
    nested, signed, nested_more, long, wide, fraction = found
    for ran, result in ((nested, "7"), (signed, "5")):
        if ran.expect(0).output.strip() != result:
            ran.fail("Parentheses and signs nested 100 deep should be calculated.")
    errors_of(nested_more)
    if nested_more.output.strip() not in {"", "7"} or nested_more.exit_code not in {0, 1}:
        nested_more.fail("Parentheses nested 4,900 deep: the result, or an error with exit code 1.")
    for line, ran in calc.refusals(["9 ^ 9 ^ 9 ^ 9", "2 ^ 0.5", "2 ^ 10001"]):
        if "exponent" not in line.lower():
            ran.fail(
                f"The message about an exponent should hold that word, and it is: {line[:200]}"
            )
    wanted = str_of(2**10000 * 3**10000)
    if long.expect(0).output.strip() != wanted:
        long.fail(f"{great} should print {short(wanted)}.")
    if wide.expect(0).output.strip() != "2500":
        wide.fail("The sum of 2,500 ones should print 2500.")
    errors_of(fraction)
    if fraction.exit_code not in {0, 1}:
        fraction.fail("A power of a great power: the result, or an error with exit code 1.")


def str_of(number):
    """The digits of a whole number beyond what Python prints at once."""
    parts = []
    while number:
        number, last = divmod(number, 10**1000)
        parts.append(f"{last:01000d}")
    return "".join(reversed(parts)).lstrip("0")


@pytest.mark.criterion("robust.encoding")
def test_encoding(run, draw):
    a = draw.integer(2, 99)
    text = f"{a}\n1 + \udcff\udcfe\n{a} * 2\n"
    given = [
        run.prepare(stdin=text),
        run.prepare("--file", "/tmp/odd.txt", files={"/tmp/odd.txt": text}),
    ]
    for ran in run.together(given):
        (line,) = errors_of(ran, 1)
        if not line.startswith("error: line 2"):
            ran.fail("What is no UTF-8 should be an error of its own line, 2.")
        if ran.output.split() != [str(a), str(a * 2)] or ran.exit_code != 1:
            ran.fail("The other lines should be calculated, and the exit code be 1.")


@pytest.mark.criterion("robust.pipe")
def test_pipe(run):
    many = {"/tmp/many.txt": "1 + 1\n" * 20_000}
    first, second = run.together(
        [
            run.prepare(
                entrypoint=["sh", "-c", "calc --file /tmp/many.txt | head -n 1"], files=many
            ),
            run.prepare(entrypoint=["sh", "-c", "calc '1 + 1' | true"]),
        ]
    )
    for ran in (first, second):
        if ran.errors.strip():
            ran.fail("When nobody reads the output any more, it should end without a word.")
    if first.output.strip() != "2":
        first.fail("The first result should still be there.")
