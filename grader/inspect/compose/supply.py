"""What a Compose file takes from other files: `env_file`, secrets and configs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from grader.inspect.compose.dotenv import EnvFile, env_text, raw_problem, read_dotenv
from grader.inspect.compose.drawing import Drawer
from grader.inspect.compose.names import Role, is_secret, role
from grader.inspect.compose.paths import Outside, exists, inside
from grader.inspect.compose.source import ComposeSource, show
from grader.inspect.compose.variables import examples
from grader.inspect.files import is_file, read_bytes, read_text
from grader.yamldoc import Place

KEPT = frozenset({Role.USER, Role.HOST, Role.PORT, Role.DATABASE_PORT, Role.DATABASE, Role.URL})
"""What a secret file may hold that is no secret."""

MAX_ENV_FILES = 20


class Supply:
    """Reads them; what is missing is made up once, and the same for each service."""

    def __init__(
        self,
        source: ComposeSource,
        values: Mapping[str, str],
        *,
        injected: Mapping[str, str],
        fresh: bool,
        drawer: Drawer,
        unset: Collection[str] = (),
    ) -> None:
        """`unset` are the variables that nothing gives; some of them have a value all the same."""
        self.source = source
        self.values = values
        self.missing: dict[str, int] = {}
        """Paths that are asked for and not there, with the line that asks first, in order."""
        self.unset = frozenset(unset)
        self._injected = injected
        self._fresh = fresh
        self._drawer = drawer
        self._examples: set[str] = set()
        self._env_files: dict[tuple[str, bool], dict[str, str]] = {}
        self._secrets: dict[str, str | None] = {}

    def path(self, place: Place, path: str, folder: str | None = None) -> str | None:
        """`path`, as written, from the top; None, and a violation, where it leads outside."""
        try:
            return inside(self.source.root, self.source.folder if folder is None else folder, path)
        except Outside as error:
            said = f"names {show(path)}, which {error}; name a path within your repository."
            self.source.reject(place, said)
            return None

    def env_file(self, place: Place, path: str, *, raw: bool, required: bool) -> dict[str, str]:
        """Return the variables of the file at `path` from the top; an example stands in for it."""
        root = self.source.root
        if exists(root, path) and not is_file(root, path):
            self.source.fault(place, "is no file; name one with lines like `NAME=value`.")
            return {}
        found = path
        if not is_file(root, path):
            if not required:
                return {}
            where = PurePosixPath(path)
            found = next(iter(examples(root, str(where.parent), where.name)), "")
            if not found:
                self.missing.setdefault(path, self.source.line(place))
                return {}
            self._note_example(place, path, found)
        if (found, raw) not in self._env_files:
            if len(self._env_files) >= MAX_ENV_FILES:
                self.source.fault(place, f"is one of more than {MAX_ENV_FILES} files; name fewer.")
                return {}
            text = env_text(root, found)
            problem = raw_problem(root, found) if raw else self._read(text).problem
            if problem:
                self._refuse(place, path, found, problem)
            self._env_files[found, raw] = _raw(text) if raw else self._renewed(text)
        return self._env_files[found, raw]

    def _note_example(self, place: Place, path: str, example: str) -> None:
        """Note, at the first place that asks for it, that `example` was taken for `path`."""
        if path not in self._examples:
            self._examples.add(path)
            said = (
                f"names {path}, which is not there: {example} was taken for it. A plain `docker "
                f"compose up` stops without it; copy it first (`cp {example} {path}`)."
            )
            self.source.note(place, said)

    def secret(self, name: str, path: str) -> str | None:
        """Return what a secret's file holds that is drawn or missing.

        None where it is mounted as is.
        """
        if name not in self._secrets:
            self._secrets[name] = self._secret(name, path)
        return self._secrets[name]

    def _secret(self, name: str, path: str) -> str | None:
        if path in self.source.given:
            return None
        root = self.source.root
        label = f"{name} {PurePosixPath(path).name}"
        subject = name if role(name) is not Role.OTHER else PurePosixPath(path).stem
        if not is_file(root, path):
            if not examples(root, str(PurePosixPath(path).parent), PurePosixPath(path).name)[:1]:
                self.missing.setdefault(path, self.source.line(("secrets", name, "file")))
            return self._drawer.make_up(subject)
        raw = read_bytes(root, path)
        old = read_text(root, path).rstrip("\r\n")
        keeps = not is_secret(label) and role(subject) in KEPT
        if not self._fresh or keeps or b"\0" in raw or "\n" in old or not old.strip():
            return None
        ending = "\n" if raw.endswith(b"\n") else ""
        return self._drawer.renew(subject, old) + ending

    def _refuse(self, place: Place, path: str, found: str, problem: str) -> None:
        """Tell why Compose refuses the file at `found`, which was read for `path`."""
        other = f", in whose place is {found} alone" if found != path else ""
        said = f"names {path}{other}, which Compose refuses: {problem}."
        self.source.refuse_file(place, found, said)

    def _read(self, text: str) -> EnvFile:
        return read_dotenv(text, known=self.values)

    def _renewed(self, text: str) -> dict[str, str]:
        written = self._read(text).values
        given = {name: self._injected[name] for name in written if name in self._injected}
        for name, old in written.items() if self._fresh else ():
            if is_secret(name) and name not in given:
                given[name] = self._renew(name, old)
        renewed = read_dotenv(text, known=self.values, given=given).values
        return {name: self._drawer.in_urls(value) for name, value in renewed.items()}

    def _renew(self, name: str, old: str) -> str:
        if not old and name in self.values:
            return self.values[name]
        if old in self._drawer.new:  # taken from a variable that is new already
            return old
        return self._drawer.renew(name, old)


def _raw(text: str) -> dict[str, str]:
    """Lines of `format: raw`: what follows `=` is the value, quotes and all."""
    pairs = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {name.strip(): value for name, equals, value in pairs if equals and name.strip()}
