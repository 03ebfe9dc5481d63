"""What a sentence may say of the files that an app was built from."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.inspect.appfiles import AppFiles
from grader.inspect.compose.project import (
    Build,
    ComposeService,
    Mount,
    MountKind,
    Project,
    ServiceEnvironment,
    ServiceLines,
    ServiceProcess,
)
from grader.inspect.compose.quotes import quoted_values
from grader.inspect.dockerfile import read_dockerfile

DOCKERFILE = """FROM python:3.11-slim
WORKDIR /app
COPY . .
RUN chmod +x entrypoint.sh
CMD ["gunicorn", "-b", "0.0.0.0:$PORT", "app:app"]
"""


def files(root: Path, contents: dict[str, str], **options: object) -> AppFiles:
    for path, text in {"Dockerfile": DOCKERFILE, **contents}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
    dockerfile = read_dockerfile(root, "Dockerfile")
    return AppFiles(root=root, dockerfile=dockerfile, **options)  # type: ignore[arg-type]


def test_the_file_that_a_program_is_has_most_of_its_path(tmp_path: Path) -> None:
    """A container's path ends as the repository's does."""
    found = files(tmp_path, {"run.sh": "", "scripts/run.sh": "", "db/run.sh": ""})
    assert found.named("/app/scripts/run.sh") == "scripts/run.sh"
    assert found.named("/app/run.sh") == "run.sh"
    assert found.named("/usr/bin/other") == ""


def test_scripts_of_windows_are_found(tmp_path: Path) -> None:
    """By how their first line ends."""
    found = files(tmp_path, {"a.sh": "#!/bin/sh\r\n", "b.sh": "#!/bin/sh\n", "c.py": "x\r\n"})
    assert found.crlf_scripts() == ("a.sh",)
    assert found.has_crlf("a.sh")
    assert not found.has_crlf("b.sh")


def test_what_a_mount_hides_is_told(tmp_path: Path) -> None:
    """A folder of the repository over the one that the Dockerfile has made executable."""
    bind = Mount(kind=MountKind.BIND, target="/app", source=".", line=4)
    service = ComposeService(name="web", lines=ServiceLines(own=2), mounts=(bind,))
    found = files(tmp_path, {"entrypoint.sh": ""}, service=service, compose="compose.yml")
    assert found.mounted_over("/app/entrypoint.sh") == "compose.yml, line 4"
    assert found.mounted_over("/opt/entrypoint.sh") == ""
    assert found.changes_mode("entrypoint.sh")
    assert not found.is_executable("entrypoint.sh")


def test_a_command_is_found_where_it_stands(tmp_path: Path) -> None:
    """In the Compose file, which has the last word, or in the Dockerfile."""
    assert files(tmp_path, {}).command("$PORT") == "CMD, Dockerfile, line 5"
    service = ComposeService(
        name="web",
        lines=ServiceLines(own=2, keys={"command": 6}),
        process=ServiceProcess(command=("flask run",)),
    )
    found = files(tmp_path, {}, service=service, compose="compose.yml")
    assert found.command("flask run") == "command, compose.yml, line 6"
    assert found.command("nothing") == ""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("config.json", ".gitignore, line 2,"),
        ("/app/config.json", ".gitignore, line 2,"),
        ("data/rows.csv", ".gitignore, line 3,"),
        ("kept.csv", ""),
        ("other.txt", ""),
        ("/etc/passwd", ""),
        ("../config.json", ""),
        ("hidden.txt", ".dockerignore, line 1,"),
    ],
)
def test_what_keeps_a_file_out_is_named(tmp_path: Path, path: str, line: str) -> None:
    """A line of .gitignore for what is not there, of .dockerignore for what is."""
    found = files(
        tmp_path,
        {
            ".gitignore": "# mine\nconfig.json\n*.csv\n!kept.csv\n",
            ".dockerignore": "hidden.txt\n",
            "hidden.txt": "",
        },
    )
    assert found.kept_out(path) == line


def test_patterns_cannot_have_it_work_for_years(tmp_path: Path) -> None:
    """A pattern of many stars is none that git users write."""
    found = files(tmp_path, {".gitignore": "*a" * 40 + "b\n", "app.py": ""})
    assert found.kept_out("a" * 190) == ""


def test_apps_and_packages_are_found(tmp_path: Path) -> None:
    """`Flask(` is assigned in them; a package's name is written in many ways."""
    found = files(
        tmp_path,
        {
            "web/server.py": "from flask import Flask\napp = Flask(__name__)\n",
            "web/other.py": "# app = Flask(__name__)\n",
            "requirements.txt": "flask\npython_dotenv>=1\n",
        },
        folder="web",
    )
    assert found.creates_app() == ("server.py",)
    assert found.requires("python-dotenv")
    assert found.requires("Flask")
    assert not found.requires("flask-cors")


