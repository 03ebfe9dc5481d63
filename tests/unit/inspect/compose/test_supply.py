"""`env_file`, secrets and configs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.inspect.compose.project import ComposeService, Mount, MountKind, Reading

Read = Callable[..., Reading]
Faults = Callable[..., tuple[str, ...]]
Rejected = Callable[..., str]
Write = Callable[[str, str | bytes], None]


def services(reading: Reading) -> tuple[ComposeService, ...]:
    assert not reading.faults
    assert reading.project is not None
    return tuple(reading.project.services.values())


def web(env_file: str, *entries: str) -> str:
    lines = "".join(f"      - {entry}\n" for entry in entries)
    return f"services:\n  web:\n    build: .\n    env_file: {env_file}\n    environment:\n{lines}"


@pytest.mark.parametrize(
    ("value", "paths", "expected"),
    [
        ("a.env", ("a.env",), {"A": "1", "B": "1"}),
        ("[a.env, ops/b.env]", ("a.env", "ops/b.env"), {"A": "1", "B": "2", "C": "2"}),
        ("[{path: a.env}]", ("a.env",), {"A": "1", "B": "1"}),
        ("{path: a.env, required: true}", ("a.env",), {"A": "1", "B": "1"}),
        ("[{path: none.env, required: false}]", ("none.env",), {}),
        ("[{path: q.env, format: raw}]", ("q.env",), {"Q": "'$A'"}),
        ("q.env", ("q.env",), {"Q": "$A"}),
        ("linked.env", ("a.env",), {"A": "1", "B": "1"}),
    ],
)
def test_environment_files(
    read: Read, write: Write, tmp_path: Path, value: str, paths: tuple[str, ...], expected: object
) -> None:
    """One or several; a later one wins."""
    write("a.env", "A=1\nB=1\n")
    write("ops/b.env", "B=2\nC=2\n")
    write("q.env", "# no\nQ='$A'\n")
    (tmp_path / "linked.env").symlink_to("a.env")
    reading = read(web(value))
    (service,) = services(reading)
    assert (service.environment.files, service.environment.values) == (paths, expected)
    assert reading.missing == ()


def test_the_environment_goes_over_the_file(read: Read, write: Write) -> None:
    """And the file's values may be made of the project's."""
    write(".env", "X=x\n")
    write("a.env", "A=file\nB=file\nC=$X$A\nD=$NONE\n")
    (service,) = services(read(web("a.env", "A=own", "E=$X")))
    assert service.environment.values == {"A": "own", "B": "file", "C": "xfile", "D": "", "E": "x"}


def test_secrets_of_a_file_are_drawn_like_those_of_variables(read: Read, write: Write) -> None:
    """What was equal stays equal, across files."""
    write(".env", "DB_PASSWORD=same\n")
    write("a.env", "MYSQL_PASSWORD=same\nTOKEN=own\nEMPTY_PASS=\nU=x://me:own@h\nP=$DB_PASSWORD\n"
          "COPY_PASS=$DB_PASSWORD\n")  # fmt: skip
    reading = read(web("[.env, a.env]"))
    (service,) = services(reading)
    assert service.environment.values == {
        "DB_PASSWORD": "new1",
        "MYSQL_PASSWORD": "new1",
        "TOKEN": "new2",
        "EMPTY_PASS": "new3",
        "U": "x://me:new2@h",
        "P": "new1",
        "COPY_PASS": "new1",
    }
    assert set(reading.secrets.values()) == {"new1", "new2", "new3"}


def test_one_name_with_two_values(read: Read, write: Write) -> None:
    """Both are known as secrets."""
    write("a.env", "PASSWORD=a\n")
    write("b.env", "PASSWORD=b\n")
    reading = read("services: {a: {image: x, env_file: a.env}, b: {image: x, env_file: b.env}}")
    assert [one.environment.values["PASSWORD"] for one in services(reading)] == ["new1", "new2"]
    assert sorted(reading.secrets.values()) == ["new1", "new2"]


def test_a_file_stays_as_it_is_without_fresh(read: Read, write: Write) -> None:
    """But what is injected wins."""
    write("a.env", "PASSWORD=a\nA=a\n")
    (service,) = services(read(web("a.env"), fresh=False, injected={"A": "theirs", "B": "x"}))
    assert service.environment.values == {"PASSWORD": "a", "A": "theirs"}


@pytest.mark.parametrize("name", ["a.env.example", "a.env.sample", ".env.example"])
def test_an_example_stands_in_for_a_file(read: Read, write: Write, name: str) -> None:
    """Its own, else that of `.env`; it is not missing then."""
    write(name, "A=1\n")
    reading = read(web("a.env"))
    (service,) = services(reading)
    assert (service.environment.files, service.environment.values) == (("a.env",), {"A": "1"})
    assert reading.missing == ()


def test_a_file_that_is_missing(read: Read) -> None:
    """Without an example it is empty, and named once."""
    reading = read(
        "services: {a: {image: x, env_file: ops/a.env}, b: {image: x, env_file: ops/a.env}}"
    )
    assert [one.environment.values for one in services(reading)] == [{}, {}]
    assert reading.missing == ("ops/a.env",)


def test_a_missing_env_with_an_example(read: Read, write: Write) -> None:
    """The usual case: `.env` is ignored by git, as it should be."""
    write(".env.example", "DB_PASSWORD=changeme\nDB_USER=app\n")
    text = web(".env") + "  db: {image: mysql, environment: {MYSQL_PASSWORD: $DB_PASSWORD}}\n"
    reading = read(text)
    app, database = services(reading)
    assert app.environment.values == {"DB_PASSWORD": "new1", "DB_USER": "app"}
    assert database.environment.values == {"MYSQL_PASSWORD": "new1"}
    assert reading.missing == ()


def test_an_example_that_was_taken_is_noted_once(read: Read, write: Write) -> None:
    """With the line that asks first; plain Compose stops there. An optional file is no matter."""
    write(".env.example", "A=1\n")
    text = "services:\n  a: {image: x, env_file: .env}\n  b: {image: x, env_file: [.env]}\n"
    project = read(text).project
    assert project is not None
    (note,) = project.notes
    assert note.line == 2
    assert note.text == (
        "services.a.env_file names .env, which is not there: .env.example was taken for it. A "
        "plain `docker compose up` stops without it; copy it first (`cp .env.example .env`)."
    )
    optional = "services: {a: {image: x, env_file: [{path: .env, required: false}]}}"
    project = read(optional).project
    assert project is not None
    assert project.notes == ()


@pytest.mark.parametrize("path", ["/etc/environment", "../x", "~/x", "out/passwd", "$UP/x"])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("services: {a: {image: x, env_file: %s}}", "services.a.env_file"),
        ("services: {a: {image: x, env_file: [{path: %s}]}}", "services.a.env_file[0]"),
        ("services: {a: {image: x, label_file: %s}}", "services.a.label_file[0]"),
        ("services: {a: {image: x}}\nsecrets: {s: {file: %s}}", "secrets.s.file"),
        ("services: {a: {image: x}}\nconfigs: {s: {file: %s}}", "configs.s.file"),
        ("services: {a: {image: x}}\ninclude: [%s]", "include[0]"),
        ("services: {a: {image: x}}\ninclude: %s", "include"),
        ("services: {a: {image: x}}\ninclude: [{path: [%s]}]", "include[0]"),
        ("services: {a: {image: x}}\ninclude: [{path: a, project_directory: %s}]", "include[0]"),
        ("services: {a: {image: x, extends: {file: %s, service: b}}}", "services.a.extends"),
    ],
)
def test_no_file_outside_of_the_repository(
    rejected: Rejected, write: Write, tmp_path: Path, text: str, place: str, path: str
) -> None:
    """Whatever key names it, and in whatever way."""
    write(".env", "UP=..")
    (tmp_path / "out").symlink_to("/etc")
    said = rejected(text.replace("%s", path))
    line = text[: text.index("%s")].count("\n") + 1
    assert said.startswith(f"compose.yml:{line}: {place} names ")
    assert said.endswith("name a path within your repository.")


@pytest.mark.parametrize("path", ["oci://x/y", "https://example.org/x.git"])
def test_nothing_is_included_from_the_network(rejected: Rejected, path: str) -> None:
    """Docker would fetch it."""
    said = rejected(f"services: {{a: {{image: x}}}}\ninclude: ['{path}']")
    assert said == (
        f'compose.yml:2: include[0] reads "{path}", which is not in your repository; remove it.'
    )


def test_what_is_included_from_the_repository_is_a_fault(faults: Faults) -> None:
    """The exam reads one file."""
    (said,) = faults("include: [other.yml]")
    assert said == (
        'compose.yml:1: include[0] reads "other.yml". The exam reads one file: '
        "write it all in this one."
    )


def test_a_label_file_of_the_repository_is_no_matter(read: Read) -> None:
    """Labels change nothing."""
    assert services(read("services: {a: {image: x, label_file: [labels]}}"))


def secret(definition: str, use: str = "s", key: str = "secrets") -> str:
    return (
        f"services:\n  db:\n    image: mysql\n    {key}:\n      - {use}\n"
        f"{key}:\n  s: {definition}\n"
    )


def mount(reading: Reading) -> Mount:
    ((found,),) = (one.mounts for one in services(reading))
    return found


def test_a_secret_is_drawn(read: Read, write: Write) -> None:
    """A line of text, with the end that it had; it is the same as an equal variable's."""
    write(".env", "DB_PASSWORD=same\n")
    for old, new in (("same", "new1"), ("same\n", "new1\n"), ("same\r\n", "new1\n")):
        write("s.txt", old)
        reading = read(secret("{file: ./s.txt}"))
        assert mount(reading) == Mount(
            kind=MountKind.BIND, target="/run/secrets/s", read_only=True, content=new, line=5
        )
        assert "new1" in reading.secrets.values()
        assert reading.missing == ()


