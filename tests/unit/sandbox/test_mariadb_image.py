"""MariaDB's image: its recipe, and the layer that makes it ready at once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grader.sandbox.images.mariadb import LAYER, SERIES, is_mariadb, mariadb, nearest
from grader.sandbox.images.recipes import ASSETS
from grader.sandbox.images.servers import MARIADB_READY

FOLDER = ASSETS / "mariadb"


@pytest.mark.parametrize(
    ("tag", "series"),
    [
        ("", "11.8"), ("latest", "11.8"), ("10", "10.11"), ("10.6.18", "10.11"), ("11", "11.8"),
        ("11.4-noble", "11.8"), ("11.8", "11.8"), ("12.1", "11.8"),
    ],
)  # fmt: skip
def test_a_tag_stands_for_the_nearest_newer_series(tag: str, series: str) -> None:
    assert nearest(tag) == mariadb(series)


def test_each_series_is_an_image_of_its_own() -> None:
    made = [mariadb(one) for one in SERIES]
    assert len({one.digest for one in made}) == len(SERIES)
    assert all(is_mariadb(one.tag) for one in made)
    assert not is_mariadb("grader/mysql:sid")


def test_the_layer_has_all_that_its_steps_copy() -> None:
    assert set(MARIADB_READY.files) == set(LAYER)
    for name in LAYER:
        assert name in MARIADB_READY.dockerfile


ENTRYPOINT = FOLDER / "entrypoint.sh"


def sourced(script: str, **environment: str) -> str:
    """What a few lines print that have the entrypoint's functions."""
    done = subprocess.run(
        ["bash", "-c", f". {ENTRYPOINT}; {script}"], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip
    return done.stdout + done.stderr


def test_older_names_of_variables_count_where_the_newer_are_not_set() -> None:
    show = 'read_environment; printf "%s|%s|%s" "$MARIADB_ROOT_PASSWORD" "$MARIADB_DATABASE" "$MARIADB_USER"'  # noqa: E501
    assert (
        sourced(show, MYSQL_ROOT_PASSWORD="r", MARIADB_DATABASE="d", MYSQL_DATABASE="x") == "r|d|"
    )
    assert "password option is not specified" in sourced(show)
    assert sourced(show, MYSQL_ALLOW_EMPTY_PASSWORD="1") == "||"
    both = {"MARIADB_ROOT_PASSWORD": "x", "MARIADB_ROOT_PASSWORD_FILE": "/x"}
    assert "are exclusive" in sourced(show, **both)
    assert "root" in sourced(show, MARIADB_ROOT_PASSWORD="r", MARIADB_USER="root")


def test_texts_and_names_are_quoted() -> None:
    assert sourced("text \"it's \\\\ \"; name 'a`b'") == r"'it\'s \\ '`a``b`"


SETTINGS = "my_print_defaults() {{ echo '{}'; }}; "


@pytest.mark.parametrize(
    ("settings", "arguments", "value"),
    [
        ("--init_file=/a.sql", "", "/a.sql"),
        ("--init-file=/a.sql", "--init-file=/b.sql", "/b.sql"),
        ("--loose-init-file=/a.sql", "--port=3306", "/a.sql"),
        ("--init-connect=x", "--max-connections=4", ""),
    ],
)
def test_an_option_is_found_in_files_and_arguments(
    settings: str, arguments: str, value: str
) -> None:
    """The server's arguments come last, and with either sign between words."""
    found = sourced(f"{SETTINGS.format(settings)}server_option init-file {arguments}")
    assert found.strip() == value


@pytest.mark.parametrize(
    ("zone", "named"),
    [("UTC", "UTC"), ("+02:00", ""), ("SYSTEM", ""), ("", ""), ("No/Such", ""), ("../etc/x", "")],
)
def test_a_time_zone_is_loaded_by_its_name(zone: str, named: str) -> None:
    """An offset needs no table."""
    if named and not Path("/usr/share/zoneinfo", named).is_file():
        named = ""  # a machine without zones
    asked = f"--default-time-zone={zone}" if zone else ""
    assert sourced(f"{SETTINGS.format('')}named_zone {asked}") == named


def test_an_init_file_that_is_not_there_ends_the_start() -> None:
    said = sourced(f"{SETTINGS.format('--init-file=/no/such.sql')}own_init_file")
    assert said == (
        "[ERROR] [Entrypoint]: The server's init-file is /no/such.sql, which cannot be read: there "
        "is no such file.\n"
    )


def test_the_last_statement_of_an_init_file_is_ended(tmp_path: Path) -> None:
    """Others come after it."""
    file = tmp_path / "a.sql"
    file.write_text("SELECT 1;\nSELECT 2\n-- the end\n")
    said = sourced(f"{SETTINGS.format(f'--init-file={file}')}own_init_file")
    assert said == "SELECT 1;\nSELECT 2\n-- the end\n;\n"
