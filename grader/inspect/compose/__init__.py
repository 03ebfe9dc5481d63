"""A student's Compose file: found, read, judged by the policy, and turned into plain values.

The file itself never reaches `docker compose`; `phases.composing` writes one of our own from the
`Project` that comes out here.
"""
