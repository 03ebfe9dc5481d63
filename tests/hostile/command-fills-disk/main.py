"""Writes more than it may, and goes on."""
with open("/tmp/full", "wb") as file:
    for _ in range(400):
        file.write(b"x" * 1_000_000)
        file.flush()
while True:
    pass
