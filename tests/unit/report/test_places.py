"""Places in the grader's own sentences."""

from __future__ import annotations

from grader.model import Outcome, SourceLocation
from grader.report.locations import of_result, of_sentences
from grader.testing import a_result


def test_sentences_begin_with_their_places() -> None:
    """The Compose file's form and the Dockerfile's, alone and in a list."""
    text = (
        "deploy/compose.yml asks for what an exam does not allow; correct each of these:\n"
        "  - deploy/compose.yml:4: services.web.privileged is not allowed.\n"
        "  - my file.yml:7: services.web.pid is not allowed: see x:1: y\n"
        "Dockerfile, line 3: `ADD http://x` is not allowed."
    )
    assert [(one.path, one.line) for one in of_sentences(text)] == [
        ("deploy/compose.yml", 4),
        ("my file.yml", 7),
        ("Dockerfile", 3),
    ]
    assert of_sentences("No Docker engine answers: start it.") == ()


def test_a_step_that_fails_is_at_its_line() -> None:
    """`docker.builds` says the line in its sentence."""
    said = "This step of your Dockerfile fails (line 4): RUN pip install x. It ended."
    lost = a_result("docker.builds", Outcome.FAILED, rationale=said)
    assert of_result(lost) == (SourceLocation(path="Dockerfile", line=4, message=said),)


def test_what_an_app_wrote_is_never_read() -> None:
    """An app's log may look like a place."""
    lost = a_result("app.starts", Outcome.FAILED, rationale="a.py:3: x", evidence="b.py:4: y")
    assert of_result(lost) == ()
