"""What stands in for another image: told where it may matter, no score where it is why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model import Substitution
from grader.sandbox.differences import mariadb_difference, mysql_difference, python_difference
from grader.sandbox.images.references import mysql_series, python_version

REASON = "no image registry can be reached from this machine"
NATIVE = "ERROR 1524 (HY000) at line 1: Plugin 'mysql_native_password' is not loaded"
CRYPTOGRAPHY = "RuntimeError: 'cryptography' package is required for caching_sha2_password auth"
GRANT = (
    "ERROR 1064 (42000) at line 3: You have an error in your SQL syntax; check the manual that "
    "corresponds to your MySQL server version for the right syntax to use near 'IDENTIFIED BY 'x''"
)
CONNECTOR = "NotSupportedError: Authentication plugin 'caching_sha2_password' is not supported"
GNUPG = "E: gnupg, gnupg2 and gnupg1 do not seem to be installed, but one of them is required"
RANK = GRANT.replace("IDENTIFIED BY 'x''", "rank INT)' at line 1")
NO_MATCH = "ERROR: No matching distribution found for "
LISTED = "ERROR: Could not find a version of torch (from versions: 2.0.0, 2.0.1, 2.1.0)"
IGNORED = (
    "ERROR: Ignored the following versions that require a different python version: 1.21.2 "
    "Requires-Python >=3.7,<3.11; 1.21.3 Requires-Python >=3.7,<3.11\n"
    "ERROR: Could not find a version of numpy (from versions: 1.3.0, 1.23.2, 2.2.0)"
)
NO_GCC = "error: command 'gcc' failed: No such file or directory"
NO_HEADERS = "error: subprocess-exited-with-error\nException: Can not find valid pkg-config name."
OTHER = "The init script a.sql failed: ERROR 1146 (42S02) at line 2: Table 'b.n' doesn't exist"


def mysql(wanted: str) -> Substitution:
    return Substitution(wanted=wanted, used="MySQL of Debian sid (9.7.4)", reason=REASON)


def python(wanted: str) -> Substitution:
    return Substitution(
        wanted=wanted, used="Python 3.11 of Debian bookworm (3.11.2)", reason=REASON
    )


@pytest.mark.parametrize(
    ("wanted", "said", "native", "cause"),
    [
        ("mysql:8.0", NATIVE, False, True),
        ("mysql:8.0.36-debian", NATIVE, False, True),
        ("mysql:5.7", NATIVE, False, True),
        ("mysql:8.4", NATIVE, True, True),
        ("mysql:8.4", NATIVE, False, None),
        ("mysql", NATIVE, True, None),
        ("mysql:9", NATIVE, True, None),
        ("mysql:5.7", CRYPTOGRAPHY, False, True),
        ("mysql:8.0", CRYPTOGRAPHY, True, True),
        ("mysql:8.0", CRYPTOGRAPHY, False, None),
        ("mysql:8.4", CRYPTOGRAPHY, False, None),
        ("mysql:5.7", GRANT, False, True),
        ("mysql:8.0", GRANT, False, None),
        ("mysql:8.0", RANK, False, None),
        ("mysql:8.0", GRANT.replace("IDENTIFIED BY", "CHANGE MASTER TO"), False, True),
        ("mysql:5.7", GRANT.replace("IDENTIFIED BY", "SELCT"), False, False),
        ("mysql:5.7", RANK, False, True),
        ("mysql:5.7", "ERROR 1305 (42000): FUNCTION board.PASSWORD does not exist", False, True),
        ("mysql:8.0", "ERROR 1193 (HY000): Unknown system variable 'x'", False, True),
        ("mysql:8.4", "3763 (HY000): … contains a disallowed function: md5.", False, True),
        (
            "mysql:8.4",
            "(1123, \"Can't initialize function 'sha1'; it takes a string.\")",
            False,
            True,
        ),
        (
            "mysql:9.7",
            "(1123, \"Can't initialize function 'sha1'; it takes a string.\")",
            False,
            None,
        ),
        ("mysql:5.7", OTHER, False, None),
        ("mysql:8.0", OTHER, False, None),
        ("mysql:8.0", "The init script a.sql failed at line 2: x (error 1146).", False, None),
        ("mysql:8.0", "The init script a.sql failed at line 2: x (error 1267).", False, False),
        ("mysql:8.0", "[ERROR] [MY-000067] [Server] unknown variable 'x=1'.", False, None),
        ("percona:8.0", GRANT, False, False),
        ("percona:8.0", NATIVE, False, True),
        ("percona:8.0", OTHER, False, None),
        ("mysql:5.7", CONNECTOR, False, True),
        ("mysql:5.6", "(1251, 'Client does not support authentication protocol')", False, True),
        ("mysql:8.4", CONNECTOR, False, None),
        ("mysql:5.7", "ModuleNotFoundError: No module named 'flask'", False, None),
    ],
)
def test_mysql(wanted: str, said: str, native: bool, cause: bool | None) -> None:
    """By what the series that was asked for has and the other one lacks; None: nothing is told."""
    found = mysql_difference(mysql(wanted), said, native=native)
    assert (found.cause if found else None) is cause
    if found:
        remedy = "write `image: mysql:8.4`" if "percona" in wanted else "with `docker load`"
        assert found.said == f"MySQL of Debian sid (9.7.4) stands in for {wanted}, as {REASON}."
        assert remedy in found.ungradable


UNKNOWN = "MariaDB ended with: [ERROR] unknown variable 'innodb-file-format=x'"


@pytest.mark.parametrize(
    ("wanted", "said", "cause"),
    [
        ("mariadb:10.6", UNKNOWN, True),
        ("mariadb:10.6", "ERROR 1193 (HY000) at line 1: Unknown system variable 'x'", True),
        ("mariadb:12", GRANT, False),
        ("mariadb:10.6", OTHER, None),
        ("mariadb:10.6", "ModuleNotFoundError: No module named 'flask'", None),
        ("mariadb:10.11", UNKNOWN, None),
        ("mariadb:10", UNKNOWN, None),
        ("mariadb:10.11.7-jammy", UNKNOWN, None),
        ("mariadb", UNKNOWN, None),
        ("mariadb:lts", UNKNOWN, None),
        ("bitnami/mariadb:10.6", UNKNOWN, True),
    ],
)
def test_mariadb(wanted: str, said: str, cause: bool | None) -> None:
    """Another series lacks settings of the one that was asked for; the same one is no other."""
    swap = Substitution(
        wanted=wanted, used="MariaDB 10.11 of Debian bookworm (10.11.14)", reason=REASON
    )
    found = mariadb_difference(swap, said)
    assert (found.cause if found else None) is cause
    if found:
        assert f"(10.11.14) stands in for {wanted}" in found.ungradable
        assert "with `docker load`" in found.ungradable


@pytest.mark.parametrize(
    ("wanted", "native", "cause"),
    [
        ("mysql:5.7", False, True),
        ("mysql:8.0", True, True),
        ("mysql:8.0", False, None),
        ("mysql:8.4", False, None),
        ("mysql", False, None),
    ],
)
def test_a_driver_that_failed_without_a_word(wanted: str, native: bool, cause: bool | None) -> None:
    """The version is the probable cause where the one asked for takes the driver's older way."""
    clause = "`PyMySQL==1.0.2` (requirements.txt, line 19) without `cryptography`"
    said = "It ended with exit code 1 before it was ready."
    found = mysql_difference(mysql(wanted), said, native=native, silent=clause)
    assert (found.cause if found else None) is cause
    if found:
        assert f"That is the probable cause: {clause} can log in to {wanted}" in found.ungradable
    assert mysql_difference(mysql(wanted), said, native=native) is None


