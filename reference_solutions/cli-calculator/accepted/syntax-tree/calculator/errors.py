"""What can go wrong in an expression."""


class CalcError(Exception):
    """An expression is wrong. The column counts from 1."""

    def __init__(self, column, message):
        super().__init__(message)
        self.column = column
        self.message = message


class CalcSyntaxError(CalcError):
    """The expression is not well formed."""


class EvaluationError(CalcError):
    """The expression is well formed but has no result."""


class UsageError(Exception):
    """The program was started in a wrong way."""
