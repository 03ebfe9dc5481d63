"""Variables in a text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.inspect.compose import interpolate
from grader.inspect.compose.interpolate import Malformed, fill, references
from grader.inspect.compose.project import Reading

VALUES = {"A": "one", "EMPTY": "", "_x1": "two"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("", ""),
        ("$A", "one"),
        ("${A}", "one"),
        ("a$A-b", "aone-b"),
        ("$_x1.", "two."),
        ("$Ab", ""),
        ("${A}b", "oneb"),
        ("$NONE", ""),
        ("${NONE}", ""),
        ("${A:-d}", "one"),
        ("${EMPTY:-d}", "d"),
        ("${NONE:-d}", "d"),
        ("${NONE:-}", ""),
        ("${A-d}", "one"),
        ("${EMPTY-d}", ""),
        ("${NONE-d}", "d"),
        ("${A:?m}", "one"),
        ("${EMPTY:?m}", ""),
        ("${NONE:?m}", ""),
        ("${A?m}", "one"),
        ("${NONE?}", ""),
        ("${A:+x}", "x"),
        ("${EMPTY:+x}", ""),
        ("${NONE:+x}", ""),
        ("${A+x}", "x"),
        ("${EMPTY+x}", "x"),
        ("${NONE+x}", ""),
        ("${NONE:-$A}", "one"),
        ("${NONE:-${A}}", "one"),
        ("${NONE:-${EMPTY:-${NONE-d}}e}f", "def"),
        ("${NONE:-a:b/c?d=e}", "a:b/c?d=e"),
        ("${A:+${NONE:-x}}", "x"),
        ('${NONE:-{"a": 1}}', '{"a": 1}'),
        ("${NONE:-{1}", "{1"),
        ("$$", "$"),
        ("$$A", "$A"),
        ("$$$A", "$one"),
        ("$${A}", "${A}"),
        ("${NONE:-$$5}", "$5"),
        ("$5", "$5"),
        ("$(date) $", "$(date) $"),
        ("pa$!s", "pa$!s"),
        ("{A}", "{A}"),
    ],
)
def test_every_form(text: str, filled: str) -> None:
    """As `docker compose config` fills it in; a dollar sign that begins nothing is one."""
    assert fill(text, VALUES) == filled


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${", "never closed"),
        ("${A", "never closed"),
        ("x ${A:-b", "never closed"),
        ("${NONE:-${A}", "never closed"),
        ("${}", "no name of a variable"),
        ("${5}", "no name of a variable"),
        ("${ A}", "no name of a variable"),
        ("${A/b}", "something unknown"),
        ("${A b}", "something unknown"),
        ("${A:b}", "something unknown"),
        ("${NONE:-${}}", "no name of a variable"),
        ("${A:-" * 30 + "}" * 30, "within each other's defaults"),
    ],
)
def test_what_is_malformed(text: str, reason: str) -> None:
    """The message says what to write."""
    with pytest.raises(Malformed, match=reason):
        references(text, 1)


def test_a_malformed_text_is_a_fault_with_its_line(faults: Callable[..., tuple[str, ...]]) -> None:
    """All of them at once; keys are no matter."""
    said = faults(
        "services:\n  web:\n    image: x:${TAG\n    environment:\n      A: 1\n"
        "      ${B: 5\n      C: ${}\nx-unread: ${\n"
    )
    place = "compose.yml:3: services.web.image"
    assert said[0] == f'{place} has a `${{` that is never closed; add the `}}` (it is "x:${{TAG").'
    place = "compose.yml:7: services.web.environment.C"
    assert said[1].startswith(f"{place} has a `${{` that no name of a variable follows; write")
    assert len(said) == 2


def test_references_are_listed_with_what_they_need() -> None:
    """Name, default, whether Compose insists, line, and what goes before."""
    found = references("$A ${B:-x$C} ${D:?m} ${E+y}", 7)
    assert [(one.name, one.default, one.required, one.optional, one.within) for one in found] == [
        ("A", None, False, False, ()),
        ("B", "x$C", False, False, ()),
        ("C", None, False, False, ("B",)),
        ("D", None, True, False, ()),
        ("E", None, False, True, ()),
    ]
    assert {one.line for one in found} == {7}


def test_every_text_of_the_file_is_filled_in(read: Callable[..., Reading]) -> None:
    """Values in lists and mappings; numbers and flags by what they come to; no keys."""
    reading = read(
        "services:\n  web:\n    build: {context: '${DIR:-.}', args: {V: '${V:-3}'}}\n"
        "    ports: ['${P:-80}:5000']\n    read_only: ${RO:-true}\n    command: [run, '${P:-80}']\n"
        "    healthcheck: {test: 'x', interval: '${I:-5s}', retries: '${R:-4}'}\n"
        "    environment: {$KEY: '${P:-80}'}\n"
    )
    assert not reading.faults
    assert reading.project is not None
    web = reading.project.services["web"]
    assert web.build is not None
    assert (web.build.context, web.build.args) == (".", {"V": "3"})
    assert (web.networking.ports[0].published, web.process.read_only, web.process.command) == (
        "80",
        True,
        ("run", "80"),
    )
    assert web.lifecycle.healthcheck is not None
    assert (web.lifecycle.healthcheck.interval, web.lifecycle.healthcheck.retries) == (5.0, 4)
    assert web.environment.values == {"$KEY": "80"}
    assert web.environment.written == {"$KEY": "${P:-80}"}


def test_a_text_does_not_grow_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long value many times over is refused before it fills the memory."""
    monkeypatch.setattr(interpolate, "MAX_TEXT", 1000)
    assert len(fill("$A" * 9, {"A": "x" * 100})) == 900
    with pytest.raises(Malformed, match="grows beyond 1000 characters"):
        fill("$A" * 11, {"A": "x" * 100})


@pytest.mark.slow
def test_braces_without_end_are_read_in_no_time() -> None:
    """What opens and never closes is looked at once only."""
    assert len(references("${A:-{}" * 20_000, 1)) == 20_000
    with pytest.raises(Malformed):
        references("${A:-" * 20_000, 1)


def test_a_file_does_not_grow_without_bounds(
    faults: Callable[..., tuple[str, ...]], write: Callable[[str, str], None]
) -> None:
    """Nor do many texts together."""
    write(".env", f"A={'x' * 100_000}")
    lines = "".join(f"      V{n}: $A$A\n" for n in range(100))
    (said,) = faults(f"services:\n  web:\n    build: .\n    environment:\n{lines}")
    assert said == (
        "compose.yml:1: the document grows too large with its variables filled in; shorten it."
    )
