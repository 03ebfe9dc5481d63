"""Why each rule matters, and how to fix what it finds: sentences for students."""

from __future__ import annotations

from grader.inspect.secrets.finding import Hit, Severity
from grader.inspect.secrets.names import DATABASE, FLASK, snake

READ = "Everybody who can read the repository can read it"
ROTATE = (
    "Git keeps it even after you delete it from the file: make a new one and stop using this one, "
    "and only then think about rewriting history."
)
ENVIRON = 'Read it from the environment: `os.environ["{name}"]`.'
WHY: dict[str, tuple[str, str]] = {
    "flask.secret-key": (
        "Flask signs sessions with this key; who has it can log in as anybody.",
        'Use `os.environ["SECRET_KEY"]`, so that the app does not start without one.',
    ),
    "database.password": (
        "It is the password of your database, written into the code.",
        'Use `os.environ["DB_PASSWORD"]` and give the value to the container.',
    ),
    "code.literal": (f"{READ}.", ENVIRON),
    "code.compared": (
        "A password that the code compares with is the same for everybody and cannot be changed.",
        "Keep a hash of it in the database, or take it from the environment.",
    ),
    "code.seeded": (
        "An account is made with a password that stands in the code.",
        "Take the first password from the environment, or let the user choose it.",
    ),
    "env.fallback": (
        "Without the variable the app runs with this value, and nobody notices.",
        'Leave the fallback out: `os.environ["{name}"]`, in Compose `${{{name}:?is missing}}`.',
    ),
    "url.password": (
        f"{READ}, password included.",
        "Build the URL from variables of the environment, or take all of it from one.",
    ),
    "compose.literal": (
        f"{READ} in the Compose file.",
        "Write `${{{name}:?is missing}}` and put the value into a `.env` that git ignores.",
    ),
    "ci.literal": (
        f"{READ} in the workflow.",
        "Keep it in the secrets of your CI and write `${{{{ secrets.{name} }}}}`.",
    ),
    "config.literal": (f"{READ}.", "Take it from the environment, or keep the file out of git."),
    "docs.literal": (f"{READ}.", "Replace it with a placeholder such as `<your password>`."),
    "env.committed": (
        "A `.env` holds what only this machine should know; in git it is everybody's.",
        "Run `git rm --cached .env`, add `.env` to .gitignore, and commit a `.env.example`.",
    ),
    "env.example": (
        "An example is for names, and this value looks like one that is really used.",
        "Leave the value empty or write `changeme`.",
    ),
    "dockerfile.env": (
        "ENV stays in the image: `docker inspect` shows it to everybody who has the image.",
        "Leave it out and give it when the container starts (`environment`, `env_file`).",
    ),
    "dockerfile.arg": (
        "The default of an ARG stands in the Dockerfile, and in the image's history.",
        "Leave it out and give it when the container starts (`environment`, `env_file`).",
    ),
    "dockerfile.run": (
        "What RUN is told stays in the image's history.",
        "Do it when the container starts, with a variable of the environment.",
    ),
    "dockerfile.copies-env": (
        "The file becomes a part of the image, which other people get.",
        "Leave the line out, add `.env` to .dockerignore, and use `env_file` in Compose.",
    ),
    "sql.password": (
        f"{READ} in the SQL.",
        "Let the MySQL image make the user from MYSQL_USER and MYSQL_PASSWORD.",
    ),
    "sql.seeded": (
        "A password stands in plain text in the data that your database begins with.",
        "Store a hash (`generate_password_hash`), and take the first one from the environment.",
    ),
    "shell.password": (
        f"{READ} in the command.",
        'Use a variable: `"${name}"`, or an option file that git ignores.',
    ),
    "file.secret": (
        f"{READ}: the file holds the secret itself, and something uses it.",
        "Run `git rm --cached` on it, add it to .gitignore, and commit an example without a value.",
    ),
    "private-key": (
        "With a private key anybody can be you: log in, sign, decrypt.",
        "Take the file out of the repository and make a new pair of keys.",
    ),
    "token": (
        "With it anybody can use the service in your name, and programs search for these all day.",
        "Revoke it at the service now, make a new one, and keep that in the environment.",
    ),
    "random": (
        "It looks like a key that a program drew.",
        "If it is one, take it from the environment.",
    ),
    "image.file": (
        "Everybody who has the image can read the file, even when a later layer deletes it.",
        "Add it to .dockerignore, and build the image again.",
    ),
}
"""Rules to why they matter and what to do; `{name}` is the name that a value was given."""


USES = {
    "flask.secret-key": "signs Flask's sessions",
    "database.password": "logs in to the database",
    "url.password": "logs in where the URL leads",
    "sql.password": "is the password of an account of the database",
    "sql.seeded": "is the password of an account of the app",
    "code.seeded": "is the password of an account of the app",
    "code.compared": "lets in whoever types it",
    "private-key": "signs or decrypts",
    "shell.password": "is given to a program",
    "file.secret": "is read by what uses the file",
}
"""Rules to what a value is used for, where the rule alone says it."""


def used_for(hit: Hit) -> str:
    """Return what the value of a hit is used for; empty where nobody can tell."""
    if hit.used_for or hit.rule in USES:
        return hit.used_for or USES[hit.rule]
    name = snake(hit.name)
    if hit.rule == "token":
        return f"is a credential: {hit.name}"
    if name in FLASK:
        return USES["flask.secret-key"]
    return USES["database.password"] if DATABASE.search(name) else ""


def advice(hit: Hit, *, committed: bool) -> tuple[str, str]:
    """Return why a hit matters, and how to fix it; `committed` where it stands in history."""
    why, fix = WHY[hit.rule]
    name = hit.name if hit.name.replace("_", "").isalnum() else "NAME"
    name = name.upper() if hit.rule != "code.literal" or name.islower() else name
    fix = fix.format(name=name)
    if hit.severity is Severity.WEAK:
        why = f"{why} This one is also among the first that anybody would try."
    if committed:
        fix = f"{fix} {ROTATE}"
    return why, fix
