"""What pip and apt print in a build that fails, and the sentence for it."""

from __future__ import annotations

import pytest

from grader.sandbox.build_causes import build_cause

NETCAT = """Building dependency tree...
Package netcat is a virtual package provided by:
  netcat-openbsd 1.219-1
  netcat-traditional 1.10-47

E: Package 'netcat' has no installation candidate"""
OLD = """Collecting flask==1.1.4
  Downloading Flask-1.1.4-py2.py3-none-any.whl (94 kB)
Collecting MarkupSafe==1.1.1
  Downloading MarkupSafe-1.1.1.tar.gz (19 kB)
  Preparing metadata (setup.py): started
  Preparing metadata (setup.py): finished with status 'error'
  error: subprocess-exited-with-error

  x python setup.py egg_info did not run successfully.
  │ exit code: 1
  ╰─> [5 lines of output]
      Traceback (most recent call last):
        File "<string>", line 2, in <module>
        File "/tmp/pip-install-x/markupsafe/setup.py", line 6, in <module>
          from setuptools import setup, Extension, Feature
      ImportError: cannot import name 'Feature' from 'setuptools'
      [end of output]

  note: This error originates from a subprocess, and is likely not a problem with pip.
error: metadata-generation-failed

x Encountered error while generating package metadata.
╰─> See above for output."""
MYSQLCLIENT = """Collecting mysqlclient
  Downloading mysqlclient-2.2.4.tar.gz (90 kB)
  Getting requirements to build wheel: finished with status 'error'
  error: subprocess-exited-with-error

  x Getting requirements to build wheel did not run successfully.
  │ exit code: 1
  ╰─> [29 lines of output]
      /bin/sh: 1: pkg-config: not found
      Exception: Can not find valid pkg-config name.
      Specify MYSQLCLIENT_CFLAGS and MYSQLCLIENT_LDFLAGS env vars manually
      [end of output]"""
GCC = """Building wheels for collected packages: uWSGI
  Building wheel for uWSGI (pyproject.toml): finished with status 'error'
  error: subprocess-exited-with-error
      Exception: you need a C compiler to build uWSGI
      error: command 'gcc' failed: No such file or directory
  ERROR: Failed building wheel for uWSGI
Failed to build uWSGI
ERROR: Failed to build installable wheels for some pyproject.toml based projects (uWSGI)"""
LEGACY = """  Running setup.py install for PyYAML: finished with status 'error'
  error: subprocess-exited-with-error

  x Running setup.py install for PyYAML did not run successfully.
  \u2570\u2500> [2 lines of output]
      ext/_yaml.c: fatal error: longintrepr.h: No such file or directory
      [end of output]
error: legacy-install-failure

x Encountered error while trying to install package.
\u2570\u2500> PyYAML

note: This is an issue with the package mentioned above, not pip."""
NO_MATCH = "ERROR: No matching distribution found for {}"
INSTALL = "RUN apt-get update && apt-get install -y x"


