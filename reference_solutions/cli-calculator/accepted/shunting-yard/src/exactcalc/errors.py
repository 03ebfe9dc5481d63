"""The one exception that an expression can raise."""


class CalcError(Exception):
    """An expression is wrong; column is counted from 1, or None."""

    def __init__(self, message, column=None):
        super().__init__(message)
        self.message = message
        self.column = column

    def describe(self, line=None):
        where = []
        if line is not None:
            where.append(f"line {line}")
        if self.column is not None:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: {self.message}" if where else self.message
