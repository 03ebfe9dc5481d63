"""The examination: a challenge's pytest suite in a process of its own, and the way to talk to it.

`runner` is the grader's side. `session` is what the process runs; it loads `plugin`, which gives
suites their fixtures. The score is computed from what comes over their channel, and from nothing
else. What follows is for authors of suites; `grader.authoring.reference` makes a page of it.

## How a suite runs

- **One app, one database.** All tests of a run share the app and its database. Nothing is cleared
  between tests: look for what the test itself has made, and never for "the only row" or "an empty
  list". After a test in which the app did not answer, or which failed while it had a service
  stopped, the app is started again.
- **Order.** The built-in criteria come first, then the files of `tests/` by name, and the tests of
  a file as they stand in it; before each test come those of the criteria that its own `needs`.
  Hidden criteria come after all others, and `secrets.from_environment`, `secrets.no_fallback` and
  `secrets.runtime` come last. Rely on nothing but `needs`: with `--only` the rest is left out.
- **Several tests of one criterion.** All must pass. After one has failed, the others are not run.
  A criterion with `parts` in challenge.yml earns in steps: each test names one of them
  (`@pytest.mark.criterion("entry.valid", part="too_long")`), and those of the others go on.
- **Helpers.** A module next to the tests is imported by its name (`from helpers import save`), and
  fixtures of `conftest.py` are there for all tests, as in any pytest suite. A helper can end a test
  with `reply.fail(…)`, or with an `assert` that has a message.
- **Packages.** The process has those that the grader itself is installed with (pytest, requests,
  Beautiful Soup, the services' drivers and what these need).
- **Whose fault it is.** An assertion, `pytest.fail` and every `fail` below cost the student the
  criterion, with the message. Any other exception is a mistake of the suite, and the run is
  ungradable. A test that is skipped leaves its criterion without a result: skip none.
- **Time.** A request has `limits.request`, and all statements of a test together have 15 s. The
  suite's own time is `limits.suite`: what an app takes for answers in time comes on top.
"""
