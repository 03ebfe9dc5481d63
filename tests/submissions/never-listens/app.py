import time

print("thinking")
while True:
    time.sleep(1)
