"""What kind of file a path names, and whether what stands in it runs."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class FileRole(Enum):
    """What becomes of a value that stands in a file."""

    RUNS = "runs"
    """It takes effect: code, configuration, Compose, a committed `.env`."""
    EXAMPLE = "example"
    """It shows what to fill in: `.env.example` and its kin."""
    TEST = "test"
    DOCS = "docs"
    """It is read by people only."""


EXAMPLE = re.compile(r"(?:^|[._-])(?:example|sample|template|dist|tmpl|tpl|default)s?(?:[._-]|$)")
REQUESTS = re.compile(r"\.postman_|(?:^|[_.-])insomnia(?:[_.-]|$)|\.(?:http|rest)$")
"""Files of clients for APIs: requests to try, with what they send."""
TEST_FOLDERS = frozenset({"test", "tests", "testing", "__tests__", "spec", "specs", "testdata",
                          "fixtures", "mock", "mocks", "__mocks__", "e2e", "cypress"})  # fmt: skip
TEST_NAME = re.compile(
    r"test_.*\.py|.*_tests?\.(?:py|go|rb|exs)|conftest\.py|.*\.(?:test|spec)\.[jt]sx?|tests?\.py"
    r"|(?:docker-)?compose[._-]tests?(?:ing)?\.ya?ml|\.env\.test(?:s|ing)?|tests?\.env|.*_spec\.rb|.*tests?\.(?:java|kt|cs|php|swift)|(?:pytest|tox)\.ini|noxfile\.py"
)
DOCS_NAME = re.compile(r"(?:readme|changelog|license|licence|contributing|notes)\b.*")
DOCS_SUFFIXES = frozenset({
    "md", "rst", "adoc", "txt", "html", "htm", "jinja", "j2", "jinja2", "tex", "csv", "tsv", "log",
    "css", "scss", "svg",
})  # fmt: skip
LOCKS = frozenset({
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "pipfile.lock", "uv.lock",
    "pdm.lock", "cargo.lock", "composer.lock", "gemfile.lock", "npm-shrinkwrap.json", "go.sum",
    "requirements.lock", "bun.lock", "packages.lock.json", "flake.lock",
})  # fmt: skip
MESSAGES = ("the commit message", "the author of the commit", "the git note on ",
            "the message of tag ")  # fmt: skip
"""How what a history holds alongside files is called in the place of a path."""
LIBRARY = re.compile(
    r"(?:bootstrap|jquery|popper|angular|vue|react|moment|lodash|underscore|d3|chart|select2|datatables"
    r"|sweetalert2?|axios|fontawesome|font-awesome|ckeditor|tinymce|socket\.io|three|leaflet|swiper)"
    r"\d*(?:\.(?=[.-]))*(?:[.-](?:(?:bundle|esm|umd|slim|dev|prod|development|production|global|all|common|cjs"
    r"|full|core)(?!\w)|\d(?:(?!\.(?:js|css|mjs|map)$)[\w.])*+))*"
    r"\.(?:js|css|mjs|map)$|.*\.bundle\.js$|.*\.pb\.go$|.*_pb2?\.(?:py|js)$"
    r"|.*[.-](?=[0-9a-f]*\d)[0-9a-f]{8,20}(?:\.chunk|\.bundle)?\.(?:js|css|mjs)$"
)
"""Files of libraries that are copied into a repository, and code that a program wrote."""
INSTALLED = frozenset({"node_modules", "site-packages", "dist-packages", "bower_components"})
"""Folders of packages that others wrote."""
SUFFIXES = {
    "py": "python", "pyw": "python", "wsgi": "python", "pyi": "python",
    "yml": "yaml", "yaml": "yaml", "env": "env", "sql": "sql", "ipynb": "notebook",
    "sh": "shell", "bash": "shell", "zsh": "shell", "fish": "shell", "ksh": "shell",
    "bat": "shell", "cmd": "shell", "ps1": "shell", "mk": "shell", "service": "config",
    "ini": "config", "cfg": "config", "conf": "config", "cnf": "config", "properties": "config",
    "toml": "config", "tf": "code", "tfvars": "code", "hcl": "code", "netrc": "config",
    "json": "json", "json5": "json", "jsonc": "json", "xml": "xml", "config": "xml",
    "dockerfile": "dockerfile",
    "md": "docs", "rst": "docs", "adoc": "docs", "txt": "docs", "html": "code", "htm": "code",
    "htpasswd": "inert", "csv": "docs", "tsv": "docs", "log": "docs", "tex": "docs",
    "css": "inert", "scss": "inert", "less": "inert", "sass": "inert", "styl": "inert",
    "svg": "inert", "map": "inert", "pem": "inert", "crt": "inert", "cer": "inert", "pub": "inert",
    "lock": "inert", "sum": "inert", "po": "inert", "pot": "inert",
}  # fmt: skip
LANGUAGES = frozenset({
    "js", "jsx", "ts", "tsx", "vue", "svelte", "mjs", "cjs", "php", "rb", "go", "rs", "java",
    "kt", "kts",
    "scala", "cs", "c", "h", "cpp", "hpp", "cc", "swift", "dart", "lua", "pl", "r", "m", "html",
    "htm",
    "jinja", "j2", "jinja2", "jsp", "erb", "ejs", "tf", "tfvars", "hcl", "gradle", "groovy",
    "ex", "exs",
    "clj", "hs", "elm", "fs", "vb", "jl", "nim", "zig", "pug", "twig", "mustache", "hbs",
})  # fmt: skip
"""Suffixes of languages in which a value without quotes is a variable."""
NAMES = {
    "makefile": "shell", "procfile": "shell", "vagrantfile": "code", "jenkinsfile": "code",
    ".netrc": "config", ".pypirc": "config", ".npmrc": "config", ".my.cnf": "config",
    "my.cnf": "config", ".pgpass": "docs", ".htpasswd": "inert", "credentials": "config",
    ".flaskenv": "env", ".envrc": "shell", ".bashrc": "shell", ".profile": "shell",
    ".zshrc": "shell", "known_hosts": "inert", "authorized_keys": "inert", "readme": "docs",
    "license": "inert", "pipfile": "config", ".bash_history": "shell", ".mysql_history": "sql",
    ".gitlab-ci": "yaml",
}  # fmt: skip


OTHERS = (".py", ".js", ".ts", ".sh", ".yaml", ".yml", ".json", ".toml", ".xml", ".md")
"""What a file that is called like `.env` is rather than one: `env.yaml`."""


@lru_cache(maxsize=4096)
def kind_of(path: str) -> str:
    """Return which reader reads the file: `python`, `yaml`, `env`, …, `code` for any other text."""
    if path.startswith(MESSAGES):
        return "message"
    name = path.rpartition("/")[2].lower()
    if name in LOCKS or name.endswith((".min.js", ".min.css", "-lock.json")) or LIBRARY.match(name):
        return "inert"
    bare = EXAMPLE.sub(".", name).strip(".") if EXAMPLE.search(name) else name
    if re.match(r"\.?env(?:$|[._-])|\.flaskenv", name) and not name.endswith(OTHERS):
        return "env"
    if re.match(r"[\w.-]*(?:dockerfile|containerfile)(?:$|[._-])", name) and not name.endswith(
        (".py", ".md")
    ):
        return "dockerfile"
    if bare in NAMES:
        return NAMES[bare]
    whole = bare if "." in bare else name  # `default.py` has no more than its suffix
    suffix = whole.rpartition(".")[2] if "." in whole else ""
    if suffix in {"bak", "old", "orig", "save", "swp", "backup", "txt"} and bare.count(".") > 1:
        return kind_of(bare.rpartition(".")[0])
    return SUFFIXES.get(suffix, "code")


def is_known(path: str) -> bool:
    """Return whether the name of the file at `path` says in which language it is written."""
    name = path.rpartition("/")[2].lower()
    return name.rpartition(".")[2] in LANGUAGES or name in NAMES


@lru_cache(maxsize=4096)
def place_of(path: str) -> FileRole:
    """Return whether what stands in the file at `path` runs."""
    folders = path.lower().split("/")
    name = folders.pop()
    if (EXAMPLE.search(name) and not name.startswith("default")) or REQUESTS.search(name):
        return FileRole.EXAMPLE
    if TEST_FOLDERS.intersection(folders) or TEST_NAME.fullmatch(name):
        return FileRole.TEST
    suffix = name.rpartition(".")[2]
    if DOCS_NAME.fullmatch(name) or suffix in DOCS_SUFFIXES:
        return FileRole.DOCS
    return FileRole.RUNS


LOCALES = frozenset(
    {"locale", "locales", "i18n", "l10n", "lang", "langs", "languages", "translations"}
)
LOCALE_NAME = re.compile(
    r"(?:messages|strings|lang|locale|translation)?[._-]?(?:de|en|fr|es|it|pt|nl|ru|pl|tr|cs|sv|fi|ja|zh|uk|hu|ro|da|nb|ko|ar)"
    r"(?:[_-][a-z]{2,4})?\.(?:json|ya?ml|properties|po|js|ts|toml|ini|php)|(?:messages|translations?|strings)\.(?:json|ya?ml|po)|(?:i18n|l10n|locales?|translations?)\.(?:js|ts|mjs|py)"
)


def is_locale(path: str) -> bool:
    """Return whether the file at `path` holds the texts of one language."""
    *folders, name = path.lower().split("/")
    return bool(LOCALES.intersection(folders) or LOCALE_NAME.fullmatch(name))


def is_ci(path: str) -> bool:
    """Return whether the file at `path` drives a CI system."""
    lower = path.lower()
    return lower.startswith((".github/workflows/", ".circleci/")) or lower.rpartition("/")[2] in {
        ".gitlab-ci.yml", ".travis.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml",
        "jenkinsfile", "appveyor.yml", ".drone.yml", "cloudbuild.yaml", "buildspec.yml",
    }  # fmt: skip
