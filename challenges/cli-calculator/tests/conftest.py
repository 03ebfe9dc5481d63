"""What the tests share: the results of expressions by whichever way the program takes them."""

import pytest


class Calculator:
    """Has expressions calculated, each on its own where several at once go wrong."""

    def __init__(self, run):
        self._run = run

    def results(self, expressions):
        """What is printed for each of `expressions`, with what ran for it."""
        ran = self._run("--", *expressions)
        if ran.exit_code == 0 and len(ran.lines) == len(expressions):
            return [(line.strip(), ran) for line in ran.lines]
        alone = [self._by_argument(one) for one in expressions]
        found = self._run.together(alone)
        if not any(one.exit_code == 0 for one in found):
            found = self._run.together([self._run.prepare(stdin=f"{one}\n") for one in expressions])
        return [(one.output.strip(), one) for one in found]

    def _by_argument(self, expression):
        dashes = ["--"] if expression.startswith("-") else []
        return self._run.prepare(*dashes, expression)

    def refusals(self, expressions):
        """The message about each of `expressions`, all of them wrong, with what ran for it.

        Fails where one has a result, where there is a traceback, or where the exit code is not 1.
        """
        ran = self._run("--", *expressions)
        lines = [line for line in ran.errors.splitlines() if line.startswith("error: ")]
        whole = len(lines) == len(expressions) == len(ran.errors.splitlines())
        if whole and ran.exit_code == 1 and not ran.output.strip():
            return [(line, ran) for line in lines]
        alone = [self._by_argument(one) for one in expressions]
        return [
            (self._refusal(one, ran), ran)
            for one, ran in zip(expressions, self._run.together(alone), strict=True)
        ]

    def _refusal(self, expression, ran):
        (line,) = errors_of(ran, 1)
        if ran.output.strip():
            ran.fail(f"{expression!r} is wrong: nothing of it should be on standard output.")
        ran.expect(1)
        return line

    def expect(self, wanted, said=""):
        """Fail where an expression has another result than `wanted` says."""
        for (expression, result), (found, ran) in zip(
            wanted.items(), self.results(list(wanted)), strict=True
        ):
            if found != result:
                shown = repr(found[:80]) if found else "nothing"
                ran.fail(f"{expression} should print {short(result)}, and it prints {shown}.{said}")


def short(text):
    """`text`, or its ends where it is long."""
    return text if len(text) < 60 else f"{text[:20]}…{text[-20:]} ({len(text)} characters)"


def errors_of(ran, count=None):
    """The lines on standard error; fails where they are not as the brief has them."""
    if "Traceback (most recent call last)" in ran.errors + ran.output:
        ran.fail("It shows a traceback; catch the exception and print a message in its place.")
    lines = [line for line in ran.errors.splitlines() if line.strip()]
    for line in lines:
        if not line.startswith("error: "):
            ran.fail(
                f"A line on standard error should begin with 'error: ', and it is: {line[:200]}"
            )
    if count is not None and len(lines) != count:
        ran.fail(
            f"Lines on standard error: {count} expected, one for each expression that is wrong; "
            f"{len(lines)} found."
        )
    return lines


@pytest.fixture
def calc(run):
    """The calculator under examination."""
    return Calculator(run)
