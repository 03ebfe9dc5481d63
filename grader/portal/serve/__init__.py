"""`grader serve`: everything that one machine needs for a portal, started and ended together."""
