"""What holds for all tests."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what runs in the background so, and programs that tests interrupt inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
