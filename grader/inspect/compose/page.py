"""`docs/students/compose.md`: what a Compose file may say in an exam, made from the policy."""

from __future__ import annotations

from grader.inspect.compose.policy import TABLE
from grader.inspect.compose.rules import Decision, Rule

HEAD = """# Your Compose file in an exam

The grader reads your file itself and brings up one of its own that means the same: your images,
commands, environment, volumes, health checks and dependencies, with the exam's names, limits and
networks. `docker compose` never reads yours. This page is made from the program (`make docs`).

## Which file is read

The names are those that Docker looks for on Linux, in this order: `compose.yaml`, `compose.yml`,
`docker-compose.yaml`, `docker-compose.yml`. Small and capital letters differ there:
`Docker-Compose.yml` is not found, nor is `docker-compose.yml.txt` or `docker-compose.dev.yml`.
Where no other is there, that costs `compose.valid`, and the report says what to rename it to.

The top of your repository goes first, then the nearest folder, up to three folders deep, then the
first by name. A note says which file was taken from a folder, or of several, and names the others.
`--compose FILE` takes a file of any name. A `compose.override.yaml` alongside is left out, with a
note, though Docker would read it: write it all in one file.

## Where values come from

- Variables (`${DB_PASSWORD}`) are filled in from `.env` alongside the Compose file, else from
  `.env.example` (also `.env.sample`, `.env.template`, `.env.dist`), never from the machine.
- Secrets (names with PASSWORD, SECRET, TOKEN, KEY) get **new random values in every run**; where
  two were equal, the new ones are. An app that takes them from the environment does not notice.
  What you wrote into the file or the code as a literal stays as it is, and then no longer fits.
- What the file asks for and nobody gives is said first, whatever fails afterwards, and
  `compose.complete` is lost. A secret of that kind is drawn, so that MySQL starts; all else is
  empty, as with Docker: put each name into `.env.example`.
- An `env_file` that is not there is taken from its example, with a note: plain `docker compose up`
  stops without it.
- `.env` and each `env_file` are read by Compose's rules: `NAME=value` or `NAME: value`, one on each
  line, `#` before a remark, saved as UTF-8. What Compose refuses costs `compose.valid`, and the
  report names the line: a line of prose (`settings of the app`), a mark of a merge conflict
  (`<<<<<<< HEAD`), a name with a blank or a quote in it, a quote or a `${` that nothing closes,
  `${NAME:?}` for a variable that is not set, and UTF-16, as `>` of Windows PowerShell writes it.
- The same holds for an example that stands in for an `env_file`, and for one that stands in for
  `.env` where a variable of your Compose file has no default. In an `env_file` with `format: raw`
  all that follows `=` is the value, and nothing is refused.
- Host ports, addresses and names are the exam's own, so nothing clashes on the machine.

## What one part takes from another

- `<<: *base` brings the keys of another mapping. A key of your own wins as a whole: with an
  `environment` of your own, no variable of the other is left. In `<<: [*one, *other]` the first
  wins. A second `<<` in one mapping costs `compose.valid`, as Compose refuses it: write one `<<`
  with a list.
- `extends: base`, or `extends: {service: base}`, brings a service of the same file. A value of your
  own wins; mappings such as `environment` are joined name by name, and lists such as `ports` are
  joined. Your own `command`, `entrypoint` or `test` of a health check is not joined: it replaces.
- `!reset` takes a key away, also one that `extends` brings: `ports: !reset []`, or for one variable
  `environment: {DEBUG: !reset null}`. With `!override` your own value replaces what `extends`
  brings, and is not joined with it: `ports: !override ["8000:8000"]`.
- `include`, and `extends` with `file`, read other files, which costs `compose.valid`: write it all
  in one file.

## What is started

The app is the service that is built from your code; of several, the one that a proxy forwards to,
that is built on Python, names the exam's port, or is called app, web or the like. It is never a
proxy, and never what `profiles` keep from being started. `mysql:` and the like become a MySQL that
starts quickly, `mariadb:` a MariaDB. Other images (phpMyAdmin) and proxies are left out with a
note, and so is a service that is built and nothing depends on, where its base image cannot be had.
Where the brief names more services, see below.
What your repository lacks of theirs (a file they mount, a Dockerfile) costs `compose.complete`.
Services find each other by name, and reach nothing else: no internet, no host, no other submission.

The database takes what the official image takes: its variables, also from files (`NAME_FILE`), init
scripts, `command` options, settings files, `user`. An option that your version of it does not
have ends it, as with Docker. `--local-infile` and, after the init scripts, `--secure-file-priv`
stay off. Where another version stands in for the one that you name, a failure says so first, and
costs nothing where that is why.

A service with `restart` is started again up to five times after a crash. Volumes keep their data
over `down` and `up`; a container's own files do not. Files and folders that you mount are copies.
Where the brief asks for TLS, the exam's certificate and key take the place of `certificate.pem` and
`key.pem` in what you mount from the folder `tls` next to the file, whether you have one or not.

## Where the brief names roles

An exam may ask for more than an app and a MySQL: a worker, a cache, a queue. Each is found by
what it is: its image, whether it is built from your code, its name (`worker`, `mail-worker`,
`celery`), its ports, what your app uses. The report says which service is which. Where two may
be meant, or the wrong one was taken, say it in the service itself; a service has one role:

    sender:
      build: .
      command: python worker.py
      x-role: worker

A role that no service plays costs `compose.valid`. All other services are started as well:
those that you build, and images that can be had, such as `redis:`, `valkey/valkey:`,
`postgres:`, `mariadb:`, `rabbitmq:`, `nginx:` and `python:`. They take what the official images
take: variables, also from files (`NAME_FILE`), init folders, `command` (`redis-server
--requirepass …`), settings files, health checks (`pg_isready`, `redis-cli ping`), `user`,
signals. What the exam provides itself (`mail`, say) is reached by its name from each of your
networks, and no service of yours can have that name; what the brief says of it (`MAIL_URL`)
comes by variables: write `${MAIL_URL}` under `environment` of whoever needs it.

Where the brief asks for several containers of a role, write `deploy: {replicas: 2}` in its service,
or `scale: 2`, without `container_name` and without a fixed port of the host; a second service
that is built alike and runs the same does as well, for an app one that your proxy forwards to. So
many are started as the brief asks for. Of all other services one container is started, with a note.

## Rejected: nothing is run, the score is zero

Paths that lead out of the repository (`/`, `~`, `..`, the Docker socket, a link to somewhere else),
wherever one is named, and these keys. The message names each line.

| key | why |
|---|---|
"""
MIDDLE = """
## Left out or replaced, with a note in the report

| key | what happens |
|---|---|
"""
TAIL = """
## Faults that cost `compose.valid`

Unknown keys (the nearest known one is named), values of the wrong kind, names that nothing defines,
circles in `depends_on` and `extends`, duplicate keys, several documents in one file, an env file
that Compose refuses. Faults of the YAML itself are listed first; once they are corrected, all
others are.
"""
NAMES = {
    "file": "",
    "service": "services.*",
    "build": "services.*.build",
    "deploy": "services.*.deploy",
    "resources": "services.*.deploy.resources",
    "reservations": "services.*.deploy.resources.reservations",
    "mount.volume": "services.*.volumes[].volume",
    "mount": "services.*.volumes[]",
    "attachment": "services.*.networks.*",
    "network": "networks.*",
    "volume": "volumes.*",
    "secret": "secrets.*",
    "config": "configs.*",
}


def markdown() -> str:
    """Return the page."""
    return HEAD + _rows(Decision.REJECTED) + MIDDLE + _rows(Decision.NEUTRALISED) + TAIL


def _rows(decision: Decision) -> str:
    lines = [
        f"| `{_place(table, key)}` | {_said(rule)} |"
        for table, rules in TABLE.items()
        for key, rule in rules.items()
        if rule.decision is decision
    ]
    return "\n".join(lines) + "\n"


def _place(table: str, key: str) -> str:
    prefix = NAMES.get(table, table)
    return f"{prefix}.{key}" if prefix else key


def _said(rule: Rule) -> str:
    text = f"{rule.says} Otherwise it {rule.otherwise}" if rule.otherwise else rule.says
    return text.replace("|", "\\|")
