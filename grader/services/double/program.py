"""A program for `python3 -c`, of several modules: nothing of the grader is in its container."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

START = """\
import sys, types
for name, source in {modules}:
    made = sys.modules[name] = types.ModuleType(name)
    exec(compile(source, name + ".py", "exec"), made.__dict__)
sys.modules[{last}].main()
"""
"""Each module finds those before it by the names that it imports them by in the grader."""
SERVICES = Path(__file__).parent.parent


def program_of(modules: Sequence[str]) -> str:
    """Return a program that loads `modules` (`double.http`) and calls the last one's `main`.

    They stand in the folder of services, and import nothing of the grader but those before them.
    """
    sources = [
        (f"grader.services.{name}", (SERVICES / f"{name.replace('.', '/')}.py").read_text("utf-8"))
        for name in modules
    ]
    return START.format(modules=json.dumps(sources), last=json.dumps(sources[-1][0]))
