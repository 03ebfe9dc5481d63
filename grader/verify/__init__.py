"""The instructor's proof that a challenge is fair and sharp, before a student sees it."""

from grader.verify.document import to_json
from grader.verify.proofs import Proofs
from grader.verify.run import verify
from grader.verify.trials import Kind, Proof, Trial, Verification, Wavering

__all__ = ["Kind", "Proof", "Proofs", "Trial", "Verification", "Wavering", "to_json", "verify"]
