"""The page on services: those that the grader comes with, and how an exam brings its own.

`make docs` writes it to `docs/instructors/services.md`, from each service's `service.json`.
"""

from __future__ import annotations

from grader.service_catalogue import ServiceManifest, built_in

HEAD = """\
# Services

This page is made from the program by `make docs`. A service is what an exam asks for alongside the
app (mode `dockerfile`): the grader starts it on the submission's network, hands the app its values
by `${SERVICE.NAME}` in `app.env`, and a suite looks into it with the service's fixture.

```yaml
app:
  env:
    DB_HOST: ${mysql.host}
    DB_PASSWORD: ${mysql.password}
services:
  mysql: {image: "mysql:8.4"}
```

Each run has an account of its own and sees nothing of another's. In a class a server is lent from
run to run, and is thrown away where anything outside of a run's own data is not as it was.
`db.outage()`, `cache.restart()` and the like stop a service while the app runs.
"""
FIXTURES = """\
[fixtures.md](fixtures.md) says what each fixture can do.
"""
OWN = """\
## A service of your own

An exam may bring one in a folder of its own, `services/NAME/`:

- `service.json`: its name (the folder's), a title for sentences, its port, the values that it
  fills in and which of them are secret, the JSON Schema of its entry in challenge.yml, and the two
  classes below. The files above `grader/services/` are examples.
- a class that makes its servers, derived from `grader.services.base.Service`: it names an image
  (`wanted`), starts a container of it, and answers for that (ready, stopped, started, what it
  refused, how it is cleaned between two runs and proven unchanged).
- a class that the suite is given, derived from `grader.exam.service_fixture.ServiceFixture`.

`tests/challenges/probe-service` is a whole one in 300 lines. The classes run in the grader's own
process: take an exam with a service from those only whom you would give a shell. `grader doctor`
lists the services of your exams, `grader show NAME --schema` prints the schema with them.

Rules for a service, for one that others rely on:

1. What looks into it has the least rights, and an administrator evaluates nothing of a student's.
2. Each conversation with it ends: one limit for all of it, and one for what it may answer.
3. A server is lent again only if all of its state outside of a run's own data is as it was.
4. What its container prints and what an app stores is a student's text: never evidence about the
   platform.
"""


def markdown() -> str:
    """Return the page as Markdown text that ends in a newline."""
    manifests = sorted(built_in().values(), key=lambda one: one.name)
    rows = [
        f"| `{one.name}` | {one.summary} | `{one.fixture}` | {_values(one)} |" for one in manifests
    ]
    table = ["| service | what it is | fixture | values |", "|---|---|---|---|", *rows, ""]
    return "\n".join([HEAD, *table, FIXTURES, OWN])


def _values(manifest: ServiceManifest) -> str:
    return ", ".join(f"`{manifest.name}.{one.name}`" for one in manifest.placeholders)
