"""Secrets that can be read: in files, in history, in an image. Nothing is executed or verified."""

from grader.inspect.secrets.finding import Blob, Finding, Readable, Scan, Severity, Skipped
from grader.inspect.secrets.scan import scan_blobs, scan_tree

__all__ = [
    "Blob",
    "Finding",
    "Readable",
    "Scan",
    "Severity",
    "Skipped",
    "scan_blobs",
    "scan_tree",
]
