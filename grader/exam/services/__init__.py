"""The suite's side of each service that the grader comes with."""