@pytest.mark.parametrize(
    ("definition", "content", "fresh"),
    [
        ("{file: s.txt}", b"one\ntwo\n", True),
        ("{file: s.txt}", b"one\0two", True),
        ("{file: s.txt}", b"\n", True),
        ("{file: s.txt}", b"one", False),
        ("{file: db_user.txt}", b"one", True),
        ("{file: db_name.txt}", b"one", True),
    ],
)
def test_a_secret_that_is_mounted_as_it_is(
    read: Read, write: Write, definition: str, content: bytes, fresh: bool
) -> None:
    """No line of text, a user's name, or nothing is to be drawn."""
    path = definition[7:-1]
    write(path, content)
    assert mount(read(secret(definition), fresh=fresh)) == Mount(
        kind=MountKind.BIND, source=path, target="/run/secrets/s", read_only=True, line=5
    )


@pytest.mark.parametrize("fresh", [True, False])
def test_a_missing_secret_is_made_up(read: Read, fresh: bool) -> None:
    """Once for all that use it; passwords are one, root's and others are their own."""
    names = ("db_password", "mysql_password", "db_root_password", "secret_key", "db_user")
    uses = ", ".join(names)
    defined = ", ".join(f"{name}: {{file: secrets/{name}.txt}}" for name in names)
    reading = read(
        f"services: {{a: {{image: x, secrets: [{uses}]}}, b: {{image: x, secrets: [{uses}]}}}}\n"
        f"secrets: {{{defined}}}",
        fresh=fresh,
    )
    one, other = ({m.target[13:]: m.content for m in it.mounts} for it in services(reading))
    assert one == other
    assert one["db_password"] == one["mysql_password"]
    assert len(set(one.values())) == 4
    assert str(one["db_user"]).startswith("student_")
    assert reading.missing == tuple(f"secrets/{name}.txt" for name in names)
    assert set(reading.secrets.values()) == {one[name] for name in names[:4]}


