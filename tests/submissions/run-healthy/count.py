"""Prints how many notes there are."""
from database import run

((count,),) = run("SELECT COUNT(*) FROM notes")
print(count)
