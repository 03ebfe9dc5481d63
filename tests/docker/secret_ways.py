"""Proper ways to take a password or a key that work, each in place of `os.environ["NAME"]`.

None goes on with a value of its own where the variable is missing.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

VARIABLE = re.compile(r"os\.environ\[(?P<quote>[\"'])(?P<name>\w+)(?P=quote)\]")


@dataclass(frozen=True)
class Way:
    """How an app takes a variable: an expression, and what stands above it in its module."""

    expression: str
    """With `{name}` for the variable, `{lower}` for its name in small letters."""
    above: str = ""
    names: str = r"\w+"
    """A pattern of the variables that are taken so; the others stay as they are."""


READ_SECRET = """\
import os
from pathlib import Path


def read_secret(name):
    mounted = Path("/run/secrets") / name
    if mounted.is_file():
        return mounted.read_text("utf-8").strip()
    return os.environ[name.upper()]
"""
REQUIRED = """\
import os
import sys


def required(name, message="is missing: copy .env.example to .env and write your own password"):
    value = os.environ.get(name)
    if not value:
        sys.exit(f"{name} {message}")
    return value
"""
DOTENV = """\
import os
from pathlib import Path


def settings_of(path):
    lines = Path(path).read_text("utf-8").splitlines() if Path(path).is_file() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip('"') for name, value in pairs} | dict(os.environ)


config = settings_of(".env")
"""
SETTINGS = """\
import os


class Settings:
    def __getattr__(self, name):
        try:
            return os.environ[name.upper()]
        except KeyError:
            raise RuntimeError(f"Set the variable {name.upper()}.") from None

    __getitem__ = __getattr__


settings = Settings()
"""
SECRET_TEXT = """\
import os


class SecretStr:
    def __init__(self, secret):
        self._secret = secret

    def __repr__(self):
        return "SecretStr('**********')"

    def get_secret_value(self):
        return self._secret
"""
FILE_VARIABLE = """\
import os
from pathlib import Path


def value_or_file(name):
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text("utf-8").strip() if path else os.environ[name]
"""
PROCESS = """\
from pathlib import Path


def own_environment():
    pairs = Path("/proc/self/environ").read_text("utf-8").split("\\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
"""
DATACLASS = """\
import os
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variable:
    name: str
    password: str = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "password", os.environ[self.name])
"""
CACHED = """\
import functools
import os


@functools.cache
def secret(name):
    try:
        return os.environ[name]
    except KeyError as error:
        raise SystemExit(f"The variable {error} is not set.") from error
"""
CHECKED = """\
import os

SECRETS = ("DB_PASSWORD", "SECRET_KEY", "ADMIN_PASSWORD", "CLERK_PASSWORD", "JWT_SECRET")
PLACEHOLDERS = {"", "change-me", "password", "secret"}


def checked(name):
    value = os.environ[name]
    if name in SECRETS and value in PLACEHOLDERS:
        raise SystemExit(f"{name} is a placeholder. Write a value of your own into .env.")
    return value
"""
PARSER = """\
import configparser
import os

parser = configparser.RawConfigParser(default_section="defaults")
parser.optionxform = str
parser["environment"] = {name: value for name, value in os.environ.items() if "\\n" not in value}
"""
DESCRIPTOR = """\
import os


class FromEnvironment:
    def __init__(self, name):
        self.name = name

    def __get__(self, instance, owner):
        return os.environ[self.name]
"""
IMPORTS = "import os\nimport sys\n"
WAYS = (
    Way('os.getenv("{name}")'),
    Way('os.environ.get("{name}")'),
    Way('os.environ.get("{name}", "")'),
    Way('os.environ.get("{name}", None)'),
    Way('os.getenv("{name}", default="")'),
    Way('required("{name}")', REQUIRED),
    Way('required("{name}", "is not set: see the table of variables in README.md")', REQUIRED),
    Way('(os.environ.get("{name}") or sys.exit("{name} is not set"))', IMPORTS),
    Way('(os.getenv("{name}") or os.getenv("APP_{name}"))'),
    Way('os.environ["{name}"].encode("utf-8").decode("utf-8")'),
    Way("os.environ[\"{name}\"].strip().strip('\"')"),
    Way('"".join(os.environ["{name}"].split())', names=r"\w+_(?:PASSWORD|KEY)"),
    Way('os.environb[b"{name}"].decode("utf-8")'),
    Way("settings.{lower}", SETTINGS),
    Way('settings["{lower}"]', SETTINGS),
    Way('config["{name}"]', DOTENV),
    Way('settings_of(".env.local").get("{name}")', DOTENV),
    Way('read_secret("{lower}")', READ_SECRET),
    Way('value_or_file("{name}")', FILE_VARIABLE),
    Way('own_environment()["{name}"]', PROCESS),
    Way('SecretStr(os.environ["{name}"]).get_secret_value()', SECRET_TEXT),
    Way('Variable("{name}").password', DATACLASS),
    Way('secret("{name}")', CACHED),
    Way('checked("{name}")', CHECKED),
    Way('parser["environment"]["{name}"]', PARSER),
    Way('parser.get("environment", "{name}")', PARSER),
    Way('hashlib.sha256(os.environ["{name}"].encode()).hexdigest()', "import hashlib\n",
        names="SECRET_KEY"),
    Way('string.Template("${{{name}}}").substitute(os.environ)', "import string\n"),
    Way('operator.itemgetter("{name}")(os.environ)', "import operator\n"),
    Way('type("Config", (), {{"password": FromEnvironment("{name}")}})().password', DESCRIPTOR),
)  # fmt: skip


def _after_docstring(text: str) -> int:
    """How many lines of a module stand before its first statement that does something."""
    line = 0
    for statement in ast.parse(text).body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future):
            break
        line = statement.end_lineno or line
    return line


def rewrite(folder: Path, way: Way) -> int:
    """Take the variables of the app in `folder` another way; how many there were."""
    count = 0

    def say(found: re.Match[str]) -> str:
        nonlocal count
        name = found["name"]
        if not re.fullmatch(way.names, name):
            return found.group()
        count += 1
        return way.expression.format(name=name, lower=name.lower())

    for path in sorted(folder.rglob("*.py")):
        before = path.read_text("utf-8")
        if (after := VARIABLE.sub(say, before)) != before:
            lines = after.splitlines(keepends=True)
            place = _after_docstring(after)
            path.write_text("".join([*lines[:place], way.above, *lines[place:]]), "utf-8")
    return count
