"""Where passwords and keys are: the Compose file, .env and .env.example."""

import re
from fnmatch import fnmatch
from pathlib import PurePosixPath

import pytest

LOGIN = re.compile(r"\w://[^/@:\s]*:([^/@\s]+)@")
"""A URL with a password; the password."""
EXAMPLES = {"example", "sample", "template", "dist", "default"}


# -- the Compose file --------------------------------------------------------------------------


@pytest.mark.criterion("env.compose")
def test_root_has_a_password(compose):
    """MySQL is not told to let root in without one."""
    for name, service in compose.services.items():
        assert "MYSQL_ALLOW_EMPTY_PASSWORD" not in service["environment"], (
            f"In {compose.path} the service {name!r} lets MySQL's root in without a password."
        )


@pytest.mark.criterion("env.compose")
def test_both_services_are_given_secrets(compose, is_secret):
    """The app gets its key and password from the file, MySQL its passwords."""
    for name in (compose.app, compose.database):
        service = compose.services[name]
        given = service["env_files"] or any(
            is_secret(variable) or variable.endswith("_FILE") or LOGIN.search(str(value or ""))
            for variable, value in service["environment"].items()
        )
        assert given, (
            f"In {compose.path} the service {name!r} is given no password or key: name them under "
            "`environment`, each with a variable as its value."
        )


# -- .env and .env.example ---------------------------------------------------------------------


def holds_values(path):
    """Whether a file of that name holds real values: .env, .env.local, db.env; no example."""
    name = PurePosixPath(path).name.lower()
    if set(re.split(r"[._-]", name)) & EXAMPLES:
        return False
    return name == ".env" or name.startswith(".env.") or name.endswith(".env")


def ignores_env(text):
    """Whether a .gitignore keeps a .env at the top out; its last line that fits decides."""
    ignored = False
    for line in text.splitlines():
        pattern = line.strip()
        plain = pattern.removeprefix("!").removeprefix("**/").removeprefix("/")
        if plain and not pattern.startswith("#") and fnmatch(".env", plain):
            ignored = not pattern.startswith("!")
    return ignored


@pytest.mark.criterion("dotenv.untracked")
def test_gitignore_keeps_env_out(submission):
    """.gitignore has a line for .env."""
    assert ignores_env(submission.text(".gitignore")), (
        "Your .gitignore does not keep .env out, so the next `git add .` commits your passwords. "
        "Add a line: .env"
    )


@pytest.mark.criterion("dotenv.untracked")
def test_no_env_file_was_committed(submission):
    """No commit, and no folder handed in without a history, holds a .env."""
    log = submission.log
    for commit in log:
        for path in commit.get("files", ()):
            assert not holds_values(path), (
                f"Commit {commit['commit'][:10]} has {path} in it. Remove the file, and change the "
                "passwords and keys in it: whoever has the repository can read them for ever."
            )
    # What is in the folder was committed, unless there is a history and .gitignore knows better.
    found = [path for path in submission.files() if holds_values(path)]
    if log:
        found = [path for path in found if not ignores_env(submission.text(".gitignore"))]
    assert not found, f"Your repository holds {found[0]}; only .env.example belongs into it."


def settings(text):
    """The variables that a .env file sets, each with its value."""
    for line in text.splitlines():
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and re.fullmatch(r"[A-Za-z_]\w*", name.strip()):
            value = value.strip()
            if value[:1] in {'"', "'"}:
                yield name.strip(), value[1:].partition(value[0])[0]
            else:
                yield name.strip(), value.partition(" #")[0].strip()


@pytest.mark.criterion("env.compose")
def test_the_example_lists_the_secrets(submission, is_secret):
    """.env.example names passwords and keys; that their values are placeholders is secrets.tree."""
    listed = [
        name
        for name, value in settings(submission.text(".env.example"))
        if is_secret(name) or LOGIN.search(value)
    ]
    assert listed, (
        ".env.example names no password and no key. List every variable that has to stand in .env, "
        "with a placeholder such as change-me for its value."
    )


@pytest.mark.criterion("env.compose")
def test_the_key_comes_from_the_example(submission, compose):
    """SECRET_KEY has a value in a fresh clone, too, where nobody but the example gives it one."""
    written = compose.services[compose.app]["environment"].get("SECRET_KEY")
    names = {name for name, _ in settings(submission.text(".env.example"))}
    assert written or "SECRET_KEY" in names, (
        ".env.example has no line for SECRET_KEY, and the Compose file gives the app no value for "
        "it: after `cp .env.example .env` the app has no key. Add SECRET_KEY=change-me."
    )
