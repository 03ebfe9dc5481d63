"""Prints what fits."""
while True:
    print("x" * 8000)
