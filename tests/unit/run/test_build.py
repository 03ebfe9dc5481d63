"""A build: the bases that it needs, and packages that the index could not get."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest

from grader.criteria import DOCKER_BUILDS
from grader.errors import PlatformError
from grader.inspect.dockerfile import inline_dockerfile
from grader.run import build
from grader.run.context import RunContext
from grader.sandbox import index
from grader.sandbox.build import BuildCache, BuildRequest, Built
from grader.sandbox.build_log import BuildFailed
from grader.sandbox.index import IndexAddress
from grader.spec.starting import NO_TESTS, SLUG
from tests.unit.run.conftest import Begin

FAILED = BuildFailed(rationale="It fails.", evidence="502 packages.invalid cannot be reached")
BUILT = Built(image="sha256:1", cached=False)
FAULT = "http://packages.invalid/debian/x: packages.invalid cannot be reached"


def tried(
    monkeypatch: pytest.MonkeyPatch, results: list[Built | BuildFailed], faults: list[str]
) -> Built | BuildFailed:
    """What builds with these results come to, where the index has these faults after each."""
    address = IndexAddress(host="127.0.0.1", port=1, build_address="host-gateway")
    monkeypatch.setattr("grader.run.build.index.ensure", lambda *_: address)
    monkeypatch.setattr("grader.run.build.index.confine", lambda *_: "")
    monkeypatch.setattr(
        "grader.run.build.index.archive_fault",
        lambda *_, within, confirm=False: faults.pop(0),
    )
    monkeypatch.setattr(build, "build", lambda *_, **__: results.pop(0))
    monkeypatch.setattr("grader.run.build.image_cache.due", lambda _: False)
    context: Any = SimpleNamespace(
        settings=SimpleNamespace(state=Path()), cancel=None,
        resources=SimpleNamespace(engine=None, platform=None),
        recorder=SimpleNamespace(progress=lambda *_: None),
    )  # fmt: skip
    request = BuildRequest(
        context=Path(),
        dockerfile=b"",
        contexts={},
        labels={},
        deadline=9,
        cache=BuildCache(layers=False),
    )
    result = build._known_or_built(cast("RunContext", context), request, "name")
    assert (results, faults) == ([], [])
    return result


def test_it_is_built_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it comes to counts, a success or a failure of its own."""
    other = BuildFailed(rationale="Its own.", evidence="")
    assert tried(monkeypatch, [FAILED, BUILT], [FAULT]) is BUILT
    assert tried(monkeypatch, [FAILED, other], [FAULT, ""]) is other


def test_twice_it_is_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs no point, and the sentence names what could not be had."""
    with pytest.raises(
        PlatformError, match=r"could not be had from this machine .*packages\.invalid"
    ):
        tried(monkeypatch, [FAILED, FAILED], [FAULT, FAULT])


def test_what_a_build_prints_is_no_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no record of the index's, it is lost whatever its lines say."""
    assert tried(monkeypatch, [FAILED], [""]) is FAILED


PIP = (
    "ERROR: Could not install packages due to an OSError: HTTPConnectionPool(host='grader-index', "
    "port=4041): Max retries exceeded with url: /index/x/x.whl (Caused by NewConnectionError('<pip"
    "._vendor.urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new "
    "connection: [Errno 111] Connection refused'))"
)
UV = (
    "error: Failed to fetch: `http://grader-index:4041/index/flask/`\n  Caused by: error sending "
    "request for url (http://grader-index:4041/index/flask/)\n  Caused by: operation timed out"
)


