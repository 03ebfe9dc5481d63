"""Closes what the grader listens to, and goes on."""
import os
import time

print("1", flush=True)
os.close(1)
os.close(2)
time.sleep(600)
