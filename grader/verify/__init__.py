"""The instructor's proof that a challenge is fair and sharp, before a student sees it."""

from grader.verify.document import to_json
from grader.verify.run import verify
from grader.verify.trials import Trial, TrialKind, Verification, Wavering

__all__ = ["Trial", "TrialKind", "Verification", "Wavering", "to_json", "verify"]
