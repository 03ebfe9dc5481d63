"""What sentences say of a document that is no good YAML, or too much of it."""

from __future__ import annotations

import yaml

from grader.text import LocatedSentence


def of_whole(name: str, says: str) -> LocatedSentence:
    """Return a sentence on the whole document that messages call `name`."""
    return LocatedSentence(name, 0, says)


def not_yaml(name: str, error: Exception, raw: bytes | str) -> str:
    """Return what the parser says, with the line, and what to do where that is plain."""
    line = _line_of(error, raw)
    said = getattr(error, "problem", None) or str(error).partition("\n")[0]
    if said == "but found another document":
        says = "a second document begins here (`---`); keep one in a file."
        return LocatedSentence(name, line, says)
    return LocatedSentence(name, line, f"it is no valid YAML: {said}.{_remedy(error, line, raw)}")


def _line_of(error: Exception, raw: bytes | str) -> int:
    """Return the line (from 1) that an error is about; 0 where it does not say."""
    if mark := getattr(error, "problem_mark", None):
        return int(mark.line) + 1
    position = getattr(error, "position", None)
    if isinstance(position, int):
        return (raw.encode() if isinstance(raw, str) else raw)[:position].count(b"\n") + 1
    return 0


def _remedy(error: Exception, line: int, raw: bytes | str) -> str:
    text = raw.encode() if isinstance(raw, str) else raw
    if isinstance(error, yaml.reader.ReaderError):
        return " Save the file as UTF-8." if "UTF-8" in str(error) else " Take this character out."
    lines = text.split(b"\n")
    here = lines[line - 1] if 0 < line <= len(lines) else b""
    if b"\t" in here[: len(here) - len(here.lstrip())]:
        return " The line is indented with a tab; YAML takes spaces only."
    if "mapping values are not allowed" in str(error):
        return " Put a text that holds `: ` in quotes, or look at how far the line is indented."
    if here.partition(b":")[2].strip()[:1] in {b"@", b"`", b"%"}:
        return " Put the text in quotes."
    return ""
