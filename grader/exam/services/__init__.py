"""The suite's side of the services that the grader comes with."""
