"""What the environment says."""
import os

PASSWORD = os.environ["CHAT_PASSWORD"]
SECRET = os.environ["TOKEN_SECRET"]
HELLO_SECONDS = float(os.environ["HELLO_SECONDS"])
