"""Lines of the submission that a result is about, for readers that show them where they stand.

Most results carry them. The sentences about a Compose file and a Dockerfile name theirs at their
beginning (`compose.yml:4: …`, `Dockerfile, line 2: …`); only sentences of the grader's own are read
here, never evidence that an app may have written.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from grader.model import CheckResult, SourceLocation

SENTENCE = re.compile(
    r"^(?:  - )?(?P<path>[^\s:,][^:,\n]{0,299})(?::|, line )(?P<line>[1-9]\d{0,6}): "
    r"(?P<says>\S.*)$",
    re.MULTILINE,
)
STEP = re.compile(
    r"(?:This step of your Dockerfile fails|Your Dockerfile cannot be read) "
    r"\(line (?P<line>[1-9]\d{0,6})\)"
)
MAX_PLACES = 50
"""Places of one result; nobody reads more."""


def of_sentences(text: str) -> tuple[SourceLocation, ...]:
    """The places that the lines of `text`, sentences of the grader's own, begin with."""
    found = SENTENCE.finditer(text)
    places = [
        SourceLocation(path=one["path"], line=int(one["line"]), message=one["says"])
        for one in found
    ]
    return tuple(places[:MAX_PLACES])


def without_places(text: str) -> str:
    """The lines of `text` that name no place."""
    return "\n".join(line for line in text.splitlines() if not SENTENCE.match(line))


def below(folder: str, path: str) -> str:
    """`path` of the submission as a path of the repository that holds it in `folder`."""
    return str(PurePosixPath(folder, path)) if folder else path


def of_result(result: CheckResult) -> tuple[SourceLocation, ...]:
    """The places that `result` is about; none for most of what an app does wrong."""
    if result.places:
        return result.places[:MAX_PLACES]
    if result.criterion == "compose.valid":
        return of_sentences(result.evidence) or of_sentences(result.rationale)
    if result.criterion == "docker.builds" and (step := STEP.match(result.rationale)):
        message = result.rationale
        return (SourceLocation(path="Dockerfile", line=int(step["line"]), message=message),)
    return ()
