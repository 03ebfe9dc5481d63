"""Which value each variable gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from grader.inspect.compose.project import Reading

Read = Callable[..., Reading]
Write = Callable[[str, str | bytes], None]


def web(*entries: str) -> str:
    """A Compose file whose service `web` has these entries in its `environment`."""
    lines = "".join(f"      - {entry}\n" for entry in entries)
    return f"services:\n  web:\n    build: .\n    environment:\n{lines}  sql: {{image: mysql:8}}\n"


def given(reading: Reading) -> Mapping[str, str]:
    assert not reading.faults
    assert reading.project is not None
    return reading.project.services["web"].environment.values


def test_values_come_from_env_and_then_from_the_example(read: Read, write: Write) -> None:
    """An empty value of `.env` is one."""
    write(".env", "A=env\nB=\n")
    write(".env.example", "A=example\nB=example\nC=example\n")
    reading = read(web("A=$A", "B=$B", "C=$C"))
    assert given(reading) == {"A": "env", "B": "", "C": "example"}
    assert reading.missing == ()
    assert reading.values == {"A": "env", "B": "", "C": "example"}


@pytest.mark.parametrize(
    "name",
    [
        ".env.example", ".env.sample", ".env.template", ".env.dist",
        "env.example", "example.env", ".env-example",
    ],
)  # fmt: skip
def test_every_name_of_an_example(read: Read, write: Write, name: str) -> None:
    """Each of those that students write."""
    write(name, "A=1")
    assert given(read(web("A=$A"))) == {"A": "1"}


def test_both_files_stand_alongside_the_compose_file(read: Read, write: Write) -> None:
    """An example at the top does for one in a folder; a `.env` at the top does not."""
    write("ops/.env", "A=inner")
    write(".env", "A=outer\nC=outer")
    write(".env.example", "B=example")
    reading = read(web("A=$A", "B=$B", "C=${C:-none}"), path="ops/compose.yml")
    assert reading.faults == ()
    assert reading.values == {"A": "inner", "B": "example", "C": "none"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_in_any_encoding(read: Read, write: Write, encoding: str) -> None:
    """With its mark, with CRLF."""
    write(".env", "A=ä\r\nB=2\r\n".encode(encoding))
    assert given(read(web("A=$A", "B=$B"))) == {"A": "ä", "B": "2"}


def test_what_is_injected_wins(read: Read, write: Write) -> None:
    """Over both files, over what would be drawn, and over what is passed through."""
    write(".env", "SECRET_KEY=old\nA=old\nU=x:$A")
    reading = read(
        web("SECRET_KEY", "A=$A", "B=${B:-d}", "U=$U"),
        injected={"SECRET_KEY": "theirs", "A": "theirs", "B": "theirs"},
    )
    assert given(reading) == {"SECRET_KEY": "theirs", "A": "theirs", "B": "theirs", "U": "x:theirs"}
    assert reading.missing == ()
    assert reading.secrets == {}


def test_the_machines_environment_is_not_read(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it would give is missing, except what is the same everywhere."""
    monkeypatch.setenv("HIDDEN", "of the machine")
    monkeypatch.setenv("HOME", "/home/of-the-machine")
    reading = read(web("A=${HIDDEN:-none}", "HIDDEN", "P=$COMPOSE_PROJECT_NAME", "H=$HOME"))
    assert given(reading) == {"A": "none", "HIDDEN": "", "P": "exam", "H": "/root"}
    assert reading.missing == ("HIDDEN",)


def test_secrets_are_drawn_anew(read: Read, write: Write) -> None:
    """Those of both files and those that are asked for, whether they are used or not."""
    write(".env", "DB_PASSWORD=a\nUNUSED_TOKEN=b\nDB_USER=me\n")
    write(".env.example", "SECRET_KEY=changeme\n")
    reading = read(web("P=$DB_PASSWORD", "U=$DB_USER", "K=$SECRET_KEY"))
    assert given(reading) == {"P": "new1", "U": "me", "K": "new2"}
    assert reading.secrets == {"DB_PASSWORD": "new1", "SECRET_KEY": "new2", "UNUSED_TOKEN": "new3"}
    assert reading.missing == ()


def test_without_fresh_values_stay(read: Read, write: Write) -> None:
    """Nothing is drawn but what is missing."""
    write(".env", "DB_PASSWORD=a\n")
    reading = read(web("P=$DB_PASSWORD", "K=${SECRET_KEY:-k}", "T=$TOKEN"), fresh=False)
    assert given(reading) == {"P": "a", "K": "k", "T": "new1"}
    assert reading.missing == ("TOKEN",)
    assert reading.secrets == {"TOKEN": "new1"}


