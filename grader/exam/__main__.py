"""`python -I -m grader.exam FD` is `grader.exam.session`, loaded faster."""

import sys

from grader.memory import loading

with loading():
    from grader.exam import session

sys.dont_write_bytecode = True
sys.exit(session.main(int(sys.argv[1])))
