"""`healthcheck`, and spans of time as Compose writes them."""

from __future__ import annotations

import re
from typing import Any

from grader.inspect.compose.project import HealthCheck
from grader.inspect.compose.rules import is_on
from grader.inspect.compose.source import ComposeSource, scalar, show
from grader.yamldoc import Place

UNITS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3,
    "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0,
}  # fmt: skip
PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)")
MAX_SECONDS = 1e6
TIMES = ("interval", "timeout", "start_period")


def seconds(text: str) -> float | None:
    """Seconds of a span like `1m30s` or `500ms`; None where `text` is none."""
    if text == "0":
        return 0.0
    if not text or len(text) > 100 or PART.sub("", text):
        return None
    return min(sum(float(part[1]) * UNITS[part[2]] for part in PART.finditer(text)), MAX_SECONDS)


def read_healthcheck(
    source: ComposeSource, place: Place, value: dict[str, Any]
) -> HealthCheck | None:
    """Return a service's health check; its `test` is empty where it is the image's own."""
    test = _test(source, (*place, "test"), value.get("test"))
    times = {}
    for key in TIMES:
        if key in value:
            span = seconds(value[key])
            if span is None:
                said = f"is {show(value[key])}; write a number and a unit, like `10s` or `1m30s`."
                source.fault((*place, key), said)
            elif span:  # Docker takes 0 for its own default
                times[key] = span
    retries = scalar(value.get("retries", "3"))
    if not re.fullmatch(r"\d{1,6}", retries):
        source.fault((*place, "retries"), f"is {show(retries)}; it should be a whole number.")
        return None
    if is_on(value.get("disable")):
        test = ("NONE",)
    return HealthCheck(test=test, retries=int(retries) or 3, line=source.line(place), **times)


def _test(source: ComposeSource, place: Place, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return ("CMD-SHELL", value) if value else ()
    words = [source.text((*place, index), item) for index, item in enumerate(value or ())]
    test = tuple(word for word in words if word is not None)
    if test and test[0] not in {"NONE", "CMD", "CMD-SHELL"}:
        source.fault(place, f'begins with {show(test[0])}; begin with "CMD" or "CMD-SHELL".')
    elif len(words) == 1 and test and test[0] != "NONE":
        source.fault(place, f"has no command after {show(test[0])}; add one.")
    return test
