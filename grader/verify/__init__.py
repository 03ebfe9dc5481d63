"""The instructor's proof that a challenge is fair and sharp, before a student sees it."""

from grader.verify.document import to_json
from grader.verify.proofs import Proofs
from grader.verify.run import verify
from grader.verify.trials import Proof, Trial, TrialKind, Verification, Wavering

__all__ = ["Proof", "Proofs", "Trial", "TrialKind", "Verification", "Wavering", "to_json", "verify"]