@pytest.mark.parametrize(
    ("wanted", "step", "cause"),
    [
        ("python:3.5", "RUN apt-key adv --keyserver hkp://pgp.mit.edu:80 --recv-keys 5", False),
        ("python:3.11", "RUN wget -qO - https://x/key | apt-key add -", False),
        ("python:3.11", "RUN apt-key add key.asc", True),
        ("python:3.11-bookworm", "RUN apt-key add key.asc", True),
        ("python:3.11-slim", "RUN apt-key add key.asc", None),
        ("debian:bookworm", "RUN apt-key add key.asc", None),
    ],
)
def test_gnupg_is_in_the_official_full_image(wanted: str, step: str, cause: bool | None) -> None:
    """It is the cause where the step wants nothing that a build cannot have anyway."""
    found = python_difference(python(wanted), GNUPG, step=step)
    assert (found.cause if found else None) is cause
    if found:
        assert found.said.endswith(f"It lacks gnupg, which {wanted} has.")


@pytest.mark.parametrize(
    ("wanted", "said", "cause"),
    [
        ("python:3.7-slim", "error: metadata-generation-failed", True),
        ("python:3.6", "ERROR: No matching distribution found for MarkupSafe==1.1.1", False),
        ("python:3.6", "ERROR: No matching distribution found for flaskk", None),
        ("python:3.8-slim", f"{LISTED}\n{NO_MATCH}torch==1.8.0", True),
        ("python:3.8-slim", f"{LISTED}\n{NO_MATCH}torch==2.0.9", None),
        ("python:3.8-slim", f"{LISTED}\n{NO_MATCH}torch==99", None),
        ("python:3.9-slim", f"{IGNORED}\n{NO_MATCH}numpy==1.21.2", True),
        ("python:3.12-slim", f"{IGNORED}\n{NO_MATCH}numpy==1.21.2", None),
        ("python:3.9-slim", f"{IGNORED}\n{NO_MATCH}numpy==9.9", None),
        (
            "python:3.9",
            "ERROR: Package 'x' requires a different Python: 3.11.2 not in '<3.10'",
            True,
        ),
        (
            "python:3.9",
            "ERROR: Package 'x' requires a different Python: 3.11.2 not in '>=3.12'",
            None,
        ),
        (
            "python:3.9",
            "Because the current Python version (3.11.2) does not satisfy Python<3.11",
            True,
        ),
        (
            "python:3.9",
            "Current Python version (3.11.2) is not allowed by the project (~3.9).",
            True,
        ),
        (
            "python:3.9",
            "Current Python version (3.11.2) is not allowed by the project (^3.12).",
            None,
        ),
        ("python:3.9-slim", '"/usr/local/lib/python3.9/site-packages": not found', True),
        ("python:3.9", "ImportError: cannot import name 'Mapping' from 'collections' (x)", True),
        ("python:3.12-slim", "ModuleNotFoundError: No module named 'distutils'", None),
        ("python:3.9", "ModuleNotFoundError: No module named 'asyncore'", None),
        ("python:3.9", "AttributeError: module 'inspect' has no attribute 'getargspec'", True),
        ("python:3.9", "AttributeError: module 'inspect' has no attribute 'get_sauce'", False),
        (
            "python:3.9",
            "ImportError: cannot import name 'url_quote' from 'werkzeug.urls' (x)",
            None,
        ),
        ("python:3.9", "ModuleNotFoundError: No module named 'flask'", None),
        ("python:3.9", "SyntaxError: invalid syntax", None),
        ("python:3.14-rc", "SyntaxError: multiple exception types must be parenthesized", True),
        ("python:3.9-slim", "Traceback (most recent call last):\nKeyError: 'DB_HOST'", None),
        ("python:3.9-slim", "It ended. Its last error: ValueError: five (app.py, line 3)", False),
        ("python:3.9-slim", "sh: 1: python: not found\npip: command not found", None),
        ("python:3.9-slim", "It listens on port 8000, not on 5000.", None),
        ("python:3.11-slim", "error: metadata-generation-failed", None),
        ("python:3.11.4", '"/usr/local/lib/python3.9/site-packages": not found', None),
        ("python:3-slim", "error: metadata-generation-failed", None),
        ("python", "error: metadata-generation-failed", None),
        ("debian:12", "error: metadata-generation-failed", None),
        (
            "python:3.8-slim",
            "subprocess-exited-with-error\nException: Can not find valid pkg-config name.\n",
            False,
        ),
        (
            "python:3.8-slim",
            "Failed building wheel for x\nerror: command 'gcc' failed: No such file",
            False,
        ),
        (
            "python:3.8-slim",
            "x.c:1: fatal error: mysql.h: No such file\nFailed to build",
            False,
        ),
        ("python:3.8-slim", "fatal error: longintrepr.h: No such file\nFailed to build", True),
        ("python:3.8-slim", "fatal error: Python.h: No such file\nFailed to build x", False),
        (
            "python:3.8-slim",
            "Failed building wheel for numpy\nAttributeError: no ImpImporter",
            True,
        ),
        ("python:3.8-slim", f"error: legacy-install-failure\n\u2570\u2500> uWSGI\n{NO_GCC}", None),
        (
            "python:3.8-slim",
            f"error: legacy-install-failure\n\u2570\u2500> greenlet\n{NO_GCC}",
            True,
        ),
        ("python:3.8-slim", "error: failed-wheel-build-for-install", True),
        ("python:3.8-slim", f"Failed to build `lxml==4.6.3`\n{NO_GCC}", True),
        ("python:3.8-slim", "Backend subprocess exited when trying to invoke build_wheel", True),
        ("python:3.8-slim", f"Collecting numpy\nCollecting mysqlclient\n{NO_HEADERS}", None),
        (
            "python:3.8-slim",
            "Failed to build x\nerror in x setup command: use_2to3 is invalid.",
            None,
        ),
    ],
)
def test_python(wanted: str, said: str, cause: bool | None) -> None:
    """Another minor version: packages, code and paths that fit the one that was asked for."""
    found = python_difference(python(wanted), said)
    assert (found.cause if found else None) is cause