def test_a_missing_secret_with_an_example(read: Read, write: Write) -> None:
    """It is rightly kept out of the repository."""
    write("secrets/s.txt.example", "changeme")
    reading = read(secret("{file: secrets/s.txt}"))
    assert reading.missing == ()
    assert mount(reading).content == "new1"


@pytest.mark.parametrize(
    ("use", "target"),
    [
        ("s", "/run/secrets/s"),
        ("{source: s}", "/run/secrets/s"),
        ("{source: s, target: other, mode: 0400, uid: '5'}", "/run/secrets/other"),
        ("{source: s, target: /app/key}", "/app/key"),
    ],
)
def test_where_a_secret_is_mounted(read: Read, write: Write, use: str, target: str) -> None:
    """Below /run/secrets, or where its path says."""
    write("s.txt", "x")
    assert mount(read(secret("{file: s.txt}", use))).target == target


def test_a_secret_of_a_variable(read: Read, write: Write) -> None:
    """It is a variable like any other."""
    write(".env", "DB_PASSWORD=old\n")
    assert mount(read(secret("{environment: DB_PASSWORD}"))).content == "new1"
    reading = read(secret("{environment: API_KEY}"))
    assert mount(reading).content == reading.values["API_KEY"]
    assert reading.missing == ("API_KEY",)


