"""What logs and submissions hold that a cause is read from."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.requirement_files import RequiredPackage, read_requirements
from grader.sandbox.app_settings import AppSettings, LiteralAdvice

TRACE = "Traceback (most recent call last):\n"
FRAME = '  File "/app/app.py", line 3, in <module>\n    from x import y\n'


def installed(package: str, file: str = "__init__.py") -> str:
    path = f"/usr/local/lib/python3.11/site-packages/{package}/{file}"
    return f'  File "{path}", line 7, in <module>\n    import something\n'


@dataclass
class Repository:
    """The files of a repository that a sentence may speak of."""

    files: dict[str, str] = field(default_factory=dict)
    executable: frozenset[str] = frozenset()
    mount: str = ""
    chmod: bool = False
    place: str = ""
    out: str = ""
    packages: frozenset[str] = frozenset()
    lists: dict[str, str] = field(default_factory=dict)
    broken: tuple[str, str] = ("", "")

    def named(self, program: str) -> str:
        name = program.rpartition("/")[2]
        return next((one for one in self.files if one.rpartition("/")[2] == name), "")

    def text(self, path: str) -> str:
        return self.files[path]

    def has_crlf(self, path: str) -> bool:
        return "\r\n" in self.files[path]

    def crlf_scripts(self) -> tuple[str, ...]:
        return tuple(one for one in self.files if one.endswith(".sh") and self.has_crlf(one))

    def is_executable(self, path: str) -> bool:
        return path in self.executable

    def mounted_over(self, program: str) -> str:
        return self.mount

    def changes_mode(self, path: str) -> bool:
        return self.chmod

    def command(self, text: str) -> str:
        return self.place

    def kept_out(self, path: str) -> str:
        return self.out

    def broken_list(self) -> tuple[str, str]:
        return self.broken

    def creates_app(self) -> tuple[str, ...]:
        return tuple(one for one in self.files if "Flask(" in self.files[one])

    def requires(self, package: str) -> bool:
        return package in self.packages

    def requirements(self) -> tuple[RequiredPackage, ...]:
        lists = self.lists.items()
        return tuple(one for path, text in lists for one in read_requirements(path, text))


def where(repository: Repository | None = None, quoted: tuple[str, ...] = ()) -> AppSettings:
    return AppSettings(sources=lambda: repository, literals=LiteralAdvice(quoted=quoted))
