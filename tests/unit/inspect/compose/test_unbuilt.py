"""What is said where no service is built from the code: what there is, and what to write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from grader.inspect.compose.project import Reading
from grader.inspect.compose.proxies import Clues
from grader.inspect.compose.roles import pick_app
from grader.inspect.compose.unbuilt import find_builds

Read = Callable[..., Reading]
Write = Callable[[str, str], None]
PYTHON = "FROM python:3.11-slim\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"Dockerfile": PYTHON}, "has Dockerfile: write `build: .` in the place of `image`."),
        (
            {"backend/Dockerfile": PYTHON, "backend/app.py": ""},
            "has backend/Dockerfile: write `build: ./backend` in the place of `image`.",
        ),
        (
            {"docker/Dockerfile": PYTHON, "app.py": ""},
            "write `build: {context: ., dockerfile: docker/Dockerfile}` in",
        ),
        ({"Dockerfile.dev": PYTHON}, "`build: {context: ., dockerfile: Dockerfile.dev}` in"),
        (
            {"proxy/Dockerfile": "FROM nginx\n", "src/Dockerfile": PYTHON, "src/app.py": ""},
            "and proxy/Dockerfile, src/Dockerfile may be the app's: write `build: ./src` in",
        ),
        (
            {"ui/Dockerfile": PYTHON, "web/Dockerfile": PYTHON, "web/requirements.txt": ""},
            "has web/Dockerfile: write `build: ./web`",
        ),
        ({"node_modules/x/Dockerfile": PYTHON}, "Your repository has no Dockerfile: add one, with"),
        ({}, "Your repository has no Dockerfile: add one, with the code that it copies, and write"),
    ],
)
def test_how_the_app_is_built_instead(
    read: Read, write: Write, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    """From the Dockerfile that is there, wherever it stands and whatever it is called."""
    for path, text in files.items():
        write(path, text)
    reading = read("services:\n  web: {image: me/board}\n  db: {image: mysql}\n")
    assert reading.project is not None
    clues = Clues(builds=partial(find_builds, tmp_path))
    app, sentence = pick_app(reading.project, 5000, None, clues)
    assert app is None
    assert "`web` names the image `me/board` and is not built from your code." in sentence
    assert said in sentence


def test_a_plain_image_of_a_language_holds_no_app(read: Read) -> None:
    """What its command would install at the start is installed by a Dockerfile."""
    reading = read(
        "services:\n  web:\n    image: python:3.11-slim\n    volumes: ['.:/app']\n"
        "    command: sh -c 'pip install flask && python app.py'\n"
    )
    assert reading.project is not None
    _, sentence = pick_app(reading.project, 5000, None, Clues())
    assert sentence.startswith("compose.yml:3: `web` runs the plain image `python:3.11-slim`, and")
    assert "a container reaches no package index. Write a Dockerfile" in sentence


def test_a_file_of_databases_alone_is_told_of_the_dockerfile(
    read: Read, write: Write, tmp_path: Path
) -> None:
    write("api/Dockerfile", PYTHON)
    write("api/main.py", "")
    reading = read("services:\n  db: {image: mysql}\n")
    assert reading.project is not None
    clues = Clues(builds=partial(find_builds, tmp_path))
    _, sentence = pick_app(reading.project, 5000, None, clues)
    assert "Your repository has api/Dockerfile: add a service with `build: ./api`." in sentence
