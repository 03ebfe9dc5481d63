"""Where passwords and keys are: the Compose file, .env and .env.example."""

import re
from fnmatch import fnmatch
from pathlib import PurePosixPath

import pytest

MARK = "\0"
"""Stands for a variable in a value."""
REFERENCE = re.compile(r"\$(\w+)")
BRACES = re.compile(r"(\w+)(?::?([-+?])(.*))?", re.DOTALL)
LOGIN = re.compile(r"\w://[^/@:\s]*:([^/@\s]+)@")
"""A URL with a password; the password."""
PLACEHOLDER = re.compile(
    "chang|replac|example|placeholder|your|secret|passw|todo|insert|dummy|sample|fill|choose|here|"
    r"random|generat|edit|test|pass|root|value|something|long|(.)\1\1\1|[<>*\s]|\.\.\."
)
EXAMPLES = {"example", "sample", "template", "dist", "default"}


# -- the Compose file --------------------------------------------------------------------------


def marked(value):
    """`value` with a mark for each variable; a default that it gives stays, as it is a literal."""
    text, out, at = str(value), [], 0
    while at < len(text):
        if text.startswith("$$", at):
            out.append("$")
            at += 2
        elif text.startswith("${", at):
            end, depth = at + 2, 1
            while end < len(text) and depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            found = BRACES.fullmatch(text[at + 2 : end - 1])
            default = found[3] if found and found[2] in {"-", "+"} else ""
            out.append(MARK + marked(default))
            at = end
        elif found := REFERENCE.match(text, at):
            out.append(MARK)
            at = found.end()
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


@pytest.fixture
def literal(is_secret):
    """A function that says what is literal of the secret in a variable; empty if nothing is."""

    def find(name, value):
        text = marked("" if value is None else value)
        if is_secret(name):
            return text.replace(MARK, "")
        found = LOGIN.search(text)
        return found[1].replace(MARK, "") if found else ""

    return find


@pytest.mark.criterion("env.compose")
def test_the_file_holds_no_literal_secret(compose, literal):
    """Every password and key in `environment` is a variable without a default."""
    for name, service in compose.services.items():
        for variable, value in service["environment"].items():
            assert not literal(variable, value), (
                f"In {compose.path} the service {name!r} has a literal value, or a default, for "
                f"{variable}. Write ${{…}} there and keep the value in .env."
            )
            assert variable != "MYSQL_ALLOW_EMPTY_PASSWORD", (
                f"In {compose.path} the service {name!r} lets MySQL's root in without a password."
            )


@pytest.mark.criterion("env.compose")
def test_both_services_are_given_secrets(compose, is_secret):
    """The app gets its key and password from the file, MySQL its passwords."""
    for name in (compose.app, compose.database):
        service = compose.services[name]
        given = service["env_files"] or any(
            is_secret(variable) or variable.endswith("_FILE") or LOGIN.search(marked(value))
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


def looks_real(value):
    """Whether a secret looks in use: long, letters and digits mixed, no word in it."""
    mixed = re.search("[A-Za-z]", value) and re.search("[0-9]", value)
    return bool(len(value) >= 12 and mixed and not PLACEHOLDER.search(value.lower()))


@pytest.mark.criterion("dotenv.example")
def test_the_example_has_placeholders(submission, is_secret):
    """.env.example names the secrets, each with a placeholder."""
    secrets = {}
    for name, value in settings(submission.text(".env.example")):
        found = LOGIN.search(value)
        if is_secret(name) or found:
            secrets[name] = value if is_secret(name) else found[1]
    assert secrets, (
        ".env.example names no password and no key. List every variable that has to stand in .env, "
        "with a placeholder such as change-me for its value."
    )
    for name, value in secrets.items():
        assert not looks_real(value), (
            f".env.example has a value for {name} that looks real. Put a placeholder such as "
            "change-me there, and choose a new value for yourself if it was in use."
        )
