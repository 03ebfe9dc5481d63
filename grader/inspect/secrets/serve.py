"""What runs in the second process of a scan.

`python -I -m grader.inspect.secrets.serve` answers on its standard output what comes over its
standard input, pickled: files with the seconds that they may take, to what was found in them and
the seconds that it took. It ends with its standard input, so that it outlives nobody.
"""

from __future__ import annotations

import os
import pickle
import time

from grader.inspect.secrets.allowance import Allowance
from grader.inspect.secrets.second_process import examine_batch


def serve() -> None:
    """Read batches until standard input ends."""
    with os.fdopen(0, "rb") as asked, os.fdopen(1, "wb") as answers:
        while True:
            try:
                batch, seconds = pickle.load(asked)  # noqa: S301 - of the process that started it
            except EOFError:
                return
            begun = time.thread_time()
            outcome = examine_batch(batch, Allowance(seconds=seconds))
            pickle.dump((outcome, time.thread_time() - begun), answers)
            answers.flush()


if __name__ == "__main__":
    serve()
