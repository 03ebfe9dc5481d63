"""What packages a project asks for, and at which lines."""

from __future__ import annotations

from grader.requirement_files import read_installs, read_requirements

TEXT = """# comment
Flask==3.1.0
-r other.txt
mysql_connector_repackaged==0.3.1  # a driver
  PyMySQL[rsa]>=1 ; python_version > "3"
git+https://example.org/x.git
"""
PROJECT = """[project]
dependencies = ["flask>=3", 'PyMySQL', "mysql-connector-python[x] ~= 9"]
cryptography = "*"
"""


def test_a_requirements_file() -> None:
    """Names as PyPI compares them, each with its line; options and addresses name none."""
    found = [
        (one.name, one.where, one.written)
        for one in read_requirements("app/requirements.txt", TEXT)
    ]
    assert found == [
        ("flask", "app/requirements.txt, line 2", "Flask==3.1.0"),
        (
            "mysql-connector-repackaged",
            "app/requirements.txt, line 4",
            "mysql_connector_repackaged==0.3.1",
        ),
        ("pymysql", "app/requirements.txt, line 5", 'PyMySQL[rsa]>=1 ; python_version > "3"'),
    ]


def test_other_files() -> None:
    """The items of lists, and keys."""
    names = {one.name for one in read_requirements("pyproject.toml", PROJECT)}
    assert {"flask", "pymysql", "mysql-connector-python", "cryptography"} <= names


def test_a_step_of_a_dockerfile() -> None:
    """Neither options, nor their values, nor folders; only what pip installs."""
    step = (
        "RUN apt-get install -y curl && pip3 install --no-cache-dir flask 'PyMySQL==1.0.2' -r "
        'requirements.txt "mysql-connector-python[x]>=9" . && echo pip'
    )
    found = [(one.name, one.written) for one in read_installs(step, "Dockerfile, line 3")]
    assert found == [
        ("flask", "flask"),
        ("pymysql", "PyMySQL==1.0.2"),
        ("mysql-connector-python", "mysql-connector-python[x]>=9"),
    ]
    assert list(read_installs("RUN npm install x", "Dockerfile, line 3")) == []
