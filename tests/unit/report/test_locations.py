"""Places in the grader's own sentences."""

from __future__ import annotations

from grader.report.locations import of_sentences


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
