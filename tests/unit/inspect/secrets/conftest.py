"""The benchmark's corpus is a package alongside `tests`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))