def test_quotes_that_are_a_part_of_a_value_are_named(tmp_path: Path) -> None:
    """A list entry keeps them; the values of passwords that come from elsewhere are not shown."""
    text = 'services:\n  db:\n    environment:\n      - MYSQL_USER="board"\n'
    (tmp_path / "compose.yml").write_text(text)
    service = ComposeService(
        name="db",
        lines=ServiceLines(own=2),
        build=Build(context=".", dockerfile=""),
        environment=ServiceEnvironment(
            written={"MYSQL_USER": '"board"', "MYSQL_DATABASE": "board"}
        ),
    )
    project = Project(path="compose.yml", services={"db": service})
    assert quoted_values(tmp_path, project) == (
        "MYSQL_USER in compose.yml, line 4, has quotes inside its value. Write MYSQL_USER: board.",
    )


def test_what_is_required_stands_nearest_to_the_build_first(tmp_path: Path) -> None:
    """The lists of the build's folder, those of others, and what the Dockerfile installs."""
    contents = {
        "requirements.txt": "flask\n",
        "app/requirements.txt": "# drivers\nPyMySQL==1.0.2\n",
        "Dockerfile": f"{DOCKERFILE}RUN pip install gunicorn\n",
    }
    found = files(tmp_path, contents, folder="app").requirements()
    assert [(one.name, one.where) for one in found] == [
        ("pymysql", "app/requirements.txt, line 2"),
        ("flask", "requirements.txt, line 1"),
        ("gunicorn", "Dockerfile, line 6"),
    ]


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ('CMD "python", "app.py"', True),
        ("CMD ['python', 'app.py']", True),
        ("ENTRYPOINT [python, app.py]", True),
        ('CMD ["python", "app.py"', True),
        ("CMD [\u201cpython\u201d, \u201capp.py\u201d]", True),
        ('CMD ["python", "app.py"]', False),
        ("CMD python app.py", False),
        ('CMD [ "$DEBUG" = 1 ] && python app.py', False),
        ("CMD [ -f app.py ] && python app.py", False),
    ],
)
def test_a_command_that_was_to_be_a_list(tmp_path: Path, line: str, broken: bool) -> None:
    """What Docker cannot read as one goes to a shell."""
    found = files(tmp_path, {"Dockerfile": f"FROM python\n{line}\n"})
    name, _, text = line.partition(" ")
    assert found.broken_list() == ((f"{name}, Dockerfile, line 2", text) if broken else ("", ""))


def test_a_command_of_the_compose_file_comes_before_the_image_s(tmp_path: Path) -> None:
    """Compose takes a text in the form of a list for words."""
    own = ServiceProcess(command="['python', 'app.py']")
    lines = ServiceLines(own=2, keys={"command": 4})
    service = ComposeService(name="web", lines=lines, process=own)
    found = files(
        tmp_path, {"Dockerfile": "FROM python\nCMD 'a', 'b'\n"}, service=service, compose="c.yml"
    )
    assert found.broken_list() == ("command, c.yml, line 4", "['python', 'app.py']")
    plain = ComposeService(name="web", lines=lines, process=ServiceProcess(command="python a.py"))
    found = files(tmp_path, {"Dockerfile": "FROM x\nCMD 'a', 'b'\n"}, service=plain, compose="c")
    assert found.broken_list() == ("", "")