def test_equal_secrets_stay_equal(read: Read, write: Write) -> None:
    """Of `.env`, of the example and of defaults."""
    write(".env", "MYSQL_PASSWORD=same\nDB_PASSWORD=same\nMYSQL_ROOT_PASSWORD=other\n")
    write(".env.example", "API_KEY=same\n")
    reading = read(
        web("A=$MYSQL_PASSWORD", "B=$DB_PASSWORD", "C=$MYSQL_ROOT_PASSWORD", "D=$API_KEY",
            "E=${X_PASS:-same}", "F=${Y_PASS:-else}", "G=${Z_PASS:-${MYSQL_PASSWORD}}")
    )  # fmt: skip
    values = given(reading)
    assert len({values[name] for name in "ABDEG"}) == 1
    assert len({values[name] for name in "ABCF"}) == 3
    assert "same" not in values.values()


def test_secrets_without_a_value_are_grouped(read: Read, write: Write) -> None:
    """Root's password, all other passwords, and each other secret by itself."""
    write(".env", "MYSQL_ROOT_PASSWORD=\nMYSQL_PASSWORD=\n")
    reading = read(
        web("A=$MYSQL_ROOT_PASSWORD", "B=$MYSQL_PASSWORD", "C=$DB_PASS", "D=$SECRET_KEY",
            "E=$TOKEN", "F=$DB_ROOT_PASSWORD")
    )  # fmt: skip
    values = given(reading)
    assert values["A"] == values["F"]
    assert values["B"] == values["C"]
    assert len(set(values.values())) == 4
    assert reading.missing == ("DB_PASS", "SECRET_KEY", "TOKEN", "DB_ROOT_PASSWORD")


@pytest.mark.parametrize(
    ("url", "renewed"),
    [
        ("mysql+pymysql://me:old@db/app", "mysql+pymysql://me:new1@db/app"),
        ("mysql://me:old@db:3306/app?x=old", "mysql://me:new1@db:3306/app?x=old"),
        ("mysql://me:other@db/app", "mysql://me:other@db/app"),
        ("mysql://me:older@db/app", "mysql://me:older@db/app"),
        ("mysql://old@db/app", "mysql://old@db/app"),
        ("mysql://me:p%40s%2Fs@db/app", "mysql://me:new2@db/app"),
        ("mysql://me:p@s/s@db/app", "mysql://me:new2@db/app"),
        ("mysql://me:$DB_PASSWORD@db/app", "mysql://me:new1@db/app"),
        ("'mysql://me:$DB_PASSWORD@db/app'", "mysql://me:$DB_PASSWORD@db/app"),
        ("a://x:old@h b://y:old@h", "a://x:new1@h b://y:new1@h"),
        ("me:old@db", "me:old@db"),
    ],
)
def test_passwords_in_urls(read: Read, write: Write, url: str, renewed: str) -> None:
    """What was drawn again is renewed in them, encoded or not; any other stays."""
    write(".env", f"DB_PASSWORD=old\nMAIL_PASSWORD='p@s/s'\nDATABASE_URL={url}\n")
    values = read(web("A=$DB_PASSWORD", "B=$MAIL_PASSWORD", "U=$DATABASE_URL")).values
    assert (values["DB_PASSWORD"], values["MAIL_PASSWORD"]) == ("new1", "new2")
    assert values["DATABASE_URL"] == renewed


def test_a_new_value_is_encoded_in_a_url(write: Write, read: Read) -> None:
    """One of a key's form has a `=` in it."""
    write(".env", f"KEY={'a' * 43}=\nURL=x://me:{'a' * 43}%3D@db")
    values = read(web("A=$URL")).values
    assert re.fullmatch(r"[\w-]{43}=", values["KEY"])
    assert values["URL"] == f"x://me:{values['KEY'].replace('=', '%3D')}@db"


def test_a_literal_of_the_compose_file_stays(read: Read, write: Write) -> None:
    """Also one that equals a drawn secret: fresh credentials show that it is written down."""
    write(".env", "DB_PASSWORD=old\n")
    reading = read(
        web("A=$DB_PASSWORD", "MYSQL_PASSWORD=old", "NAME=old", "TOKEN=own",
            "U=mysql://me:old@db/app", "V=${V:-mysql://me:old@db/app}")
    )  # fmt: skip
    assert given(reading) == {
        "A": "new1",
        "MYSQL_PASSWORD": "old",
        "NAME": "old",
        "TOKEN": "own",
        "U": "mysql://me:old@db/app",
        "V": "mysql://me:old@db/app",
    }


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        ("A=$A", ("A",)),
        ("A=${A}", ("A",)),
        ("A", ("A",)),
        ("A=${A:?is required}", ("A",)),
        ("A=${A?}", ("A",)),
        ("A=${A:-}", ()),
        ("A=${A-d}", ()),
        ("A=${A:+x}", ()),
        ("A=${B:-${A}}", ("A",)),
        ("A=${GIVEN:-$A}", ()),
        ("A=${EMPTY:-$A}", ("A",)),
        ("A=${GIVEN:?m}", ()),
        ("A=${EMPTY:?m}", ("EMPTY",)),
        ("A=$EMPTY", ()),
        ("A=$$B", ()),
        ("A=$A$A${A:-d}", ("A",)),
        ("A=", ()),
    ],
)
def test_what_is_missing(read: Read, write: Write, entry: str, missing: tuple[str, ...]) -> None:
    """Each name once: asked for without a default, or passed through, and nowhere given."""
    write(".env", "GIVEN=1\nEMPTY=\n")
    reading = read(web(entry))
    assert reading.missing == missing
    assert not reading.faults


