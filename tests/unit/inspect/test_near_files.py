"""What a file that is not there may have been meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.near_files import where_it_is
from grader.run.static_checks import near


def made(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    return root


@pytest.mark.parametrize(
    ("files", "folder", "path", "said"),
    [
        (("req.txt",), "", "requirements.txt", " Did you mean req.txt?"),
        (
            ("requirement.txt", "README.md"),
            "",
            "requirements.txt",
            " Did you mean requirement.txt?",
        ),
        (("requirements-dev.txt",), ".", "requirements.txt", " Did you mean requirements-dev.txt?"),
        (
            ("application/requirements.txt",),
            "",
            "requirements.txt",
            (
                " Your repository has application/requirements.txt: COPY counts from the build's "
                "context, which is the top of your repository."
            ),
        ),
        (
            ("requirements.txt", "web/app.py"),
            "web",
            "requirements.txt",
            (
                " Your repository has requirements.txt: COPY counts from the build's context, "
                "which is web/."
            ),
        ),
        (
            ("wsgi.py", ".dockerignore"),
            "",
            "wsgi.py",
            " It is in your repository, at wsgi.py: look into .dockerignore.",
        ),
        (("venv/lib/requirements.txt",), "", "requirements.txt", ""),
        (("app.py", "notes.txt"), "", "requirements.txt", ""),
    ],
)
def test_what_copy_does_not_find(
    files: tuple[str, ...], folder: str, path: str, said: str, tmp_path: Path
) -> None:
    """A near name, the same name elsewhere, or a file that .dockerignore hides."""
    assert where_it_is(made(tmp_path, *files), folder, path) == said


@pytest.mark.parametrize(
    ("files", "folder", "said"),
    [
        (
            ("Dockerfile.vuejs", "Dockerfile.flask"),
            "",
            (
                " (there is Dockerfile.flask and Dockerfile.vuejs: the one that is meant has to be "
                "called Dockerfile)"
            ),
        ),
        (
            ("web/app.dockerfile",),
            "web",
            " (there is web/app.dockerfile: the one that is meant has to be called web/Dockerfile)",
        ),
        (("app.py",), "", ""),
    ],
)
def test_a_dockerfile_of_another_name(
    files: tuple[str, ...], folder: str, said: str, tmp_path: Path
) -> None:
    """It is named, as is what it has to be called."""
    assert near(made(tmp_path, *files), folder) == said
