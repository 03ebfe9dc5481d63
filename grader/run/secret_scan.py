"""Secrets in what was handed in: the tree, the history, and the image that was built of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.criteria import SECRETS_HISTORY, SECRETS_IMAGE, SECRETS_TREE
from grader.inspect.image import check_image
from grader.inspect.secrets import scan_blobs, scan_tree
from grader.inspect.secrets.criteria import check_history, check_tree
from grader.memory import give_back
from grader.model import Submission
from grader.run.context import RunContext
from grader.sandbox.engine import describe_image
from grader.sandbox.layers import OwnFiles
from grader.submission.history_blobs import History


def priced(context: RunContext) -> frozenset[str]:
    """Return the ids of the challenge's criteria."""
    return frozenset(criterion.id for criterion in context.challenge.criteria)


def scan_submission(context: RunContext, submission: Submission) -> None:
    """Record `secrets.tree` and `secrets.history`, where the challenge prices them."""
    if not {SECRETS_TREE, SECRETS_HISTORY} & priced(context):
        return
    with context.phase("secrets"):
        origin, scratch = submission.repository, context.folder / "history"
        scratch.mkdir()
        cancel = context.cancel
        history = History(origin, scratch, cancel)
        left_out = _seen_from(submission, history.left_out(origin))
        tree = scan_tree(submission.root, leave_out=left_out, cancel=cancel)
        context.recorder.found = tree.findings
        context.recorder.record(check_tree(tree))
        past = scan_blobs(history.blobs(), known=tree, cancel=cancel)
        context.recorder.record(check_history(past, unread=history.advice, absent=history.absent))
        if history.advice:
            context.recorder.notes.append(f"The history was not read whole: {history.problem}.")


def _seen_from(submission: Submission, paths: Iterable[str]) -> frozenset[str]:
    """Paths of the repository, as the snapshot names them."""
    top = f"{submission.within}/" if submission.within else ""
    return frozenset(path.removeprefix(top) for path in paths if path.startswith(top))


def scan_image(context: RunContext, image: str, bases: Sequence[str]) -> None:
    """Record `secrets.image`, where the challenge prices it."""
    if SECRETS_IMAGE in priced(context):
        own = OwnFiles(context.resources.engine, image, bases)
        files = scan_blobs(own, cancel=context.cancel)
        give_back()
        facts = [describe_image(context.resources.engine, one) for one in (image, *bases)]
        context.recorder.record(check_image(facts[0], files, bases=facts[1:], cut=own.cut))
