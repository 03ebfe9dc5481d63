"""The portal: students hand in and read results in a browser, instructors run exams for a class.

It is a door to `grader.pipeline.grade`. `rules` decides and touches nothing, `data` is what is
kept, `actions` are the transactions, `worker` grades, `web` shows, `serve` starts it all.
"""