@pytest.mark.parametrize("said", [PIP, UV])
def test_a_build_that_lost_the_index_is_tried_again(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, in the time that is left; who prints that wins nothing by it."""
    lost = BuildFailed(rationale="It fails.", evidence="", log=said)
    assert tried(monkeypatch, [lost, BUILT], [""]) is BUILT
    assert tried(monkeypatch, [lost, FAILED], [""]) is FAILED
    assert tried(monkeypatch, [lost, lost], [""]) is lost


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: No matching distribution found for flaskk",
        "fatal: unable to access 'https://example.org/': Connection refused",
        "Looking in indexes: http://grader-index:4041/index/\nERROR: it is broken",
    ],
)
def test_other_failures_are_not(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that there is not, another host."""
    failed = BuildFailed(rationale="It fails.", evidence="", log=said)
    assert tried(monkeypatch, [failed], [""]) is failed


@pytest.mark.parametrize(
    ("expected", "age", "confirm", "there", "fault"),
    [
        ("http://packages.invalid/debian/x", 5, False, True, True),
        ("http://packages.invalid/debian/x", 5, True, False, True),
        ("http://packages.invalid/debian/x", 5, True, True, False),
        ("", 5, True, False, False),
        ("http://packages.invalid/debian/x", 50, False, False, False),
    ],
)
def test_a_fault_that_a_build_asked_for_is_confirmed(
    expected: str,
    age: float,
    confirm: bool,
    there: bool,
    fault: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An archive counts that images use, and only while this machine cannot have what it has."""
    record: Any = SimpleNamespace(host="127.0.0.1", port=1)
    said = {"archives": [{"url": "http://x/", "age": age, "said": "away", "expected": expected}]}
    monkeypatch.setattr(index.server, "running", lambda _: record)
    monkeypatch.setattr(index.server, "state", lambda *_: said)
    monkeypatch.setattr(index.server, "can_have", lambda *_: there)
    settings: Any = None
    assert bool(index.archive_fault(settings, within=10, confirm=confirm)) == fault


STAGES = b"FROM ubuntu:latest\nFROM python:3.11-slim AS app\n"


def bases_of(
    monkeypatch: pytest.MonkeyPatch, results: list[Built | BuildFailed], target: str = ""
) -> list[str]:
    """The images that were made sure of for a build of `STAGES` with these results."""
    asked: list[str] = []

    def resolve(_engine: object, reference: str, **_: object) -> SimpleNamespace:
        asked.append(reference)
        return SimpleNamespace(image=reference, substitution=None, base=None)

    monkeypatch.setattr("grader.run.build.images.resolve_base", resolve)
    monkeypatch.setattr("grader.run.build.image_id", lambda *_: "sha256:0")
    monkeypatch.setattr("grader.run.build.build_cgroup", lambda _: "")
    monkeypatch.setattr(build, "_known_or_built", lambda *_: results.pop(0))
    monkeypatch.setattr("grader.run.secret_scan.scan_image", lambda *_: None)
    context = MagicMock(use_cache=False)
    context.challenge.base_images = ("ubuntu", "python")
    submission: Any = SimpleNamespace(root=Path(), digest="0")
    dockerfile = inline_dockerfile(STAGES, {})
    assert build.build_image(context, submission, dockerfile, target=target) is BUILT
    assert results == []
    return asked


def test_the_images_of_stages_that_nothing_leads_to_need_not_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """BuildKit skips those stages."""
    assert bases_of(monkeypatch, [BUILT]) == ["python:3.11-slim"]


def test_what_the_builder_loads_all_the_same_is_supplied(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused at first, as its policy allows what was made sure of and nothing else."""
    denied = BuildFailed(rationale="", evidence="", denied="docker-image://ubuntu:latest")
    asked = bases_of(monkeypatch, [denied, BUILT])
    assert asked == ["python:3.11-slim", "ubuntu:latest", "python:3.11-slim"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("name", "first"), [("app", ""), ("web", "The service 'web' does not ")])
def test_a_dockerfile_in_utf_16_is_not_built(
    begin: Begin, encoding: str, name: str, first: str
) -> None:
    """Its encoding is the reason, and not an image that nobody can read out of it."""
    file = inline_dockerfile("FROM me/base\n".encode(encoding), {})
    context = begin(slug="notes")
    assert not build._may_be_built(context, file, name)
    lost = context.recorder.results[DOCKER_BUILDS]
    assert lost.rationale.startswith(first)
    assert "is saved as UTF-16" in lost.rationale
    assert "me/base" not in lost.rationale


@pytest.mark.parametrize(
    ("slug", "said"),
    [(SLUG, "is none that exams usually allow. Build on one"), ("notes", "that this exam allows.")],
)
def test_a_base_image_of_somebody_s(begin: Begin, slug: str, said: str) -> None:
    """Without an exam there is none that forbids it."""
    context = begin(slug=slug, root=NO_TESTS)
    assert not build._may_be_built(context, inline_dockerfile(b"FROM me/base\n", {}), "app")
    assert said in context.recorder.results[DOCKER_BUILDS].rationale
