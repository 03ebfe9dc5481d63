"""The instructor's proof that a challenge is fair and sharp, before a student sees it."""

from grader.verify.run import Kind, Trial, Verification, verify

__all__ = ["Kind", "Trial", "Verification", "verify"]
