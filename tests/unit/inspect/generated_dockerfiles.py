"""Dockerfiles that hide their sources: made by chance from a seed, each source with a marker."""

from __future__ import annotations

import random
from dataclasses import dataclass

PREFIX = "http://127.0.0.1:1/"
"""Where each marker that ADD fetches leads: nobody listens there."""
REGISTRY = "marker.invalid/"
"""The registry of each marker that is an image; there is none of this name (RFC 2606)."""


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A Dockerfile, and the markers that stand in it, whether the build loads them or not."""

    text: str
    markers: tuple[str, ...]


def generate(seed: int, *, sources: int = 6, steps: int = 9) -> Generated:
    """Make one Dockerfile with at most so many `sources` and `steps` alongside them."""
    return _Maker(random.Random(seed), sources, steps).make()


class _Maker:
    def __init__(self, chance: random.Random, sources: int, steps: int) -> None:
        self._chance = chance
        self._left = sources
        self._steps = steps
        self._markers: list[str] = []
        self._escape = "\\"
        self._newline = chance.choice(["\n", "\n", "\n", "\r\n"])
        self._stages: list[str] = []

    def make(self) -> Generated:
        lines = [*self._top(), *self._stage()]
        for _ in range(self._chance.randint(1, self._steps)):
            lines += self._some()
        text = self._newline.join(lines) + self._one("", self._newline)
        if self._rarely():
            text = "\ufeff" + text
        return Generated(text=text, markers=tuple(self._markers))

    def _one(self, *choices: str) -> str:
        return self._chance.choice(choices)

    def _rarely(self) -> bool:
        return self._chance.random() < 0.15

    def _marker(self) -> str:
        self._left -= 1
        self._markers.append(f"m{len(self._markers)}")
        return self._markers[-1]

    def _top(self) -> list[str]:
        lines = []
        if self._rarely():
            lines.append(self._one("# check=skip=all", "#check = skip=all", "# syntax=", "#  "))
        if self._chance.random() < 0.3:
            lines.append(self._one("# escape=`", "#escape = `", "# ESCAPE=`\t", "\t# escape=`"))
            if "`" in lines[-1]:
                self._escape = "`"
        if self._rarely():
            lines.append(self._one("", "# a comment", "#", "# escape=`"))
        if self._chance.random() < 0.4:
            value = self._one("x", '"x"', "'x'", "http:", "")
            lines.append(f"{self._case('ARG')} V={value}")
        return lines

    def _case(self, name: str) -> str:
        return self._one(name, name, name, name.lower(), name.title())

    def _blank(self) -> str:
        return self._one(" ", " ", " ", "  ", "\t", " \t", "\v", "\f")

    def _stage(self) -> list[str]:
        base = self._one("scratch", "scratch", *self._stages) if self._stages else "scratch"
        if self._left and self._chance.random() < 0.3:
            base = self._hide(REGISTRY + self._marker())
        name = f"s{len(self._stages)}"
        named = self._one("", f" AS {name}", f" as {name.upper()}")
        if named:
            self._stages.append(name)
        lines = [self._case("FROM") + f"{self._blank()}{base}{named}"]
        if self._chance.random() < 0.5:
            both = "ENV U=\"http:\" W='x'"
            lines.append(self._one("ARG V", "ARG U=http:", "ENV U http:", both, "ENV W=$V"))
        return lines

    def _some(self) -> list[str]:
        kinds = (
            self._add, self._add, self._copy, self._run, self._run, self._mount, self._heredoc,
            self._heredoc, self._comment, self._onbuild, self._stage, self._decoy,
        )  # fmt: skip
        return self._chance.choice(kinds)()

    def _hide(self, text: str) -> str:
        """`text` with quotes, escapes or a variable in it, which BuildKit takes away."""
        at = self._chance.randint(0, len(text))
        head, tail = text[:at], text[at:]
        match self._chance.randint(0, 9):
            case 0:
                return f'"{text}"'
            case 1:
                return f"'{text}'"
            case 2:
                return f'{head}"{tail}"'
            case 3:
                return f"{head}''{tail}"
            case 4:
                return f"{head}{self._escape}{tail}"
            case 5:
                return f"{head}${{NONE:-{tail}}}"
            case 6:
                return f"{head}${{NONE}}{tail}"
            case _:
                return text

    def _join(self, *parts: str) -> list[str]:
        """An instruction of several words, perhaps on several lines."""
        lines, current = [], parts[0]
        for part in parts[1:]:
            if self._rarely():
                lines.append(f"{current} {self._escape}{self._one('', '', ' ', chr(9))}")
                while self._rarely():
                    lines.append(self._one("", "  # comment", "#x", " \t"))
                current = self._one("", "  ") + part
            else:
                current += self._blank() + part
        return [*lines, current]

    def _flag(self) -> list[str]:
        return [self._one("--link", "--chown=1:1", '--chmod="755"', "--")] if self._rarely() else []

    def _add(self) -> list[str]:
        if not self._left:
            return self._comment()
        url = PREFIX + self._marker()
        name = self._case("ADD")
        if self._rarely():
            items = self._one(
                f'["{url}", "/x"]', f'["a" ,"{url}","/x"]', f'[ "{url}", "/x" ] y', f'["{url}"'
            )
            return self._join(name, *self._flag(), items, *self._one("", "/z").split())
        if self._rarely():
            scheme = self._one("$U", "${U}", "${U:-http:}", "${U-http:}", "${NONE:+x}http:")
            return self._join(name, f"{scheme}//127.0.0.1:1/m", "/x")
        return self._join(name, *self._flag(), *self._one("", "a").split(), self._hide(url), "/x")

    def _image(self) -> str:
        return self._one(*self._stages, "0", REGISTRY + self._marker()) if self._left else "0"

    def _copy(self) -> list[str]:
        image = self._image()
        escaped = f"--from={self._escape}{image}"
        flag = self._one(f"--from={image}", f'--from="{image}"', f"--fr'om'={image}", escaped)
        return self._join(self._case("COPY"), *self._flag(), flag, "/a", "/b")

    def _mount(self) -> list[str]:
        image = self._image()
        keys = ["type=bind", self._one("from", "FROM", "From") + f"={image}", "target=/t"]
        self._chance.shuffle(keys)
        text = ",".join(keys)
        others = ",".join(keys[1:])
        quoted = f'--mount={self._escape}"{keys[0]}{self._escape}",{others}'
        flag = self._one(f"--mount={text}", f'--mount="{text}"', f"--mo'unt={text}'", quoted)
        return self._join(self._case("RUN"), *self._flag(), flag, "true")

    def _run(self) -> list[str]:
        words = self._one(
            'echo "a <<EOF b"', "echo 'a <<EOF'", "echo a<<EOF", "echo $((1<<2))", "cat <<<word",
            'echo "it\'s <<EOF"', "echo it's", 'echo "', "[ -f x ] && true", '["a", "b"]',
            "echo ${A#b} x", "echo << a", "echo 3<<4x", "true '# <<EOF'", "a << 'b c", '["a"] x',
            "echo \\<<EOF", "echo $<<EOF", "echo `<<EOF",
        )  # fmt: skip
        return self._join(self._case("RUN"), *words.split(" "))

    def _heredoc(self) -> list[str]:
        name = self._one("EOF", "E", "X.Y", "RUN")
        word, end = self._chance.choice(
            [
                *((name, name), (f'"{name}"', name), (f"'{name}'", name), (f"\\{name}", name)),
                *((f"{name[0]}''{name[1:]}", name), (f"$V{name}", f"$V{name}")),
                *((f"${{V:-{name}}}",) * 2, (f"{name}>x",) * 2, (f"{name};",) * 2),
            ]
        )
        mark = self._one("<<", "<<-", "3<<", "<<", "<< ", "<<<")
        command = self._one("RUN", "COPY", "ADD", "WORKDIR", "ONBUILD RUN", "CMD")
        last = self._one("", " /x", " && true", " >/f", f" {self._escape}")
        body = [self._one("FROM scratch", "USER x", "EOF", "x", "RUN echo 'FROM y'", "CMD []")]
        if self._rarely():
            body += self._add()
        body.append(self._one("", "", "\t", " ") + end)
        if self._chance.random() < 0.7 or body[-1][0] == " ":
            body.append(end)
        return [f"{self._case(command)} {mark}{word}{last}", *body]

    def _comment(self) -> list[str]:
        double = f"RUN true {self._escape}{self._escape}"
        return [self._one("# ADD http://x /y", "", "  # RUN \\", "\t", "#escape=`", double)]

    def _onbuild(self) -> list[str]:
        inner = self._chance.choice([self._add, self._copy, self._mount])()
        return [self._case("ONBUILD") + f" {inner[0]}", *inner[1:]]

    def _decoy(self) -> list[str]:
        return [self._one("USER x", "LABEL a=b", "FROM scratch", "RUN echo 'FROM y'", "CMD []")]
