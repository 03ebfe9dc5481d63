blob = bytearray(600 * 1024 * 1024)
print(len(blob))
