"""The examination: a challenge's pytest suite in a process of its own, and the way to talk to it.

`runner` is the grader's side. `session` is what the process runs; it loads `plugin`, which gives
suites their fixtures. The score is computed from what comes over their channel, and from nothing
else.
"""
