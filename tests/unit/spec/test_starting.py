"""Exams that ask for nothing but a start."""

from grader.inspect.dockerfile import exposed_port, inline_dockerfile
from grader.service_offers import ServiceOffer
from grader.spec.starting import asked_at, given_by, offered, only_starting, starting
from grader.testing import a_challenge


def test_an_app_gets_what_apps_usually_read() -> None:
    """Names that a run fills in; a Compose file needs no database of ours."""
    plain = starting("dockerfile", port=8000, path="/")
    assert {
        "DB_HOST",
        "DB_NAME",
        "MYSQL_DATABASE",
        "MYSQL_DB",
        "DATABASE_URL",
    } <= plain.app.env.keys()
    assert [one.image for one in plain.services] == ["mysql:8.4"]
    assert [one.id for one in plain.criteria] == ["docker.builds", "app.starts"]
    assert "GET / on port 8000" in plain.criteria[1].title
    assert starting("compose", port=5000, path="/").services == ()


def test_an_app_gets_what_it_asks_for_and_is_told_why() -> None:
    """Each variable where one service fits; what two fit is told."""
    offers = (
        ServiceOffer(name="postgres", reason="requirements.txt, line 1 names psycopg"),
        ServiceOffer(name="redis", reason="requirements.txt, line 2 names redis"),
    )
    plain = starting("dockerfile", port=8000, path="/", offers=offers)
    assert [one.image for one in plain.services] == ["postgres:17", "redis:7"]
    assert plain.app.env["DB_HOST"] == "${postgres.host}"
    assert plain.app.env["REDIS_URL"] == plain.app.env["CELERY_BROKER_URL"] == "${redis.url}"
    first, second = offered(plain)
    assert first.startswith(
        "PostgreSQL was offered, as requirements.txt, line 1 names psycopg. The app gets its "
        "values by DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME, DB_DATABASE, POSTGRES_…, "
        "PG… and DATABASE_URL."
    )
    assert second.startswith("Redis was offered, as requirements.txt, line 2 names redis. ")
    assert given_by(plain).startswith("`grader diagnose` sets (DB_HOST, DB_PORT, ")


def test_a_variable_that_two_services_fit_has_no_value() -> None:
    """Nobody could say whose it is."""
    offers = [ServiceOffer(name=one, reason="x") for one in ("postgres", "mysql")]
    plain = starting("dockerfile", port=8000, path="/", offers=offers)
    assert not {"DB_HOST", "DATABASE_URL"} & plain.app.env.keys()
    assert {"MYSQL_HOST", "POSTGRES_HOST"} <= plain.app.env.keys()
    said = offered(plain)[-1]
    assert said.startswith("PostgreSQL and MySQL each fit DB_HOST, DB_PORT, ")
    assert "DATABASE_URL, so these have no value. Remove the packages" in said


def test_any_answer_but_a_server_error_counts_as_started() -> None:
    """An exam that names a status asks for that one."""
    ready = starting("dockerfile", port=5000, path="/").app.ready
    assert all(ready.accepts(status) for status in (200, 302, 404))
    assert not any(ready.accepts(status) for status in (500, 503))
    ready = only_starting(a_challenge()).app.ready
    assert [ready.accepts(status) for status in (200, 302)] == [True, False]


def test_the_one_exposed_port_is_taken() -> None:
    """None where there are several, or where it is a variable."""
    ports = {
        b"EXPOSE 8000": 8000,
        b"EXPOSE 8000/tcp": 8000,
        b"EXPOSE 8000 9000": None,
        b"EXPOSE $PORT": None,
        b"EXPOSE 5000\nEXPOSE 5000": 5000,
        b"EXPOSE 5000/udp": None,
        b"EXPOSE 70000": None,
        b"": None,
    }
    for text, port in ports.items():
        assert exposed_port(inline_dockerfile(b"FROM python\n" + text, {})) == port, text


def test_the_title_shows_the_port_that_is_asked() -> None:
    """A Compose file may publish another one than the usual; an author's title stays."""
    plain = starting("compose", port=5000, path="/")
    titles = [one.title for one in asked_at(plain, 8000).criteria]
    assert titles[-1] == "The app starts: GET / on port 8000 answers"
    assert titles[:-1] == [one.title for one in plain.criteria][:-1]
    assert asked_at(plain, 5000) is plain
    exam = a_challenge()
    assert asked_at(exam, 8000) is exam
    started = asked_at(only_starting(exam), 8000)
    assert "GET /health on port 8000 answers 200" in started.criteria[-1].title
