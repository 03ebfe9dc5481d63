"""The ways to start it, the README, and the tests in the image."""

import re

import pytest

PASSED = re.compile(r"\b(\d+) passed\b")


def numbers(draw, count):
    return [draw.integer(2, 9999) for _ in range(count)]


def require(ran, wanted, said):
    """Fail where the lines of standard output are others than `wanted`."""
    if [line.strip() for line in ran.lines] != [str(one) for one in wanted]:
        ran.fail(said)


@pytest.mark.criterion("readme.run")
def test_readme(submission):
    name = next((one for one in submission.files() if one.lower() == "readme.md"), None)
    assert name, "There is no README.md at the top."
    assert re.search(r"docker\s+run\b", submission.text(name)), (
        "README.md holds no command that begins with `docker run`."
    )


@pytest.mark.criterion("tests.pass")
def test_own_tests(run):
    ran = run(entrypoint=["pytest"], within=30)
    passed = PASSED.search(ran.output)
    if ran.exit_code == 5:
        ran.fail("pytest finds no tests in the image's working folder.")
    ran.expect(0)
    if not passed or int(passed[1]) < 10:
        ran.fail(
            f"There should be at least 10 tests that pass; there are {passed[1] if passed else 0}."
        )


@pytest.mark.criterion("start.arguments")
def test_arguments(run, draw):
    a, b, c = numbers(draw, 3)
    ran = run(f"{a} + {b}", f"{b} * {c}", str(c), f"{a} + {b}").expect(0)
    require(
        ran,
        [a + b, b * c, c, a + b],
        "It should print the result of each argument, a line each, in their order.",
    )
    ran = run(f"{a} - {b}").expect(0)
    require(ran, [a - b], "It should print the result of a single argument.")


@pytest.mark.criterion("start.input")
def test_standard_input(run, draw):
    a, b, c = numbers(draw, 3)
    first, second = run.together(
        [
            run.prepare(stdin=f"{a} + {b}\n{b} * {c}\n{c}"),
            run.prepare(stdin=f"{a}\r\n{b} - {c}\r\n"),
        ]
    )
    require(
        first.expect(0),
        [a + b, b * c, c],
        "It should print the result of each line, the last one without a line break included.",
    )
    require(
        second.expect(0),
        [a, b - c],
        "Lines that end as on Windows (\\r\\n) should be taken as well.",
    )


@pytest.mark.criterion("start.skipped")
def test_skipped(run, draw):
    a, b = numbers(draw, 2)
    ran = run(stdin=f"# first\n\n{a}\n   \t\n   # {b} + 1\n#{b}\n{b}\n\n").expect(0)
    require(
        ran,
        [a, b],
        "Blank lines, and lines whose first character that is not blank is #, should be skipped.",
    )


@pytest.mark.criterion("start.file")
def test_file(run, draw):
    a, b, c = numbers(draw, 3)
    path = f"/tmp/{draw.word()} list.txt"
    ran = run("--file", path, files={path: f"{a} + {b}\n# caf\u00e9\n{c} * 2"}).expect(0)
    require(ran, [a + b, c * 2], "It should print the result of each line of the file.")


@pytest.mark.criterion("start.help")
def test_help(run):
    ran = run("--help").expect(0)
    missing = [one for one in ("--file", "--interactive", "--help") if one not in ran.output]
    if missing:
        ran.fail(f"The help on standard output should name {', '.join(missing)}.")


@pytest.mark.criterion("start.dashes")
def test_dashes(run, draw):
    a, b = sorted(numbers(draw, 2))
    wanted = {f"-{a} + {b}": b - a, "-(2)": -2, f"--{a}": a}
    ran = run.together([run.prepare("--", one) for one in wanted])
    for one, result in zip(ran, wanted.values(), strict=True):
        require(
            one.expect(0), [result], "After -- an argument that begins with - is an expression."
        )


@pytest.mark.criterion("start.path")
def test_path(run, draw):
    a, b = numbers(draw, 2)
    ran = run(entrypoint=["calc", f"{a} + {b}"]).expect(0)
    require(ran, [a + b], "Started as calc, it should print the result of its argument.")
