import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from calc import calculate  # noqa: E402


def test_nothing_is_calculated_yet():
    with pytest.raises(NotImplementedError):
        calculate("1 + 1")
