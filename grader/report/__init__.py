"""One result, rendered: pure functions of a `GradeReport`."""
