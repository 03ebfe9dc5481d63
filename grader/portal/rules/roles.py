"""Who may do what: the one table of rights."""

from __future__ import annotations

from enum import StrEnum


class CourseRole(StrEnum):
    """What a person is in a course."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    """Sees everybody's work, and changes nothing that counts."""
    INSTRUCTOR = "instructor"


class Right(StrEnum):
    """What may be done in a course."""

    HAND_IN = "hand in"
    SEE_CLASS = "see the class"
    MANAGE = "manage"
    """Rosters, assignments, extensions, adjustments and grades."""


RIGHTS: dict[CourseRole, frozenset[Right]] = {
    CourseRole.STUDENT: frozenset({Right.HAND_IN}),
    CourseRole.ASSISTANT: frozenset({Right.SEE_CLASS, Right.HAND_IN}),
    CourseRole.INSTRUCTOR: frozenset({Right.SEE_CLASS, Right.MANAGE, Right.HAND_IN}),
}


def may(role: CourseRole | None, right: Right, *, administrator: bool = False) -> bool:
    """Return whether somebody of `role` has `right`. An administrator has every one."""
    return administrator or (role is not None and right in RIGHTS[role])