@pytest.mark.parametrize(
    ("reference", "series"),
    [
        ("mysql:8.0", "8.0"), ("mysql:8.0.36", "8.0"), ("library/mysql:5.7-debian", "5.7"),
        ("mysql:8", "8.4"), ("mysql:5", "5.7"), ("mysql", "9.7"), ("mysql:latest", "9.7"),
        ("mysql:lts", "9.7"), ("docker.io/mysql:9", "9.7"), ("mysql/mysql-server:8.0", "8.0"),
    ],
)  # fmt: skip
def test_series(reference: str, series: str) -> None:
    """By its tag; another maker's is none of MySQL's."""
    assert mysql_series(reference) == series


@pytest.mark.parametrize(
    ("reference", "version"),
    [("python:3.9-slim", "3.9"), ("python:3.12.1", "3.12"), ("python:3", ""), ("python", ""),
     ("debian:12", ""), ("python:slim", "")],
)  # fmt: skip
def test_python_versions(reference: str, version: str) -> None:
    """Major and minor, where the tag names both."""
    assert python_version(reference) == version


@pytest.mark.parametrize("wanted", ["python:3.9-slim", "python:3.11", "python:3"])
@pytest.mark.parametrize("package", ["pip", "setuptools"])
def test_a_user_s_package_that_the_image_has(wanted: str, package: str) -> None:
    """The official image is no virtual environment: pip installs it there."""
    said = (
        f"ERROR: Will not install to the user site because it will lack sys.path precedence to "
        f"{package} in /usr/local/lib/python3.11/site-packages"
    )
    found = python_difference(python(wanted), said, step=f"RUN pip install --user -U {package}")
    assert found is not None
    assert found.cause
    assert "`pip install --user` cannot replace what the image has" in found.ungradable
    assert "Leave `--user` out of that step" in found.ungradable


@pytest.mark.parametrize(
    ("wanted", "cause"), [("python:3.12-slim", True), ("python:3.13-slim", None)]
)
def test_a_user_without_a_name_fails_from_3_13_on(wanted: str, cause: bool | None) -> None:
    """PyMySQL before 1.1.2 asks for the name, and took what older versions raised."""
    swap = replace(python(wanted), used="Python 3.13 of Debian trixie (3.13.5)")
    said = "Its last error: OSError: No username set in the environment (/shop/base.py, line 9)"
    found = python_difference(swap, said)
    assert (found.cause if found else None) is cause
