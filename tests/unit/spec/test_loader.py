"""challenge.yml to `Challenge`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.app_spec import Limits, Readiness
from grader.errors import SpecError
from grader.model import Criterion, ServiceSpec, Visibility
from grader.sizes import size
from grader.spec.loader import digest, load, seconds

Write = Callable[..., Path]
Problems = Callable[..., list[str]]


def test_a_good_spec_is_a_challenge(write: Write) -> None:
    """What the spec says is there; what it leaves open has its default."""
    folder = write()
    exam = load(folder)
    assert (exam.slug, exam.title, exam.version) == ("guestbook", "Guestbook", "1.2.0")
    assert (exam.level, exam.pass_mark, exam.duration, exam.points) == ("core", 60, 0, 10)
    assert exam.app.ready == Readiness(path="/health", status=200, within=30.0)
    assert exam.app.env["LEVEL"] == "3"
    assert exam.services == (ServiceSpec(name="mysql", image="mysql:8.4"),)
    assert exam.limits == Limits()
    assert exam.contract == folder / "openapi.yml"
    assert exam.root == folder


def test_a_built_in_criterion_needs_what_it_always_needs(write: Write) -> None:
    """A need that is implied comes first and stands once."""
    exam = load(write(("title: Routes", "title: Routes, needs: [entry.create, app.starts]")))
    assert exam.criterion("contract.routes").needs == ("app.starts", "entry.create")
    assert exam.criterion("repo.files").needs == ()


def test_every_field_of_a_criterion_is_read(write: Write) -> None:
    """Visibility, hint and the reason why nothing can lose it."""
    more = "title: Create, visibility: hidden, hint: Commit., unkillable: It is always so."
    exam = load(write(("title: Create", more)))
    assert exam.criterion("entry.create") == Criterion(
        id="entry.create",
        title="Create",
        points=5,
        needs=("app.starts",),
        visibility=Visibility.HIDDEN,
        hint="Commit.",
        unkillable="It is always so.",
    )


def test_limits_are_read_in_their_units(write: Write) -> None:
    """Spans become seconds, sizes bytes; the time to start is the limit's where none is named."""
    limits = "limits: {build: 5m, start: 1500ms, memory: 1g, body: 64k, cpus: 0.5, pids: 64}"
    exam = load(write(("contract:", f"{limits}\ncontract:")))
    assert exam.limits == Limits(
        build=300, start=1.5, memory=1 << 30, body=1 << 16, cpus=0.5, pids=64
    )
    assert exam.app.ready.within == 1.5
    exam = load(write(("/health}", "/health, status: 204, within: 7s}")))
    assert exam.app.ready == Readiness(path="/health", status=204, within=7.0)


def test_whole_numbers_stay_exact(write: Write) -> None:
    """`5.0` points are 5: points are never floats."""
    exam = load(write(("points: 5", "points: 5.0"), ("port: 5000", "port: 5000.0")))
    assert isinstance(exam.points, int)
    assert isinstance(exam.app.port, int)


@pytest.mark.parametrize(
    ("text", "expected"), [("300s", 300), ("5m", 300), ("2h", 7200), ("250ms", 0.25), ("1.5s", 1.5)]
)
def test_spans_are_seconds(text: str, expected: float) -> None:
    """Milliseconds to hours."""
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("64k", 65536), ("512m", 512 << 20), ("2g", 2 << 30)]
)
def test_sizes_are_bytes(text: str, expected: int) -> None:
    """In steps of 1024."""
    assert size(text) == expected


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "slug: guestbook",
            "slug: other",
            "2: slug is 'other', but the folder is called 'guestbook'; make them the same.",
        ),
        ("openapi.yml", "api.yml", "13: contract: there is no file 'api.yml'."),
        (
            "contract: openapi.yml\n",
            "",
            "15: criteria[1]: contract.routes works from a `contract`; name one.",
        ),
        (
            "id: entry.create",
            "id: repo.files",
            "17: criteria[2]: the id 'repo.files' stands twice, first in line 15; rename one.",
        ),
        (
            "${mysql.host}",
            "${mysql.hots}",
            (
                "10: app.env.DB_HOST uses ${mysql.hots}; it can use mysql.host, mysql.port, "
                "mysql.database, mysql.user, mysql.password, secret.NAME, draw.NAME. "
                "Did you mean 'mysql.host'?"
            ),
        ),
        (
            "${secret.KEY}",
            "${secret.9}",
            (
                "10: app.env.KEY uses ${secret.9}; it can use mysql.host, mysql.port, "
                "mysql.database, mysql.user, mysql.password, secret.NAME, draw.NAME."
            ),
        ),
        (
            'services:\n  mysql: {image: "mysql:8.4"}\n',
            "",
            "10: app.env.DB_HOST uses ${mysql.host}; it can use secret.NAME, draw.NAME.",
        ),
        (
            "[app.starts]",
            "[contract.route]",
            (
                "17: criteria[2] needs 'contract.route', which is no criterion. "
                "Did you mean 'contract.routes'?"
            ),
        ),
        (
            "[app.starts]",
            "[docker.non_root]",
            (
                "17: criteria[2] needs 'docker.non_root', which this challenge does not price, "
                "so that it has no result."
            ),
        ),
    ],
)
def test_names_that_do_not_agree_are_found(
    problems: Problems, old: str, new: str, sentence: str
) -> None:
    """What no schema can say has its sentence, with the line and what to do."""
    (problem,) = problems((old, new))
    assert problem.startswith(f"challenge.yml:{sentence}")


