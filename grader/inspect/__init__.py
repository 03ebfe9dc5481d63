"""Static criteria: what can be said of a submission by reading it. Nothing of it is executed."""
