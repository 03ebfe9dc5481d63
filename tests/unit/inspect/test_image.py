"""`secrets.image`: what environment and history of an image give away."""

from __future__ import annotations

import pytest

from grader.inspect.image import check_image
from grader.inspect.secrets import Scan
from grader.model import ImageFacts, Outcome

CLEAN = (
    "PATH=/usr/bin",
    "PYTHON_VERSION=3.11.2",
    "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
)


@pytest.mark.parametrize(
    ("environment", "history", "named"),
    [
        (("DB_PASSWORD=hunter2",), (), "DB_PASSWORD is set in the image's environment"),
        (("SECRET_KEY=dev",), (), "SECRET_KEY"),
        (
            (),
            ("ARG MYSQL_ROOT_PASSWORD=root",),
            "MYSQL_ROOT_PASSWORD stands in the image's history",
        ),
        ((), ("RUN |1 API_TOKEN=abc /bin/sh -c pip install x",), "API_TOKEN"),
        ((), ("RUN /bin/sh -c export DB_PASSWORD='hunter2'",), "DB_PASSWORD"),
        ((), ("COPY .env . # buildkit",), "a .env file is copied"),
        ((), ("COPY --chown=app config/.env.production /app/ # buildkit",), "a .env file"),
        (("DATABASE_URL=mysql+pymysql://root:hunter2@db/board",), (), "the password in a URL"),
    ],
)
def test_a_secret_is_named_and_not_shown(
    environment: tuple[str, ...], history: tuple[str, ...], named: str
) -> None:
    """What it is and where it stands; never its value."""
    result = check_image(ImageFacts(environment=CLEAN + environment, history=history), Scan())
    assert result.outcome is Outcome.FAILED
    assert named in result.rationale
    assert "hunter2" not in result.rationale + result.evidence


@pytest.mark.parametrize(
    ("environment", "history"),
    [
        ((), ()),
        (("DB_PASSWORD=",), ()),
        (("DB_PASSWORD_FILE=/run/secrets/db",), ()),
        ((), ("ARG DB_PASSWORD", "COPY .env.example . # buildkit", "COPY . . # buildkit")),
        ((), ("RUN /bin/sh -c echo PASSWORD=$DB_PASSWORD",)),
        (("DATABASE_URL=mysql+pymysql://db/board",), ()),
    ],
)
def test_what_is_no_secret_costs_nothing(
    environment: tuple[str, ...], history: tuple[str, ...]
) -> None:
    """Names without a value, examples, references."""
    result = check_image(ImageFacts(environment=CLEAN + environment, history=history), Scan())
    assert result.outcome is Outcome.PASSED
