"""What notifications say, as sentences: what there is in them is for whoever gets them to know.

No reason and no evidence of a criterion is in any: a mail cannot be taken back, and what is hidden
until the deadline is shown by the portal alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, assert_never

from grader.text import clean, clip

LONGEST = 120
PATHS = {
    "submission": "/submissions/{}", "assignment": "/assignments/{}",
    "class": "/assignments/{}/class", "regrade": "/regrades/{}",
}  # fmt: skip


class NoticeKind(StrEnum):
    """What somebody is told."""

    RESULT = "result"
    UNREADABLE = "unreadable"
    FAULT = "fault"
    """To the student: the platform failed, and it costs nothing."""
    FAULT_IN_CLASS = "fault_in_class"
    """To the instructors."""
    EXTENSION = "extension"
    BY_HAND = "by_hand"
    REGRADED = "regraded"
    REGRADE_READY = "regrade_ready"
    """To who has begun it."""


def path_of(about: str) -> str:
    """Return the address within the portal of what a notification is about."""
    kind, _, number = about.partition("/")
    return PATHS[kind].format(int(number))


def sentence(kind: NoticeKind, data: Mapping[str, Any]) -> str:
    """Return what happened."""
    title = _line(data.get("assignment", ""))
    submission = f"Submission {data.get('number', 0)} of {title}"
    match kind:
        case NoticeKind.RESULT:
            return f"{submission} was graded: {_came_to(data)}."
        case NoticeKind.UNREADABLE:
            return f"{submission} cannot be read, which costs no attempt. Its page says what to do."
        case NoticeKind.FAULT:
            return (
                f"The platform failed to grade {_lower(submission)}. It costs no attempt, and your "
                "instructors are told."
            )
        case NoticeKind.FAULT_IN_CLASS:
            return _fault_in_class(title, int(data.get("count", 1)))
        case NoticeKind.EXTENSION:
            return f"You have more time for {title}: it is due for you {_line(data['until'])}."
        case NoticeKind.BY_HAND:
            return f"Your instructor has looked at {_lower(submission)}, and left a comment."
        case NoticeKind.REGRADED:
            return f"{submission} was graded again for the whole class: {_came_to(data)}."
        case NoticeKind.REGRADE_READY:
            return (
                f"The regrade of {title} is done. Look at what it changes, then apply or drop it."
            )
        case _:
            assert_never(kind)


def subject(kind: NoticeKind, data: Mapping[str, Any]) -> str:
    """Return the subject of a mail, on one line."""
    title = _line(data.get("assignment", ""))
    match kind:
        case NoticeKind.RESULT:
            return f"Graded: {title}"
        case NoticeKind.UNREADABLE:
            return f"Cannot be read: {title}"
        case NoticeKind.FAULT | NoticeKind.FAULT_IN_CLASS:
            return f"The platform failed: {title}"
        case NoticeKind.EXTENSION:
            return f"More time: {title}"
        case NoticeKind.BY_HAND:
            return f"A comment: {title}"
        case NoticeKind.REGRADED:
            return f"Graded again: {title}"
        case NoticeKind.REGRADE_READY:
            return f"Regrade done: {title}"
        case _:
            assert_never(kind)


def _fault_in_class(title: str, count: int) -> str:
    what = "a submission" if count == 1 else f"{count} submissions"
    return (
        f"The platform failed to grade {what} of {title}. It cost nobody anything; the page of the "
        "class names each with the reason, and each can be graded again."
    )


def _came_to(data: Mapping[str, Any]) -> str:
    end = "passed" if data.get("passed") else "not passed"
    earned = Fraction(data.get("earned", 0))
    shown = str(earned) if earned.denominator == 1 else f"{float(earned):.2f}".rstrip("0")
    return f"{shown} of {data.get('possible', 0)} points, {end}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _line(text: object) -> str:
    """Return a text of somebody's, on one line and not long."""
    return clip(" ".join(clean(str(text)).split()), LONGEST)