@pytest.mark.parametrize(
    ("output", "step", "sentences"),
    [
        (NO_MATCH.format("sqlite3"), "RUN pip", ["sqlite3 is a part of Python: leave it out"]),
        (NO_MATCH.format("pywin32==306"), "RUN pip", ["pywin32 is for Windows alone"]),
        (NO_MATCH.format("PIL"), "RUN pip", ["The package is called Pillow"]),
        (NO_MATCH.format("MySQLdb"), "RUN pip", ["The package is called mysqlclient"]),
        (NO_MATCH.format("flask==99"), "RUN pip", ["no such version of flask"]),
        (("ERROR: Could not install packages due to an OSError: [Errno 2] No such file or "
          "directory: '/C:/b/abs_47/croot/flask_1/work'"), "RUN pip",
         ["a path of another machine (/C:/b/abs_47/croot/flask_1/work)", "`pip list --format="]),
        (("      The 'sklearn' PyPI package is deprecated, use 'scikit-learn'\n"
          "error: subprocess-exited-with-error\nsetup.py egg_info"), "RUN pip",
         ["sklearn has given way to scikit-learn"]),
        ("The lock file is not compatible with the current version of Poetry.",
         "RUN poetry install", ["Run `poetry lock` and commit poetry.lock"]),
        (NETCAT, INSTALL, ["E: Package 'netcat' has no installation candidate",
                           "netcat-openbsd or netcat-traditional", "Write netcat-openbsd"]),
        ("E: Unable to locate package mysql-client", INSTALL,
         ["E: Unable to locate package mysql-client", "called default-mysql-client"]),
        ("E: Unable to locate package curll", INSTALL, ["has no package of that name"]),
        ("E: Unable to locate package curl", "RUN apt-get install -y curl",
         ["no lists of packages yet", "RUN apt-get update && apt-get install -y curl"]),
        ("E: Version '1.2' for 'nginx' was not found", INSTALL, ["leave the version out"]),
        (("ERROR: Could not find a version that satisfies the requirement flaskk (from versions: "
         "none)\nERROR: No matching distribution found for flaskk"), "RUN pip",
         ["pip says: ERROR: No matching distribution found for flaskk", "Check how flaskk is"]),
        (("ERROR: Could not find a version that satisfies the requirement cloud.terraform==2.17.5 "
          "(from versions: none)\nERROR: No matching distribution found for cloud.terraform==2.17"),
         "RUN pip", ["PyPI has no cloud.terraform for this Python at all: check how it is spelt"]),
        (NO_MATCH.format("community.general"), "RUN pip", ["Check how community.general is spelt"]),
        (NO_MATCH.format("mysql.connector"), "RUN pip", ["called mysql-connector-python"]),
        (("ERROR: Could not find a version that satisfies the requirement flask==99 "
         "(from versions: "
         "3.0.0, 3.1.0)\nERROR: No matching distribution found for flask==99"), "RUN pip",
         ["ERROR: No matching distribution found for flask==99", "There are 3.0.0, 3.1.0"]),
        (("ERROR: Could not open requirements file: [Errno 2] No such file or directory: "
         "'requirements.txt'"), "RUN pip", ["COPY requirements.txt before this step"]),
        ("ERROR: Invalid requirement: 'flask=2.0': Expected end or semicolon", "RUN pip",
         ["two signs: flask==2.0"]),
        ("ERROR: Package 'x' requires a different Python: 3.11.2 not in '<3.10'", "RUN pip",
         ["not made for Python 3.11.2"]),
        (("ERROR: Cannot install a and b because these package versions have conflicting "
         "dependencies."), "RUN pip", ["do not go together"]),
        (OLD, "RUN pip", ["error: metadata-generation-failed", "MarkupSafe==1.1.1",
                          "cannot import name 'Feature'", "too old for the Python"]),
        (LEGACY, "RUN pip", ["pip says: error: legacy-install-failure", "The package is PyYAML.",
                             "longintrepr"]),
        (MYSQLCLIENT, "RUN pip", ["mysqlclient", "default-libmysqlclient-dev pkg-config"]),
        (GCC, "RUN pip", ["uWSGI", "build-essential"]),
        ("/bin/sh: 1: gunzipp: not found", "RUN gunzipp", ["finds no program 'gunzipp'"]),
        ("/bin/sh: 1: apk: not found", "RUN apk add curl", ["Alpine's", "apt-get"]),
        ("error: No interpreter found for Python >=3.13 in search path", "RUN uv sync",
         ["uv says: error: No interpreter found", "FROM python:3.12-slim"]),
        ("The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.",
         "RUN uv sync --locked", ["Run `uv lock` and commit uv.lock"]),
        (("pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry "
         "lock` to fix the lock file."), "RUN poetry install", ["commit poetry.lock"]),
        ('The option "--no-dev" does not exist', "RUN poetry install --no-dev", ["`--only main`"]),
        ("Your Pipfile.lock (abc) is out of date. Expected: (def).", "RUN pipenv sync",
         ["Run `pipenv lock`"]),
        ("anything else", "RUN make", []),
    ],
)  # fmt: skip
def test_the_tools_own_line_is_quoted(output: str, step: str, sentences: list[str]) -> None:
    """With what to do about it; nothing is said of what is not known."""
    said = build_cause(output, step)
    assert bool(said) == bool(sentences)
    for sentence in sentences:
        assert sentence in said


@pytest.mark.parametrize(
    ("printed", "step", "said"),
    [
        (
            "no such option: -u",
            "RUN pip install --no-cache-dir -user -r requirements.txt",
            "begins with two dashes: --user.",
        ),
        ("no such option: -u", "RUN pip install -upgrade pip", "two dashes: --upgrade."),
        ("no such option: --no-cahe-dir", "RUN pip install --no-cahe-dir x", "Correct the options"),
        (
            "ERROR: Could not open requirements file: [Errno 2] No such file: 'equirements.txt'",
            "RUN pip install -requirements.txt",
            "Write a blank after -r: -r requirements.txt.",
        ),
    ],
)
def test_an_option_that_pip_does_not_have(printed: str, step: str, said: str) -> None:
    """With one dash too few, and mistyped."""
    usage = "\nUsage:   \n  pip install [options] <requirement specifier> ...\n\n"
    found = build_cause(f"{usage}{printed}\n", step)
    assert printed in found
    assert said in found
