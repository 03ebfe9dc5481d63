"""`secrets.image`: what environment and history of an image give away."""

from __future__ import annotations

from fractions import Fraction

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


def test_what_the_base_brings_costs_nothing() -> None:
    """Only what the student added counts."""
    base = ImageFacts(environment=("API_TOKEN=Kestrel_vino77",), history=("ENV API_TOKEN=Kestrel",))
    image = ImageFacts(environment=CLEAN + base.environment, history=("CMD x", *base.history))
    assert check_image(image, Scan(), bases=[base]).outcome is Outcome.PASSED
    assert check_image(image, Scan()).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("line", "kept"),
    [("SECRET_KEY=dev", Fraction(2, 3)), ("SECRET_KEY=Kestrel_vino77", Fraction(1, 3))],
)
def test_a_development_literal_costs_less(line: str, kept: Fraction) -> None:
    """Than a secret that somebody may really use."""
    assert check_image(ImageFacts(environment=(line,), history=()), Scan()).kept == kept


def test_what_was_not_read_is_said() -> None:
    """Never silently."""
    cut = "The image's own layers hold more than 20000 files."
    result = check_image(ImageFacts(environment=(), history=()), Scan(), cut=cut)
    assert (result.outcome, result.evidence) == (Outcome.PASSED, cut)


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
