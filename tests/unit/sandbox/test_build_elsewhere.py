"""Steps that fetch from another place than the package index: what they fetch, and what to do."""

from __future__ import annotations

import pytest

from grader.sandbox.build_log import explain_log

NO_HOST = "fatal: unable to access 'https://x/': Could not resolve host: github.com"
ENDED = 'process "/bin/sh -c x" did not complete successfully: exit code: '
INDEX = "A build reaches Python's and Debian's packages and nothing else."
POETRY = "RUN curl -sSL https://install.python-poetry.org | python3 - && poetry install"
SPELT = "ERROR: No matching distribution found for flask"
RETRY = "WARNING: Retrying after NewConnectionError: Temporary failure in name resolution"


def said(step: str, *output: str, code: int = 1) -> str:
    """What is said of a step that printed these lines and ended with `code`."""
    lines = "".join(f"#5 0.1 {line}\n" for one in output for line in one.split("\n"))
    error = f"{ENDED}{code}"
    return explain_log(
        f"#5 [2/3] {step}\n{lines}#5 ERROR: {error}\nERROR: failed to solve: {error}"
    ).rationale


@pytest.mark.parametrize(
    ("step", "output", "code", "parts"),
    [
        ("RUN git clone https://github.com/u/r", NO_HOST, 128,
         ("It fetches https://github.com/u/r.", "Put the files into your repository")),
        ("RUN git clone git@github.com:u/r.git", "Host key verification failed.", 128,
         ("It fetches git@github.com:u/r.git.", "and COPY them")),
        ("RUN git clone -q https://github.com/u/r", "", 128, ("It fetches https://github.com/u/r",)),
        ("RUN curl -fsSLo /w https://x.example/wait-for-it.sh", "", 6,
         ("It fetches https://x.example/wait-for-it.sh.", "condition: service_healthy")),
        ("RUN wget -q https://x.example/data.csv", "", 4,
         ("It fetches https://x.example/data.csv.", "Put the file into your repository")),
        ("RUN curl -O https://x.example/data.csv", "/bin/sh: 1: curl: not found", 127,
         ("It fetches https://x.example/data.csv.", "Put the file into your repository")),
        (POETRY, "/bin/sh: 1: curl: not found\n/bin/sh: 1: poetry: not found", 127,
         ("It fetches https://install.python-poetry.org.", "`RUN pip install poetry`")),
        ("RUN curl -LsSf https://astral.sh/uv/install.sh | sh", "curl: (6) Could not resolve",
         6, ("`RUN pip install uv`",)),
        ("RUN pip install git+https://github.com/u/r.git", NO_HOST, 1,
         ("It fetches git+https://github.com/u/r.git.", "`NAME==VERSION`", "`pip install ./NAME`")),
        ("RUN pip install -r requirements.txt",
         ("Collecting r\n  Cloning https://github.com/u/r.git to /tmp/r\n"
          "ERROR: Cannot find command 'git' - do you have 'git' installed and in your PATH?"), 1,
         ("It fetches https://github.com/u/r.git.", "`NAME==VERSION`")),
        ("RUN pip install -i https://mirror.example/simple flask", f"{RETRY}\n{SPELT}", 1,
         ("It fetches https://mirror.example/simple.", "Leave the option with that index out")),
        ("RUN pip install -r requirements.txt",
         f"Looking in indexes: https://mirror.example/simple\n{RETRY}\n{SPELT}", 1,
         ("It fetches https://mirror.example/simple.", "Leave the option with that index out")),
        ("RUN cd ui && npm ci && npm run build", "npm error code EAI_AGAIN", 1,
         ("It runs `npm ci`, which fetches.", "Build the pages on your machine")),
        ("RUN python -m nltk.downloader punkt && python -c 'nltk.download()'",
         "[nltk_data] Error loading punkt: Temporary failure in name resolution", 1,
         ("Put the data into your repository",)),
        ("RUN git submodule update --init", NO_HOST, 128, ("It runs `git submodule`", "COPY them")),
    ],
)  # fmt: skip
def test_what_is_fetched_and_what_to_do(
    step: str, output: str, code: int, parts: tuple[str, ...]
) -> None:
    """By the step's command, whatever it prints; nothing else is blamed."""
    found = said(step, output, code=code)
    assert INDEX in found
    for part in parts:
        assert part in found
    assert "is spelt" not in found
    assert "finds no program" not in found


@pytest.mark.parametrize(
    ("step", "output"),
    [
        ("RUN pip install -r requirements.txt", SPELT),
        ("RUN curl -fs http://localhost:5000/health", "curl: not a word"),
        ("RUN apt-get update && apt-get install -y git curl", "E: Unable to locate package curll"),
        ("RUN pip install https://www.debian.org/packages/x.whl", SPELT),
        ("RUN wget -q https://x.example/a && pip install flaskk", SPELT),
    ],
)
def test_what_is_something_else(step: str, output: str) -> None:
    """A step that reaches its packages, or itself, fails for another reason."""
    assert INDEX not in said(step, output)


def test_a_step_that_waits_for_another_place_in_vain() -> None:
    """It is named where the time is up, too."""
    from grader.process import Completed
    from grader.sandbox.build_log import BuildLog, failure_of

    log = BuildLog(lambda step: None)
    log.line("#5 [2/3] RUN git clone https://github.com/u/r")
    stopped = Completed(returncode=1, tail="", timed_out=True, flooded=False, duration=1.0)
    found = failure_of(stopped, log, 300).rationale
    assert found.startswith("The build was stopped after 300 s, in the step: RUN git clone")
    assert f"It fetches https://github.com/u/r. {INDEX}" in found


def test_the_tools_own_word_is_in_the_evidence() -> None:
    """Though much is printed after it."""
    after = "\n".join(f"note {number}" for number in range(20))
    step = "#5 [2/3] RUN pip install x || make report\n"
    lines = f"error: legacy-install-failure\n{after}"
    printed = "".join(f"#5 0.1 {line}\n" for line in lines.split("\n"))
    found = explain_log(f"{step}{printed}#5 ERROR: {ENDED}1\nERROR: failed to solve: {ENDED}1")
    assert found.evidence.startswith("error: legacy-install-failure\n")
    assert found.evidence.endswith("note 19")
