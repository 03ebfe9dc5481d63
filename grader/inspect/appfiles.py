"""The files that an app's image is built from, looked at once something of it has failed.

Nothing is executed or followed. What is read is bounded: a submission may hold many files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path, PurePosixPath

from grader.inspect.compose.project import ComposeService, Mount, MountKind
from grader.inspect.dockerfile import Dockerfile
from grader.inspect.dockerignore import is_ignored
from grader.inspect.files import is_file, list_files, read_bytes, read_text
from grader.inspect.near_files import SKIPPED
from grader.requirement_files import RequiredPackage, read_installs, read_requirements

HEAD = 64 * 1024
"""Characters that are looked at of one file."""
MAX_LISTS, MAX_PACKAGES = 20, 500
"""Files that name packages, and the lines that are taken of each."""
MAX_FILES = 400
"""Files that are opened to look for something in all of them."""
LONGEST_PATH, LONGEST_LINE, MOST_STARS = 200, 100, 3
"""Of what is matched with a .gitignore: patterns become regular expressions, which a student could
have run for years."""
MAKES_APP = re.compile(r"^[ \t]*\w[\w.]*[ \t]*(?::[^=\n]+)?=[ \t]*Flask\(", re.MULTILINE)
REQUIREMENTS = re.compile(
    r"requirements[\w.-]*\.(?:txt|in)|pyproject\.toml|Pipfile|setup\.(?:py|cfg)"
)
COMMANDS = ("ENTRYPOINT", "CMD")
OPENING, CLOSING = "\"'\u201c\u2018", "\"'\u201d\u2019"
"""Quotes, those that editors put in the place of straight ones among them."""
MEANT_AS_LIST = re.compile(
    rf"\s*(?:\[\s*[{OPENING}]?[\w./]|[{OPENING}][^{OPENING}{CLOSING}]{{1,200}}[{CLOSING}]\s*,)"
)
"""How a command begins that was to be a list: with a bracket, or with quotes and a comma."""


@dataclass(frozen=True, kw_only=True)
class AppFiles:
    """What `sandbox.sources.Sources` asks of a submission."""

    root: Path
    folder: str = ""
    """The build's context, from the top of the submission; empty: the top itself."""
    dockerfile: Dockerfile | None = None
    service: ComposeService | None = None
    """The app in the Compose file; None where there is none."""
    compose: str = ""
    """The path of that file."""

    @cached_property
    def _files(self) -> tuple[str, ...]:
        return list_files(self.root)

    def named(self, program: str) -> str:
        """Return the file with the most parts at its end in common with the path `program`."""
        wanted = PurePosixPath(program).parts
        best, most = "", 0
        for path in self._files:
            parts = PurePosixPath(path).parts
            same = 0
            for one, other in zip(reversed(parts), reversed(wanted), strict=False):
                if one != other:
                    break
                same += 1
            within = path.startswith(f"{self.folder}/") if self._below else True
            if same and (2 * same + within, -len(parts)) > (most, -len(PurePosixPath(best).parts)):
                best, most = path, 2 * same + within
        return best

    @property
    def _below(self) -> bool:
        """Whether the image is built from a folder of the submission."""
        return self.folder not in {"", "."}

    def text(self, path: str) -> str:
        """Return the first part of a file's text."""
        return read_text(self.root, path)[:HEAD]

    def has_crlf(self, path: str) -> bool:
        """Return whether the first line of a file ends as on Windows."""
        return read_bytes(self.root, path)[:HEAD].partition(b"\n")[0].endswith(b"\r")

    def crlf_scripts(self) -> tuple[str, ...]:
        """Return the shell scripts whose lines end so; at most a few."""
        scripts = [path for path in self._files if path.endswith((".sh", ".bash"))][:MAX_FILES]
        scripts += [path for path in self._files if "entrypoint" in path and path not in scripts][
            :9
        ]
        return tuple(path for path in scripts if self.has_crlf(path))

    def is_executable(self, path: str) -> bool:
        """Return whether the file has an execute bit in the snapshot."""
        return is_file(self.root, path) and bool((self.root / path).stat().st_mode & 0o111)

    def mounted_over(self, program: str) -> str:
        """Return the line of the Compose file that mounts a repository's folder over `program`."""
        for mount in self._binds():
            target = mount.target.rstrip("/")
            if program == target or program.startswith(f"{target}/") or not program.startswith("/"):
                return f"{self.compose}, line {mount.line}"
        return ""

    def _binds(self) -> Iterable[Mount]:
        mounts = self.service.mounts if self.service else ()
        return (one for one in mounts if one.kind is MountKind.BIND)

    def changes_mode(self, path: str) -> bool:
        """Return whether a RUN of the Dockerfile changes the mode of a file of that name."""
        name = PurePosixPath(path).name
        return any(
            one.name in {"RUN", "COPY", "ADD"} and "chmod" in one.original
            and (name in one.original or "*.sh" in one.original)
            for one in (self.dockerfile.instructions if self.dockerfile else ())
        )  # fmt: skip

    def command(self, text: str) -> str:
        """Return where `text` stands as a command or a part of one."""
        if self.service:
            for key in ("command", "entrypoint"):
                value = getattr(self.service.process, key)
                words = [value] if isinstance(value, str) else list(value or ())
                if any(text in word for word in words):
                    line = self.service.lines.of(key)
                    return f"{key}, {self.compose}, line {line}"
        for one in reversed(self.dockerfile.instructions if self.dockerfile else ()):
            if one.name in COMMANDS and text in (one.original + " ".join(one.words)):
                assert self.dockerfile is not None
                return f"{one.name}, {self.dockerfile.path}, line {one.line}"
        return ""

    def broken_list(self) -> tuple[str, str]:
        """Return where a command stands that was to be a list and is none, and its text.

        Docker gives such a text to a shell. Both are empty where there is none.
        """
        own = self.service.process.command if self.service else None
        if self.service and isinstance(own, str) and MEANT_AS_LIST.match(own):
            return f"command, {self.compose}, line {self.service.lines.of('command')}", own
        used = COMMANDS[:1] if own else COMMANDS
        for one in reversed(self.dockerfile.instructions if self.dockerfile else ()):
            if one.name in used and one.items is None and MEANT_AS_LIST.match(one.rest):
                assert self.dockerfile is not None
                return f"{one.name}, {self.dockerfile.path}, line {one.line}", one.rest.strip()
        return "", ""

    def kept_out(self, path: str) -> str:
        """`.gitignore, line N` or `.dockerignore, line N`: what keeps `path` out; or empty."""
        inside = self._inside(path)
        if not inside:
            return ""
        folder = f"{self.folder}/" if self._below else ""
        if not self._is_there(f"{folder}{inside}"):
            return self._ignored_by_git(f"{folder}{inside}")
        ignore = f"{folder}.dockerignore"
        text = read_text(self.root, ignore)
        if is_ignored(inside, text):
            for number in range(1, len(text.splitlines()) + 1):
                if is_ignored(inside, "\n".join(text.splitlines()[:number])):
                    return f"{ignore}, line {number},"
        return ""

    def _inside(self, path: str) -> str:
        """`path` of the container, from the build's context on; empty where it cannot be there."""
        pure = PurePosixPath(path)
        if ".." in pure.parts:
            return ""
        if not pure.is_absolute():
            return str(pure)
        for folder in [*self._workdirs(), "/app", "/code", "/usr/src/app", "/srv", "/opt/app"]:
            if pure.is_relative_to(folder):
                return str(pure.relative_to(folder))
        return ""

    def _workdirs(self) -> Sequence[str]:
        lines = self.dockerfile.instructions if self.dockerfile else ()
        found = [one.value.strip() for one in lines if one.name == "WORKDIR"]
        own = [self.service.process.working_dir] if self.service else []
        return [one for one in [*own, *reversed(found)] if one.startswith("/") and one != "/"]

    def _is_there(self, path: str) -> bool:
        return (self.root / path).exists()

    def _ignored_by_git(self, path: str) -> str:
        """Return the line of a .gitignore above `path` that takes it; the nearest file decides."""
        from pathspec import GitIgnoreSpec

        parts = PurePosixPath(path[:LONGEST_PATH]).parts
        for depth in range(len(parts) - 1, -1, -1):
            file = "/".join([*parts[:depth], ".gitignore"])
            lines = [
                line if len(line) <= LONGEST_LINE and line.count("*") <= MOST_STARS else ""
                for line in read_text(self.root, file)[:HEAD].splitlines()[:MAX_FILES]
            ]
            try:
                found = GitIgnoreSpec.from_lines(lines).check_file("/".join(parts[depth:]))
            except ValueError:  # a line that git takes no better
                continue
            if found.include is not None:
                return f"{file}, line {(found.index or 0) + 1}," if found.include else ""
        return ""

    def creates_app(self) -> tuple[str, ...]:
        """Return the Python files that make a Flask application, from the build's context on."""
        start = f"{self.folder}/" if self._below else ""
        paths = [one for one in self._files if one.endswith(".py") and one.startswith(start)]
        found = [one for one in paths[:MAX_FILES] if MAKES_APP.search(self.text(one))]
        return tuple(sorted((one.removeprefix(start) for one in found), key=_depth))

    def requires(self, package: str) -> bool:
        """Return whether one of the files that name packages names `package`."""
        wanted = re.sub(r"[-_.]+", "[-_.]+", re.escape(package).replace(r"\-", "-"))
        for path in self._files:
            if REQUIREMENTS.fullmatch(PurePosixPath(path).name):
                pattern = rf"(?im)(?:^|[\"'\s]){wanted}(?:$|[\s\[=<>~!;,\"'])"
                if re.search(pattern, self.text(path)):
                    return True
        return False

    def requirements(self) -> tuple[RequiredPackage, ...]:
        """Return what the files that name packages ask for, those of the build's context first.

        What RUN of the Dockerfile names comes last.
        """
        paths = [
            one for one in self._files
            if REQUIREMENTS.fullmatch(PurePosixPath(one).name)
            and SKIPPED.isdisjoint(PurePosixPath(one).parts)
        ]  # fmt: skip
        start = f"{self.folder}/" if self._below else ""
        nearest = sorted(paths, key=lambda path: (not path.startswith(start), _depth(path)))
        listed = [
            package
            for path in nearest[:MAX_LISTS]
            for package in islice(read_requirements(path, self.text(path)), MAX_PACKAGES)
        ]
        for one in self.dockerfile.instructions if self.dockerfile else ():
            if one.name == "RUN" and self.dockerfile:
                where = f"{self.dockerfile.path}, line {one.line}"
                listed += islice(read_installs(one.original, where), MAX_PACKAGES)
        return tuple(listed)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path
