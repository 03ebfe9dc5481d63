"""Prints how many notes there are, again and again."""
import time

from database import run

while True:
    ((count,),) = run("SELECT COUNT(*) FROM notes")
    print(count, flush=True)
    time.sleep(1)
