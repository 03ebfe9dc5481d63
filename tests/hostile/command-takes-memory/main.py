"""Takes more memory than it may have."""
kept = []
while True:
    kept.append(bytearray(b"x" * 1_000_000))