@pytest.mark.parametrize(
    ("definition", "target", "content", "source"),
    [
        ("{file: c.ini}", "/s", None, "c.ini"),
        ("{content: 'a=$A'}", "/s", "a=1", ""),
        ("{environment: A}", "/s", "1", ""),
    ],
)
def test_configs(
    read: Read, write: Write, definition: str, target: str, content: str | None, source: str
) -> None:
    """Files and texts, at the top of the container's folders; nothing of them is drawn."""
    write("c.ini", "x")
    write(".env", "A=1\n")
    found = mount(read(secret(definition, key="configs")))
    assert (found.target, found.content, found.source) == (target, content, source)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (secret("{file: s}", "t"), 'names "t", which `secrets:` of the file does not define'),
        (secret("{file: s}", "{source: t}"), 'names "t"'),
        (secret("{file: s}", "5"), "is 5; it should be text in quotes."),
        (secret("{}"), "secrets.s says nothing of what it holds; add `file`."),
        (secret("{fil: s}"), "Did you mean 'file'?"),
        (secret("{file: .}"), "secrets.s.file is a folder; name a file."),
        (secret("{file: none}", key="configs"), 'configs.s.file names "none", which is not there.'),
        (secret("5"), "it should be a mapping of keys to values."),
        (secret("{file: s}", key="secrets").replace("- s", "s"), "it should be a list"),
    ],
)
def test_faults(faults: Faults, text: str, sentence: str) -> None:
    """Each says what to write."""
    assert any(sentence in said for said in faults(text))


def test_too_many_files(faults: Faults, write: Write) -> None:
    """Nobody has so many."""
    for number in range(30):
        write(f"{number}.env", "A=1")
    paths = ", ".join(f"{number}.env" for number in range(30))
    assert "more than 20 files" in faults(web(f"[{paths}]"))[0]
    many = "".join(f"  s{n}: {{image: x, env_file: {n}.env}}\n" for n in range(30))
    assert "more than 20 files" in faults(f"services:\n{many}")[0]


GIVEN = """
services:
  proxy:
    image: nginx
    secrets: [key]
    configs: [certificate]
    volumes: ["${TLS_KEY:-./tls/key.pem}:/key.pem:ro"]
secrets:
  key: {file: ./tls/key.pem}
configs:
  certificate: {file: ./tls/certificate.pem}
"""


def test_what_the_exam_gives_is_neither_missing_nor_made_up(read: Read, faults: Faults) -> None:
    """The files of TLS are in no repository, as they should be."""
    given = {"tls/key.pem", "tls/certificate.pem"}
    reading = read(GIVEN, given=given, injected={"TLS_KEY": "./tls/key.pem"})
    (proxy,) = services(reading)
    assert reading.missing == ()
    assert {(one.source, one.content) for one in proxy.mounts} == {(one, None) for one in given}
    assert any("which is not there" in one for one in faults(GIVEN))