@pytest.mark.parametrize("need", ["repo.files", "contract.routes", "docker.builds", "app.starts"])
def test_what_has_a_result_can_be_needed(write: Write, need: str) -> None:
    """What is priced, and the two that every run finds out."""
    exam = load(write(("[app.starts]", f"[{need}]")))
    assert exam.criterion("entry.create").needs == (need,)


@pytest.mark.parametrize(
    ("changes", "circle"),
    [
        ([("[app.starts]", "[entry.create]")], {"entry.create"}),
        (
            [
                ("title: Files", "title: Files, needs: [entry.create]"),
                ("[app.starts]", "[repo.files]"),
            ],
            {"entry.create", "repo.files"},
        ),
        (
            [("id: repo.files", "id: docker.builds, needs: [contract.routes]")],
            {"docker.builds", "app.starts", "contract.routes"},
        ),
    ],
    ids=["itself", "two", "through what is implied"],
)
def test_a_circle_is_found(
    problems: Problems, changes: list[tuple[str, str]], circle: set[str]
) -> None:
    """Only those in the circle are named; needs that are implied count."""
    (problem,) = problems(*changes)
    said = problem.removesuffix("; take one of the `needs` out.").partition("]: ")[2]
    named = said.removesuffix(" need each other in a circle").removesuffix(" needs itself")
    assert set(named.split(", ")) == circle


def test_a_spec_in_the_working_folder_is_named(
    problems: Problems, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder has a name, also where it is given as `.`."""
    monkeypatch.chdir(write(("slug: guestbook", "slug: other")))
    with pytest.raises(SpecError, match="is 'other', but the folder is called 'guestbook'"):
        load(Path())


def test_no_spec_is_a_sentence(tmp_path: Path) -> None:
    """A folder without challenge.yml."""
    with pytest.raises(SpecError, match=r"challenge\.yml: it cannot be read"):
        load(tmp_path)


def test_the_digest_is_of_names_and_contents(write: Write) -> None:
    """A new, renamed or changed file changes it; the same files give the same."""
    folder = write()
    seen = {before := digest(folder)}
    assert digest(folder) == before
    (folder / "tests").mkdir()
    assert digest(folder) == before, "A folder is no file."
    for change in (
        lambda: (folder / "tests/test_a.py").write_text("x"),
        lambda: (folder / "tests/test_a.py").write_text("y"),
        lambda: (folder / "tests/test_a.py").rename(folder / "tests/test_b.py"),
    ):
        change()
        assert digest(folder) not in seen
        seen.add(digest(folder))


def test_the_digest_ignores_what_python_leaves(write: Write, tmp_path: Path) -> None:
    """`__pycache__` within the challenge; not a folder of that name above it."""
    folder = write()
    before = digest(folder)
    (folder / "tests/__pycache__").mkdir(parents=True)
    (folder / "tests/__pycache__/a.pyc").write_bytes(b"x")
    assert digest(folder) == before
    above = tmp_path / "__pycache__" / "guestbook"
    above.parent.mkdir()
    folder.rename(above)
    assert digest(above) == before


@pytest.mark.parametrize(
    "text", ["2030-06-30T18:00+02:00", "2030-06-30T16:00:00Z", "'2030-06-30 16:00Z'"]
)
def test_a_deadline_is_a_moment(write: Write, text: str) -> None:
    """With or without quotes, whatever YAML takes it for; without one there is none."""
    folder = write(("version: 1.2.0", f"version: 1.2.0\ndeadline: {text}"))
    assert load(folder).deadline == datetime(2030, 6, 30, 16, tzinfo=UTC)
    assert load(write()).deadline is None


def test_what_outcomes_depend_on_has_a_digest_of_its_own(write: Write) -> None:
    """Points, titles, hints, the brief and the starter are left out; all else is in it."""
    folder = write()
    first = load(folder)
    (folder / "README.md").write_text("Another brief.")
    (folder / "starter").mkdir()
    (folder / "starter" / "app.py").write_text("pass")
    write(
        ("title: Guestbook", "title: Visitors"), ("version: 1.2.0", "version: 1.3.0"),
        ("title: Create, points: 5", "title: Make, points: 7, hint: Look., required: true"),
    )  # fmt: skip
    second = load(folder)
    assert second.digest != first.digest
    assert second.examined == first.examined
    others = [
        write(("port: 5000", "port: 5001")),
        write(("needs: [app.starts]", "needs: [repo.files]")),
    ]
    assert all(load(one).examined != first.examined for one in others)
    write()
    (folder / "tests").mkdir()
    (folder / "tests" / "test_a.py").write_text("pass")
    assert load(folder).examined != first.examined