def test_a_mapping_passes_through_too(read: Read) -> None:
    """A name without a value, as in the list."""
    reading = read("services: {web: {build: ., environment: {SECRET_KEY: , B: ''}}}")
    assert given(reading) == {"SECRET_KEY": "new1", "B": ""}
    assert reading.missing == ("SECRET_KEY",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "new1"), ("SECRET_KEY", "new1"), ("API_TOKEN", "new1"),
        ("DB_USER", ""), ("MYSQL_DATABASE", ""), ("DB_HOST", ""), ("FLASK_RUN_HOST", ""),
        ("APP_PORT", ""), ("UID", ""), ("IMAGE_TAG", ""), ("DATABASE_URL", ""),
        ("WEB_CONCURRENCY", ""), ("FLASK_DEBUG", ""),
    ],
)  # fmt: skip
def test_what_stands_in(read: Read, name: str, value: str) -> None:
    """A secret is drawn; all else is empty, as Compose makes it."""
    reading = read(web(name))
    assert given(reading)[name] == value
    assert [(one.name, one.line, one.value) for one in reading.lacks] == [(name, 5, value)]


def test_what_the_file_depends_on_has_its_form(read: Read) -> None:
    """A port, a user's number and a tag that are missing get usual values, and are missing."""
    reading = read(
        "services: {web: {build: ., user: '$UID:$GID', ports: ['$PORT:$APP_PORT', '$OUT:80']},"
        " db: {image: 'mysql:$TAG'}}"
    )
    assert not reading.faults
    assert reading.project is not None
    services = reading.project.services
    assert (services["web"].process.user, services["db"].image.reference) == (
        "1000:1000",
        "mysql:latest",
    )
    assert [port.target for port in services["web"].networking.ports] == [5000, 80]
    assert reading.missing == ("UID", "GID", "PORT", "APP_PORT", "OUT", "TAG")


def test_one_value_for_each_role(read: Read, write: Write) -> None:
    """The app and the database get the same user and the same database from a blank form."""
    names = ("DB_USER", "MYSQL_USER", "DB_NAME", "MYSQL_DATABASE")
    write(".env.example", "".join(f"{name}=\n" for name in names))
    values = given(read(web(*names)))
    assert values["DB_USER"] == values["MYSQL_USER"]
    assert values["DB_NAME"] == values["MYSQL_DATABASE"]


@pytest.mark.parametrize(
    ("services", "host"),
    [
        ("store: {image: registry.example:5000/library/mariadb:11}", "store"),
        ("store: {image: '${IMAGE:-mysql}'}", "store"),
        ("store: {image: redis}", "db"),
        ("store: {image: '${'}", None),
    ],
)
def test_the_host_is_the_mysql_service(
    read: Read, write: Write, services: str, host: str | None
) -> None:
    """By its image, with variables filled in; `db` where there is none."""
    write(".env.example", "DB_HOST=\n")
    reading = read(f"services: {{web: {{build: ., environment: [DB_HOST]}}, {services}}}")
    assert reading.values["DB_HOST"] == (host or "db")


def test_a_blank_of_the_example_is_filled_in(read: Read, write: Write) -> None:
    """It is a form: what it leaves open of the database is no fault of the submission's."""
    write(".env.example", "DB_USER=\nDB_NAME=\nDB_PASSWORD=\nDEBUG=\nMAIL_USER=\n")
    reading = read(web("DB_USER", "DB_NAME", "DB_PASSWORD", "DEBUG", "MAIL_USER"))
    values = given(reading)
    assert values["DB_USER"].startswith("student_")
    assert values["DB_NAME"].startswith("exam_")
    assert values["DB_PASSWORD"].startswith("new")
    assert (values["DEBUG"], values["MAIL_USER"]) == ("", "")
    assert reading.missing == ()


def test_the_folder_of_the_shell_is_that_of_the_file(read: Read, write: Write) -> None:
    """`$PWD` is a usual way to write `.`."""
    write("sql/init.sql", "")
    reading = read(
        "services: {db: {image: mysql, volumes: ['${PWD}/sql:/docker-entrypoint-initdb.d']}}"
    )
    assert not reading.faults
    assert reading.project is not None
    assert reading.project.services["db"].mounts[0].source == "sql"
    assert reading.missing == ()


def test_written_values_are_kept(read: Read, write: Write) -> None:
    """As they stand in the file; a name alone is a variable."""
    write(".env", "A=1")
    reading = read(web("A=$A", "B", "C=x=y"))
    assert reading.project is not None
    assert reading.project.services["web"].environment.written == {
        "A": "$A",
        "B": "${B}",
        "C": "x=y",
    }
