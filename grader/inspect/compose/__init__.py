"""A student's Compose file: found, read, judged by the policy, and turned into plain values.

The file itself never reaches `docker compose`; `grader.run.compose.render` writes one of
our own from the `Project` that comes out here.
"""
