import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from calc import Wrong, calculate, shown  # noqa: E402


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3", "7"), ("2 ^ 3 ^ 2", "512"), ("-2 ^ 2", "-4"), ("--3", "3"), ("2 ^ -1", "0.5"),
        ("8 / 4 / 2", "1"), ("7 % -3", "-2"), ("0.1 + 0.2", "0.3"), ("1 / 3 * 3", "1"),
        ("2 / 3", "0.66666666666666666667"), ("0 * -1", "0"), (".5", "0.5"),
    ],
)
def test_results(text, result):
    assert shown(calculate(text)) == result


@pytest.mark.parametrize(("text", "column"), [("1 + * 2", 5), ("2 3", 3), ("1 +", 4), ("(1 + 2", 7), ("", 1)])
def test_columns(text, column):
    with pytest.raises(Wrong) as found:
        calculate(text)
    assert found.value.column == column
