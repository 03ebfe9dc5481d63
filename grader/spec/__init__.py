"""From a challenge's folder to a `Challenge`, or to every problem with it in plain sentences."""

from grader.spec.library import find, load_all
from grader.spec.loader import load

__all__ = ["find", "load", "load_all"]
