"""`secrets.image`: what environment and history of an image give away."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.image_names import ImageFacts
from grader.inspect.image import check_image
from grader.inspect.secrets import Scan, Skipped
from grader.model import Outcome

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


def test_what_was_not_read_has_not_passed() -> None:
    """An image too large to be read whole is not reached; what is found in it costs all."""
    cut = "The image's own layers hold more than 20000 files."
    clean = ImageFacts(environment=(), history=())
    result = check_image(clean, Scan(), cut=cut)
    assert (result.outcome, result.evidence) == (Outcome.NOT_REACHED, cut)
    assert cut in result.rationale
    given = ImageFacts(environment=("DB_PASSWORD=Kestrel_vino77",), history=())
    lost = check_image(given, Scan(), cut=cut)
    assert (lost.outcome, lost.kept) == (Outcome.FAILED, Fraction(0))


@pytest.mark.parametrize(
    ("skipped", "outcome"),
    [
        (Skipped(path="srv/data.json", reason="it is cut", unread=True), Outcome.PASSED),
        (Skipped(path="srv/.env", reason="it is cut", unread=True), Outcome.NOT_REACHED),
        (Skipped(path="srv/a", reason="it is long", unread=True, ends=True), Outcome.NOT_REACHED),
        (Skipped(path="srv/logo.png", reason="it is a picture"), Outcome.PASSED),
    ],
)
def test_only_what_has_no_place_in_an_image_has_to_be_read(
    skipped: Skipped, outcome: Outcome
) -> None:
    """What code and data hold is `secrets.tree`'s matter."""
    scan = Scan(skipped=(skipped,))
    assert check_image(ImageFacts(environment=(), history=()), scan).outcome is outcome


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
