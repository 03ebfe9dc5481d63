"""What is said of a submission by reading it; it counts even where the image does not build."""

from __future__ import annotations

from pathlib import Path

from grader.criteria import DOCKER_BUILDS
from grader.errors import SubmissionRejected
from grader.inspect.dockerfile import Dockerfile, find_dockerfile, read_dockerfile
from grader.inspect.dockerfile_policy import violations
from grader.inspect.dockerignore import check_ignore
from grader.inspect.near_files import listed, near_files
from grader.inspect.structure import check_files, with_hidden_ending
from grader.model import CheckResult, Outcome, Submission
from grader.run.context import RunContext


def inspect(context: RunContext, submission: Submission) -> Dockerfile | None:
    """Record the static criteria and give the Dockerfile; None where there is none.

    Raises `SubmissionRejected` for a Dockerfile that reaches out of the build.
    """
    required = context.challenge.required_files
    dockerfile = _dockerfile(context, submission)
    if dockerfile and dockerfile.path != "Dockerfile":
        context.recorder.notes.append(f"{dockerfile.path} was taken for the Dockerfile.")
        required = tuple(name for name in required if name != "Dockerfile")
    context.recorder.record(check_files(submission.root, required))
    context.recorder.record(check_ignore(submission.root))
    return dockerfile


def near(root: Path, folder: str = "") -> str:
    """Return a clause in parentheses on a file that was to be the Dockerfile of `folder`.

    Or empty.
    """
    name = f"{folder}/Dockerfile" if folder not in {"", "."} else "Dockerfile"
    if found := with_hidden_ending(root, name):
        return f" ({found})"
    same, near = near_files(root, name)
    if not same and not near:
        return ""
    return f" (there is {listed((*near, *same))}: the one that is meant has to be called {name})"


def _dockerfile(context: RunContext, submission: Submission) -> Dockerfile | None:
    path = find_dockerfile(submission.root)
    if path is None:
        context.recorder.record(
            CheckResult(
                criterion=DOCKER_BUILDS,
                outcome=Outcome.FAILED,
                rationale="Your repository has no Dockerfile at its top"
                f"{near(submission.root)}: nothing can be built.",
            )
        )
        return None
    dockerfile = read_dockerfile(submission.root, path)
    if broken := violations(dockerfile):
        raise SubmissionRejected("\n".join(broken))
    return dockerfile
